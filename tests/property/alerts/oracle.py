"""What should be recorded about an instance, by an account of its own: plain arithmetic over the
stored points, for a time when every bucket is closed. Nothing that decides is used here.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from skafu.alerts.model import Alert, Definition
from skafu.metrics.model import Tags

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"


@dataclass(frozen=True)
class Point:
    """A stored point, one observation or several; times are milliseconds."""

    at: int
    values: tuple[float, ...]
    receipt: int
    tags: Tags


type Told = tuple[int, str, str]
"""A transition: the bucket's end, from, to."""


# --- which points belong to an instance -----------------------------------------------------------


def group(definition: Definition, tags: Tags) -> Tags | None:
    """The instance that a series belongs to; None when the filters do not let it pass."""
    mine = dict(tags)
    for each in definition.filters:
        if (mine.get(each.tag) == each.value) is (each.op.value == "!="):
            return None
    return tuple((name, mine[name]) for name in sorted(definition.group_by) if name in mine)


# --- buckets --------------------------------------------------------------------------------------


def _percentile(values: Sequence[float], p: float) -> float:
    ordered = sorted(values)
    place = (len(ordered) - 1) * p / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _last(points: Sequence[Point]) -> float:
    return max((point.at, fmean(point.values)) for point in points)[1]


STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "avg": fmean,
    "sum": math.fsum,
    "max": max,
    "min": min,
    "count": lambda values: float(len(values)),
    "stddev": pstdev,
    "p50": lambda values: _percentile(values, 50),
    "p90": lambda values: _percentile(values, 90),
}


def reduced(definition: Definition, points: Iterable[Point]) -> dict[int, float]:
    """The values of buckets, by their ends, from the points that came in time."""
    period, lateness = definition.period * 1000, definition.lateness * 1000
    buckets: dict[int, list[Point]] = {}
    for point in points:
        end = (point.at // period + 1) * period
        if point.receipt <= end + lateness:
            buckets.setdefault(end, []).append(point)
    if definition.statistic.value == "last":
        return {end: _last(some) for end, some in buckets.items()}
    statistic = STATISTICS[definition.statistic.value]
    return {
        end: statistic([value for point in some for value in point.values])
        for end, some in buckets.items()
    }


# --- decisions ------------------------------------------------------------------------------------


def bad(definition: Definition, state: str, value: float) -> bool:
    """Whether a value counts against an instance in this state."""
    limit = definition.threshold
    if state == ALARM and definition.recovery is not None:
        limit = definition.recovery
    match definition.comparison.value:
        case ">":
            return limit is not None and value > limit
        case ">=":
            return limit is not None and value >= limit
        case "<":
            return limit is not None and value < limit
        case "<=":
            return limit is not None and value <= limit
        case "outside":
            assert definition.lower is not None and definition.upper is not None
            return value < definition.lower or value > definition.upper
        case _:
            assert definition.lower is not None and definition.upper is not None
            return definition.lower <= value <= definition.upper


def decided(definition: Definition, state: str, values: Sequence[float | None]) -> str:
    """The state after a bucket; `values` are N + 2 buckets, newest last."""
    marks = [None if value is None else bad(definition, state, value) for value in values]
    known = [mark for mark in marks if mark is not None]
    n, m = definition.evaluation_periods, definition.datapoints_to_alarm
    missing = definition.missing_data.value
    unknown = n - len(known)
    if unknown <= 0:
        target = ALARM if known[-n:].count(True) >= m else OK
    elif missing == "breaching":
        target = ALARM if known.count(True) + unknown >= m else OK
    elif missing == "notBreaching" or known.count(True) >= m:
        target = ALARM if known.count(True) >= m else OK
    elif False in known:
        target = OK
    elif missing == "ignore":
        target = state
    elif not known:
        target = INSUFFICIENT
    else:
        target = ALARM if len(marks) - marks.index(True) >= m else state
    quiet = values[-1] is None and missing in ("missing", "ignore")
    return ALARM if definition.hold and quiet and (state, target) == (ALARM, OK) else target


def expected(versions: Sequence[tuple[Alert, Iterable[Point] | None]], now: int) -> list[Told]:
    """The history of an instance. With each version come the points of the series that belong to
    the instance under it, or None when there is no such series.
    """
    told: list[Told] = []
    state, begun = INSUFFICIENT, False
    ends = [alert.edited_at for alert, _ in versions[1:]] + [now]
    for (alert, points), until in zip(versions, ends, strict=True):
        definition, period = alert.definition, alert.definition.period * 1000
        made = reduced(definition, points or ())
        end = (alert.edited_at // period + 1) * period
        while end <= until and end + definition.grace * 1000 <= now:
            back = [made.get(end - k * period) for k in range(definition.evaluation_periods + 2)]
            back.reverse()
            target = state
            if points is None:
                target, begun = INSUFFICIENT, False
            elif begun or any(value is not None for value in back):
                target = decided(definition, state, back)
            if target != state:
                told.append((end, state, target))
                begun = points is not None
            state = target
            end += period
    return told
