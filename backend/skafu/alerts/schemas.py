"""What the alerts API reads and answers, as models: the edge where JSON becomes values.

Only the routes that read a body and the documentation import this module: importing pydantic costs
a cold start more than everything else of the alerts API together.
"""

from typing import Any, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from skafu.alerts.asked import EXAMPLES, misplaced, missing
from skafu.alerts.definitions import MINUTE_S, silence_periods
from skafu.alerts.fields.schemas import (
    MAX_URL,
    AlertFields,
    Finite,
    Instant,
    Integer,
    Line,
    Reference,
    Shape,
    TagName,
    TagValue,
    refuse,
    several,
)
from skafu.alerts.model import Cause, Comparison, Definition, Draft, Severity, State
from skafu.metrics.model import Statistic, TagFilter

__all__ = [
    "AlertFields",
    "AlertIn",
    "AlertList",
    "AlertOut",
    "DatapointOut",
    "EventOut",
    "Finite",
    "History",
    "InstanceOut",
    "Instant",
    "Integer",
    "Line",
    "MAX_URL",
    "Reference",
    "Shape",
    "TagName",
    "TagValue",
]


UNKNOWN = "extra_forbidden"


class AlertIn(AlertFields):
    """An alert as it is asked for."""

    datapoints_to_alarm: Integer | None = Field(
        default=None, ge=1, description="M of N; without it, all evaluation_periods."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _shown(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """What is wrong with a field is told together with what would be right, and what is missing
        together with what is wrong.
        """
        try:
            return handler(values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            named = {each["loc"] for each in details}
            lacking = [each for each in missing(values) if (each.field,) not in named]
            raise ValidationError.from_exception_data(
                "AlertIn",
                [
                    *(_shown(each) for each in details),
                    *(
                        InitErrorDetails(type=refuse(each.reason), loc=(each.field,), input=None)
                        for each in lacking
                    ),
                ],
            ) from error

    @model_validator(mode="after")
    def _belongs(self) -> Self:
        wrong = [
            (tuple(_step(x) for x in each.field.split(".")), each.reason, None)
            for each in misplaced(self)
        ]
        if wrong:
            raise several("AlertIn", wrong)
        return self

    def draft(self) -> Draft:
        """The same as a value. Rules over several fields are `definitions.problems`."""
        return Draft(
            name=self.name,
            severity=self.severity,
            channels=self.channels,
            labels=self.labels,
            description=self.description,
            runbook_url=self.runbook_url,
            cooldown=self.cooldown,
            definition=self.definition(),
        )

    def definition(self) -> Definition:
        """What it watches, as a value."""
        period, count = self.silence or (self.period or MINUTE_S, self.evaluation_periods)
        needed = self.datapoints_to_alarm
        transform = self.transform
        return Definition(
            kind=self.type,
            metric=self.metric or "",
            statistic=self.statistic or Statistic.COUNT,
            period=period,
            comparison=self.comparison or Comparison.BELOW,
            threshold=self.threshold,
            lower=self.lower,
            upper=self.upper,
            recovery=self.recovery,
            filters=tuple(TagFilter(each.tag, each.op, each.value) for each in self.filters),
            group_by=self.group_by,
            evaluation_periods=count,
            datapoints_to_alarm=count if needed is None else needed,
            missing_data=self.missing_data,
            hold=self.hold,
            lateness=self.lateness,
            grace=self.grace,
            levels=tuple(each.level() for each in self.levels),
            keep_firing=self.keep_firing,
            transform=None if transform is None else transform.transform(period),
            expression=self.condition,
        )

    @property
    def silence(self) -> tuple[int, int] | None:
        """Period and evaluation periods that `no_data_for` stands for; None: it is not given, or
        the period is.
        """
        if self.no_data_for is None or self.period is not None:
            return None
        return silence_periods(self.no_data_for)


def _step(part: str) -> str | int:
    return int(part) if part.isdigit() else part


def _shown(detail: ErrorDetails) -> InitErrorDetails:
    """A complaint about a field, with a right value of it."""
    sentence = detail["msg"].removeprefix("Value error, ")
    example = EXAMPLES.get(str(detail["loc"][0])) if detail["loc"] else None
    unknown = detail["type"] == UNKNOWN
    if not unknown and example is not None and "for example" not in sentence:
        sentence = f"{sentence}; right is, for example, {example}"
    return InitErrorDetails(
        type=PydanticCustomError(
            UNKNOWN if unknown else "skafu", "{sentence}", {"sentence": sentence}
        ),
        loc=detail["loc"],
        input=detail["input"],
    )


class InstanceOut(Shape):
    """Where one instance is; `since` is the end of the bucket that brought it there."""

    tags: dict[str, str]
    state: State
    since: Instant
    value: float | None
    severity: Severity | None = Field(description="Of its alarm, by its level; null elsewhere.")
    acknowledged_by: str | None = Field(description="Whoever looks after what fires, if anybody.")
    acknowledged_at: Instant | None
    assignee: str | None = Field(description="Whoever shall look after what fires, if anybody.")


class AlertOut(AlertFields):
    """An alert as it is stored. An instance begins with an on-time point: there may be none yet."""

    id: str
    version: int
    datapoints_to_alarm: int | None
    created_at: Instant
    edited_at: Instant
    instances: tuple[InstanceOut, ...]
    more_instances: bool = Field(description="There are instances that this answer leaves out.")


class AlertList(Shape):
    alerts: tuple[AlertOut, ...]
    cursor: str | None


class DatapointOut(Shape):
    """One bucket, named by its end; without data, value and breaching are null."""

    timestamp: Instant
    value: float | None
    breaching: bool | None


class EventOut(Shape):
    """One transition. `replaced`: a later correction says that it was otherwise."""

    at: Instant
    decided_at: Instant
    tags: dict[str, str]
    from_: State = Field(alias="from")
    to: State
    from_severity: Severity | None = Field(
        description="Of the alarm that it was in, by its level; null elsewhere."
    )
    to_severity: Severity | None = Field(
        description="Of the alarm that it is in since, by its level. From ALARM to ALARM its level "
        "changed."
    )
    severity: Severity | None = Field(description="Of the alarm that begins, goes on or ends here.")
    cause: Cause
    reason: str
    version: int
    replaced: bool
    replaces_from: Instant | None = Field(
        description="Of a correction: what was said about buckets from here on no longer holds."
    )
    datapoints: tuple[DatapointOut, ...]
    inputs: dict[str, State] = Field(
        description="Of a composite: what its alerts were when it changed, by their ids."
    )


class History(Shape):
    events: tuple[EventOut, ...]
    cursor: str | None
