"""The rules of one decision, as pure functions: M of N, missing data, recovery, hold.

The tables are those of CloudWatch's documentation ("Configuring how CloudWatch alarms treat missing
data"): a decision looks at the evaluation range, which is two periods longer than N, and the
treatment of missing data only counts when fewer than N of its buckets have data. Evaluator,
sweeper, backtest and explain all call `decide`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from skafu.alerts.model import (
    Cause,
    Comparison,
    Datapoint,
    Definition,
    Effect,
    MissingData,
    State,
)
from skafu.metrics.model import Statistic

EXTRA_PERIODS = 2
"""By so many buckets the evaluation range is longer than N (CloudWatch, same page)."""

SILENT = frozenset({MissingData.MISSING, MissingData.IGNORE})
"""Treatments under which silence says nothing about the thing watched."""


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
    return definition.evaluation_periods + EXTRA_PERIODS


def breaching(definition: Definition, state: State, value: float) -> bool:
    """Whether a value counts against an instance in this state.

    In ALARM a one-sided comparison is made with `recovery`, where there is one: to count as fine, a
    value must have come back past it. Raises ValueError for a definition without its thresholds.
    """
    comparison = definition.comparison
    if comparison in (Comparison.OUTSIDE, Comparison.INSIDE):
        lower, upper = definition.lower, definition.upper
        if lower is None or upper is None:
            raise ValueError(f"{comparison} needs lower and upper")
        return (lower <= value <= upper) is (comparison is Comparison.INSIDE)
    limit = definition.threshold
    if state is State.ALARM and definition.recovery is not None:
        limit = definition.recovery
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
    """Whether a bucket of this definition may turn out breaching before it closes.

    Only what no later point can undo: a maximum and a count grow, a minimum falls. A sum of values
    that may be negative, an average, a percentile and the last value can go either way.
    """
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


def settled(definition: Definition, value: float) -> bool:
    """Whether an open bucket with this value is breaching for an instance that is not in ALARM,
    whatever else may come.
    """
    if not can_settle(definition) or not breaching(definition, State.OK, value):
        return False
    if definition.comparison is not Comparison.OUTSIDE:
        return True
    # Of a range only the side that the statistic moves towards cannot be left again.
    if definition.statistic == Statistic.MIN:
        return definition.lower is not None and value < definition.lower
    return definition.upper is not None and value > definition.upper


def documented(definition: Definition, marks: Sequence[bool | None]) -> State | None:
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


def decide(
    definition: Definition, state: State, buckets: Sequence[Bucket], closing: Closing
) -> tuple[State, Effect | None]:
    """Decide one bucket: the state after it and, where that is another one, the effect.

    `state` is the one before this bucket; `buckets` is the evaluation range, this bucket last. The
    effect records the range, so that it can be decided again from its own inputs.
    """
    marks = [
        None if bucket.value is None else breaching(definition, state, bucket.value)
        for bucket in buckets
    ]
    target = documented(definition, marks) or state
    silent = marks[-1] is None and definition.missing_data in SILENT
    if definition.hold and silent and state is State.ALARM and target is State.OK:
        # Silence never resolves: breaching points only fell out of the range.
        target = State.ALARM
    if target is state:
        return state, None
    datapoints = tuple(
        Datapoint(bucket.end, bucket.value, mark)
        for bucket, mark in zip(buckets, marks, strict=True)
    )
    effect = Effect(closing.end, state, target, closing.cause, closing.version, datapoints)
    return target, effect
