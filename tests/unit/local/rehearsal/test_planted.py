"""Planted bugs, and artefacts that nobody should take."""

import zipfile
from pathlib import Path

import pytest

from skafu.ops.artefact import manifest, zips
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.sources import Refused as Damaged
from skafu.ops.release.record import DataFormat

from local.home import ROOT, Refused
from local.rehearsal import planted
from local.rehearsal.checkouts import Change


@pytest.fixture(name="bundle")
def _bundle(tmp_path: Path) -> Path:
    """A small artefact."""
    code, made = tmp_path / "code", tmp_path / "made"
    code.mkdir()
    made.mkdir()
    (code / "app.py").write_text("print('hello')\n" * 100)
    zips.pack(code, made / planted.PART)
    Manifest(
        format=manifest.FORMAT,
        identity="a" * 64,
        architecture="arm64",
        commit="b" * 40,
        dirty=False,
        tools={"zlib": "1.3"},
        data_format=DataFormat(writes=1, reads=(1,)),
        parts=manifest.parts_of(made),
    ).write(made)
    zips.bundle(made, [manifest.NAME, planted.PART], tmp_path / "bundle.zip")
    return tmp_path / "bundle.zip"


def test_a_damaged_artefact_is_not_whole(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="another content"):
        manifest.read(planted.damaged(bundle, tmp_path / "other"))


def test_one_that_others_built_is_whole_and_has_the_same_sources_and_other_parts(
    bundle: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "ours")
    ours = manifest.read(tmp_path / "ours")
    theirs = manifest.read(planted.built_by_others(bundle, tmp_path / "theirs"))
    assert (theirs.identity, theirs.content == ours.content) == (ours.identity, False)


@pytest.mark.parametrize("change", [planted.GOOD, planted.SEEN, planted.UNSEEN])
def test_the_bugs_can_still_be_planted(change: Change, tmp_path: Path) -> None:
    if change.file:
        (tmp_path / change.file).parent.mkdir(parents=True)
        (tmp_path / change.file).write_text((ROOT / change.file).read_text())
    change.apply(tmp_path)
    if change.file:
        text = (tmp_path / change.file).read_text()
        compile(text, change.file, "exec")
        assert change.new in text


def test_a_bug_that_has_no_place_any_more_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("nothing of the kind")
    with pytest.raises(Refused, match="plant the bug of release x anew"):
        Change("x", "a bug", "app.py", "old", "new").apply(tmp_path)
