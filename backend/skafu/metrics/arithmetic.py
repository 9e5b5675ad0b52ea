"""Sums, percentiles and deviations of numbers, each of which may count more than once."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

type Weighted = Sequence[tuple[float, int]]
"""Values and how often each occurs, sorted by value."""


def total(values: Sequence[float]) -> float:
    """The sum, rounded once; infinite only if no double is large enough."""
    try:
        return math.fsum(values)
    except OverflowError:  # a sum on the way was too large, if not the last
        return math.fsum([value * 2.0**-64 for value in values]) * 2.0**64


def percentile(ordered: Sequence[float], p: float) -> float:
    """The p-th percentile (0 to 100) of sorted values, linear between closest ranks (Hyndman and
    Fan, type 7).
    """
    rank = (len(ordered) - 1) * p / 100
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return _between(ordered[low], ordered[high], rank - low)


def _between(low: float, high: float, part: float) -> float:
    gap = high - low
    if math.isinf(gap):  # two values too far apart for their difference
        return low * (1 - part) + high * part
    return low + gap * part


def weighted_percentile(weighted: Weighted, p: float) -> float:
    """What `percentile` says of all these values, each written down as often as it occurs."""
    ends = list(accumulate(count for _, count in weighted))
    rank = (ends[-1] - 1) * p / 100
    low = math.floor(rank)
    place = bisect_right(ends, low)
    # The next value stands behind the last of these, unless there is none.
    after = place + (low + 1 >= ends[place] and place + 1 < len(ends))
    return _between(weighted[place][0], weighted[after][0], rank - low)


def mean(sums: Sequence[float], count: int) -> float:
    """The mean of so many values, of which these are sums."""
    whole = total(sums)
    return total([each / count for each in sums]) if math.isinf(whole) else whole / count


def deviation(values: Sequence[float]) -> float:
    """The population's standard deviation."""
    middle = mean(values, len(values))
    gaps = [value - middle for value in values]
    squares = total([gap * gap for gap in gaps])
    if math.isinf(squares):
        return _wide([(gap, 1) for gap in gaps], len(gaps))
    return math.sqrt(squares / len(gaps))


def weighted_deviation(weighted: Weighted) -> float:
    """What `deviation` says of all these values, each written down as often as it occurs."""
    count = sum(times for _, times in weighted)
    sums = [value * times for value, times in weighted]
    if any(map(math.isinf, sums)):
        middle = total([value * (times / count) for value, times in weighted])
    else:
        middle = mean(sums, count)
    gaps = [(value - middle, times) for value, times in weighted]
    squares = total([gap * gap * times for gap, times in gaps])
    return _wide(gaps, count) if math.isinf(squares) else math.sqrt(squares / count)


def _wide(gaps: Weighted, count: int) -> float:
    """The root of the mean square of numbers whose squares are too large for doubles."""
    widest = max(abs(gap) for gap, _ in gaps)
    if math.isinf(widest):
        return widest
    return widest * math.sqrt(total([(gap / widest) ** 2 * times for gap, times in gaps]) / count)
