"""Series, layouts, segments and the arithmetic of buckets: values and functions, no input or
output.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

type Tags = tuple[tuple[str, str], ...]
"""Tags of a series: (key, value) pairs, sorted by key."""


class Series(NamedTuple):
    """A metric name with one set of tags. Unit and kind describe it and are no part of its
    identity; `kind` is "counter" for what only grows and begins anew at a restart, None for a gauge.
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


def percentile(ordered: Sequence[float], p: float) -> float:
    """The p-th percentile (0 to 100) of sorted values, linear between closest ranks (Hyndman and
    Fan, type 7).
    """
    rank = (len(ordered) - 1) * p / 100
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    gap = ordered[high] - ordered[low]
    if math.isinf(gap):  # two values too far apart for their difference
        return ordered[low] * (1 - (rank - low)) + ordered[high] * (rank - low)
    return ordered[low] + gap * (rank - low)


def _total(values: Sequence[float]) -> float:
    """The sum, rounded once; infinite only if no double is large enough."""
    try:
        return math.fsum(values)
    except OverflowError:  # a sum on the way was too large, if not the last
        return math.fsum([value * 2.0**-64 for value in values]) * 2.0**64


def reduce(statistic: Statistic, samples: Sequence[tuple[int, float]]) -> float:
    """Reduce the (timestamp, value) samples of one bucket, at least one, to a number.

    The result depends on the set of samples, not on their order: sums are exact (fsum) and `last`
    is the value with the greatest timestamp, the greatest value among equals.
    """
    if statistic == Statistic.COUNT:
        return float(len(samples))
    if statistic == Statistic.LAST:
        return max(samples)[1]
    values = [value for _, value in samples]
    match statistic:
        case Statistic.MIN:
            return min(values)
        case Statistic.MAX:
            return max(values)
        case Statistic.SUM:
            return _total(values)
        case Statistic.AVG:
            total = _total(values)
            if math.isinf(total):
                return _total([value / len(values) for value in values])
            return total / len(values)
        case Statistic.STDDEV:
            mean = _total(values) / len(values)
            return math.sqrt(_total([(value - mean) ** 2 for value in values]) / len(values))
        case _:
            return percentile(sorted(values), float(statistic[1:]))
