from pathlib import Path

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.scan.packages import Parts, Policy
from skafu.ops.scan.quarantine import FOLDER, inspect

POLICY = Policy(function=["skafu/build.json"], licences={"MIT": "asks for its text"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An artefact: one function, a layer without packages, and the .zip of all."""
    made = tmp_path / "out" / "abc"
    (made / "Function" / "skafu").mkdir(parents=True)
    (made / "Function" / "skafu" / "build.json").write_text("{}", encoding="utf-8")
    (made / "Layer").mkdir()
    made.with_name("abc.zip").write_text("all of it", encoding="utf-8")
    return made


def parts(place: Path) -> Parts:
    return Parts({"Function": place / "Function"}, place / "Layer", "", "arm64", frozenset())


def test_an_artefact_without_surprises_stays_where_it_is(place: Path) -> None:
    assert inspect(place, parts(place), POLICY).startswith("1 files of 1 functions")
    assert place.exists()


def test_one_with_a_surprise_is_taken_away_and_says_what_it_was(place: Path) -> None:
    for _ in range(2):  # it may be built again: the last one is kept
        (place / "Function").mkdir(parents=True, exist_ok=True)
        (place / "Layer").mkdir(exist_ok=True)
        (place / "Function" / "stowaway.pyc").write_bytes(b"")
        with pytest.raises(Refused, match="stowaway.pyc is no module of the repository"):
            inspect(place, parts(place), POLICY)
        assert not place.exists() and not place.with_name("abc.zip").exists()
        kept = place.parent / FOLDER
        assert (kept / "abc" / "Function" / "stowaway.pyc").exists()
        assert (kept / "abc.zip").exists()
