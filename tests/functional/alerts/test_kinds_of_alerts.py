"""Levels, heartbeats, keep-firing, counters and transforms, through the wired engine."""

from typing import Any

import pytest

from skafu.alerts.history import HistoryReader
from skafu.alerts.model import (
    Cause,
    Comparison,
    Kind,
    Level,
    Season,
    Severity,
    State,
    Transform,
    TransformType,
)
from skafu.metrics.model import Statistic
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.deciding import Deciding
from tests.support.decisions import TENANT
from tests.support.definitions import alert

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
LEVELS = (Level(Severity.HIGH, 20.0), Level(Severity.CRITICAL, 30.0))


@pytest.fixture
def world() -> Deciding:
    return Deciding()


def minutes(world: Deciding, *values: float | None) -> None:
    """A minute for each value, sent in its middle, and what time brings."""
    for value in values:
        world.live(30)
        if value is not None:
            world.send(value)
        world.live(30)


def steps(world: Deciding) -> list[tuple[State, int, State, int]]:
    return [
        (each.source, each.source_level, each.target, each.target_level) for each in world.decisions
    ]


# --- levels ---------------------------------------------------------------------------------------


def test_an_alarm_goes_through_its_levels_and_each_is_told(world: Deciding) -> None:
    world.create(alert(levels=LEVELS))

    minutes(world, 5, 15, 35, 25, 5, 5)

    assert steps(world) == [
        (INSUFFICIENT, 0, OK, 0),
        (OK, 0, ALARM, 0),
        (ALARM, 0, ALARM, 2),
        (ALARM, 2, ALARM, 1),
        (ALARM, 1, OK, 0),
    ]
    assert [each.severity for each in world.outbox] == [
        Severity.MEDIUM,
        Severity.MEDIUM,
        Severity.CRITICAL,
        Severity.HIGH,
        Severity.HIGH,
    ]
    assert [each.reason for each in world.decisions] == [
        "avg of cpu.load was 5, not above 10",
        "avg of cpu.load was 15, above 10",
        "avg of cpu.load was 35, above 30",
        "avg of cpu.load was 25, not above 30",
        "avg of cpu.load was 5, not above 10",
    ]


def test_a_level_is_kept_where_the_state_is_and_since_when_it_fires(world: Deciding) -> None:
    world.create(alert(levels=LEVELS))

    minutes(world, 15, 35, 35)

    (state,) = world.states.values()
    first, second = world.decisions
    assert (state.state, state.level, state.since) == (ALARM, 2, first.bucket)
    assert second.bucket == first.bucket + MINUTE_MS


def test_a_level_that_rises_before_the_period_ends_is_told_at_once(world: Deciding) -> None:
    world.create(alert(levels=LEVELS, statistic=Statistic.MAX, period=900))
    for value in (15.0, 16.0, 25.0, 35.0):
        world.live(10)
        world.send(value)
        world.live(10)

    assert steps(world) == [
        (INSUFFICIENT, 0, ALARM, 0),
        (ALARM, 0, ALARM, 1),
        (ALARM, 1, ALARM, 2),
    ]
    assert {each.cause for each in world.decisions} == {Cause.EARLY}
    assert [each.revision for each in world.decisions] == [0, 1, 2]
    world.live(900)
    assert len(world.decisions) == 3, "the period's end only confirms it"
    page = HistoryReader(world.table).page(TENANT, "alert-1", 10)
    assert [(x.target_severity, x.replaced) for x in page.events] == [
        (Severity.CRITICAL, False),
        (Severity.HIGH, True),
        (Severity.MEDIUM, True),
    ]


def test_late_data_correct_a_level(world: Deciding) -> None:
    world.create(alert(levels=LEVELS))
    minutes(world, 15, 15)
    world.live(31)
    world.send(95.0, at=world.clock.now - 121_000)
    world.stream()

    corrected = world.decisions[-1]
    assert corrected.cause is Cause.CORRECTION
    assert (corrected.start, corrected.start_level) == (INSUFFICIENT, 0)
    assert [(x.source_level, x.target_level) for x in corrected.effects] == [(0, 2), (2, 0)]
    assert not corrected.told


# --- heartbeats -----------------------------------------------------------------------------------


def heartbeat(**changes: Any) -> Any:
    return alert(
        kind=Kind.HEARTBEAT,
        statistic=Statistic.COUNT,
        comparison=Comparison.BELOW,
        threshold=None,
        evaluation_periods=3,
        datapoints_to_alarm=3,
        **changes,
    )


def test_a_heartbeat_that_stops_is_an_alarm_and_its_return_is_told_at_once(
    world: Deciding,
) -> None:
    world.create(heartbeat(group_by=("host",)))
    minutes(world, 1, 1, None, None, None)

    world.live(31)
    assert [each.target for each in world.decisions] == [OK, ALARM]
    fired = world.decisions[-1]
    assert fired.reason == "cpu.load had no data in 3 periods of 60 seconds"
    assert fired.decided_at <= fired.bucket + 31_000, "the grace's end wakes the sweeper"

    world.send(1.0)
    world.stream()
    back = world.decisions[-1]
    assert (back.target, back.cause, back.decided_at) == (OK, Cause.EARLY, world.clock.now)
    assert back.reason == "cpu.load has data"
    world.live(60)
    assert len(world.decisions) == 3


def test_a_heartbeat_that_never_came_is_not_missed(world: Deciding) -> None:
    world.create(heartbeat())
    world.live(600)

    assert not world.decisions


# --- keep firing ----------------------------------------------------------------------------------


def test_an_alarm_that_keeps_firing_outlasts_a_short_calm(world: Deciding) -> None:
    world.create(alert(keep_firing=180))

    minutes(world, 15, 5, 5, 15, 5, 5, 5, 5)

    first, last = world.decisions
    assert (first.target, last.target) == (ALARM, OK)
    assert last.bucket == first.bucket + 6 * MINUTE_MS


# --- counters and transforms ----------------------------------------------------------------------


def test_a_counter_is_looked_at_by_its_growth_through_restarts(world: Deciding) -> None:
    world.create(alert(statistic=Statistic.INCREASE, threshold=50.0))

    minutes(world, 1000, 1010, 1100, 5, 20, 20)

    found = {
        point.timestamp: point.value
        for each in world.decisions
        for point in each.effects[-1].datapoints
    }
    told = [(each.target, each.effects[-1].datapoints[-1].value) for each in world.decisions]
    # 1000 says nothing, then 10, 90, and from anew 5, 15.
    assert told == [(OK, 10.0), (ALARM, 90.0), (OK, 5.0)]
    assert len(found) >= 5


def test_a_change_is_compared_with_the_same_time_last_week(world: Deciding) -> None:
    week = 7 * DAY_MS
    changed = Transform(TransformType.CHANGE_PERCENT, offset=week // 1000)
    world.create(alert(period=900, transform=changed, threshold=40.0))
    world.send(100.0)
    world.pass_time(60)
    world.stream()
    world.pass_time(week // 1000 - 60)
    world.send(150.0)
    world.live(15 * 60 + 40)

    (fired,) = world.decisions
    assert fired.effects[-1].datapoints[-1].value == 50.0
    assert fired.reason == "change in percent of avg of cpu.load in 604800 seconds was 50, above 40"


def test_a_disk_that_will_be_full_is_told_of_before_it_is(world: Deciding) -> None:
    ahead = Transform(TransformType.FORECAST, lookback=300, horizon=600)
    world.create(alert(transform=ahead, threshold=95.0))

    minutes(world, 70, 71, 72, 73, 74, 80, 85, 90)

    fired = world.decisions[-1]
    assert fired.target is ALARM
    last = fired.effects[-1].datapoints[-1]
    assert last.value is not None and last.value > 95.0


def test_what_is_unusual_is_told_of_and_the_baseline_is_made_ahead(world: Deciding) -> None:
    usual = Transform(TransformType.DEVIATION, season=Season.DAY, seasons=3)
    for _ in range(6 * 24):
        world.send(50.0 + (world.clock.now // HOUR_MS) % 3)
        world.pass_time(3_600)
        world.mapping.run()
    world.create(alert(period=3600, transform=usual, threshold=4.0, group_by=("host",)))

    for _ in range(3):
        world.send(51.0)
        world.live(3_600)
    assert [each.target for each in world.decisions] == [OK]
    made = [item for item in world.table.items.values() if item["k"] == "baseline"]
    assert len(made) >= 2, "today's, and ahead of midnight tomorrow's"

    world.send(90.0)
    world.live(3_700)
    fired = world.decisions[-1]
    assert fired.target is ALARM
    assert fired.reason.startswith("deviation of avg of cpu.load from what is usual was")
