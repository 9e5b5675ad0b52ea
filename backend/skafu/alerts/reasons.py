"""Why something was decided, in a plain sentence for people."""

from skafu.alerts.composites.reasons import sentence
from skafu.alerts.machine import breaching, range_length
from skafu.alerts.model import (
    Cause,
    Comparison,
    Definition,
    Effect,
    Kind,
    Level,
    MissingData,
    State,
    TransformType,
)

WORDS = {
    Comparison.ABOVE: "above",
    Comparison.AT_LEAST: "at or above",
    Comparison.BELOW: "below",
    Comparison.AT_MOST: "at or below",
}


def number(value: float) -> str:
    """A number as people write it: at most six digits that count."""
    return f"{value:.6g}"


def _measured(definition: Definition) -> str:
    plain = f"{definition.statistic.value} of {definition.metric}"
    transform = definition.transform
    if transform is None:
        return plain
    match transform.type:
        case TransformType.CHANGE:
            return f"change of {plain} in {transform.offset} seconds"
        case TransformType.CHANGE_PERCENT:
            return f"change in percent of {plain} in {transform.offset} seconds"
        case TransformType.CHANGE_RATE:
            return f"change a second of {plain} in {transform.offset} seconds"
        case TransformType.FORECAST:
            return f"forecast of {plain} for {transform.horizon} seconds later"
        case TransformType.DEVIATION:
            return f"deviation of {plain} from what is usual"


def _condition(definition: Definition, alarmed: bool, level: int) -> str:
    """What a breaching value is by a level's thresholds, for an instance that is there or not."""
    limits: Definition | Level = definition.levels[level - 1] if level else definition
    if definition.comparison in WORDS:
        recovers = alarmed and limits.recovery is not None
        limit = limits.recovery if recovers else limits.threshold
        return f"{WORDS[definition.comparison]} {number(limit or 0.0)}"
    lower, upper = number(limits.lower or 0.0), number(limits.upper or 0.0)
    return f"{definition.comparison.value} {lower} to {upper}"


def _counted(definition: Definition, marks: list[bool | None]) -> str:
    """How many of the buckets that counted were breaching."""
    n = definition.evaluation_periods
    real = [mark for mark in marks if mark is not None]
    if len(real) >= n:
        return f"in {sum(real[-n:])} of the last {n} {_periods(n)}"
    text = f"in {sum(real)} of {len(real)} {_periods(len(real))} with data"
    if definition.missing_data is MissingData.BREACHING:
        text += f", and {n - len(real)} without data count as breaching"
    return text


def _periods(n: int) -> str:
    return "period" if n == 1 else "periods"


def reason(definition: Definition, effect: Effect) -> str:
    """Why one effect came about, as in "avg of cpu.load was 25.1, below 50, in 2 of the last 3
    periods".
    """
    if definition.expression is not None:
        return sentence(definition.expression, effect, {})
    if effect.over:
        return "no series belongs to this instance any more"
    if definition.kind is Kind.HEARTBEAT:
        return _heartbeat(definition, effect)
    if effect.target is State.INSUFFICIENT_DATA:
        count = range_length(definition)
        what = "had no data" if definition.transform is None else "had nothing to compare"
        return f"{definition.metric} {what} in the last {count} {_periods(count)}"
    return _thresholds(definition, effect)


def _heartbeat(definition: Definition, effect: Effect) -> str:
    n, period = definition.evaluation_periods, definition.period
    if effect.target is State.ALARM:
        return f"{definition.metric} had no data in {n} {_periods(n)} of {period} seconds"
    return f"{definition.metric} has data"


def _thresholds(definition: Definition, effect: Effect) -> str:
    """What was measured, against the thresholds of the level that is reached, or is left."""
    # An edit may have taken away the level that is left.
    level = min(_level_told(effect), len(definition.levels))
    # The level that is left or reached is looked at from where the instance was.
    alarmed = effect.source is State.ALARM and effect.source_level >= level
    state = State.ALARM if alarmed else State.OK
    points = effect.datapoints[-range_length(definition) :]
    marks = [
        None if each.value is None else breaching(definition, state, each.value, level)
        for each in points
    ]
    value = points[-1].value
    condition = _condition(definition, alarmed, level)
    measured = "had no data" if value is None else f"was {number(value)}"
    fits = bool(marks[-1])
    if definition.evaluation_periods == 1 and value is not None:
        text = f"{_measured(definition)} {measured}, {'' if fits else 'not '}{condition}"
    elif fits:
        text = f"{_measured(definition)} {measured}, {condition}, {_counted(definition, marks)}"
    else:
        text = f"{_measured(definition)} {measured}; {condition} {_counted(definition, marks)}"
    left = effect.target is State.OK or effect.target_level < effect.source_level
    if left and definition.datapoints_to_alarm > 1:
        text += f" ({definition.datapoints_to_alarm} needed)"
    if effect.target is State.OK and definition.keep_firing:
        text += f", and so it was for {definition.keep_firing} seconds"
    if effect.cause is Cause.EARLY:
        text += ", before the period's end"
    return text


def _level_told(effect: Effect) -> int:
    """Whose thresholds tell why: those of the level that is reached, or of the one that is left."""
    if effect.target is not State.ALARM:
        return 0
    falls = effect.source is State.ALARM and effect.target_level < effect.source_level
    return effect.source_level if falls else effect.target_level


def corrected(sentence: str, changed: bool) -> str:
    """Why an earlier decision was replaced; `sentence` is the reason for the newest effect."""
    if not changed:
        return "late data changed what was decided in earlier periods, not the state"
    return f"late data changed what was decided: {sentence}"


UNDONE = "nothing of it remains"
"""The sentence for a correction that leaves no effect."""
