"""Why something was decided, in a plain sentence for people."""

from skafu.alerts.machine import breaching
from skafu.alerts.model import Cause, Comparison, Definition, Effect, MissingData, State

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
    return f"{definition.statistic.value} of {definition.metric}"


def _condition(definition: Definition, state: State) -> str:
    """What a breaching value is, for an instance in this state."""
    if definition.comparison in WORDS:
        limit = definition.threshold
        if state is State.ALARM and definition.recovery is not None:
            limit = definition.recovery
        return f"{WORDS[definition.comparison]} {number(limit or 0.0)}"
    lower, upper = number(definition.lower or 0.0), number(definition.upper or 0.0)
    return f"{definition.comparison.value} {lower} to {upper}"


def _counted(definition: Definition, effect: Effect) -> str:
    """How many of the buckets that counted were breaching."""
    n = definition.evaluation_periods
    real = [each.breaching for each in effect.datapoints if each.breaching is not None]
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
    if effect.over:
        return "no series belongs to this instance any more"
    if effect.target is State.INSUFFICIENT_DATA:
        count = len(effect.datapoints)
        return f"{definition.metric} had no data in the last {count} {_periods(count)}"
    value = effect.datapoints[-1].value
    condition = _condition(definition, effect.source)
    measured = "had no data" if value is None else f"was {number(value)}"
    fits = value is not None and breaching(definition, effect.source, value)
    if definition.evaluation_periods == 1 and value is not None:
        text = f"{_measured(definition)} {measured}, {'' if fits else 'not '}{condition}"
    elif fits:
        text = f"{_measured(definition)} {measured}, {condition}, {_counted(definition, effect)}"
    else:
        text = f"{_measured(definition)} {measured}; {condition} {_counted(definition, effect)}"
    if effect.target is State.OK and definition.datapoints_to_alarm > 1:
        text += f" ({definition.datapoints_to_alarm} needed)"
    if effect.cause is Cause.EARLY:
        text += ", before the period's end"
    return text


def corrected(sentence: str, changed: bool) -> str:
    """Why an earlier decision was replaced; `sentence` is the reason for the newest effect."""
    if not changed:
        return "late data changed what was decided in earlier periods, not the state"
    return f"late data changed what was decided: {sentence}"


UNDONE = "nothing of it remains"
"""The sentence for a correction that leaves no effect."""
