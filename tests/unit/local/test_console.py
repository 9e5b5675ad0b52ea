"""The console is built when it has to be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local import console
from local.home import Refused
from tests.support.repositories import write


@dataclass
class Frontend:
    """A small console, and an npm that builds it; `builds` counts."""

    folder: Path
    fails: bool = False
    builds: int = 0
    told: list[Sequence[str]] = field(default_factory=list)

    def npm(self, arguments: Sequence[str], folder: Path) -> None:
        self.told.append(arguments)
        if self.fails:
            raise Refused("no such module")
        self.builds += 1
        page = (folder / "index.html").read_text(encoding="utf-8")
        main = (folder / "src/main.tsx").read_text(encoding="utf-8")
        write(folder, {"dist/index.html": page, "dist/assets/main.js": main})

    def build(self) -> bool:
        return console.build(self.folder, self.npm)


@pytest.fixture
def frontend(tmp_path: Path) -> Frontend:
    sources = {
        "index.html": '<script src="/assets/main.js"></script>',
        "package.json": "{}",
        "package-lock.json": "{}",
        "vite.config.ts": "export default {}",
        "public/robots.txt": "",
        "src/main.tsx": "1",
        "node_modules/a/index.js": "",
    }
    write(tmp_path, sources)
    return Frontend(tmp_path)


def test_it_is_built_once(frontend: Frontend) -> None:
    assert frontend.build()
    assert not frontend.build()
    assert frontend.told == [["run", "--silent", "build"]]


@pytest.mark.parametrize(
    "name", ["src/main.tsx", "src/new.ts", "public/icon.svg", "package-lock.json", "vite.config.ts"]
)
def test_it_is_built_again_when_a_source_changes(frontend: Frontend, name: str) -> None:
    frontend.build()
    write(frontend.folder, {name: "changed"})
    assert frontend.build()


def test_what_it_is_tested_by_is_no_source(frontend: Frontend) -> None:
    frontend.build()
    write(frontend.folder, {"e2e/home.spec.ts": "changed", "README.md": "changed"})
    assert not frontend.build()


def test_it_is_built_again_when_somebody_else_has_built_over_it(frontend: Frontend) -> None:
    frontend.build()
    write(frontend.folder, {"dist/assets/main.js": "another work tree's"})
    assert frontend.build()


def test_it_is_built_again_when_it_is_not_whole(frontend: Frontend) -> None:
    frontend.build()
    (frontend.folder / "dist/assets/main.js").unlink()
    assert frontend.build()


def test_a_build_that_fails_is_tried_again(frontend: Frontend) -> None:
    frontend.fails = True
    with pytest.raises(Refused, match="no such module"):
        frontend.build()
    frontend.fails = False
    assert frontend.build()


def test_its_programs_run_with_the_pinned_node() -> None:
    found = console.environment(SKAFU_STACK_FILE="x")
    assert found["PATH"].startswith(f"{console.PROGRAMS}:")
    assert found["SKAFU_STACK_FILE"] == "x"
