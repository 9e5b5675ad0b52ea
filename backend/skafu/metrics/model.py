"""Series, layouts, segments and the arithmetic of buckets: values and functions, no input or
output.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple, cast

from skafu.metrics.arithmetic import (
    deviation,
    mean,
    percentile,
    total,
    weighted_deviation,
    weighted_percentile,
)

__all__ = [
    "COUNTER",
    "Layout",
    "Operator",
    "STATISTICS",
    "Sample",
    "Segment",
    "Series",
    "Statistic",
    "Summary",
    "TagFilter",
    "Tags",
    "columns_of",
    "group_of",
    "matches",
    "percentile",
    "reduce",
]

type Tags = tuple[tuple[str, str], ...]
"""Tags of a series: (key, value) pairs, sorted by key."""


class Series(NamedTuple):
    """A metric name with one set of tags. Unit and kind describe it and are no part of its
    identity; `kind` is "counter" for what only grows and begins anew at a restart, None for gauges.
    """

    metric: str
    tags: Tags = ()
    unit: str | None = None
    kind: str | None = None


COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Summary:
    """Many observations as one point: what a client has counted by itself.

    `bins` are (value, number of observations), sorted by value: the observations themselves, or
    what stands for those in a bin of a histogram or sketch. Without bins (a statistic set) nothing
    is known of quantiles. `count` is at least 1 and the sum of the bins' numbers where there are
    any; minimum <= maximum. All numbers are finite.
    """

    count: int
    sum: float
    minimum: float
    maximum: float
    bins: tuple[tuple[float, int], ...] = ()

    @property
    def mean(self) -> float:
        """What stands for the point where one value is asked for."""
        return min(max(self.sum / self.count, self.minimum), self.maximum)


type Sample = tuple[int, float | Summary]
"""A point of a known series: timestamp and value, or many observations."""


@dataclass(frozen=True)
class Layout:
    """The sorted series of a batch; `hash` is a hash of that list and names it in the table."""

    hash: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """All points of one request in one 15-minute bucket, as columns of equal length.

    `series` are positions in the layout's list; `timestamps` and `receipt` are epoch milliseconds.
    `receipt` is when the first try of the request arrived; `late` tells that the bucket had been
    left by then. `summaries` tells, by place in the columns, which points are summaries; there,
    `values` has their mean.
    """

    layout: str
    bucket: int
    request: str
    receipt: int
    late: bool
    series: Sequence[int]
    timestamps: Sequence[int]
    values: Sequence[float]
    summaries: Mapping[int, Summary] = field(default_factory=dict)


class Statistic(str):
    """What a bucket's values are reduced to: one of `STATISTICS`, or a percentile from p0 to p100,
    which may have decimals (p99.9). Raises ValueError for anything else.
    """

    AVG: "Statistic"
    SUM: "Statistic"
    MIN: "Statistic"
    MAX: "Statistic"
    COUNT: "Statistic"
    LAST: "Statistic"
    STDDEV: "Statistic"
    RATE: "Statistic"
    INCREASE: "Statistic"
    P50: "Statistic"
    P90: "Statistic"
    P99: "Statistic"

    def __new__(cls, name: str) -> "Statistic":
        if name not in _NAMES and not _PERCENTILE.fullmatch(name):
            raise ValueError(f"must be one of {', '.join(_NAMES)}, or p0 to p100")
        return super().__new__(cls, name)

    @property
    def value(self) -> str:
        """The name as a plain text."""
        return str(self)

    @property
    def percentile(self) -> float | None:
        """Which percentile it is, if any."""
        return None if self in _NAMES else float(self[1:])


_NAMES = ("avg", "sum", "min", "max", "count", "last", "stddev", "rate", "increase")
_PERCENTILE = re.compile(r"p(100(\.0{1,3})?|[0-9]{1,2}(\.[0-9]{1,3})?)")
STATISTICS = tuple(Statistic(name) for name in _NAMES)
for _statistic in (*STATISTICS, *map(Statistic, ("p50", "p90", "p99"))):
    setattr(Statistic, _statistic.upper(), _statistic)


class Operator(StrEnum):
    """How a tag filter compares."""

    EQUAL = "="
    NOT_EQUAL = "!="
    IN = "in"
    EXISTS = "exists"
    PREFIX = "prefix"


@dataclass(frozen=True)
class TagFilter:
    """A condition on one tag. A series without the tag equals nothing, so `!=` lets it pass.

    `value` is a text; for `in` a tuple of them, for `exists` whether there shall be such a tag.
    """

    tag: str
    op: Operator
    value: str | tuple[str, ...] | bool

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether a series with these tags passes."""
        mine = tags.get(self.tag)
        match self.op:
            case Operator.EQUAL:
                return mine == self.value
            case Operator.NOT_EQUAL:
                return mine != self.value
            case Operator.IN:
                return mine is not None and mine in _texts(self.value)
            case Operator.EXISTS:
                return (mine is not None) is self.value
            case Operator.PREFIX:
                return mine is not None and mine.startswith(_texts(self.value))


def _texts(value: str | tuple[str, ...] | bool) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def matches(filters: Iterable[TagFilter], tags: Tags) -> bool:
    """Whether a series with these tags passes every filter."""
    mapping = dict(tags)
    return all(each.matches(mapping) for each in filters)


def group_of(group_by: Iterable[str], tags: Tags) -> Tags:
    """The tag set of the group that a series belongs to; a tag that it lacks is left out."""
    mapping = dict(tags)
    return tuple((tag, mapping[tag]) for tag in sorted(set(group_by)) if tag in mapping)


def columns_of(layout: Layout, metric: str) -> range:
    """The positions of a metric's series in a layout: they stand together, because it is sorted."""
    low = bisect_left(layout.series, metric, key=_metric_of)
    return range(low, bisect_right(layout.series, metric, low, key=_metric_of))


_metric_of = itemgetter(0)


def reduce(statistic: Statistic, samples: Sequence[Sample]) -> float | None:
    """Reduce the samples of one bucket, at least one, to a number; a summary counts as often as it
    has observations.

    The result depends on the set of samples, not on their order: sums are exact (fsum) and `last`
    is the value with the greatest timestamp, the greatest value among equals, of a summary its
    mean. The standard deviation is the population's. Percentile and standard deviation are what all
    observations, each bin's value as often as it was counted, would have; they are unknown (None)
    where a statistic set has no bins and not only one value. That is CloudWatch's rule (its user
    guide, "Metrics concepts", on percentiles of statistic sets).

    Raises ValueError for rate and increase, which take more than one bucket.
    """
    if statistic == Statistic.COUNT:
        return float(_count(samples))
    # Asking each value what it is would take as long as reducing them: a summary among numbers
    # makes itself felt.
    try:
        found = _of_numbers(statistic, cast(Sequence[tuple[int, float]], samples))
    except TypeError:
        if not _any_summary(samples):
            raise
    else:
        if not isinstance(found, Summary):
            return found
    return _of_observations(statistic, samples)


def _of_numbers(statistic: Statistic, samples: Sequence[tuple[int, float]]) -> float | Summary:
    """The statistic of samples without summaries. With one it raises TypeError or answers it."""
    if statistic == Statistic.LAST:
        return max(samples)[1]
    values = [value for _, value in samples]
    match statistic:
        case Statistic.MIN:
            return min(values)
        case Statistic.MAX:
            return max(values)
        case Statistic.SUM:
            return total(values)
        case Statistic.AVG:
            return mean(values, len(values))
        case Statistic.STDDEV:
            return deviation(values)
        case _:
            return percentile(sorted(values), _rank(statistic))


def _any_summary(samples: Sequence[Sample]) -> bool:
    return Summary in map(type, map(_value_of, samples))


_value_of = itemgetter(1)


def _rank(statistic: Statistic) -> float:
    if statistic.percentile is None:
        raise ValueError(f"{statistic} is no statistic of one bucket")
    return statistic.percentile


def _of_observations(statistic: Statistic, samples: Sequence[Sample]) -> float | None:
    values = [value for _, value in samples]
    match statistic:
        case Statistic.LAST:
            return max((at, _mean_of(value)) for at, value in samples)[1]
        case Statistic.MIN:
            return min(x.minimum if isinstance(x, Summary) else x for x in values)
        case Statistic.MAX:
            return max(x.maximum if isinstance(x, Summary) else x for x in values)
        case Statistic.SUM:
            return total([x.sum if isinstance(x, Summary) else x for x in values])
        case Statistic.AVG:
            sums = [x.sum if isinstance(x, Summary) else x for x in values]
            return mean(sums, _count(samples))
    weighted = _weighted(values)
    if weighted is None:
        return None
    if statistic == Statistic.STDDEV:
        return weighted_deviation(weighted)
    return weighted_percentile(weighted, _rank(statistic))


def _mean_of(value: float | Summary) -> float:
    return value.mean if isinstance(value, Summary) else value


def _count(samples: Sequence[Sample]) -> int:
    if not _any_summary(samples):
        return len(samples)
    return sum(value.count if isinstance(value, Summary) else 1 for _, value in samples)


def _weighted(values: Iterable[float | Summary]) -> list[tuple[float, int]] | None:
    """All observations as (value, how often), sorted by value; None where they are not known."""
    found: list[tuple[float, int]] = []
    for value in values:
        if not isinstance(value, Summary):
            found.append((value, 1))
        elif value.bins:
            found += value.bins
        elif value.count == 1 or value.minimum == value.maximum:
            found.append((value.mean, value.count))
        else:
            return None
    found.sort()
    return found
