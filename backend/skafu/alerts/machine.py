"""The rules of one decision, as pure functions: M of N, missing data, recovery, hold, levels.

The tables are those of CloudWatch's documentation ("Configuring how CloudWatch alarms treat missing
data"): a decision looks at the evaluation range, which is two periods longer than N, and the
treatment of missing data only counts when fewer than N of its buckets have data. Evaluator,
sweeper, backtest and explain all call `decide`.

Beyond the tables: with `keep_firing` an instance leaves ALARM for OK only when they say so of this
evaluation range and of those before it; with `levels` an instance in ALARM is at the highest level
whose own tables say ALARM; a heartbeat fires when all of its N buckets are without data.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from skafu.alerts.model import (
    Cause,
    Comparison,
    Datapoint,
    Definition,
    Effect,
    Kind,
    Level,
    MissingData,
    State,
)
from skafu.metrics.model import Statistic

EXTRA_PERIODS = 2
"""By so many buckets the evaluation range is longer than N (CloudWatch, same page)."""

SILENT = frozenset({MissingData.MISSING, MissingData.IGNORE})
"""Treatments under which silence says nothing about the thing watched."""

type Marks = Sequence[bool | None]
"""Of buckets, newest last: True breaching, False fine, None without data."""


class Bucket(NamedTuple):
    """One bucket of the evaluation range, named by its end; None is no data."""

    end: int
    value: float | None


class Closing(NamedTuple):
    """Which bucket is decided, why it may be decided now, and under which version."""

    end: int
    cause: Cause
    version: int


def range_length(definition: Definition) -> int:
    """How many buckets an evaluation range has."""
    if definition.kind is Kind.HEARTBEAT:
        return definition.evaluation_periods
    return definition.evaluation_periods + EXTRA_PERIODS


def ranges(definition: Definition) -> int:
    """How many evaluation ranges, one bucket apart, must all be fine before ALARM is left for OK:
    as many as cover `keep_firing`, at least the present one. A heartbeat that comes is enough.
    """
    if definition.kind is Kind.HEARTBEAT:
        return 1
    return max(1, -(-definition.keep_firing // definition.period))


def window_length(definition: Definition) -> int:
    """How many buckets a decision looks at: those of all its evaluation ranges."""
    return range_length(definition) + ranges(definition) - 1


def breaching(definition: Definition, state: State, value: float, level: int = 0) -> bool:
    """Whether a value counts against an instance in this state, by the alert's own thresholds or
    by those of a further level.

    In ALARM a one-sided comparison is made with `recovery`, where there is one: to count as fine, a
    value must have come back past it. Raises ValueError for a definition without its thresholds.
    """
    limits: Definition | Level = definition.levels[level - 1] if level else definition
    comparison = definition.comparison
    if comparison in (Comparison.OUTSIDE, Comparison.INSIDE):
        lower, upper = limits.lower, limits.upper
        if lower is None or upper is None:
            raise ValueError(f"{comparison} needs lower and upper")
        return (lower <= value <= upper) is (comparison is Comparison.INSIDE)
    limit = limits.threshold
    if state is State.ALARM and limits.recovery is not None:
        limit = limits.recovery
    if limit is None:
        raise ValueError(f"{comparison} needs a threshold")
    match comparison:
        case Comparison.ABOVE:
            return value > limit
        case Comparison.AT_LEAST:
            return value >= limit
        case Comparison.BELOW:
            return value < limit
        case _:
            return value <= limit


def can_settle(definition: Definition) -> bool:
    """Whether a bucket of this definition may be decided before it closes.

    Only by what no later point can undo: a maximum and a count grow, a minimum falls, and that a
    heartbeat came stays so. A sum of values that may be negative, an average, a percentile and the
    last value can go either way, and so can what a transform makes of any of them.
    """
    if definition.kind is not Kind.METRIC:
        return definition.kind is Kind.HEARTBEAT
    if definition.transform is not None:
        return False
    rising = definition.statistic in (Statistic.MAX, Statistic.COUNT)
    falling = definition.statistic == Statistic.MIN
    match definition.comparison:
        case Comparison.ABOVE | Comparison.AT_LEAST:
            return rising
        case Comparison.BELOW | Comparison.AT_MOST:
            return falling
        case Comparison.OUTSIDE:
            return rising or falling
        case _:
            return False


def may_settle(definition: Definition, state: State, level: int = 0) -> bool:
    """Whether a bucket may be decided before it closes for an instance that is here: a heartbeat
    that was missed comes, an alarm begins or goes to a higher level.
    """
    if definition.kind is Kind.HEARTBEAT:
        return state is not State.OK
    risen = state is State.ALARM and level >= len(definition.levels)
    return not risen and can_settle(definition)


def settled(definition: Definition, value: float, level: int = 0) -> bool:
    """Whether an open bucket with this value is breaching, by this level, for an instance that was
    not there before, whatever else may come.
    """
    if definition.kind is Kind.HEARTBEAT or not can_settle(definition):
        return False
    return _beyond(definition, value, level)


def settles(definition: Definition, state: State, level: int, value: float) -> bool:
    """Whether an open bucket with this value changes an instance that is here, and that
    `may_settle`, for good.
    """
    if definition.kind is Kind.HEARTBEAT:
        return True
    if not definition.levels:  # as nearly always, and this is asked of every point
        return _beyond(definition, value, 0)
    first = level + 1 if state is State.ALARM else 0
    return any(_beyond(definition, value, x) for x in range(first, len(definition.levels) + 1))


def _beyond(definition: Definition, value: float, level: int) -> bool:
    """Whether a value of a statistic that moves one way only has left what is fine for good."""
    if not breaching(definition, State.OK, value, level):
        return False
    if definition.comparison is not Comparison.OUTSIDE:
        return True
    # Of a range only the side that the statistic moves towards cannot be left again.
    limits: Definition | Level = definition.levels[level - 1] if level else definition
    if definition.statistic == Statistic.MIN:
        return limits.lower is not None and value < limits.lower
    return limits.upper is not None and value > limits.upper


def documented(definition: Definition, marks: Marks) -> State | None:
    """What CloudWatch's tables say of an evaluation range; None is "keep the present state".

    `marks` are its buckets, newest last: True breaching, False fine, None without data.
    """
    n, m = definition.evaluation_periods, definition.datapoints_to_alarm
    real = [mark for mark in marks if mark is not None]
    if len(real) >= n:
        return _alarm_if(sum(real[-n:]) >= m)
    match definition.missing_data:
        case MissingData.BREACHING:
            return _alarm_if(sum(real) + n - len(real) >= m)
        case MissingData.NOT_BREACHING:
            return _alarm_if(sum(real) >= m)
    if sum(real) >= m:
        return State.ALARM
    if False in real:
        return State.OK
    if definition.missing_data is MissingData.IGNORE:
        return None
    if not real:
        return State.INSUFFICIENT_DATA
    # Breaching points only, but fewer than M of them: an alarm would be premature until the oldest
    # of them is M buckets old.
    return State.ALARM if len(marks) - marks.index(True) >= m else None


def _alarm_if(condition: bool) -> State:
    return State.ALARM if condition else State.OK


def _outcome(definition: Definition, alarmed: bool, marks: Marks) -> State | None:
    """What the newest evaluation range says, and those before it where ALARM is not left at once;
    None is "keep the present state". `alarmed`: the instance is in ALARM.
    """
    length = range_length(definition)
    target = documented(definition, marks[-length:])
    if not alarmed or target is not State.OK:
        return target
    if definition.hold and marks[-1] is None and definition.missing_data in SILENT:
        # Silence never resolves: breaching points only fell out of the range.
        return None
    for k in range(1, ranges(definition)):
        if documented(definition, marks[-length - k : -k]) is not State.OK:
            return None
    return State.OK


def _marks(
    definition: Definition, state: State, buckets: Sequence[Bucket], level: int = 0
) -> Marks:
    return [
        None if bucket.value is None else breaching(definition, state, bucket.value, level)
        for bucket in buckets
    ]


def _level(definition: Definition, state: State, level: int, buckets: Sequence[Bucket]) -> int:
    """The highest level whose own tables say ALARM, each for itself: an instance that is at it, or
    above it, leaves it by its recovery.
    """
    one = replace(definition, keep_firing=0) if definition.keep_firing else definition
    for each in range(len(definition.levels), 0, -1):
        there = State.ALARM if state is State.ALARM and level >= each else State.OK
        marks = _marks(definition, there, buckets, each)
        if (_outcome(one, there is State.ALARM, marks) or there) is State.ALARM:
            return each
    return 0


def decide(
    definition: Definition,
    state: State,
    buckets: Sequence[Bucket],
    closing: Closing,
    level: int = 0,
) -> tuple[State, Effect | None]:
    """Decide one bucket: the state after it and, where state or level is another one, the effect,
    which tells both.

    `state` and `level` are those before this bucket; `buckets` are `window_length` buckets with the
    values that are compared, this bucket last. The effect records them, so that it can be decided
    again from its own inputs.
    """
    if definition.kind is Kind.HEARTBEAT:
        marks: Marks = [None if bucket.value is None else False for bucket in buckets]
        target = State.ALARM if all(mark is None for mark in marks) else State.OK
    else:
        marks = _marks(definition, state, buckets)
        target = _outcome(definition, state is State.ALARM, marks) or state
    risen = 0
    if definition.levels and target is State.ALARM:
        risen = _level(definition, state, level, buckets)
    if target is state and risen == level:
        return state, None
    datapoints = tuple(
        Datapoint(bucket.end, bucket.value, mark)
        for bucket, mark in zip(buckets, marks, strict=True)
    )
    return target, Effect(
        closing.end,
        state,
        target,
        closing.cause,
        closing.version,
        datapoints,
        level,
        risen,
    )


def early(
    definition: Definition,
    state: State,
    buckets: Sequence[Bucket],
    closing: Closing,
    level: int = 0,
) -> Effect | None:
    """Decide a bucket that is still open, if no later point can undo it.

    The level may still rise before the bucket closes. Otherwise as `decide`.
    """
    value = buckets[-1].value
    if value is None or not may_settle(definition, state, level):
        return None
    if not settles(definition, state, level, value):
        return None
    target, effect = decide(definition, state, buckets, closing, level)
    if effect is None or definition.kind is Kind.HEARTBEAT:
        return effect
    if target is not State.ALARM:
        return None
    # A higher one may hold for now only: by a side of a range that can be left again.
    certain = [x for x in range(effect.target_level + 1) if settled(definition, value, x)]
    risen = max(certain, default=-1)
    if risen < 0 or (state is State.ALARM and risen <= level):
        return None
    return replace(effect, target_level=risen)
