"""What the alerts API reads and answers, as models: the edge where JSON becomes values.

Only the routes that read a body and the documentation import this module: importing pydantic costs
a cold start more than everything else of the alerts API together.
"""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StrictBool,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from skafu.alerts.definitions import (
    DAY_S,
    MAX_CHANNELS,
    MAX_EVALUATION_PERIODS,
    MAX_GRACE_S,
    MAX_LATENESS_S,
    MAX_TAGS,
)
from skafu.alerts.model import (
    Cause,
    Comparison,
    Definition,
    Draft,
    MissingData,
    Severity,
    State,
)
from skafu.metrics.model import Operator, Statistic, TagFilter

METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_.:/-]{0,254}")
LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
PRINTABLE = re.compile(r"[^\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]*")
RESERVED_LABELS = frozenset({"alertname", "severity"})
MAX_URL = 2048


def _refuse(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("skafu", "{sentence}", {"sentence": sentence})


def _metric(text: str) -> str:
    if not METRIC.fullmatch(text):
        raise _refuse(
            "must begin with a letter, _ or :, and go on with letters, digits and _ . : / - "
            "(at most 255 characters)"
        )
    return text


def _line(text: str) -> str:
    """One line for people: it ends up in the subject of a mail."""
    if not text.strip() or not PRINTABLE.fullmatch(text):
        raise _refuse("must be one line of visible characters")
    return text


def _visible(text: str) -> str:
    """Text of several lines."""
    if not PRINTABLE.fullmatch(text.replace("\n", "").replace("\t", "").replace("\r", "")):
        raise _refuse("must not contain control characters")
    return text


def _label(text: str) -> str:
    if not LABEL.fullmatch(text):
        raise _refuse(
            "a label's name must begin with a letter or _, and go on with letters, digits and _ "
            "(at most 128 characters)"
        )
    if text in RESERVED_LABELS:
        raise _refuse(f"the label {text} is set by Skafu itself")
    return text


def _runbook(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        sound = False
    if not sound or re.search(r"[\x00-\x20\x7f]", text):
        raise _refuse("must be an https address")
    return text


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise _refuse("must not name anything twice")
    return values


class Shape(BaseModel):
    """Unknown fields are refused by name; nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Integer = Annotated[int, Field(strict=True)]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Instant = Annotated[int, Field(description="Epoch milliseconds.")]
TagName = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_visible)]
TagValue = Annotated[str, Field(max_length=256), AfterValidator(_visible)]
Line = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_line)]
Reference = Annotated[str, Field(min_length=1, max_length=64)]


def _statistic(value: object) -> Statistic:
    try:
        found = Statistic(str(value))
    except ValueError as error:
        raise _refuse(str(error)) from error
    if found in (Statistic.RATE, Statistic.INCREASE):
        raise _refuse("rate and increase are for queries; an alert reduces each bucket by itself")
    return found


StatisticName = Annotated[
    Statistic,
    PlainValidator(_statistic),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(avg|sum|min|max|count|last|stddev|p[0-9.]{1,7})$",
            "description": "Or a percentile, p0 to p100, also with decimals: p99.9",
        }
    ),
]


class Filter(Shape):
    """A condition on one tag of the series that the alert watches."""

    tag: TagName
    op: Literal[Operator.EQUAL, Operator.NOT_EQUAL]
    value: TagValue


class AlertFields(Shape):
    """What people say about an alert; the same in requests and answers."""

    name: Line
    metric: Annotated[
        str, AfterValidator(_metric), Field(json_schema_extra={"pattern": f"^{METRIC.pattern}$"})
    ]
    statistic: StatisticName
    period: Integer = Field(
        ge=1,
        le=DAY_S,
        description="Seconds: a divisor of a minute, or a multiple of 60 up to a day.",
    )
    filters: tuple[Filter, ...] = Field(default=(), max_length=MAX_TAGS)
    group_by: Annotated[tuple[TagName, ...], AfterValidator(_distinct)] = Field(
        default=(),
        max_length=MAX_TAGS,
        description="One instance for each set of values of these tags.",
    )
    comparison: Comparison
    threshold: Finite | None = Field(default=None, description="For >, >=, < and <=.")
    lower: Finite | None = Field(default=None, description="For outside and inside.")
    upper: Finite | None = Field(default=None, description="For outside and inside.")
    recovery: Finite | None = Field(
        default=None, description="An instance in ALARM must come back past this one (hysteresis)."
    )
    evaluation_periods: Integer = Field(default=1, ge=1, le=MAX_EVALUATION_PERIODS)
    missing_data: MissingData = MissingData.MISSING
    hold: StrictBool = Field(default=True, description="Silence alone never resolves.")
    lateness: Integer = Field(
        default=300, ge=0, le=MAX_LATENESS_S, description="Seconds: older data decide nothing."
    )
    grace: Integer = Field(
        default=30, ge=0, le=MAX_GRACE_S, description="Seconds that a bucket waits for data."
    )
    severity: Severity = Severity.MEDIUM
    channels: Annotated[tuple[Reference, ...], AfterValidator(_distinct)] = Field(
        default=(),
        max_length=MAX_CHANNELS,
        description="Ids of channels; without any, the environment's topic (`default`).",
    )
    labels: dict[Annotated[str, AfterValidator(_label)], TagValue] = Field(
        default={}, max_length=MAX_TAGS
    )
    description: Annotated[str, AfterValidator(_visible)] = Field(default="", max_length=4096)
    runbook_url: Annotated[str, Field(max_length=MAX_URL), AfterValidator(_runbook)] | None = None


class AlertIn(AlertFields):
    """A threshold alert as it is asked for."""

    datapoints_to_alarm: Integer | None = Field(
        default=None, ge=1, description="M of N; without it, all evaluation_periods."
    )

    def draft(self) -> Draft:
        """The same as a value. Rules over several fields are `definitions.problems`."""
        needed = self.datapoints_to_alarm
        return Draft(
            name=self.name,
            severity=self.severity,
            channels=self.channels,
            labels=self.labels,
            description=self.description,
            runbook_url=self.runbook_url,
            definition=Definition(
                metric=self.metric,
                statistic=self.statistic,
                period=self.period,
                comparison=self.comparison,
                threshold=self.threshold,
                lower=self.lower,
                upper=self.upper,
                recovery=self.recovery,
                filters=tuple(TagFilter(each.tag, each.op, each.value) for each in self.filters),
                group_by=self.group_by,
                evaluation_periods=self.evaluation_periods,
                datapoints_to_alarm=self.evaluation_periods if needed is None else needed,
                missing_data=self.missing_data,
                hold=self.hold,
                lateness=self.lateness,
                grace=self.grace,
            ),
        )


class InstanceOut(Shape):
    """Where one instance is; `since` is the end of the bucket that brought it there."""

    tags: dict[str, str]
    state: State
    since: Instant
    value: float | None


class AlertOut(AlertFields):
    """An alert as it is stored. An instance begins with an on-time point: there may be none yet."""

    id: str
    version: int
    datapoints_to_alarm: int
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
    cause: Cause
    reason: str
    version: int
    replaced: bool
    replaces_from: Instant | None = Field(
        description="Of a correction: what was said about buckets from here on no longer holds."
    )
    datapoints: tuple[DatapointOut, ...]


class History(Shape):
    events: tuple[EventOut, ...]
    cursor: str | None


class ChannelIn(Shape):
    """A webhook. Without a secret one is made (POST) or the present one stays (PUT)."""

    name: Line
    type: Literal["webhook"]
    url: str = Field(min_length=1, max_length=MAX_URL)
    secret: str | None = Field(
        default=None,
        max_length=256,
        description="Standard Webhooks: whsec_ and 24 to 64 bytes in base64.",
    )


class ChannelOut(Shape):
    """A channel as it is shown: never with its secret. `default` is the environment's topic."""

    id: str
    version: int
    name: str
    type: Literal["webhook", "topic"]
    url: str | None
    created_at: Instant | None
    edited_at: Instant | None


class ChannelCreated(ChannelOut):
    """The only answer that shows the secret."""

    secret: str


class ChannelList(Shape):
    channels: tuple[ChannelOut, ...]
    cursor: str | None


class TestResult(Shape):
    """What came of a test notification; `status` is the HTTP status that the receiver answered."""

    __test__ = False  # the name makes pytest curious

    delivered: bool
    status: int | None
    error: str | None
    duration_ms: int
