"""Whose work an artefact is."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact import zips
from skafu.ops.artefact.manifest import DataFormat, Manifest
from skafu.ops.pipeline import provenance

COMMIT = "c" * 40
OURS = "skafu-org/skafu"


def artefact(folder: Path, *, dirty: bool = False) -> Path:
    """A small one, and its bundle beside it as `build` leaves it."""
    place = folder / "artefact"
    (place / "infrastructure").mkdir(parents=True)
    (place / "template.yaml").write_text("Resources: {}\n", encoding="utf-8")
    (place / "infrastructure" / "foundation.yaml").write_text("Resources: {}\n", encoding="utf-8")
    found = Manifest(
        format=manifests.FORMAT,
        identity="a" * 64,
        architecture="arm64",
        commit=COMMIT,
        dirty=dirty,
        tools={},
        data_format=DataFormat(writes=1, reads=(1,)),
        parts=manifests.parts_of(place),
    )
    found.write(place)
    zips.bundle(place, [manifests.NAME, *found.parts], folder / "artefact.zip")
    return place


class Gh:
    """Remembers what it was asked, and which bytes; answers with a code."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.lines: list[list[str]] = []
        self.digests: list[str] = []

    def __call__(self, line: Sequence[str], variables: Mapping[str, str]) -> int:
        self.lines.append(list(line))
        self.digests.append(hashlib.sha256(Path(line[3]).read_bytes()).hexdigest())
        return self.code


def checked(path: Path, gh: Gh) -> int:
    return provenance.main(["--artefact", str(path), "--repository", OURS], gh)


def test_the_statement_is_of_our_own_workflow_and_of_the_commit_that_the_manifest_names(
    tmp_path: Path,
) -> None:
    gh = Gh()
    assert checked(artefact(tmp_path), gh) == 0
    line = gh.lines[0]
    assert line[:3] == ["gh", "attestation", "verify"]
    told = dict(zip(line[4:-1:2], line[5::2], strict=False))
    assert told["--repo"] == OURS
    assert told["--signer-workflow"] == f"{OURS}/.github/workflows/deploy.yml"
    assert told["--source-digest"] == COMMIT
    assert line[-1] == "--deny-self-hosted-runners"


def test_the_bundle_and_the_folder_of_it_are_the_same_bytes(tmp_path: Path) -> None:
    gh = Gh()
    place = artefact(tmp_path)
    assert [checked(path, gh) for path in (place, tmp_path / "artefact.zip")] == [0, 0]
    bundle = hashlib.sha256((tmp_path / "artefact.zip").read_bytes()).hexdigest()
    assert gh.digests == [bundle, bundle]


def test_what_nobody_has_signed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(artefact(tmp_path), Gh(code=1)) == 1
    assert f"was not built by {OURS}" in capsys.readouterr().err


def test_what_is_damaged_is_not_even_asked_about(tmp_path: Path) -> None:
    gh, place = Gh(), artefact(tmp_path)
    (place / "template.yaml").write_text("Resources: {Other: {}}\n", encoding="utf-8")
    assert (checked(place, gh), gh.lines) == (1, [])


def test_what_has_uncommitted_changes_is_nobodys_build(tmp_path: Path) -> None:
    gh = Gh()
    assert (checked(artefact(tmp_path, dirty=True), gh), gh.lines) == (1, [])


def test_without_githubs_program_nothing_is_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(line: Sequence[str], variables: Mapping[str, str]) -> int:
        raise FileNotFoundError(line[0])

    place = str(artefact(tmp_path))
    assert provenance.main(["--artefact", place, "--repository", OURS], missing) == 1
    assert "There is no gh" in capsys.readouterr().err


def test_the_workflow_that_signs_is_there_and_attests() -> None:
    root = Path(__file__).resolve().parents[4]
    text = (root / provenance.WORKFLOW).read_text(encoding="utf-8")
    assert "uses: actions/attest@" in text
