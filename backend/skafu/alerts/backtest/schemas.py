"""What the routes that try alerts on the past read and answer."""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from skafu.alerts.model import Severity, State
from skafu.alerts.schemas import AlertIn, Instant, Shape, TagName, TagValue
from skafu.metrics.times import instant_from


def _moment(value: object) -> int:
    try:
        return instant_from(value)
    except ValueError as error:
        raise PydanticCustomError("skafu", "{sentence}", {"sentence": str(error)}) from error


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}],
            "description": "Epoch milliseconds or RFC 3339.",
        }
    ),
]


class BacktestIn(Shape):
    """A range of the past; with `alert`, the stored one is compared with this change of it."""

    start: Moment
    end: Moment
    alert: AlertIn | None = None
    tags: dict[TagName, TagValue] = Field(
        default={}, max_length=30, description="Only instances that have these tags."
    )


class DraftBacktestIn(BacktestIn):
    """A range of the past, and the draft that is tried on it."""

    alert: AlertIn


class TransitionOut(Shape):
    """One transition that there would have been; `at` is the end of the bucket that brought it.
    `level` counts the alert's further thresholds that hold, 0 outside of ALARM.
    """

    at: Instant
    tags: dict[str, str]
    from_: State = Field(alias="from")
    to: State
    severity: Severity
    level: int


class InstanceTotalOut(Shape):
    """What came of one instance; `state` is where it is at the range's end."""

    tags: dict[str, str]
    state: State
    transitions: int
    pages: int
    seconds_in_alarm: int


class BacktestTotals(Shape):
    """What an alert would have done, had it been made at `start` and all data come in time: it
    begins in INSUFFICIENT_DATA.
    """

    transitions: tuple[TransitionOut, ...] = Field(description="In order of time, the first 1,000.")
    more_transitions: int = Field(description="So many are left out.")
    pages: int = Field(
        description="How often somebody would have been told that something fires: beginnings of "
        "alarms and rises to a graver level, cooldown counted. Silences and routes are not."
    )
    seconds_in_alarm: int = Field(description="Of all instances together.")
    instances: tuple[InstanceTotalOut, ...] = Field(description="Most pages first, at most 100.")
    more_instances: int = Field(description="So many are left out; they count in the totals.")
    buckets: int = Field(description="How many were decided, those of all instances together.")
    points: int = Field(description="How many were read.")


class DifferenceOut(Shape):
    """What a change makes of it; pairs are before and after."""

    pages: tuple[int, int]
    seconds_in_alarm: tuple[int, int]
    only_before: tuple[TransitionOut, ...] = Field(description="The first 500.")
    only_after: tuple[TransitionOut, ...] = Field(description="The first 500.")
    more: int = Field(description="So many transitions are left out of the two lists.")


class BacktestOut(BacktestTotals):
    """Of a changed alert the totals are the changed one's, `before` has those of the stored one."""

    start: Instant
    end: Instant
    warnings: tuple[str, ...]
    before: BacktestTotals | None
    difference: DifferenceOut | None
