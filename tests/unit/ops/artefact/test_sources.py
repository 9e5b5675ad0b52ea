"""What goes into an artefact, and by what its sources are known."""

from pathlib import Path

import pytest

from skafu.ops.artefact.sources import Refused, Source, export
from tests.support.repositories import commit, git, write
from tests.unit.ops.artefact.conftest import FILES


def exported(root: Path, name: str, *, dirty: bool = False) -> Source:
    return export(root, root.parent / name, dirty=dirty)


def names(source: Source) -> set[str]:
    return {
        path.relative_to(source.folder).as_posix()
        for path in source.folder.rglob("*")
        if path.is_file()
    }


def test_sources_are_what_was_committed_and_matters(root: Path) -> None:
    write(root, {"backend/__pycache__/hello.pyc": "left behind"})
    source = exported(root, "copy")
    assert names(source) == FILES.keys() - {".gitignore", "README.md"}
    assert (source.commit, source.dirty) == (git(root, "rev-parse", "HEAD").strip(), False)


def test_uncommitted_changes_are_refused_and_named(root: Path) -> None:
    write(root, {"backend/hello.py": "print('hi')\n", "backend/more.py": ""})
    with pytest.raises(Refused, match=r"(?s)--dirty.*M backend/hello.py.*\?\? backend/more.py"):
        exported(root, "copy")


def test_changes_beside_the_sources_are_nobodys_business(root: Path) -> None:
    write(root, {"README.md": "Another word.\n", "tests/test_hello.py": ""})
    assert not exported(root, "copy").dirty


def test_a_dirty_copy_has_what_the_work_tree_has(root: Path) -> None:
    write(root, {"backend/hello.py": "print('hi')\n", "backend/more.py": ""})
    (root / "environments/local.yaml").unlink()
    source = exported(root, "copy", dirty=True)
    assert source.dirty
    assert (source.folder / "backend/hello.py").read_text() == "print('hi')\n"
    assert "backend/more.py" in names(source)
    assert "environments/local.yaml" not in names(source)


def test_dirty_is_only_what_has_changes(root: Path) -> None:
    assert not exported(root, "copy", dirty=True).dirty


def test_a_commit_that_changes_nothing_of_it_has_the_same_identity(root: Path) -> None:
    before = exported(root, "before")
    write(root, {"README.md": "Another word.\n"})
    commit(root)
    after = exported(root, "after")
    assert before.commit != after.commit
    assert before.identity("arm64") == after.identity("arm64")


def test_any_change_of_the_sources_is_another_identity(root: Path) -> None:
    identities = {exported(root, "first").identity("arm64")}
    write(root, {"backend/hello.py": "print('hi')\n"})
    commit(root)
    identities.add(exported(root, "edited").identity("arm64"))
    (root / "backend/hello.py").rename(root / "backend/hallo.py")
    commit(root)
    identities.add(exported(root, "renamed").identity("arm64"))
    (root / "backend/hallo.py").chmod(0o755)
    commit(root)
    identities.add(exported(root, "executable").identity("arm64"))
    assert len(identities) == 4


def test_what_is_tested_on_one_architecture_is_not_tested_on_another(root: Path) -> None:
    source = exported(root, "copy")
    assert source.identity("arm64") != source.identity("x86_64")


def test_the_same_sources_committed_or_not_have_the_same_identity(root: Path) -> None:
    write(root, {"backend/hello.py": "print('hi')\n"})
    dirty = exported(root, "dirty", dirty=True).identity("arm64")
    commit(root)
    assert exported(root, "clean").identity("arm64") == dirty


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not a git repository"):
        export(tmp_path, tmp_path / "copy", dirty=False)
