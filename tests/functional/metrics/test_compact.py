"""The compactor as the schedule and operators call it: real wiring, real store, no network."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from skafu.metrics.compaction.engine import build_compactor
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.settings import CompactorSettings
from tests.support.claims import OTHER_PERSON, PERSON, person_claims
from tests.support.clocks import NOON, FakeClock
from tests.support.events import lambda_context, sample_event
from tests.support.flags import SetFlags
from tests.support.log_lines import log_lines
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import point
from tests.support.played import PlayedApi

SETTINGS = CompactorSettings(table_name="skafu-test", environment="local", metric_retention_days=30)
QUARTER = 15 * MINUTE_MS
DUE = QUARTER + 5 * MINUTE_MS
"""From the start of a bucket until it is sealed."""


class World:
    """A function, its table and its clock; two tenants, created an hour before noon."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON - HOUR_MS)
        self.table = InMemoryTable()
        self.flags = SetFlags()
        self.handler = build_compactor(SETTINGS, self.table, self.clock, self.flags)
        people = map(person_claims, (PERSON, OTHER_PERSON))
        apis = [PlayedApi(self.table, self.clock, claims) for claims in people]
        self.apis = {api.tenant: api for api in apis}
        self.tenant, self.other = self.apis

    def send(self, at: int, tenant: str = "") -> None:
        """One point, sent when it was measured."""
        self.clock.now = at
        self.apis[tenant or self.tenant].send([point(timestamp=at)], f"k{at}")

    def run(self, event: dict[str, Any], remaining_ms: int = 28_000) -> dict[str, int]:
        answer: dict[str, int] = self.handler(event, lambda_context(remaining_ms=remaining_ms))
        return answer

    def sealed(self, tenant: str = "") -> Sequence[str]:
        """The buckets of a tenant that have a seal and points."""
        items = self.table.items.values()
        own = tenant or self.tenant
        mine = [x for x in items if x["k"] == "seal" and str(x["pk"]).startswith(own)]
        return sorted(str(x["sk"]) for x in mine if x["n"])


@pytest.fixture
def world() -> World:
    return World()


def test_the_schedule_compacts_what_is_due_by_its_time(world: World) -> None:
    world.send(NOON - QUARTER)
    world.send(NOON)
    event = sample_event("metrics-compactor.schedule")
    world.clock.now = NOON + 5 * MINUTE_MS
    report = world.run(event)

    assert world.sealed() == ["202311151145"]
    assert (report["at"], report["tenants"], report["failed"]) == (NOON + 5 * MINUTE_MS, 2, 0)


def test_an_event_of_the_past_compacts_what_was_due_then(world: World) -> None:
    world.send(NOON)
    world.send(NOON + QUARTER)
    world.clock.now = NOON + DAY_MS
    world.run({"at": NOON + DUE - 1})
    assert not world.sealed()
    world.run({"at": NOON + DUE})
    assert world.sealed() == ["202311151200"]


def test_an_event_of_the_future_is_not_believed(world: World) -> None:
    world.send(NOON)
    report = world.run({"at": NOON + DAY_MS})
    assert not world.sealed()
    assert report["at"] == NOON


def test_without_a_time_it_is_the_functions_own(world: World) -> None:
    world.send(NOON)
    world.clock.now = NOON + DUE
    assert world.run({})["at"] == NOON + DUE
    assert world.sealed() == ["202311151200"]


def tick(at: int) -> dict[str, Any]:
    """The schedule's event of a moment."""
    return {"time": datetime.fromtimestamp(at / 1000, UTC).isoformat()}


def test_by_its_flag_the_compactor_leaves_ticks_out_until_the_interval_is_over(
    world: World,
) -> None:
    world.flags.settings = {"compaction_interval_minutes": 15}
    ran = []
    for minute in range(2, 62, 5):
        world.clock.now = NOON + minute * MINUTE_MS
        if world.run(tick(world.clock.now)):
            ran.append(minute)
    assert ran == [2, 17, 32, 47]


def test_a_tick_that_is_left_out_touches_nothing_and_says_so(world: World) -> None:
    world.send(NOON - QUARTER)
    world.flags.settings = {"compaction_interval_minutes": 60}
    world.clock.now = NOON + 10 * MINUTE_MS
    before = dict(world.table.items)
    with log_lines() as lines:
        assert not world.run(tick(world.clock.now))
    assert world.table.items == before
    assert [line["message"] for line in lines] == ["not compacted at this tick"]
    assert lines[0]["interval_minutes"] == 60


def test_an_operator_is_obeyed_whatever_the_interval_is(world: World) -> None:
    world.send(NOON)
    world.flags.settings = {"compaction_interval_minutes": 60}
    world.clock.now = NOON + DUE
    assert world.run({})["sealed"] > 0
    assert world.run({"at": world.clock.now, "tenant": world.tenant})["tenants"] == 1


def test_a_drill_may_name_a_moment_and_a_tenant(world: World) -> None:
    event = sample_event("metrics-compactor.drill") | {"tenant": world.tenant}
    start = event["at"] - DUE
    for tenant in (world.tenant, world.other):
        world.send(start, tenant)
    world.clock.now = NOON
    report = world.run(event)
    assert (report["at"], report["tenants"]) == (event["at"], 1)
    assert len(world.sealed()) == 1
    assert not world.sealed(world.other)


@pytest.mark.parametrize(
    "event", [{"at": "soon"}, {"at": 1.5}, {"at": True}, {"tenant": 7}, {"day": 1}, {"time": "x"}]
)
def test_an_event_that_cannot_be_meant_does_nothing(world: World, event: dict[str, Any]) -> None:
    world.send(NOON)
    world.clock.now = NOON + DAY_MS
    before = dict(world.table.items)
    with pytest.raises(ValueError):
        world.run(event)
    assert world.table.items == before


def test_a_run_without_time_leaves_the_work_and_says_so(world: World) -> None:
    world.send(NOON)
    world.clock.now = NOON + DUE
    report = world.run({}, remaining_ms=1_000)
    assert report["left"] > 0
    assert not world.sealed()
    assert world.run({})["left"] == 0


def test_the_same_event_again_changes_nothing(world: World) -> None:
    world.send(NOON)
    world.clock.now = NOON + DUE
    world.run({"at": NOON + DUE})
    before = dict(world.table.items)
    assert world.run({"at": NOON + DUE})["sealed"] == 0
    assert world.table.items == before


def test_a_days_rollups_live_as_long_as_the_environment_says(world: World) -> None:
    world.send(NOON)
    world.clock.now = NOON + DAY_MS
    while world.run({})["left"]:
        pass
    day_end = NOON // DAY_MS * DAY_MS + DAY_MS
    expires = {int(x["ttl"]) for x in world.table.items.values() if x["k"] == "rollup"}
    assert expires == {(day_end + 30 * DAY_MS) // 1000}


def test_a_run_is_told_in_one_line(world: World) -> None:
    world.send(NOON)
    world.clock.now = NOON + DUE
    with log_lines() as lines:
        report = world.run({})
    (told,) = [line for line in lines if line["message"] == "compacted"]
    assert {name: told[name] for name in report} == report


def test_what_is_wrong_is_told_with_the_tenant_that_an_operator_has_to_look_at(
    world: World,
) -> None:
    world.send(NOON)
    world.clock.now = NOON + DUE
    for key in [key for key, item in world.table.items.items() if item["k"] == "layout"]:
        del world.table.items[key]
    with log_lines() as lines:
        report = world.run({})
    told = next(line for line in lines if line["message"] == "compaction is blocked")
    assert (told["tenant"], told["shard"]) == (world.tenant, 0)
    assert report["blocked"] == 1
