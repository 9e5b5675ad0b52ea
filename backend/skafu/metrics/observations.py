"""Points that are many observations, as clients send them: four forms of the same thing.

`values` with `counts` and `statistics` are PutMetricData's; `histogram` has the counts between
ascending bounds, `sketch` those of DDSketch's bins (Masson, Rim, Lee: "DDSketch", VLDB 2019).

What stands for a bin. A histogram's bin reaches from the bound before it to its own; it is its
middle that counts. The first begins at `minimum`, if that is told, else at 0 or, where its bound is
not positive, at that bound; the last ends at `maximum`, or at the last bound. Bin i of a sketch,
which has what is over gamma^(i-1) up to gamma^i, is 2 gamma^i / (gamma + 1), where
gamma = (1 + relative_accuracy) / (1 - relative_accuracy). No bin stands below `minimum` or above
`maximum`.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from skafu.metrics.model import Summary
from skafu.metrics.summaries import derived

MAX_VALUES = 150
"""PutMetricData's limit."""
MAX_BOUNDS = 500
MAX_SKETCH_BINS = 4_096
MAX_COUNT = 2**53
"""Beyond it not every whole number is a double."""

FORMS = ("value", "values", "statistics", "histogram", "sketch")
"""A point has exactly one of these."""

_SET = frozenset({"sample_count", "sum", "minimum", "maximum"})
_KNOWN = frozenset({"sum", "minimum", "maximum"})
_HISTOGRAM = frozenset({"bounds", "counts"}) | _KNOWN
_SKETCH = frozenset({"relative_accuracy", "zero_count", "positive", "negative"}) | _KNOWN
_INDEX = re.compile(r"-?[0-9]{1,7}")
_ACCURACY = (0.0001, 0.5)
_SLACK = 1e-6  # a client's own sum is of doubles, or of floats


class Refused(Exception):
    """What is wrong with a point: the field, and a sentence."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.field = name
        self.reason = reason


def observations(raw: Mapping[str, object]) -> float | Summary:
    """What a point says by its `values`, `statistics`, `histogram` or `sketch`; one observation is
    a plain value. Raises Refused, also where there are several of these, or none.
    """
    forms = [name for name in FORMS if raw.get(name) is not None]
    if not forms:
        raise Refused("value", f"is required, or one of {', '.join(FORMS[1:])}")
    if len(forms) > 1:
        raise Refused(forms[1], f"cannot stand beside {forms[0]}")
    if raw.get("counts") is not None and forms != ["values"]:
        raise Refused("counts", "stands beside values only")
    found = _READERS[forms[0]](raw)
    if isinstance(found, Summary) and found.count == 1:
        return found.mean
    return found


def number(value: object, name: str = "value") -> float:
    """A finite number. Raises Refused."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(name, "must be a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise Refused(name, "must be finite: NaN and infinities cannot be stored")
    return found


def _whole(value: object, name: str, least: int) -> int:
    """4.0 is 4 to many a JSON writer."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(name, "must be a whole number")
    if not least <= value <= MAX_COUNT or value != int(value):
        raise Refused(name, f"must be a whole number from {least} to 2^53")
    return int(value)


def _list(value: object, name: str, most: int, length: int | None = None) -> list[object]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise Refused(name, f"must be a list of 1 to {most} numbers")
    if length is not None and len(value) != length:
        raise Refused(name, f"must have {length} numbers, not {len(value)}")
    return value


def _object(value: object, name: str, known: frozenset[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refused(name, "must be an object")
    for each in value:
        if each not in known:
            raise Refused(f"{name}.{each}", f"is unknown; known are {', '.join(sorted(known))}")
    return value


def _counted(name: str, total: int) -> None:
    if not 1 <= total <= MAX_COUNT:
        raise Refused(name, "must add up to 1 at least and 2^53 at most")


def _bins(pairs: Iterable[tuple[float, int]]) -> tuple[tuple[float, int], ...]:
    found: dict[float, int] = defaultdict(int)
    for value, count in pairs:
        if count:
            found[value] += count
    return tuple(sorted(found.items()))


def _sum_of(bins: tuple[tuple[float, int], ...], name: str) -> float:
    try:
        return derived(bins)[0]
    except ArithmeticError as error:
        raise Refused(name, "has a sum that no number can hold") from error


def _value(raw: Mapping[str, object]) -> float:
    return number(raw["value"])


def _values(raw: Mapping[str, object]) -> Summary:
    values = [
        number(each, f"values.{n}")
        for n, each in enumerate(_list(raw["values"], "values", MAX_VALUES))
    ]
    counts = [1] * len(values)
    if raw.get("counts") is not None:
        listed = _list(raw["counts"], "counts", MAX_VALUES, len(values))
        counts = [_whole(each, f"counts.{n}", 1) for n, each in enumerate(listed)]
    _counted("counts", sum(counts))
    bins = _bins(zip(values, counts, strict=True))
    return Summary(sum(counts), _sum_of(bins, "values"), bins[0][0], bins[-1][0], bins)


def _statistics(raw: Mapping[str, object]) -> Summary:
    found = _object(raw["statistics"], "statistics", _SET)
    count = _whole(found.get("sample_count"), "statistics.sample_count", 1)
    total, low, high = (
        number(found.get(name), f"statistics.{name}") for name in ("sum", "minimum", "maximum")
    )
    if low > high:
        raise Refused("statistics.maximum", "is less than the minimum")
    if count == 1 and low != high:
        raise Refused("statistics.maximum", "is not the minimum, though there is only one sample")
    _check_mean(total, count, low, high, "statistics")
    return Summary(count, total, low, high)


def _check_mean(total: float, count: int, low: float, high: float, name: str) -> None:
    slack = _SLACK * max(abs(low), abs(high))
    if not low - slack <= total / count <= high + slack:
        raise Refused(f"{name}.sum", "is not what so many values from minimum to maximum add up to")


def _told(found: Mapping[str, object], name: str) -> list[float | None]:
    """Sum, minimum and maximum, as far as they are told."""
    told = [
        None if found.get(each) is None else number(found[each], f"{name}.{each}")
        for each in ("sum", "minimum", "maximum")
    ]
    _, low, high = told
    if low is not None and high is not None and low > high:
        raise Refused(f"{name}.maximum", "is less than the minimum")
    return told


def _histogram(raw: Mapping[str, object]) -> Summary:
    found = _object(raw["histogram"], "histogram", _HISTOGRAM)
    bounds = [
        number(each, f"histogram.bounds.{n}")
        for n, each in enumerate(_list(found.get("bounds"), "histogram.bounds", MAX_BOUNDS))
    ]
    for n, (before, after) in enumerate(pairwise(bounds), 1):
        if before >= after:
            raise Refused(f"histogram.bounds.{n}", "must be over the bound before it")
    listed = _list(found.get("counts"), "histogram.counts", MAX_BOUNDS + 1, len(bounds) + 1)
    counts = [_whole(each, f"histogram.counts.{n}", 0) for n, each in enumerate(listed)]
    _counted("histogram.counts", sum(counts))
    _, low, high = told = _told(found, "histogram")
    begin = low if low is not None else 0.0
    edges = [min(begin, bounds[0]), *bounds]
    edges.append(max(high, bounds[-1]) if high is not None else bounds[-1])
    full = [n for n, count in enumerate(counts) if count]
    if low is not None and low > edges[full[0] + 1]:
        raise Refused("histogram.minimum", "is over the lowest bin that has a count")
    if high is not None and high < edges[full[-1]]:
        raise Refused("histogram.maximum", "is under the highest bin that has a count")
    middles = [before / 2 + after / 2 for before, after in pairwise(edges)]
    return _binned(zip(middles, counts, strict=True), told, "histogram")


def _sketch(raw: Mapping[str, object]) -> Summary:
    found = _object(raw["sketch"], "sketch", _SKETCH)
    accuracy = number(found.get("relative_accuracy"), "sketch.relative_accuracy")
    if not _ACCURACY[0] <= accuracy <= _ACCURACY[1]:
        reason = f"must be from {_ACCURACY[0]} to {_ACCURACY[1]}"
        raise Refused("sketch.relative_accuracy", reason)
    gamma = (1 + accuracy) / (1 - accuracy)
    zeros = found.get("zero_count")
    bins = [(0.0, 0 if zeros is None else _whole(zeros, "sketch.zero_count", 0))]
    for name, sign in (("positive", 1.0), ("negative", -1.0)):
        for index, count in _indices(found, name, MAX_SKETCH_BINS - len(bins) + 1):
            bins.append((sign * _representative(gamma, index, name), count))
    _counted("sketch", sum(count for _, count in bins))
    return _binned(bins, _told(found, "sketch"), "sketch")


def _indices(sketch: Mapping[str, object], name: str, most: int) -> Iterable[tuple[int, int]]:
    found = sketch.get(name)
    if found is None:
        return
    if not isinstance(found, dict):
        raise Refused(f"sketch.{name}", "must be an object of counts by index")
    if len(found) > most:
        raise Refused(f"sketch.{name}", f"a sketch has at most {MAX_SKETCH_BINS} bins")
    for index, count in found.items():
        if not _INDEX.fullmatch(index):
            raise Refused(f"sketch.{name}", "has an index that is no whole number")
        yield int(index), _whole(count, f"sketch.{name}.{index}", 0)


def _representative(gamma: float, index: int, name: str) -> float:
    try:
        value = 2 * gamma**index / (gamma + 1)
    except OverflowError:
        value = math.inf
    if not 0 < value < math.inf:
        raise Refused(f"sketch.{name}.{index}", "is the index of no number")
    return value


def _binned(bins: Iterable[tuple[float, int]], told: list[float | None], name: str) -> Summary:
    """A summary of bins, and of what the client has told beside them."""
    total, low, high = told
    least, most = -math.inf if low is None else low, math.inf if high is None else high
    found = _bins((min(max(value, least), most), count) for value, count in bins)
    count = sum(times for _, times in found)
    low, high = (found[0][0] if low is None else low), (found[-1][0] if high is None else high)
    if total is None:
        return Summary(count, _sum_of(found, name), low, high, found)
    # What is not told is estimated from the bins, and no estimate contradicts the sum.
    low = min(low, total / count) if told[1] is None else low
    high = max(high, total / count) if told[2] is None else high
    _check_mean(total, count, low, high, name)
    return Summary(count, total, low, high, found)


_READERS: Mapping[str, Callable[[Mapping[str, object]], float | Summary]] = {
    "value": _value,
    "values": _values,
    "statistics": _statistics,
    "histogram": _histogram,
    "sketch": _sketch,
}
