"""Hours in place of points, counters, what compares with long ago and with what is usual."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from skafu.alerts.backtest.pure import backtest, needed
from skafu.alerts.backtest.stock import Stock
from skafu.alerts.backtest.usual import lessons
from skafu.alerts.model import Alert, Comparison, Season, State, Transform, TransformType
from skafu.metrics.demands import HourRun, Run
from skafu.metrics.hours import hours_of
from skafu.metrics.model import Sample, Series, Statistic
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON
from tests.support.definitions import alert

LOAD = Series("cpu.load", (("host", "a"),))
MIDNIGHT = NOON // DAY_MS * DAY_MS
ALARM = State.ALARM


def run_of(samples: Sequence[Sample]) -> Run:
    # A list stands for an array here.
    return Run(LOAD, [at for at, _ in samples], [float(x) for _, x in samples])  # type: ignore[arg-type]


def fired(
    made: Alert, *runs: Run | HourRun, start: int = NOON, end: int = NOON + DAY_MS
) -> list[int]:
    """The ends of the buckets that brought ALARM."""
    stock = Stock()
    for run in runs:
        stock.add(made.definition, run)
    found = backtest(made, {(): stock}, start, end)
    return [each.at for each in found.transitions if each.target is ALARM]


@pytest.mark.parametrize("statistic", ["avg", "sum", "min", "max", "count", "last"])
def test_hours_tell_the_same_as_their_points(statistic: str) -> None:
    r = random.Random(statistic)
    samples = [(NOON + n * 5 * MINUTE_MS, float(r.randint(0, 20))) for n in range(24 * 12)]
    limits = {"sum": 120.0, "count": 11.5, "min": 0.5, "max": 19.5}
    made = alert(statistic=Statistic(statistic), period=3600, threshold=limits.get(statistic, 10.5))

    from_points = fired(made, run_of(samples))
    from_hours = fired(made, HourRun(LOAD, hours_of(samples)))

    assert from_hours == from_points != []


def test_percentiles_of_hours_are_within_one_percent() -> None:
    samples = [(NOON + n * MINUTE_MS, float(n % 60)) for n in range(60)]
    hours = HourRun(LOAD, hours_of(samples))
    made = alert(statistic=Statistic("p50"), period=3600, threshold=29.5 * 0.99)

    assert fired(made, hours) == [NOON + HOUR_MS]
    assert not fired(replace(made, definition=replace(made.definition, threshold=29.8)), hours)


def test_counters_grow_from_the_point_before_and_begin_anew() -> None:
    values = [100.0, 105.0, 130.0, 2.0, 4.0]
    samples = [(NOON + (n - 1) * MINUTE_MS + 1_000, x) for n, x in enumerate(values)]
    made = alert(statistic=Statistic.INCREASE, threshold=20.0)

    assert fired(made, run_of(samples)) == [NOON + 2 * MINUTE_MS]


def test_the_same_time_last_week_is_read_beside_the_range() -> None:
    week = 7 * DAY_MS
    transform = Transform(TransformType.CHANGE_PERCENT, offset=7 * 86_400)
    made = alert(period=300, threshold=50.0, transform=transform)
    times = range(NOON - HOUR_MS, NOON + HOUR_MS, 5 * MINUTE_MS)
    before = [(at - week, 10.0) for at in times]
    now = [(at, 30.0 if at == NOON + 10 * MINUTE_MS else 11.0) for at in times]

    spans = needed(made.definition, NOON, NOON + HOUR_MS)

    assert len(spans) == 2 and spans[0][0] <= NOON - week < spans[0][1] <= spans[1][0]
    runs = run_of(before), run_of(now)
    assert fired(made, *runs, end=NOON + HOUR_MS) == [NOON + 15 * MINUTE_MS]


def test_what_was_usual_is_learnt_from_the_days_before_each_day() -> None:
    transform = Transform(TransformType.DEVIATION, season=Season.DAY, seasons=4)
    made = alert(period=600, threshold=5.0, comparison=Comparison.ABOVE, transform=transform)
    r = random.Random(3)
    samples = []
    for at in range(MIDNIGHT - 6 * DAY_MS, MIDNIGHT + DAY_MS, 10 * MINUTE_MS):
        usual = 100.0 if at % DAY_MS < 12 * HOUR_MS else 10.0
        odd = at == MIDNIGHT + 15 * HOUR_MS
        samples.append((at, 60.0 if odd else usual + r.uniform(-2, 2)))

    taught = list(lessons(made.definition, MIDNIGHT, MIDNIGHT + DAY_MS))

    assert min(taught)[0] == MIDNIGHT - 6 * DAY_MS  # the day before the first, for its last buckets
    assert fired(made, run_of(samples), start=MIDNIGHT, end=MIDNIGHT + DAY_MS) == [
        MIDNIGHT + 15 * HOUR_MS + 10 * MINUTE_MS
    ]
