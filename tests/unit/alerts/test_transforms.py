"""Transforms against plain arithmetic."""

import math
from statistics import linear_regression
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skafu.alerts.model import Definition, Season, Transform, TransformType
from skafu.alerts.transforms import (
    GREATEST_DEVIATION,
    Baseline,
    Usual,
    compared,
    counter_buckets,
    far_ms,
    forecast,
    near_buckets,
    season_days,
)
from skafu.metrics.model import Statistic
from skafu.shared.keys import DAY_MS, HOUR_MS
from tests.support.clocks import NOON
from tests.support.definitions import definition

MINUTE = 60_000
FINITE = st.floats(-1e6, 1e6)


def of(kind: TransformType, **fields: Any) -> Definition:
    return definition(transform=Transform(kind, **fields))


def nothing_usual(day: int) -> Baseline:
    raise AssertionError(f"nobody asked what is usual on {day}")


def value(rules: Definition, values: dict[int, float]) -> float | None:
    """What is compared of the bucket that ends at noon; the values of others are by the minutes
    that they end before.
    """
    buckets = {NOON - back * MINUTE: each for back, each in values.items()}
    return compared(rules, NOON, buckets.get, nothing_usual)


def test_without_a_transform_a_value_is_compared_as_it_is() -> None:
    assert value(definition(), {0: 7.0}) == 7.0


@pytest.mark.parametrize(
    ("kind", "before", "now", "found"),
    [
        (TransformType.CHANGE, 40.0, 55.0, 15.0),
        (TransformType.CHANGE, 55.0, 40.0, -15.0),
        (TransformType.CHANGE_PERCENT, 40.0, 50.0, 25.0),
        (TransformType.CHANGE_PERCENT, -40.0, -50.0, -25.0),
        (TransformType.CHANGE_PERCENT, 0.0, 50.0, None),
        (TransformType.CHANGE_RATE, 40.0, 100.0, 0.2),
        (TransformType.CHANGE, 1e308, -1e308, None),
    ],
)
def test_a_change_is_from_the_bucket_so_long_before(
    kind: TransformType, before: float, now: float, found: float | None
) -> None:
    assert value(of(kind, offset=300), {0: now, 5: before, 4: 99.0, 6: 99.0}) == found


@pytest.mark.parametrize("kind", [TransformType.CHANGE, TransformType.FORECAST])
def test_a_bucket_without_data_has_no_transformed_value(kind: TransformType) -> None:
    rules = of(kind, offset=60, lookback=600, horizon=60)

    assert value(rules, {back: 7.0 for back in range(1, 20)}) is None


def test_nothing_has_changed_since_a_bucket_without_data() -> None:
    assert value(of(TransformType.CHANGE, offset=60), {0: 7.0, 2: 5.0}) is None


@given(st.lists(st.one_of(st.none(), FINITE), min_size=3, max_size=40), st.floats(0, 100))
def test_a_forecast_is_the_least_squares_line_gone_on(
    values: list[float | None], ahead: float
) -> None:
    known = [(place, each) for place, each in enumerate(values) if each is not None]
    found = forecast(values, ahead)
    if len(known) < 3 or 2 * len(known) < len(values):
        assert found is None
        return
    line = linear_regression([place for place, _ in known], [each for _, each in known])
    wanted = line.intercept + line.slope * (len(values) - 1 + ahead)
    assert found is not None
    assert math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-3)


def test_a_disk_that_fills_by_one_percent_a_minute_is_at_ninety_in_twenty_minutes() -> None:
    rules = of(TransformType.FORECAST, lookback=600, horizon=1200)

    found = value(rules, {back: 70.0 - back for back in range(10)})

    assert found == pytest.approx(90.0)


def test_numbers_too_great_for_a_line_are_no_forecast() -> None:
    assert forecast([1e308, -1e308, 1e308, -1e308], 10) is None


def test_a_deviation_is_counted_in_what_is_usual_in_that_hour() -> None:
    usual = Baseline({11: Usual(50.0, 4.0), 12: Usual(80.0, 1.0)})

    assert usual.deviation(NOON - MINUTE, 56.0) == 1.5
    assert usual.deviation(NOON, 78.0) == -2.0
    assert usual.deviation(NOON + HOUR_MS, 78.0) is None
    assert usual.deviation(NOON, 1e300) == GREATEST_DEVIATION


def test_the_hour_and_the_day_of_a_bucket_are_those_in_which_it_begins() -> None:
    midnight = NOON // DAY_MS * DAY_MS
    asked: list[int] = []

    def usual(day: int) -> Baseline:
        asked.append(day)
        return Baseline({23: Usual(1.0, 1.0), 0: Usual(5.0, 1.0)})

    rules = of(TransformType.DEVIATION)
    last = compared(rules, midnight, {midnight: 7.0}.get, usual)
    first = compared(rules, midnight + MINUTE, {midnight + MINUTE: 7.0}.get, usual)

    assert (last, first) == (6.0, 2.0)
    assert asked == [midnight - DAY_MS, midnight]


def test_what_is_read_reaches_as_far_back_as_it_must() -> None:
    assert near_buckets(of(TransformType.FORECAST, lookback=600, horizon=60)) == 9
    assert near_buckets(of(TransformType.CHANGE, offset=288 * 60)) == 288
    assert near_buckets(of(TransformType.DEVIATION)) == 0
    week = of(TransformType.CHANGE_PERCENT, offset=604_800)
    assert (near_buckets(week), far_ms(week)) == (0, 7 * DAY_MS)
    assert far_ms(of(TransformType.CHANGE, offset=288 * 60)) == 0
    assert counter_buckets(definition()) == 0
    assert counter_buckets(definition(statistic=Statistic.RATE)) == 5
    assert counter_buckets(definition(statistic=Statistic.INCREASE, period=3600)) == 1
    assert counter_buckets(definition(statistic=Statistic.RATE, period=45 * 4)) == 2


@given(st.integers(1, 28), st.integers(0, 10_000))
def test_a_day_is_learnt_from_days_that_end_before_the_one_before(
    seasons: int, number: int
) -> None:
    assume(number > 40)
    day = number * DAY_MS
    daily = Transform(TransformType.DEVIATION, season=Season.DAY, seasons=seasons)

    assert season_days(daily, day) == tuple(day - back * DAY_MS for back in range(2, seasons + 2))
    weekly = Transform(TransformType.DEVIATION, season=Season.WEEK, seasons=4)
    assert season_days(weekly, day) == tuple(day - back * 7 * DAY_MS for back in (1, 2, 3, 4))
