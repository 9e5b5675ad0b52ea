"""What makes a definition sound: rules over more than one field, and the limits that the schemas
name. Each sentence says what is wrong and shows what would be right.
"""

from collections.abc import Iterator

from skafu.alerts.model import (
    Comparison,
    Definition,
    Kind,
    Level,
    Season,
    Severity,
    Transform,
    TransformType,
)
from skafu.alerts.transforms import CHANGES
from skafu.shared.errors import FieldError

DAY_S = 86_400

# CloudWatch allows 10, 20, 30 and multiples of 60. Here every divisor of a minute will do: buckets
# are aligned to the epoch, and with these no bucket straddles a minute, so that alerts with
# different periods meet at every full minute. Other periods would drift against each other.
MINUTE_S = 60

# A decision carries the datapoints of its evaluation range: so many keep it far below the 400 KB
# of an item, corrections of many buckets included. 288 is a day in five-minute buckets.
MAX_EVALUATION_PERIODS = 288

# What is re-decided for data that come late; more is a backfill, and a backfill pages nobody.
MAX_LATENESS_S = 3_600

# The longest delay of a queue message: a grace close is woken by one.
MAX_GRACE_S = 900

MAX_KEEP_FIRING_S = DAY_S
MAX_COOLDOWN_S = 7 * DAY_S

# Critical is above high, and so on: with the alert's own severity that makes five.
MAX_LEVELS = 4

# Segments, which alerts read, live for 32 days; some of these are lateness and a day's slack.
MAX_OFFSET_S = 28 * DAY_S
MAX_LOOKBACK_S = 7 * DAY_S
MAX_LOOKBACK_PERIODS = 720
MIN_LOOKBACK_PERIODS = 3
MAX_HORIZON_S = 90 * DAY_S

# What is usual is learnt from raw points, which are kept for 30 days, up to the day before.
MAX_SEASONS = {Season.DAY: 28, Season.WEEK: 4}
MIN_SEASONS = 2
DEFAULT_SEASONS = {Season.DAY: 7, Season.WEEK: 4}

MIN_NO_DATA_S = 5
FINEST = 5
"""A heartbeat that is asked for in seconds has at least so many periods: it is noticed to be
missing at most a fifth later than was asked."""

MAX_CHANNELS = 10
MAX_TAGS = 30

MAX_DEPTH = 8
MAX_PARTS = 100
"""Of a composite's expression: how deep it nests, and how many alerts and operators it has."""

ONE_SIDED = frozenset({Comparison.ABOVE, Comparison.AT_LEAST, Comparison.BELOW, Comparison.AT_MOST})
UPWARD = frozenset({Comparison.ABOVE, Comparison.AT_LEAST})

RANKS = {severity: rank for rank, severity in enumerate(reversed(Severity))}
"""The greater, the worse."""


def period_allowed(seconds: int) -> bool:
    """Whether buckets may have this length: a divisor of a minute, or whole minutes up to a day."""
    if seconds < 1 or seconds > DAY_S:
        return False
    return MINUTE_S % seconds == 0 or seconds % MINUTE_S == 0


def silence_periods(no_data_for: int) -> tuple[int, int] | None:
    """Period and evaluation periods of a heartbeat that fires after so many seconds without data:
    the longest period of which at least five make up the time. None where no period divides it.
    """
    for count in range(FINEST, MAX_EVALUATION_PERIODS + 1):
        period, rest = divmod(no_data_for, count)
        if rest == 0 and period_allowed(period):
            return period, count
    return None


def problems(definition: Definition) -> list[FieldError]:
    """What is wrong with a definition, field by field; an empty list when it is sound.

    What a composite names is looked at elsewhere (composites/references.py).
    """
    if definition.kind is Kind.COMPOSITE:
        return []
    if definition.kind is Kind.HEARTBEAT:
        return [*_times(definition)]
    return [
        *_times(definition),
        *_thresholds(definition),
        *_levels(definition),
        *_keep_firing(definition),
        *_transform(definition),
    ]


def _times(definition: Definition) -> Iterator[FieldError]:
    if not period_allowed(definition.period):
        yield FieldError(
            "period",
            "must be a divisor of a minute (1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 seconds) or a "
            f"multiple of 60 seconds, up to {DAY_S}: 60, for example",
        )
    if definition.evaluation_periods * definition.period > DAY_S:
        most = max(1, DAY_S // max(1, definition.period))
        yield FieldError(
            "evaluation_periods",
            f"evaluation_periods times period must be at most one day ({DAY_S} seconds): at most "
            f"{most} with this period",
        )
    if definition.datapoints_to_alarm > definition.evaluation_periods:
        yield FieldError(
            "datapoints_to_alarm",
            f"must be at most evaluation_periods ({definition.evaluation_periods})",
        )


# --- thresholds -----------------------------------------------------------------------------------


def _thresholds(definition: Definition) -> Iterator[FieldError]:
    if definition.comparison in ONE_SIDED:
        yield from _threshold(definition.comparison, definition)
    else:
        yield from _range(definition.comparison, definition)


def _threshold(comparison: Comparison, limits: Definition | Level) -> Iterator[FieldError]:
    threshold, recovery = limits.threshold, limits.recovery
    if threshold is None:
        yield FieldError(
            "threshold", f"is required with the comparison {comparison}: 0.9, for example"
        )
    elif recovery is not None:
        if comparison in UPWARD and recovery > threshold:
            yield FieldError(
                "recovery", f"must be at or below the threshold with the comparison {comparison}"
            )
        if comparison not in UPWARD and recovery < threshold:
            yield FieldError(
                "recovery", f"must be at or above the threshold with the comparison {comparison}"
            )
    for name in ("lower", "upper"):
        if getattr(limits, name) is not None:
            yield FieldError(
                name,
                f"belongs to the comparisons outside and inside, not to {comparison}, which has "
                "a threshold",
            )


def _range(comparison: Comparison, limits: Definition | Level) -> Iterator[FieldError]:
    lower, upper = limits.lower, limits.upper
    for name, example in (("lower", "10"), ("upper", "20")):
        if getattr(limits, name) is None:
            yield FieldError(
                name, f"is required with the comparison {comparison}: {example}, for example"
            )
    if lower is not None and upper is not None and lower > upper:
        yield FieldError("upper", "must be at or above lower")
    if limits.threshold is not None:
        yield FieldError("threshold", f"use lower and upper with the comparison {comparison}")
    if limits.recovery is not None:
        # One number cannot say on which side of a range an instance has recovered.
        yield FieldError("recovery", "belongs to the comparisons >, >=, < and <=")


# --- levels ---------------------------------------------------------------------------------------


def _levels(definition: Definition) -> Iterator[FieldError]:
    before: Definition | Level = definition
    for place, level in enumerate(definition.levels):
        name = f"levels.{place}"
        check = _threshold if definition.comparison in ONE_SIDED else _range
        wrong = list(check(definition.comparison, level))
        yield from (FieldError(f"{name}.{each.field}", each.reason) for each in wrong)
        if not wrong and not list(check(definition.comparison, before)):
            if problem := _not_stricter(definition.comparison, before, level):
                yield FieldError(f"{name}.{problem.field}", problem.reason)
        if place and RANKS[level.severity] <= RANKS[definition.levels[place - 1].severity]:
            yield severity_problem(place, definition.levels[place - 1].severity)
        before = level


def severity_problem(place: int, before: Severity) -> FieldError:
    """That a level matters no more than what comes before it does."""
    worse = ", ".join(each for each in Severity if RANKS[each] > RANKS[before])
    advice = f"one of {worse}" if worse else "there is nothing above critical: leave the level out"
    return FieldError(
        f"levels.{place}.severity", f"must be greater than the one before, {before}: {advice}"
    )


def _not_stricter(
    comparison: Comparison, before: Definition | Level, level: Level
) -> FieldError | None:
    if comparison in ONE_SIDED:
        old, new = before.threshold or 0.0, level.threshold or 0.0
        word = "above" if comparison in UPWARD else "below"
        if (new > old) if comparison in UPWARD else (new < old):
            return None
        return FieldError("threshold", f"must be {word} the one before it, {old:g}")
    outer, inner = (level, before) if comparison is Comparison.OUTSIDE else (before, level)
    wider = _bounds(outer), _bounds(inner)
    if wider[0] != wider[1] and wider[0][0] <= wider[1][0] and wider[0][1] >= wider[1][1]:
        return None
    low, high = _bounds(before)
    word = "wider" if comparison is Comparison.OUTSIDE else "narrower"
    return FieldError(
        "lower", f"the range must be {word} than the one before it, {low:g} to {high:g}"
    )


def _bounds(limits: Definition | Level) -> tuple[float, float]:
    return limits.lower or 0.0, limits.upper or 0.0


# --- what looks farther back ----------------------------------------------------------------------


def _keep_firing(definition: Definition) -> Iterator[FieldError]:
    periods = -(-definition.keep_firing // max(1, definition.period))
    if periods > MAX_EVALUATION_PERIODS:
        most = MAX_EVALUATION_PERIODS * definition.period
        yield FieldError(
            "keep_firing",
            f"may last at most {MAX_EVALUATION_PERIODS} periods: {most} seconds with this period",
        )


def _transform(definition: Definition) -> Iterator[FieldError]:
    transform = definition.transform
    if transform is None:
        return
    if transform.type in CHANGES:
        found = _offset(definition, transform)
    elif transform.type is TransformType.FORECAST:
        found = _forecast(definition, transform)
    else:
        found = _deviation(definition, transform)
    yield from (FieldError(f"transform.{each.field}", each.reason) for each in found)


def _offset(definition: Definition, transform: Transform) -> Iterator[FieldError]:
    if transform.offset < 1 or transform.offset % definition.period:
        yield FieldError(
            "offset",
            f"must be a multiple of the period: {definition.period}, for example, is the period "
            "before",
        )
    if transform.offset > MAX_OFFSET_S:
        yield FieldError(
            "offset",
            f"may be at most {MAX_OFFSET_S} seconds (28 days), because points are kept for 30: "
            "604800 is the same time last week",
        )


def _forecast(definition: Definition, transform: Transform) -> Iterator[FieldError]:
    period = definition.period
    least, most = MIN_LOOKBACK_PERIODS * period, min(MAX_LOOKBACK_PERIODS * period, MAX_LOOKBACK_S)
    if transform.lookback % period or not least <= transform.lookback <= most:
        yield FieldError(
            "lookback",
            f"must be a multiple of the period, from {MIN_LOOKBACK_PERIODS} to "
            f"{MAX_LOOKBACK_PERIODS} periods and at most {MAX_LOOKBACK_S} seconds: from {least} to "
            f"{most} with this period",
        )
    if not 1 <= transform.horizon <= MAX_HORIZON_S:
        yield FieldError(
            "horizon",
            f"must be 1 to {MAX_HORIZON_S} seconds (90 days): 14400, for example, asks where the "
            "value will be in four hours",
        )


def _deviation(definition: Definition, transform: Transform) -> Iterator[FieldError]:
    season = transform.season or Season.DAY
    if not MIN_SEASONS <= transform.seasons <= MAX_SEASONS[season]:
        yield FieldError(
            "seasons",
            f"must be {MIN_SEASONS} to {MAX_SEASONS[season]} where the season is a {season}, "
            f"because points are kept for 30 days: {DEFAULT_SEASONS[season]}, for example",
        )
    if definition.period < MINUTE_S:
        yield FieldError(
            "type",
            "a deviation needs a period of 60 seconds or more: what is usual is learnt by hours",
        )
