"""An artefact is taken whole or not at all."""

from pathlib import Path

import pytest

from skafu.ops.artefact.manifest import DataFormat, Manifest, parts_of, read
from skafu.ops.artefact.sources import Refused
from tests.support.repositories import write

PARTS = {"A.zip": "functions", "infrastructure/foundation.yaml": "Resources: {}"}


def made(folder: Path, commit: str = "c" * 40) -> Manifest:
    manifest = Manifest(
        format=2,
        identity="a" * 64,
        architecture="arm64",
        commit=commit,
        dirty=False,
        tools={"python": "3.12.1"},
        data_format=DataFormat(writes=1, reads=(1,)),
        parts=parts_of(folder),
    )
    manifest.write(folder)
    return manifest


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    write(tmp_path, PARTS)
    made(tmp_path)
    return tmp_path


def test_what_is_read_is_what_was_written(artefact: Path) -> None:
    found = read(artefact)
    assert found == made(artefact)
    assert list(found.parts) == sorted(PARTS)
    assert found.parts["A.zip"].size == len(PARTS["A.zip"])


def test_a_part_with_another_content_is_refused(artefact: Path) -> None:
    (artefact / "A.zip").write_text("Functions")
    with pytest.raises(Refused, match="damaged: A.zip has another content"):
        read(artefact)


def test_a_missing_part_is_refused(artefact: Path) -> None:
    (artefact / "A.zip").unlink()
    with pytest.raises(Refused, match="damaged: A.zip is missing"):
        read(artefact)


def test_a_part_that_nobody_knows_is_refused(artefact: Path) -> None:
    write(artefact, {"B.zip": "slipped in"})
    with pytest.raises(Refused, match="damaged: B.zip does not belong to it"):
        read(artefact)


def test_a_folder_without_a_manifest_is_no_artefact(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not an artefact"):
        read(tmp_path)


@pytest.mark.parametrize(("old", "new"), [('"format": 2', '"format": 1'), ("{", "[")])
def test_a_manifest_that_cannot_be_understood_is_refused(
    artefact: Path, old: str, new: str
) -> None:
    path = artefact / "manifest.json"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(Refused, match="cannot be read"):
        read(artefact)


def test_the_content_depends_on_the_parts_alone(artefact: Path) -> None:
    before = read(artefact)
    assert made(artefact, commit="d" * 40).content == before.content
    (artefact / "A.zip").write_text("Functions")
    assert made(artefact).content != before.content
