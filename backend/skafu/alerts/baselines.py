"""What is usual: learnt from the values of whole buckets, robustly and with nothing but medians.

`learned` is a pure function of those values. Whoever decides must see the same, so what was learnt
of a day is stored once, and a decision looks at the stored one alone (learning.py).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import orjson

from skafu.alerts.model import Definition
from skafu.alerts.transforms import LEAST_VALUES, SECOND_MS, Baseline, Usual, season_days
from skafu.shared.keys import DAY_MS, HOUR_MS

SIGMA = 1.4826
"""Median absolute deviations of a normal distribution in a standard deviation."""

LEAST_OF_MEDIAN = 0.01
LEAST_OF_DAY = 0.1
LEAST = 1e-9
"""A scale is at least this part of the median's size, this part of the whole day's scale, and this:
what hardly varies in one hour would make an anomaly of every rounding."""


def bucket_starts(definition: Definition, day: int) -> range:
    """Where the buckets begin that begin on a day."""
    period = definition.period * SECOND_MS
    return range(-(-day // period) * period, day + DAY_MS, period)


def learned(definition: Definition, day: int, value_at: Callable[[int], float | None]) -> Baseline:
    """What is usual on the day that begins at `day`: of each hour the median and the robust
    deviation of the values in the same hour of the days that `season_days` names.

    `value_at` tells a bucket's own value by its end (`Samples.raw`), None without data. An hour is
    left out where fewer than half of these days have values for it, or there are fewer than three.
    """
    transform = definition.transform
    if transform is None:
        raise ValueError("only a transform needs a baseline")
    values: dict[int, list[float]] = defaultdict(list)
    seen: dict[int, int] = defaultdict(int)
    for each in season_days(transform, day):
        found = _by_hour(definition, each, value_at)
        for hour, some in found.items():
            values[hour] += some
            seen[hour] += 1
    known = {
        hour: some
        for hour, some in values.items()
        if 2 * seen[hour] >= transform.seasons and len(some) >= LEAST_VALUES
    }
    return Baseline(dict(_usual(known)))


def _by_hour(
    definition: Definition, day: int, value_at: Callable[[int], float | None]
) -> dict[int, list[float]]:
    period = definition.period * SECOND_MS
    found: dict[int, list[float]] = defaultdict(list)
    for start in bucket_starts(definition, day):
        value = value_at(start + period)
        if value is not None:
            found[start % DAY_MS // HOUR_MS].append(value)
    return found


def _usual(values: dict[int, list[float]]) -> Iterator[tuple[int, Usual]]:
    middles = {hour: median(some) for hour, some in values.items()}
    away = {hour: [abs(x - middles[hour]) for x in some] for hour, some in values.items()}
    if not values:
        return
    whole = SIGMA * median([x for some in away.values() for x in some])
    for hour, middle in sorted(middles.items()):
        scale = max(
            SIGMA * median(away[hour]), LEAST_OF_MEDIAN * abs(middle), LEAST_OF_DAY * whole, LEAST
        )
        yield hour, Usual(middle, scale)


def baseline_json(baseline: Baseline) -> str:
    """Write a baseline as JSON: [hour, median, scale] of each hour that something is known of."""
    rows = [[hour, usual.median, usual.scale] for hour, usual in sorted(baseline.usual.items())]
    return orjson.dumps(rows).decode()


def baseline_from(text: str) -> Baseline:
    """Read it back, the same to the last bit."""
    rows: Sequence[tuple[int, float, float]] = orjson.loads(text)
    return Baseline({int(hour): Usual(middle, scale) for hour, middle, scale in rows})
