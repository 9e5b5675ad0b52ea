"""An environment takes what was tested in the one below it and has passed its gates, when it takes
changes, and nothing else.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import DataFormat, Manifest, Part
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.admission import Occasion, admit, caller, confirm
from skafu.ops.promotion.gates import STEPS
from tests.support.clocks import NOON
from tests.support.clouds import CALLER
from tests.support.passed_gates import pass_gates
from tests.support.promoting import BUCKET, Place

OPEN = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)
"""A Monday."""
CLOSED = OPEN + 5 * 86_400_000
WINDOWS = """\
production:
  time_zone: UTC
  windows: [{days: [mon], opens: "09:00", closes: "16:00"}]
"""


def manifest(code: str = "1", *, commit: str = "c", dirty: bool = False) -> Manifest:
    return Manifest(
        format=2,
        identity="a" * 64,
        architecture="arm64",
        commit=commit * 40,
        dirty=dirty,
        tools={},
        data_format=DataFormat(writes=1, reads=(1,)),
        parts={"A.zip": Part(sha256=code * 64, size=1)},
    )


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def below(place: Place) -> Account:
    return place.account


@pytest.fixture
def windows(tmp_path: Path) -> Path:
    path = tmp_path / "windows.yaml"
    path.write_text(WINDOWS, encoding="utf-8")
    return path


@pytest.fixture
def monday(windows: Path) -> Occasion:
    return Occasion(OPEN, "ana", windows=windows)


def tested(place: Place, environment: str = "development") -> None:
    place.account.records().keep_tested(environment, Mark.of(manifest(), NOON))
    pass_gates(place.bucket, BUCKET, environment, "a" * 64)


def test_what_nobody_tested_is_refused(below: Account, monday: Occasion) -> None:
    with pytest.raises(Refused, match="staging takes only what was tested in development"):
        admit(manifest(), "staging", below, monday)


def test_what_was_tested_below_is_admitted_with_the_evidence_of_its_gates(
    place: Place, below: Account, monday: Occasion
) -> None:
    tested(place)
    found = admit(manifest(), "staging", below, monday)
    names = ["unit", "integration", "security", "performance", "review"]
    assert [each.gate for each in found] == names


def test_a_mark_without_the_evidence_is_not_enough(
    place: Place, below: Account, monday: Occasion
) -> None:
    below.records().keep_tested("development", Mark.of(manifest(), NOON))
    pass_gates(place.bucket, BUCKET, "development", "a" * 64, "security", "review")
    with pytest.raises(Refused, match="lacks security, review: see `gates`"):
        admit(manifest(), "staging", below, monday)


def test_what_was_tested_two_below_is_refused(
    place: Place, below: Account, monday: Occasion
) -> None:
    tested(place)
    with pytest.raises(Refused, match="production takes only what was tested in staging"):
        admit(manifest(), "production", below, monday)


def test_a_merge_that_changes_nothing_of_it_needs_no_new_test(
    place: Place, below: Account, monday: Occasion
) -> None:
    tested(place)
    assert admit(manifest(commit="d"), "staging", below, monday)


def test_other_parts_of_the_same_sources_are_refused(
    place: Place, below: Account, monday: Occasion
) -> None:
    tested(place)
    with pytest.raises(Refused, match="has other parts"):
        admit(manifest("2"), "staging", below, monday)


@pytest.mark.parametrize("environment", ["local", "development"])
def test_the_first_environments_take_anything(
    below: Account, monday: Occasion, environment: str
) -> None:
    assert not admit(manifest(dirty=True), environment, below, monday)


def test_uncommitted_changes_go_nowhere(place: Place, below: Account, monday: Occasion) -> None:
    dirty = manifest(dirty=True)
    below.records().keep_deployed("development", Mark.of(dirty, NOON))
    with pytest.raises(Refused, match="cannot be promoted"):
        confirm(dirty, "development", below.records())
    tested(place)
    with pytest.raises(Refused, match="no artefact with uncommitted changes"):
        admit(dirty, "staging", below, monday)


def test_within_the_change_window_production_takes_it_and_knows_why(
    place: Place, below: Account, monday: Occasion
) -> None:
    tested(place, "staging")
    found = admit(manifest(), "production", below, monday)
    assert [each.gate for each in found] == [gate.name for gate in STEPS["staging"].gates]
    [window] = [each for each in found if each.gate == "change_window"]
    assert (window.at, window.by, window.waived) == (OPEN, "ana", None)
    assert window.summary == "within mon 09:00 to 16:00 (UTC)"


def test_outside_of_the_change_window_it_waits(place: Place, below: Account, windows: Path) -> None:
    tested(place, "staging")
    with pytest.raises(Refused, match="takes no changes now.*opens next: Mon 2026-11-30 09:00"):
        admit(manifest(), "production", below, Occasion(CLOSED, "ana", windows=windows))


def test_an_emergency_passes_the_window_and_nothing_else_and_is_remembered(
    place: Place, below: Account, windows: Path
) -> None:
    occasion = Occasion(CLOSED, "ana (arn)", "sign-in is down", windows)
    with pytest.raises(Refused, match="was tested in staging"):
        admit(manifest(), "production", below, occasion)
    tested(place, "staging")
    found = {each.gate: each for each in admit(manifest(), "production", below, occasion)}
    assert found["change_window"].waived == "sign-in is down"
    assert found["change_window"].by == "ana (arn)"
    assert found["change_window"].summary.startswith("emergency outside of the change windows")


def test_an_emergency_within_the_window_waives_nothing(
    place: Place, below: Account, windows: Path
) -> None:
    tested(place, "staging")
    found = admit(manifest(), "production", below, Occasion(OPEN, "ana", "now", windows))
    assert not [each for each in found if each.waived]


def test_windows_that_cannot_be_read_let_nothing_through(
    place: Place, below: Account, tmp_path: Path
) -> None:
    tested(place, "staging")
    with pytest.raises(Refused, match="cannot be read"):
        admit(manifest(), "production", below, Occasion(OPEN, "ana", "now", tmp_path / "none"))


def test_an_environment_without_windows_says_so(
    place: Place, below: Account, tmp_path: Path
) -> None:
    tested(place, "staging")
    path = tmp_path / "windows.yaml"
    path.write_text(WINDOWS.replace("production", "elsewhere"), encoding="utf-8")
    found = admit(manifest(), "production", below, Occasion(CLOSED, "ana", windows=path))
    assert "production has no change windows" in [each.summary for each in found]


def test_a_person_answers_by_name_beside_their_credentials(below: Account) -> None:
    assert caller(below, None) == CALLER
    assert caller(below, " Ana ", "a waiver") == f"Ana ({CALLER})"
    for name in (None, "", "  "):
        with pytest.raises(Refused, match="Somebody has to answer for a waiver: --by NAME"):
            caller(below, name, "a waiver")


def test_only_what_is_deployed_can_have_been_tested(below: Account) -> None:
    records = below.records()
    with pytest.raises(Refused, match="not the one that is deployed in development"):
        confirm(manifest(), "development", records)
    records.keep_deployed("development", Mark.of(manifest("2"), NOON))
    with pytest.raises(Refused, match="not the one that is deployed in development"):
        confirm(manifest(), "development", records)
    records.keep_deployed("development", Mark.of(manifest(), NOON))
    confirm(manifest(), "development", records)
