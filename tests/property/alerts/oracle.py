"""What should be recorded about an instance, by an account of its own: nothing of the engine is
used here. Written after prototypes of the design, for a time when every bucket is closed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from skafu.alerts.model import Alert, Definition

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "avg": fmean,
    "sum": lambda values: float(sum(values)),
    "max": max,
    "min": min,
    "count": lambda values: float(len(values)),
}


@dataclass(frozen=True)
class Point:
    """A stored point; times are milliseconds."""

    at: int
    value: float
    receipt: int


type Told = tuple[int, str, str]
"""A transition: the bucket's end, from, to."""


def bad(definition: Definition, state: str, value: float) -> bool:
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


def reduced(alert: Alert, points: Iterable[Point]) -> dict[int, float]:
    """The values of buckets, by their ends, from the points that came in time."""
    definition, period = alert.definition, alert.definition.period * 1000
    values: dict[int, list[float]] = {}
    for point in points:
        end = (point.at // period + 1) * period
        if point.receipt <= end + definition.lateness * 1000:
            values.setdefault(end, []).append(point.value)
    return {end: STATISTICS[definition.statistic.value](some) for end, some in values.items()}


def expected(versions: Sequence[tuple[Alert, Iterable[Point] | None]], now: int) -> list[Told]:
    """The history of an instance. With each version come the points of the series that belong to
    the instance under it, or None when there is no such series.
    """
    told: list[Told] = []
    state, begun = INSUFFICIENT, False
    ends = [alert.edited_at for alert, _ in versions[1:]] + [now]
    for (alert, points), until in zip(versions, ends, strict=True):
        definition, period = alert.definition, alert.definition.period * 1000
        made = reduced(alert, points or ())
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
