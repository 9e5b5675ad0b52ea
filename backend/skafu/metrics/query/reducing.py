"""From points and hours to one number a bucket."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from skafu.metrics.hours import Hour, hours_of, pooled
from skafu.metrics.model import Sample, Statistic, Summary, reduce
from skafu.metrics.query.periods import Grid
from skafu.metrics.query.piles import Pile

type Values = list[float | None]
"""For each bucket a value: None where there is nothing, NaN where what is asked of it is not known,
infinite where no double is large enough.
"""


def reduced(statistic: Statistic, pile: Pile, grid: Grid) -> Values:
    """Every bucket's value. Where there are only points, it is that of model.reduce; hours join by
    their sums, extremes and squares, and by their sketches for percentiles.
    """
    hours: dict[int, list[Hour]] = {}
    for hour in pile.hours:
        hours.setdefault(grid.place(hour.start), []).append(hour)
    values: Values = [None] * len(grid)
    points = pile.ordered()
    low = 0
    # One bucket after the other: as samples points need several times the memory.
    while low < len(points.timestamps):
        place = grid.place(points.timestamps[low])
        high = bisect_left(points.timestamps, grid.after(place), low)
        values[place] = _value(statistic, points.samples(low, high), hours.pop(place, ()))
        low = high
    for place, some in hours.items():
        values[place] = _value(statistic, (), some)
    return values


def _value(statistic: Statistic, samples: Sequence[Sample], hours: Sequence[Hour]) -> float:
    if not hours:
        found = reduce(statistic, samples)
        return math.nan if found is None else found
    if statistic == Statistic.LAST:
        ends = [(hour.last_at, hour.last) for hour in hours]
        return max([*ends, *((at, _mean(value)) for at, value in samples)])[1]
    return of_hour(statistic, pooled([*hours, *(hours_of(samples) if samples else ())]))


def of_hour(statistic: Statistic, hour: Hour) -> float:
    """A statistic of an hour's observations, or of several hours pooled; NaN if it is not known."""
    match statistic:
        case Statistic.COUNT:
            return float(hour.count)
        case Statistic.SUM:
            return hour.sum
        case Statistic.MIN:
            return hour.minimum
        case Statistic.MAX:
            return hour.maximum
        case Statistic.AVG:
            return min(max(hour.sum / hour.count, hour.minimum), hour.maximum)
        case Statistic.STDDEV:
            known = hour.exact and hour.squares is not None
            return math.sqrt((hour.squares or 0.0) / hour.count) if known else math.nan
    if hour.sketch is None:
        return math.nan
    # A sketch is within 1 % of a value, which may be beyond the extremes.
    found = hour.sketch.quantile(float(statistic[1:]))
    return min(max(found, hour.minimum), hour.maximum)


def _mean(value: float | Summary) -> float:
    return value.mean if isinstance(value, Summary) else value
