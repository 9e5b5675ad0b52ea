"""Two builds of one commit, by the real SAM CLI and the real Vite in different places, are the same
bytes.
"""

from pathlib import Path

import pytest

from skafu.ops.artefact.build import Tools, build, coded
from skafu.ops.artefact.manifest import read
from skafu.ops.artefact.sources import export
from tests.support.repositories import commit, git
from tests.support.transformed import ROOT, written


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The sources as they are in the work tree, committed."""
    root = tmp_path / "repository"
    export(ROOT, root, dirty=True)
    git(root, "init", "--quiet")
    commit(root)
    return root


def test_two_builds_of_one_commit_are_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "somewhere" / "else" / "skafu"
    clone.parent.mkdir(parents=True)
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    tools = Tools.of(ROOT)
    first = build(repository, tmp_path / "first", "arm64", tools)
    second = build(clone, tmp_path / "a" / "second", "arm64", tools)

    assert first.name == second.name
    assert read(first) == read(second)
    assert Path(f"{first}.zip").read_bytes() == Path(f"{second}.zip").read_bytes()
    zips = {name.removesuffix(".zip") for name in read(first).parts if name.endswith(".zip")}
    assert zips == {*coded(written()), "console"} and "PowertoolsLayer" in zips
    assert not read(first).dirty
