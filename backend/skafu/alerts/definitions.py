"""What makes a definition sound: rules over more than one field, and the limits that the schemas
name.
"""

from collections.abc import Iterator

from skafu.alerts.model import Comparison, Definition
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

MAX_CHANNELS = 10
MAX_TAGS = 30

ONE_SIDED = frozenset({Comparison.ABOVE, Comparison.AT_LEAST, Comparison.BELOW, Comparison.AT_MOST})
UPWARD = frozenset({Comparison.ABOVE, Comparison.AT_LEAST})


def period_allowed(seconds: int) -> bool:
    """Whether buckets may have this length: a divisor of a minute, or whole minutes up to a day."""
    if seconds < 1 or seconds > DAY_S:
        return False
    return MINUTE_S % seconds == 0 or seconds % MINUTE_S == 0


def problems(definition: Definition) -> list[FieldError]:
    """What is wrong with a definition, field by field; an empty list when it is sound."""
    return [*_times(definition), *_thresholds(definition)]


def _times(definition: Definition) -> Iterator[FieldError]:
    if not period_allowed(definition.period):
        yield FieldError(
            "period",
            "must be a divisor of a minute (1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 seconds) or a "
            f"multiple of 60 seconds, up to {DAY_S}",
        )
    if definition.evaluation_periods * definition.period > DAY_S:
        yield FieldError(
            "evaluation_periods",
            f"evaluation_periods times period must be at most one day ({DAY_S} seconds)",
        )
    if definition.datapoints_to_alarm > definition.evaluation_periods:
        yield FieldError(
            "datapoints_to_alarm",
            f"must be at most evaluation_periods ({definition.evaluation_periods})",
        )


def _thresholds(definition: Definition) -> Iterator[FieldError]:
    comparison = definition.comparison
    if comparison in ONE_SIDED:
        yield from _threshold(definition)
        for name in ("lower", "upper"):
            if getattr(definition, name) is not None:
                yield FieldError(
                    name, f"belongs to the comparisons outside and inside, not to {comparison}"
                )
    else:
        yield from _range(definition)


def _threshold(definition: Definition) -> Iterator[FieldError]:
    comparison, threshold, recovery = (
        definition.comparison,
        definition.threshold,
        definition.recovery,
    )
    if threshold is None:
        yield FieldError("threshold", f"is required with the comparison {comparison}")
    elif recovery is not None:
        if comparison in UPWARD and recovery > threshold:
            yield FieldError(
                "recovery", f"must be at or below the threshold with the comparison {comparison}"
            )
        if comparison not in UPWARD and recovery < threshold:
            yield FieldError(
                "recovery", f"must be at or above the threshold with the comparison {comparison}"
            )


def _range(definition: Definition) -> Iterator[FieldError]:
    comparison, lower, upper = definition.comparison, definition.lower, definition.upper
    for name in ("lower", "upper"):
        if getattr(definition, name) is None:
            yield FieldError(name, f"is required with the comparison {comparison}")
    if lower is not None and upper is not None and lower > upper:
        yield FieldError("upper", "must be at or above lower")
    if definition.threshold is not None:
        yield FieldError("threshold", f"use lower and upper with the comparison {comparison}")
    if definition.recovery is not None:
        # One number cannot say on which side of a range an instance has recovered.
        yield FieldError("recovery", "belongs to the comparisons >, >=, < and <=")
