"""What an alert asks, in words."""

from collections.abc import Iterator

from skafu.alerts.machine import ranges
from skafu.alerts.model import (
    Comparison,
    Definition,
    Kind,
    Level,
    MissingData,
    Season,
    State,
    Transform,
    TransformType,
)
from skafu.alerts.reasons import WORDS, number
from skafu.metrics.model import Operator, TagFilter, Tags

STATISTICS = {
    "avg": "the average of {}",
    "sum": "the sum of {}",
    "min": "the smallest value of {}",
    "max": "the greatest value of {}",
    "count": "how many values of {} came",
    "last": "the last value of {}",
    "stddev": "the standard deviation of {}",
    "rate": "by how much {} has grown per second",
    "increase": "by how much {} has grown",
}

UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))

MISSING = {
    MissingData.MISSING: "periods without data count as missing: with none at all the state is "
    "INSUFFICIENT_DATA",
    MissingData.NOT_BREACHING: "periods without data count as fine",
    MissingData.BREACHING: "periods without data count as breaching",
    MissingData.IGNORE: "periods without data leave the state as it is",
}


def duration(seconds: int) -> str:
    """So many seconds as people say it: "5 minutes"."""
    size, name = next(x for x in UNITS if seconds % x[0] == 0 and (seconds or x[0] == 1))
    return counted(seconds // size, name)


def counted(count: int, name: str) -> str:
    """ "1 period", "3 periods"."""
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def tags_of(tags: Tags) -> str:
    """An instance by its tags; empty for the one without."""
    return ", ".join(f"{key}={value}" for key, value in tags)


def measured(definition: Definition) -> str:
    """What a bucket's own value is."""
    text = STATISTICS.get(definition.statistic, f"{definition.statistic} of {{}}")
    what = text.format(definition.metric)
    return f"{what} in each {duration(definition.period)}"


def series(definition: Definition, tags: Tags) -> str:
    """Whose points these are."""
    wanted = [*(f"{key} is {value}" for key, value in tags), *map(_filter, definition.filters)]
    return f"of series whose {' and '.join(wanted)}" if wanted else "of all series"


def _filter(each: TagFilter) -> str:
    match each.op:
        case Operator.NOT_EQUAL:
            return f"{each.tag} is not {each.value}"
        case Operator.IN if isinstance(each.value, tuple):
            return f"{each.tag} is one of {', '.join(each.value)}"
        case Operator.PREFIX if isinstance(each.value, tuple):
            return f"{each.tag} begins with {' or '.join(each.value)}"
        case Operator.PREFIX:
            return f"{each.tag} begins with {each.value}"
        case Operator.EXISTS:
            return f"{each.tag} is there" if each.value else f"{each.tag} is not there"
        case _:
            return f"{each.tag} is {each.value}"


def transformed(transform: Transform | None) -> str | None:
    """What is compared in place of a bucket's own value."""
    if transform is None:
        return None
    before = duration(transform.offset) if transform.offset else ""
    match transform.type:
        case TransformType.CHANGE:
            return f"compared is by how much that differs from {before} before"
        case TransformType.CHANGE_PERCENT:
            return f"compared is by how many percent that differs from {before} before"
        case TransformType.CHANGE_RATE:
            return f"compared is by how much that has changed per second since {before} before"
        case TransformType.FORECAST:
            return (
                f"compared is where a straight line through the last {duration(transform.lookback)}"
                f" will be in {duration(transform.horizon)}"
            )
        case _:
            season = "week" if transform.season is Season.WEEK else "day"
            return (
                "compared is how many robust standard deviations that is away from what was usual "
                f"at this hour of the {season}, in {counted(transform.seasons, season)}"
            )


def condition(definition: Definition, limits: Definition | Level, alarmed: bool) -> str:
    """What a breaching value is: "above 80". `alarmed`: for an instance that is in ALARM by these
    limits, which it leaves by its recovery.
    """
    comparison = definition.comparison
    if comparison in WORDS:
        recovers = alarmed and limits.recovery is not None
        limit = limits.recovery if recovers else limits.threshold
        return f"{WORDS[comparison]} {number(limit or 0.0)}"
    lower, upper = number(limits.lower or 0.0), number(limits.upper or 0.0)
    return f"{comparison.value} {lower} to {upper}"


def fine(definition: Definition) -> str:
    """What a value must be to count as fine for an instance in ALARM."""
    opposite = {
        Comparison.ABOVE: Comparison.AT_MOST,
        Comparison.AT_LEAST: Comparison.BELOW,
        Comparison.BELOW: Comparison.AT_LEAST,
        Comparison.AT_MOST: Comparison.ABOVE,
    }
    if definition.comparison in opposite:
        limit = definition.threshold if definition.recovery is None else definition.recovery
        return f"{WORDS[opposite[definition.comparison]]} {number(limit or 0.0)}"
    return f"not {condition(definition, definition, False)}"


def asked(definition: Definition) -> str:
    """The comparison as a whole, in words."""
    if definition.kind is Kind.HEARTBEAT:
        n = definition.evaluation_periods
        return f"it fires when no data have come in {counted(n, 'period')} in a row"
    text = f"breaching is what is {condition(definition, definition, False)}"
    if definition.recovery is not None:
        text += f"; in ALARM a value must come back to {fine(definition)}"
    return text


def needed(definition: Definition) -> str:
    """M of N, in words."""
    n, m = definition.evaluation_periods, definition.datapoints_to_alarm
    if definition.kind is Kind.HEARTBEAT:
        return (
            f"all of {counted(n, 'period')} of {duration(definition.period)} must be without data"
        )
    periods = f"{counted(n, 'period')} of {duration(definition.period)}"
    return f"{m} of {periods} must be breaching"


def further(definition: Definition) -> Iterator[str]:
    """Whatever else the definition says."""
    if definition.kind is not Kind.HEARTBEAT:
        yield MISSING[definition.missing_data]
        if definition.hold and definition.missing_data in (MissingData.MISSING, MissingData.IGNORE):
            yield "silence alone never resolves an alarm"
    if ranges(definition) > 1:
        yield (
            f"an alarm goes on until nothing was breaching for {duration(definition.keep_firing)}"
        )
    yield (
        f"data count that come up to {duration(definition.lateness)} after their period's end; a "
        f"period waits {duration(definition.grace)} for senders that are slow"
    )


def state_words(state: State, level: int) -> str:
    """A state, with its level where there is one."""
    return f"{state.value} (level {level})" if state is State.ALARM and level else state.value
