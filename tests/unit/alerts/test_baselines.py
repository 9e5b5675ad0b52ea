"""What is usual, against the textbook's medians."""

import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skafu.alerts.baselines import baseline_from, baseline_json, bucket_starts, learned
from skafu.alerts.model import Definition, Season, Transform, TransformType
from skafu.alerts.transforms import Baseline, Usual
from skafu.shared.keys import DAY_MS, HOUR_MS
from tests.support.clocks import NOON
from tests.support.definitions import definition

TODAY = NOON // DAY_MS * DAY_MS
MINUTE = 60_000


def rules(seasons: int = 3, season: Season = Season.DAY, period: int = 900) -> Definition:
    transform = Transform(TransformType.DEVIATION, season=season, seasons=seasons)
    return definition(period=period, transform=transform)


def hour(days_ago: int, number: int, values: list[float]) -> dict[int, float]:
    """Values of the quarters of one hour, by their ends."""
    start = TODAY - days_ago * DAY_MS + number * HOUR_MS
    return {start + (place + 1) * 15 * MINUTE: each for place, each in enumerate(values)}


def test_an_hour_has_the_median_and_the_robust_deviation_of_the_same_hours_before() -> None:
    values = (
        hour(2, 9, [10, 12, 11, 13]) | hour(3, 9, [20, 8, 9, 10]) | hour(4, 9, [11, 11, 12, 10])
    )
    # The day before is left out, so that this can be learnt ahead; other hours and days too.
    others = hour(1, 9, [99] * 4) | hour(5, 9, [99] * 4) | hour(2, 10, [7, 7, 7, 7])

    found = learned(rules(), TODAY, (values | others).get)

    numbers = [10, 12, 11, 13, 20, 8, 9, 10, 11, 11, 12, 10]
    middle = median(numbers)
    spread = 1.4826 * median(abs(each - middle) for each in numbers)
    assert found.usual[9] == pytest.approx((middle, spread))
    assert set(found.usual) == {9}, "one day of three is not enough for ten o'clock"


def test_a_week_is_learnt_from_the_same_day_of_the_weeks_before() -> None:
    values = hour(7, 9, [1, 2, 3, 4]) | hour(14, 9, [1, 2, 3, 4]) | hour(2, 9, [99] * 4)

    found = learned(rules(season=Season.WEEK, seasons=2), TODAY, values.get)

    assert found.usual[9].median == 2.5


def test_one_outage_among_the_days_changes_little() -> None:
    rng = random.Random(7)
    calm: dict[int, float] = {}
    for day in range(2, 9):
        calm |= hour(day, 9, [rng.gauss(100, 5) for _ in range(4)])
    broken = calm | hour(5, 9, [0.0] * 4)

    usual = learned(rules(7), TODAY, calm.get).usual[9]
    found = learned(rules(7), TODAY, broken.get).usual[9]

    assert abs(found.median - usual.median) < usual.scale
    assert found.scale < 2 * usual.scale


def test_what_hardly_varies_has_a_floor() -> None:
    values: dict[int, float] = {}
    for day in (2, 3, 4):
        values |= hour(day, 9, [50.0] * 4) | hour(day, 10, [0.0] * 4) | hour(day, 11, [5, 1, 9, 3])

    found = learned(rules(), TODAY, values.get)

    assert found.usual[9] == Usual(50.0, 0.5), "a hundredth of the median's size"
    lively = [abs(each - 4.0) for each in (5, 1, 9, 3)] * 3
    whole = 1.4826 * median([0.0] * 24 + lively)
    assert found.usual[10].scale == pytest.approx(max(0.1 * whole, 1e-9))
    assert all(usual.scale > 0 for usual in found.usual.values())


def test_too_little_is_nothing() -> None:
    assert learned(rules(), TODAY, hour(2, 9, []).get) == Baseline({})
    few = hour(2, 9, [1.0]) | hour(3, 9, [1.0])
    assert learned(rules(), TODAY, few.get) == Baseline({}), "two values"
    assert 9 in learned(rules(), TODAY, (few | hour(4, 9, [1.0])).get).usual


@pytest.mark.parametrize("period", [60, 420, 900, 3600, 86_400])
def test_each_bucket_belongs_to_the_one_day_in_which_it_begins(period: int) -> None:
    made = rules(period=period)
    days = [TODAY + number * DAY_MS for number in range(8)]

    starts = [start for day in days for start in bucket_starts(made, day)]

    assert starts == sorted(set(starts))
    assert {b - a for a, b in zip(starts, starts[1:])} == {period * 1000}
    assert all(start % (period * 1000) == 0 for start in starts)


@given(st.dictionaries(st.integers(0, 23), st.tuples(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9))))
def test_a_baseline_is_read_back_to_the_last_bit(usual: dict[int, tuple[float, float]]) -> None:
    baseline = Baseline({number: Usual(*each) for number, each in usual.items()})

    text = baseline_json(baseline)

    assert baseline_from(text) == baseline
    assert len(text) < 4_000
