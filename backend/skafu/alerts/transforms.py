"""What is compared in place of a bucket's own value: changes, forecasts, deviations from usual.

Pure arithmetic of the values of whole buckets. A bucket without data has no transformed value
either: nothing is said about silence but what the treatment of missing data says.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from skafu.alerts.model import Definition, Season, Transform, TransformType
from skafu.metrics.model import Statistic
from skafu.shared.keys import DAY_MS, HOUR_MS

SECOND_MS = 1000

NEAR_BUCKETS = 288
"""A bucket to compare with that is so far back at most is read, and remembered, together with all
between; what is farther is read by itself."""

COUNTER_REACH_S = 300
"""So far back, and at least one bucket, the point is looked for from which a counter has grown
(Prometheus too forgets a series after five minutes)."""

LEAST_VALUES = 3
"""With fewer values there is no line, and nothing usual."""

GREATEST_DEVIATION = 1e6
"""What has never varied makes of every change an infinite one; so many will do."""

COUNTERS = frozenset({Statistic.RATE, Statistic.INCREASE})

CHANGES = frozenset({TransformType.CHANGE, TransformType.CHANGE_PERCENT, TransformType.CHANGE_RATE})


class Usual(NamedTuple):
    """What is usual in one slot: the median, and the robust standard deviation, above 0."""

    median: float
    scale: float


@dataclass(frozen=True)
class Baseline:
    """What is usual on one day, by the hour of the day (UTC) in which a bucket begins. An hour of
    which too little is known is left out.
    """

    usual: Mapping[int, Usual]

    def deviation(self, start: int, value: float) -> float | None:
        """How many robust standard deviations the value of the bucket that begins at `start` is
        away from what is usual.
        """
        found = self.usual.get(start % DAY_MS // HOUR_MS)
        if found is None:
            return None
        away = (value - found.median) / found.scale
        return min(max(away, -GREATEST_DEVIATION), GREATEST_DEVIATION)


def counts_growth(definition: Definition) -> bool:
    """Whether the alert looks at what counters have grown by."""
    return definition.statistic in COUNTERS


def counter_buckets(definition: Definition) -> int:
    """How many buckets before one a counter's last point is looked for in; 0 for other alerts."""
    if not counts_growth(definition):
        return 0
    return max(1, -(-COUNTER_REACH_S // definition.period))


def near_buckets(definition: Definition) -> int:
    """How many buckets before one its transformed value rests on, without a gap."""
    transform = definition.transform
    if transform is None:
        return 0
    if transform.type is TransformType.FORECAST:
        return transform.lookback // definition.period - 1
    buckets = transform.offset // definition.period
    return buckets if transform.type in CHANGES and buckets <= NEAR_BUCKETS else 0


def far_ms(definition: Definition) -> int:
    """How far back a bucket is compared with one that is read by itself; 0: it is not."""
    transform = definition.transform
    if transform is None or transform.type not in CHANGES:
        return 0
    if transform.offset // definition.period <= NEAR_BUCKETS:
        return 0
    return transform.offset * SECOND_MS


def compared(
    definition: Definition,
    end: int,
    value_at: Callable[[int], float | None],
    baseline_of: Callable[[int], Baseline],
) -> float | None:
    """What is compared of the bucket that ends at `end`; None is no data.

    `value_at` tells the value of a bucket by its end, `baseline_of` what is usual on the day that
    begins at a moment.
    """
    transform, value = definition.transform, value_at(end)
    if transform is None or value is None:
        return value
    period = definition.period * SECOND_MS
    if transform.type is TransformType.FORECAST:
        count = transform.lookback // definition.period
        values = [value_at(end - back * period) for back in range(count - 1, -1, -1)]
        return forecast(values, transform.horizon / definition.period)
    if transform.type is TransformType.DEVIATION:
        start = end - period
        return _finite(baseline_of(start // DAY_MS * DAY_MS).deviation(start, value))
    return change(transform, value, value_at(end - transform.offset * SECOND_MS))


def change(transform: Transform, value: float, before: float | None) -> float | None:
    """From the value before to this one: the difference, in percent of the earlier one's size, or
    per second.
    """
    if before is None:
        return None
    difference = value - before
    if transform.type is TransformType.CHANGE_RATE:
        return _finite(difference / transform.offset)
    if transform.type is TransformType.CHANGE_PERCENT:
        return _finite(100.0 * (difference / abs(before))) if before else None
    return _finite(difference)


def forecast(values: Sequence[float | None], ahead: float) -> float | None:
    """Where the least-squares line through the values, one a bucket and newest last, will be
    `ahead` buckets after the last one. None with fewer than half of them, or three.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < max(LEAST_VALUES, len(values) / 2):
        return None
    middle = math.fsum(place for place, _ in known) / len(known)
    try:
        level = math.fsum(value for _, value in known) / len(known)
        slope = math.fsum((place - middle) * (value - level) for place, value in known)
    except (OverflowError, ValueError):  # no double is large enough
        return None
    spread = math.fsum((place - middle) ** 2 for place, _ in known)
    return _finite(level + slope / spread * (len(values) - 1 + ahead - middle))


def _finite(value: float | None) -> float | None:
    """None where no double is large enough: that is not known."""
    return value if value is not None and math.isfinite(value) else None


def season_days(transform: Transform, day: int) -> tuple[int, ...]:
    """The days, by their starts and newest first, from which is learnt what is usual on a day.

    They end before the day before, so that what is needed at midnight can be made ahead of it.
    """
    if transform.season is Season.WEEK:
        return tuple(day - 7 * back * DAY_MS for back in range(1, transform.seasons + 1))
    return tuple(day - (back + 1) * DAY_MS for back in range(1, transform.seasons + 1))
