"""Numbers, times, tags and conditions as people read them."""

from datetime import UTC, datetime

from skafu.alerts.model import Comparison, Definition, Expression, Kind, Logic, TransformType
from skafu.metrics.model import Tags

ELLIPSIS = "..."


def moment(at: int) -> str:
    """Epoch milliseconds as RFC 3339, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def utc(at: int) -> str:
    """Epoch milliseconds for people: `2026-11-22 19:06:44 UTC`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock_time(at: int) -> str:
    """The time of day of epoch milliseconds: `19:06 UTC`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M UTC")


def lasting(milliseconds: int) -> str:
    """How long: the two greatest of days, hours, minutes and seconds: `2 h 10 min`."""
    seconds = max(0, milliseconds // 1000)
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count} {name}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if part) or "0 s"


def number(value: float | None) -> str:
    """A number as people write it: no more digits than needed, and exactly these."""
    if value is None:
        return "no data"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, the last three of them dots where something was cut off."""
    return text if len(text) <= limit else text[: limit - len(ELLIPSIS)] + ELLIPSIS


def one_line(text: str) -> str:
    """The same without line breaks and other invisible characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def tags_of(tags: Tags) -> str:
    """`host=web-1, zone=b`."""
    return ", ".join(f"{name}={value}" for name, value in tags)


def condition(definition: Definition, level: int = 0) -> str:
    """`avg of cpu.load over 60 s > 0.9`, with the threshold of a level."""
    if definition.kind is Kind.HEARTBEAT:
        silent = definition.period * definition.evaluation_periods
        return f"no data of {definition.metric} for {lasting(silent * 1000)}"
    if definition.expression is not None:
        return _expression(definition.expression)
    what = f"{definition.statistic} of {definition.metric} over {definition.period} s"
    what = f"{_transformed(definition)}{what}"
    bounds = definition.levels[level - 1] if 0 < level <= len(definition.levels) else definition
    if definition.comparison in (Comparison.OUTSIDE, Comparison.INSIDE):
        span = f"{number(bounds.lower)} to {number(bounds.upper)}"
        return f"{what} {definition.comparison} {span}"
    return f"{what} {definition.comparison} {number(bounds.threshold)}"


def _transformed(definition: Definition) -> str:
    transform = definition.transform
    if transform is None:
        return ""
    match transform.type:
        case TransformType.CHANGE:
            return f"change within {lasting(transform.offset * 1000)} of "
        case TransformType.CHANGE_PERCENT:
            return f"change in percent within {lasting(transform.offset * 1000)} of "
        case TransformType.CHANGE_RATE:
            return f"change per second within {lasting(transform.offset * 1000)} of "
        case TransformType.FORECAST:
            return f"forecast for {lasting(transform.horizon * 1000)} later of "
        case TransformType.DEVIATION:
            return f"deviation from what is usual in a {transform.season} of "


def _expression(part: Expression) -> str:
    match part.logic:
        case Logic.ALERT:
            return part.alert
        case Logic.NOT:
            return f"not {_nested(part.of[0])}"
        case _:
            word = " and " if part.logic is Logic.ALL else " or "
            return word.join(_nested(each) for each in part.of)


def _nested(part: Expression) -> str:
    text = _expression(part)
    return f"({text})" if part.logic in (Logic.ALL, Logic.ANY) and len(part.of) > 1 else text
