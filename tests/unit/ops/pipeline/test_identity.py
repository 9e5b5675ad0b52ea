"""The name of the artefact of these sources, known without building it."""

from pathlib import Path

import pytest

from skafu.ops.artefact import sources
from skafu.ops.pipeline import identity
from tests.support.repositories import commit, git, repository, write

FILES = {name: "something\n" for name in sources.PATHS if "." in name} | {
    "backend/hello.py": "print('hello')\n",
    "layers/a/requirements.txt": "",
    "environments/a.yaml": "",
    "infrastructure/a.yaml": "",
    "frontend/public/a.svg": "",
    "frontend/src/a.ts": "",
}


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", FILES)


def printed(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert identity.main(options, root) == 0
    return capsys.readouterr().out.strip()


def test_it_is_what_a_build_of_this_commit_is_called(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = sources.export(root, tmp_path / "copy", dirty=False)
    assert printed(root, capsys) == exported.identity("arm64")
    told = printed(root, capsys, "--architecture", "x86_64")
    assert told == exported.identity("x86_64") != exported.identity("arm64")


def test_a_merge_that_changes_nothing_has_the_name_of_what_was_tested(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main = git(root, "rev-parse", "--abbrev-ref", "HEAD").strip()
    git(root, "checkout", "--quiet", "-b", "develop")
    write(root, {"backend/hello.py": "print('hi')\n"})
    commit(root)
    tested = printed(root, capsys)
    git(root, "checkout", "--quiet", main)
    assert printed(root, capsys) != tested
    git(root, "merge", "--quiet", "--no-ff", "--message", "Release", "develop")
    assert printed(root, capsys) == tested


def test_uncommitted_changes_show(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, {"backend/hello.py": "print('hi')\n"})
    assert printed(root, capsys).endswith("-dirty")


def test_what_is_no_repository_has_none(tmp_path: Path) -> None:
    assert identity.main([], tmp_path) == 1
