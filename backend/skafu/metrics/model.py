"""Series, layouts, segments and the arithmetic of buckets: values and functions, no input or
output.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

type Tags = tuple[tuple[str, str], ...]
"""Tags of a series: (key, value) pairs, sorted by key."""


class Series(NamedTuple):
    """A metric name with one set of tags. The unit describes it and is no part of its identity."""

    metric: str
    tags: Tags = ()
    unit: str | None = None


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
    left by then.
    """

    layout: str
    bucket: int
    request: str
    receipt: int
    late: bool
    series: Sequence[int]
    timestamps: Sequence[int]
    values: Sequence[float]


class Statistic(StrEnum):
    """What a bucket's values are reduced to."""

    AVG = "avg"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
    LAST = "last"
    P50 = "p50"
    P90 = "p90"
    P99 = "p99"


class Operator(StrEnum):
    """How a tag filter compares. The catalogue of the query language (DESIGN 4) adds to these."""

    EQUAL = "="
    NOT_EQUAL = "!="


@dataclass(frozen=True)
class TagFilter:
    """A condition on one tag. A series without the tag equals nothing, so `!=` lets it pass."""

    tag: str
    op: Operator
    value: str

    def matches(self, tags: Mapping[str, str]) -> bool:
        return (tags.get(self.tag) == self.value) is (self.op is Operator.EQUAL)


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
    if statistic is Statistic.COUNT:
        return float(len(samples))
    if statistic is Statistic.LAST:
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
        case _:
            return percentile(sorted(values), float(statistic.value[1:]))
