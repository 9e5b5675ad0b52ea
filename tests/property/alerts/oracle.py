"""What should be recorded about an instance, by an account of its own: plain arithmetic over the
stored points, for a time when every bucket is closed. Nothing that decides is used here.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression, pstdev

from skafu.alerts.model import Alert, Definition, Expression, Level
from skafu.metrics.model import Tags

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"


@dataclass(frozen=True)
class Point:
    """A stored point, one observation or several; times are milliseconds."""

    at: int
    values: tuple[float, ...]
    receipt: int
    tags: Tags


type Place = tuple[str, int]
"""A state, and in ALARM the level of it."""

type Told = tuple[int, Place, Place]
"""A transition: the bucket's end, from, to."""

NOWHERE: Place = (INSUFFICIENT, 0)


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


def _grown(definition: Definition, buckets: Mapping[int, Sequence[Point]]) -> dict[int, float]:
    """What counters grew by in each bucket, from their last point in the five minutes before it."""
    period = definition.period * 1000
    most = max(1, math.ceil(300_000 / period))
    counters: dict[tuple[int, Tags], list[Point]] = {}
    for end, some in buckets.items():
        for point in some:
            counters.setdefault((end, point.tags), []).append(point)
    found: dict[int, list[float]] = {}
    for (end, tags), some in counters.items():
        back = ((end - k * period, tags) for k in range(1, most + 1))
        before = next((counters[each] for each in back if each in counters), [])
        chain = [*_in_order(before)[-1:], *_in_order(some)]
        if len(chain) > 1:
            grown = [new - old if new >= old else new for old, new in zip(chain, chain[1:])]
            found.setdefault(end, []).append(math.fsum(grown))
    share = definition.period if definition.statistic.value == "rate" else 1
    return {end: math.fsum(some) / share for end, some in found.items()}


def _in_order(points: Sequence[Point]) -> list[float]:
    return [value for _, value in sorted((point.at, point.values[0]) for point in points)]


def reduced(definition: Definition, points: Iterable[Point]) -> dict[int, float]:
    """The values of buckets, by their ends, from the points that came in time."""
    period, lateness = definition.period * 1000, definition.lateness * 1000
    buckets: dict[int, list[Point]] = {}
    for point in points:
        end = (point.at // period + 1) * period
        if point.receipt <= end + lateness:
            buckets.setdefault(end, []).append(point)
    if definition.statistic.value in ("rate", "increase"):
        return _grown(definition, buckets)
    if definition.statistic.value == "last":
        return {end: _last(some) for end, some in buckets.items()}
    statistic = STATISTICS[definition.statistic.value]
    return {
        end: statistic([value for point in some for value in point.values])
        for end, some in buckets.items()
    }


def _forecast(values: Sequence[float | None], ahead: float) -> float | None:
    """The least-squares line through equally spaced values, so many steps after the last one."""
    known = [(float(x), y) for x, y in enumerate(values) if y is not None]
    if len(known) < 3 or 2 * len(known) < len(values):
        return None
    slope, level = linear_regression(*zip(*known))
    return slope * (len(values) - 1 + ahead) + level


def compared(definition: Definition, values: Mapping[int, float]) -> dict[int, float]:
    """What is compared in place of the buckets' values; a bucket without a value has none."""
    transform = definition.transform
    if transform is None:
        return dict(values)
    found: dict[int, float | None] = {}
    for end, value in values.items():
        before = values.get(end - transform.offset * 1000)
        match transform.type.value:
            case "forecast":
                count, step = transform.lookback // definition.period, definition.period * 1000
                back = [values.get(end - k * step) for k in reversed(range(count))]
                found[end] = _forecast(back, transform.horizon / definition.period)
            case "change":
                found[end] = None if before is None else value - before
            case "change_percent":
                found[end] = 100 * (value - before) / abs(before) if before else None
            case "change_rate":
                found[end] = None if before is None else (value - before) / transform.offset
    return {end: value for end, value in found.items() if value is not None}


# --- decisions ------------------------------------------------------------------------------------


def bad(definition: Definition, state: str, value: float, level: int = 0) -> bool:
    """Whether a value counts against an instance in this state, by its own thresholds or by those
    of a further level.
    """
    limits: Definition | Level = definition.levels[level - 1] if level else definition
    limit = limits.threshold
    if state == ALARM and limits.recovery is not None:
        limit = limits.recovery
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
            assert limits.lower is not None and limits.upper is not None
            return value < limits.lower or value > limits.upper
        case _:
            assert limits.lower is not None and limits.upper is not None
            return limits.lower <= value <= limits.upper


def table(definition: Definition, state: str, marks: Sequence[bool | None]) -> str:
    """What CloudWatch's documentation says of an evaluation range of N + 2 buckets."""
    known = [mark for mark in marks if mark is not None]
    n, m = definition.evaluation_periods, definition.datapoints_to_alarm
    missing = definition.missing_data.value
    unknown = n - len(known)
    if unknown <= 0:
        return ALARM if known[-n:].count(True) >= m else OK
    if missing == "breaching":
        return ALARM if known.count(True) + unknown >= m else OK
    if missing == "notBreaching" or known.count(True) >= m:
        return ALARM if known.count(True) >= m else OK
    if False in known:
        return OK
    if missing == "ignore":
        return state
    if not known:
        return INSUFFICIENT
    return ALARM if len(marks) - marks.index(True) >= m else state


def settled(
    definition: Definition,
    state: str,
    values: Sequence[float | None],
    level: int = 0,
    keep_firing: int = 0,
) -> str:
    """The state after a bucket as far as one level's thresholds go; `values` end with it."""
    marks = [None if value is None else bad(definition, state, value, level) for value in values]
    length = definition.evaluation_periods + 2
    target = table(definition, state, marks[-length:])
    if (state, target) != (ALARM, OK):
        return target
    quiet = values[-1] is None and definition.missing_data.value in ("missing", "ignore")
    if definition.hold and quiet:
        return ALARM
    fine = [OK] * len(range(1, math.ceil(keep_firing / definition.period)))
    earlier = [
        table(definition, "neither", marks[-length - k : len(marks) - k])
        for k in range(1, len(fine) + 1)
    ]
    return OK if earlier == fine else ALARM


def decided(definition: Definition, place: Place, values: Sequence[float | None]) -> Place:
    """Where an instance is after a bucket; `values` end with it, and go back far enough."""
    state, level = place
    if definition.kind.value == "heartbeat":
        heard = any(value is not None for value in values[-definition.evaluation_periods :])
        return (OK if heard else ALARM), 0
    target = settled(definition, state, values, 0, definition.keep_firing)
    if target != ALARM:
        return target, 0
    there = [
        ALARM if state == ALARM and level >= x else OK for x in range(len(definition.levels) + 1)
    ]
    risen = [
        x
        for x in range(1, len(definition.levels) + 1)
        if settled(definition, there[x], values, x) == ALARM
    ]
    return ALARM, max(risen, default=0)


LONG = 16
"""Buckets of the longest window: N + 2, and those before it that keep an alarm firing."""


def expected(versions: Sequence[tuple[Alert, Iterable[Point] | None]], now: int) -> list[Told]:
    """The history of an instance. With each version come the points of the series that belong to
    the instance under it, or None when there is no such series.
    """
    told: list[Told] = []
    place, begun = NOWHERE, False
    ends = [alert.edited_at for alert, _ in versions[1:]] + [now]
    for (alert, points), until in zip(versions, ends, strict=True):
        definition, period = alert.definition, alert.definition.period * 1000
        made = compared(definition, reduced(definition, points or ()))
        end = (alert.edited_at // period + 1) * period
        while end <= until and end + definition.grace * 1000 <= now:
            back = [made.get(end - k * period) for k in reversed(range(LONG))]
            target = place
            if points is None:
                target, begun = NOWHERE, False
            elif begun or any(value is not None for value in back[-looked_at(definition) :]):
                target = decided(definition, place, back)
            if target != place:
                told.append((end, place, target))
                begun = points is not None
            place = target
            end += period
    return told


def looked_at(definition: Definition) -> int:
    """How many buckets a decision looks at."""
    if definition.kind.value == "heartbeat":
        return definition.evaluation_periods
    kept = max(1, math.ceil(definition.keep_firing / definition.period))
    return definition.evaluation_periods + 2 + kept - 1


# --- composites -----------------------------------------------------------------------------------


def holds(expression: Expression, states: Mapping[str, str]) -> str:
    """What an expression says where alerts are in these states, itself as a state."""
    if expression.logic.value == "alert":
        return states[expression.alert]
    parts = [holds(part, states) for part in expression.of]
    match expression.logic.value:
        case "not":
            return {ALARM: OK, OK: ALARM, INSUFFICIENT: INSUFFICIENT}[parts[0]]
        case "all":
            return OK if OK in parts else INSUFFICIENT if INSUFFICIENT in parts else ALARM
        case _:
            return ALARM if ALARM in parts else INSUFFICIENT if INSUFFICIENT in parts else OK


def standing(histories: Iterable[Sequence[Told]], moment: int) -> str:
    """What an alert says at a moment by the histories of its instances: the worst of them."""
    states = [
        next((to[0] for at, _, to in reversed(each) if at <= moment), INSUFFICIENT)
        for each in histories
    ]
    return ALARM if ALARM in states else OK if OK in states else INSUFFICIENT


def composed(
    versions: Sequence[Alert], histories: Mapping[str, Sequence[Sequence[Told]]], now: int
) -> list[Told]:
    """The history of a composite without groups, from those of its alerts' instances."""
    made = versions[0].created_at
    changes = {told[0] for some in histories.values() for each in some for told in each}
    changes |= {version.edited_at + 1 for version in versions}
    told: list[Told] = []
    place = NOWHERE
    for moment in sorted(change for change in changes if made < change <= now):
        rule = [version for version in versions if version.edited_at < moment][-1]
        assert rule.definition.expression is not None
        states = {name: standing(some, moment) for name, some in histories.items()}
        target = (holds(rule.definition.expression, states), 0)
        if target != place:
            told.append((moment, place, target))
        place = target
    return told
