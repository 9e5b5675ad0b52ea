"""Fetching artefacts back, and promoting them."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from skafu.ops.artefact.manifest import Manifest, read
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import upload
from skafu.ops.promotion import fetching, promote
from skafu.ops.promotion.fetching import fetch, newest
from tests.support.clocks import NOON
from tests.support.passed_gates import pass_gates
from tests.support.promoting import BUCKET, Place, artefact

OLD, NEW = "a" * 64, "b" * 64
TEMPLATE = "Resources:\n  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: A.zip}}\n"


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever embedded AWS this checkout runs is another one.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return tmp_path / "built"


def uploaded(place: Place, folder: Path, identity: str, environment: str, at: int) -> Manifest:
    """Upload an artefact as `deploy` does, and remember that it was tested."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "infrastructure").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (folder / "infrastructure" / "foundation.yaml").write_text(identity, encoding="utf-8")
    made = artefact(folder, identity)
    upload(folder, made, place.bucket, BUCKET)
    place.account.records().keep_tested(environment, Mark.of(made, at))
    return made


# --- fetch ----------------------------------------------------------------------------------------


def test_an_artefact_comes_back_as_it_was(place: Place, built: Path, tmp_path: Path) -> None:
    made = uploaded(place, built, OLD, "development", NOON)
    found = fetch(place.account, Mark.of(made, NOON), tmp_path / "out")
    assert found == tmp_path / "out" / OLD
    assert read(found) == made
    names = {path.relative_to(found).as_posix() for path in found.rglob("*") if path.is_file()}
    assert names == {"manifest.json", *made.parts}
    assert [path.name for path in (tmp_path / "out").iterdir()] == [OLD]


def test_what_is_there_already_is_compared(place: Place, built: Path, tmp_path: Path) -> None:
    mark = Mark.of(uploaded(place, built, OLD, "development", NOON), NOON)
    found = fetch(place.account, mark, tmp_path)
    assert fetch(place.account, mark, tmp_path) == found
    (found / "A.zip").write_text("something else")
    with pytest.raises(Refused, match=r"A\.zip has another content"):
        fetch(place.account, mark, tmp_path)
    shutil.rmtree(found)
    artefact(found, OLD)
    with pytest.raises(Refused, match="is another artefact of the same sources"):
        fetch(place.account, mark, tmp_path)


def test_a_damaged_part_is_found(place: Place, built: Path, tmp_path: Path) -> None:
    made = uploaded(place, built, OLD, "development", NOON)
    place.bucket.objects[f"parts/{made.parts['A.zip'].sha256}"] = b"Function"
    with pytest.raises(Refused, match=r"is damaged: A\.zip has another content"):
        fetch(place.account, Mark.of(made, NOON), tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("what", ["A.zip", "manifest.json"])
def test_a_missing_part_is_missed(place: Place, built: Path, tmp_path: Path, what: str) -> None:
    made = uploaded(place, built, OLD, "development", NOON)
    key = f"artefacts/{OLD}/manifest.json"
    del place.bucket.objects[key if what not in made.parts else f"parts/{made.parts[what].sha256}"]
    with pytest.raises(Refused, match=f"cannot be fetched: {what} is missing"):
        fetch(place.account, Mark.of(made, NOON), tmp_path / "out")


def test_a_manifest_that_is_another_one_is_refused(
    place: Place, built: Path, tmp_path: Path
) -> None:
    made = uploaded(place, built, OLD, "development", NOON)
    other = Mark.of(made, NOON).model_copy(update={"content": "c" * 64})
    with pytest.raises(Refused, match="another artefact of .* than the tested one"):
        fetch(place.account, other, tmp_path)
    place.bucket.objects[f"artefacts/{OLD}/manifest.json"] = b"{}"
    with pytest.raises(Refused, match=r"manifest\.json cannot be read"):
        fetch(place.account, Mark.of(made, NOON), tmp_path)


@pytest.mark.parametrize("name", ["../escaped", "/escaped", "a/../../escaped"])
def test_parts_stay_in_their_folder(place: Place, built: Path, tmp_path: Path, name: str) -> None:
    made = uploaded(place, built, OLD, "development", NOON)
    bad = made.model_copy(update={"parts": {**made.parts, name: made.parts["A.zip"]}})
    body = bad.model_dump_json().encode()
    place.bucket.objects[f"artefacts/{OLD}/manifest.json"] = body
    with pytest.raises(Refused, match="names a part outside of its folder"):
        fetch(place.account, Mark.of(bad, NOON), tmp_path / "out")
    assert not (tmp_path / "escaped").exists()


def test_the_newest_is_the_one_that_was_tested_last(place: Place, built: Path) -> None:
    with pytest.raises(Refused, match="Nothing was tested in development yet"):
        newest(place.account, "development")
    uploaded(place, built, NEW, "development", NOON)
    uploaded(place, built, OLD, "development", NOON + 1)
    uploaded(place, built, "c" * 64, "staging", NOON + 2)
    assert newest(place.account, "development").identity == OLD


def test_operators_fetch_the_newest_or_one_by_name(
    place: Place, built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["--environment", "staging", "--into", str(tmp_path / "out")]
    assert fetching.main(line, place.make) == 1
    uploaded(place, built, OLD, "staging", NOON)
    uploaded(place, built, NEW, "staging", NOON + 1)
    capsys.readouterr()
    assert fetching.main(line, place.make) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "out" / NEW)
    assert fetching.main([*line, "--identity", OLD], place.make) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "out" / OLD)
    assert fetching.main([*line, "--identity", "c" * 64], place.make) == 1
    assert "was not tested in staging" in capsys.readouterr().err


# --- promote --------------------------------------------------------------------------------------


class Deploying:
    """In the place of `deploy`; `lines` are what it was asked."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = []

    def __call__(self, line: Sequence[str]) -> int:
        self.lines.append(list(line))
        return 3


def asked(place: Place, *line: str) -> tuple[int, list[list[str]]]:
    deploying = Deploying()
    code = promote.main(["--environment", *line], place.make, lambda: NOON, deploying)
    return code, deploying.lines


def test_the_newest_that_was_tested_below_is_fetched_shown_and_deployed(
    place: Place, built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uploaded(place, built, OLD, "development", NOON)
    uploaded(place, built, NEW, "development", NOON + 1)
    pass_gates(place.bucket, BUCKET, "development", NEW, "review")
    out = tmp_path / "out"
    code, [line] = asked(place, "staging", "--into", str(out), "--yes", "--stack", "mine")
    assert code == 3
    assert line[:2] == ["--environment=staging", f"--artefact={out / NEW}"]
    assert line[-3:] == ["--no-confirm-changeset", "--stack", "mine"]
    told = capsys.readouterr().out
    assert told.startswith("Fetching bbbbbbbbbbbb (commit cccccccccccc), tested in development\n")
    assert "unit                 passed" in told and "review               lacking" in told


def test_nothing_tested_below_is_nothing_to_promote(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(place, "production", "--into", str(tmp_path)) == (1, [])
    assert "Nothing was tested in staging yet" in capsys.readouterr().err


def test_an_artefact_that_is_given_is_not_fetched(place: Place, tmp_path: Path) -> None:
    artefact(tmp_path / "artefact")
    code, [line] = asked(place, "production", "--artefact", str(tmp_path / "artefact"))
    assert code == 3
    assert f"--artefact={tmp_path / 'artefact'}" in line
    assert "--no-confirm-changeset" not in line


def test_a_damaged_artefact_is_not_promoted(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artefact(tmp_path / "artefact")
    (tmp_path / "artefact" / "A.zip").write_text("something else")
    assert asked(place, "production", "--artefact", str(tmp_path / "artefact")) == (1, [])
    assert "is damaged" in capsys.readouterr().err


def test_the_emergency_and_who_answers_for_it_are_handed_on(place: Place, tmp_path: Path) -> None:
    artefact(tmp_path / "artefact")
    given = ("--emergency", "sign-in is down", "--by", "Ana Lopez")
    _, [line] = asked(place, "production", "--artefact", str(tmp_path / "artefact"), *given)
    assert "--emergency=sign-in is down" in line and "--by=Ana Lopez" in line


def test_deploy_admits_or_refuses_what_is_promoted(
    place: Place, built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the real `deploy`, which stops before it uploads anything."""
    uploaded(place, built, OLD, "staging", NOON)
    pass_gates(place.bucket, BUCKET, "staging", OLD, "load")
    place.bucket.written.clear()
    line = ["--environment", "production", "--into", str(tmp_path), "--yes"]
    assert promote.main(line, place.make, lambda: NOON) == 1
    assert "this lacks load: see `gates`" in capsys.readouterr().err
    assert not place.bucket.written


@pytest.mark.parametrize("environment", ["local", "development"])
def test_nothing_is_promoted_to_where_everything_begins(place: Place, environment: str) -> None:
    with pytest.raises(SystemExit):
        asked(place, environment)
