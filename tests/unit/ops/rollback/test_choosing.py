"""Which release is gone back to, when nobody says and when somebody does."""

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.release.observed import Alias
from skafu.ops.release.record import FunctionVersion, Hold, Kind, Release
from skafu.ops.rollback.choosing import choose, strangers
from tests.support.clocks import NOON
from tests.support.released import release

GOOD = release(0)
BAD = release(5, "b", previous=GOOD.id)
BACK = release(10, kind=Kind.ROLLBACK, of=GOOD.id, previous=BAD.id)
AS_RECORDED = {"A": Alias("skafu-prod-a", "1", {})}
MOVED = {"A": Alias("skafu-prod-a", "2", {})}


def held(target: Release, minute: int, *alone: str) -> Hold:
    at = NOON + 60_000 * minute
    return Hold(release=target.id, at=at, by="ana", reason="it lies", functions=alone)


@pytest.mark.parametrize(
    ("current", "hold", "aliases", "to", "chosen"),
    [
        pytest.param(BAD, None, AS_RECORDED, None, GOOD, id="what ran before"),
        pytest.param(BAD, None, AS_RECORDED, GOOD.id, GOOD, id="what is asked for"),
        pytest.param(BAD, None, MOVED, None, BAD, id="a deployment died: what was recorded"),
        pytest.param(BAD, None, MOVED, BAD.id, BAD, id="the same, asked for"),
        pytest.param(BAD, held(GOOD, 6), MOVED, None, GOOD, id="a rollback broke off"),
        pytest.param(BAD, held(GOOD, 6), AS_RECORDED, None, GOOD, id="before it moved anything"),
        pytest.param(BAD, held(GOOD, 6), MOVED, BAD.id, BAD, id="it is taken back"),
        pytest.param(BAD, held(GOOD, 6, "A"), MOVED, None, GOOD, id="a function went back alone"),
        pytest.param(BACK, held(GOOD, 9), AS_RECORDED, BAD.id, BAD, id="a rollback is undone"),
        pytest.param(BACK, held(BAD, 11), MOVED, None, BAD, id="while it is undone"),
        pytest.param(BACK, held(GOOD, 11), MOVED, None, GOOD, id="gone back to once more"),
    ],
)
def test_the_release_that_makes_sense_is_chosen(
    current: Release, hold: Hold | None, aliases: dict[str, Alias], to: str | None, chosen: Release
) -> None:
    assert choose(current, hold, aliases, to).release == chosen.id


@pytest.mark.parametrize(
    ("current", "hold", "to", "told"),
    [
        pytest.param(None, None, None, "No release of this stack was recorded", id="none"),
        pytest.param(GOOD, None, None, "is the first release", id="the first"),
        pytest.param(BAD, None, BAD.id, "is what runs", id="what runs"),
        pytest.param(BACK, held(GOOD, 9), GOOD.id, "went back to .* already", id="done"),
        pytest.param(BACK, held(GOOD, 9), None, "Say with --to where to go", id="twice"),
        pytest.param(BACK, None, None, "undoes it", id="twice, after it was lifted"),
    ],
)
def test_where_only_a_person_can_know_it_is_said(
    current: Release | None, hold: Hold | None, to: str | None, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        choose(current, hold, AS_RECORDED, to)


@pytest.mark.parametrize(
    "aliases",
    [
        pytest.param({}, id="it is not there"),
        pytest.param({"A": Alias("skafu-prod-a", "1", {"2": 0.05})}, id="a canary"),
        pytest.param({"A": Alias("skafu-prod-other", "1", {})}, id="another function"),
        pytest.param(MOVED, id="another version"),
    ],
)
def test_what_runs_otherwise_than_recorded_is_seen(aliases: dict[str, Alias]) -> None:
    assert strangers(BAD, None, aliases) == ["A"]


def test_a_function_that_came_unrecorded_is_seen() -> None:
    aliases = AS_RECORDED | {"B": Alias("skafu-prod-b", "1", {})}
    assert strangers(BAD, None, aliases) == ["B"]
    both = {
        name: FunctionVersion(name=f"skafu-prod-{name.lower()}", version="1", code="", layers=())
        for name in "AB"
    }
    assert not strangers(release(functions=both), None, aliases)
