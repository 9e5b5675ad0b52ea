"""The fields of alerts as models: what the requests and answers of several routes are made of.

Only schemas import this module, because it imports pydantic.
"""

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    StrictBool,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from skafu.alerts.definitions import (
    DAY_S,
    DEFAULT_SEASONS,
    MAX_CHANNELS,
    MAX_COOLDOWN_S,
    MAX_DEPTH,
    MAX_EVALUATION_PERIODS,
    MAX_GRACE_S,
    MAX_KEEP_FIRING_S,
    MAX_LATENESS_S,
    MAX_LEVELS,
    MAX_PARTS,
    MAX_TAGS,
    MIN_NO_DATA_S,
)
from skafu.alerts.model import (
    Comparison,
    Expression,
    Kind,
    Level,
    Logic,
    MissingData,
    Season,
    Severity,
    Transform,
    TransformType,
)
from skafu.alerts.transforms import CHANGES
from skafu.alerts.views import condition_view
from skafu.metrics.model import Operator, Statistic

METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_.:/-]{0,254}")
LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
PRINTABLE = re.compile(r"[^\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]*")
RESERVED_LABELS = frozenset({"alertname", "severity", "drill"})
MAX_URL = 2048
MAX_TAG_VALUE = 256
MAX_CHOICES = 100


def refuse(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("skafu", "{sentence}", {"sentence": sentence})


def _metric(text: str) -> str:
    if not METRIC.fullmatch(text):
        raise refuse(
            "must begin with a letter, _ or :, and go on with letters, digits and _ . : / - "
            "(at most 255 characters)"
        )
    return text


def _line(text: str) -> str:
    """One line for people: it ends up in the subject of a mail."""
    if not text.strip() or not PRINTABLE.fullmatch(text):
        raise refuse("must be one line of visible characters")
    return text


def _visible(text: str) -> str:
    """Text of several lines."""
    if not PRINTABLE.fullmatch(text.replace("\n", "").replace("\t", "").replace("\r", "")):
        raise refuse("must not contain control characters")
    return text


def _label(text: str) -> str:
    if not LABEL.fullmatch(text):
        raise refuse(
            "a label's name must begin with a letter or _, and go on with letters, digits and _ "
            "(at most 128 characters)"
        )
    if text in RESERVED_LABELS:
        raise refuse(f"the label {text} is set by Skafu itself")
    return text


def _runbook(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        sound = False
    if not sound or re.search(r"[\x00-\x20\x7f]", text):
        raise refuse("must be an https address")
    return text


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise refuse("must not name anything twice")
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
        return Statistic(str(value))
    except ValueError as error:
        raise refuse(str(error)) from error


StatisticName = Annotated[
    Statistic,
    PlainValidator(_statistic),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(avg|sum|min|max|count|last|stddev|rate|increase|p[0-9.]{1,7})$",
            "description": "Or a percentile, p0 to p100, also with decimals: p99.9",
        }
    ),
]


PART = 'a part is {"alert": "<id>"}, {"all": [...]}, {"any": [...]} or {"not": {...}}'


def several(
    title: str, wrong: Sequence[tuple[tuple[str | int, ...], str, object]]
) -> ValidationError:
    """Several complaints at once, each with the path to its field."""
    details = [
        InitErrorDetails(type=refuse(sentence), loc=path, input=value)
        for path, sentence, value in wrong
    ]
    return ValidationError.from_exception_data(title, details)


def _choice(value: object, info: ValidationInfo) -> str | tuple[str, ...] | bool:
    """What a filter compares with; its operator was read before it."""
    match info.data.get("op"):
        case Operator.EXISTS:
            if isinstance(value, bool):
                return value
            raise refuse("must be true or false where op is exists")
        case Operator.IN:
            if isinstance(value, list | tuple) and 1 <= len(value) <= MAX_CHOICES:
                return tuple(_text(each) for each in value)
            raise refuse(f"must be a list of 1 to {MAX_CHOICES} texts where op is in")
        case _:
            return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TAG_VALUE:
        raise refuse(f"must be a text of at most {MAX_TAG_VALUE} characters")
    return _visible(value)


_TEXT: dict[str, JsonValue] = {"type": "string", "maxLength": MAX_TAG_VALUE}


class Filter(Shape):
    """A condition on one tag of the series that the alert watches; a series without the tag equals
    nothing. `value` is a text; for `in` a list of them, for `exists` true or false.
    """

    tag: TagName
    op: Operator
    value: Annotated[
        str | tuple[str, ...] | bool,
        PlainValidator(_choice),
        WithJsonSchema(
            {
                "anyOf": [
                    _TEXT,
                    {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MAX_CHOICES},
                    {"type": "boolean"},
                ]
            }
        ),
    ]


class LevelSpec(Shape):
    """A further threshold, stricter than the one before, with a severity that is greater."""

    severity: Severity
    threshold: Finite | None = Field(default=None, description="For >, >=, < and <=.")
    lower: Finite | None = Field(default=None, description="For outside and inside.")
    upper: Finite | None = Field(default=None, description="For outside and inside.")
    recovery: Finite | None = Field(
        default=None, description="To leave the level, values must come back past this one."
    )

    def level(self) -> Level:
        """The same as a value."""
        return Level(self.severity, self.threshold, self.lower, self.upper, self.recovery)


class TransformSpec(Shape):
    """What is compared in place of a bucket's own value.

    `change`, `change_percent` and `change_rate` (per second) compare with the bucket `offset`
    seconds before; without it, with the one before. `forecast` is where a straight line through the
    last `lookback` seconds will be in `horizon` seconds. `deviation` is how many robust standard
    deviations a value is away from what is usual at this hour of the day, or of the week, as learnt
    from `seasons` of them.
    """

    type: TransformType
    offset: Integer | None = Field(default=None, ge=1, description="Seconds.")
    horizon: Integer | None = Field(default=None, ge=1, description="Seconds.")
    lookback: Integer | None = Field(default=None, ge=1, description="Seconds.")
    season: Season | None = None
    seasons: Integer | None = Field(default=None, ge=1)

    def transform(self, period: int) -> Transform:
        """The same as a value, for an alert of this period."""
        if self.type in CHANGES:
            return Transform(self.type, offset=self.offset or period)
        if self.type is TransformType.FORECAST:
            horizon, lookback = self.horizon or 0, self.lookback or 0
            return Transform(self.type, horizon=horizon, lookback=lookback)
        season = self.season or Season.DAY
        seasons = self.seasons or DEFAULT_SEASONS[season]
        return Transform(self.type, season=season, seasons=seasons)


def _condition(value: object) -> Expression:
    """A composite's condition; what is wrong is told with the path to it."""
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    parts = [0]
    found = _part(value, (), parts, wrong)
    if parts[0] > MAX_PARTS:
        raise refuse(f"has {parts[0]} parts; {MAX_PARTS} are allowed")
    if wrong:
        raise several("condition", [(path, sentence, value) for path, sentence in wrong])
    return found


def _part(
    value: object,
    path: tuple[str | int, ...],
    parts: list[int],
    wrong: list[tuple[tuple[str | int, ...], str]],
) -> Expression:
    nothing = Expression(Logic.ALL)
    parts[0] += 1
    if parts[0] > MAX_PARTS:
        return nothing
    if len(path) > 2 * MAX_DEPTH:
        wrong.append((path, f"is nested deeper than {MAX_DEPTH}"))
        return nothing
    if not isinstance(value, dict) or len(value) != 1:
        wrong.append((path, PART))
        return nothing
    (name, inner), *_ = value.items()
    at = (*path, str(name))
    if name == Logic.ALERT:
        if isinstance(inner, str) and 1 <= len(inner) <= 64:
            return Expression(Logic.ALERT, inner)
        wrong.append((at, "must be the id of an alert"))
    elif name == Logic.NOT:
        return Expression(Logic.NOT, of=(_part(inner, at, parts, wrong),))
    elif name not in (Logic.ALL, Logic.ANY):
        wrong.append((at, f"is unknown: {PART}"))
    elif not isinstance(inner, list) or not inner:
        wrong.append((at, f"must be a list of parts, at least one; {PART}"))
    else:
        some = enumerate(inner)
        return Expression(
            Logic(name), of=tuple(_part(each, (*at, i), parts, wrong) for i, each in some)
        )
    return nothing


Condition = Annotated[
    Expression,
    PlainValidator(_condition),
    PlainSerializer(condition_view),
    WithJsonSchema(
        {
            "type": "object",
            "description": "One of: `alert`, the id of an alert that must be in ALARM; `all` or "
            "`any` of a list of such objects; `not`, of one.",
            "properties": {
                "alert": {"type": "string", "minLength": 1, "maxLength": 64},
                "all": {"type": "array", "items": {"type": "object"}, "minItems": 1},
                "any": {"type": "array", "items": {"type": "object"}, "minItems": 1},
                "not": {"type": "object"},
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
    ),
]


class AlertFields(Shape):
    """What people say about an alert; the same in requests and answers."""

    name: Line
    type: Kind = Field(
        default=Kind.METRIC,
        description="`metric` compares values of a metric, `heartbeat` fires when no data come, "
        "`composite` looks at other alerts.",
    )
    metric: (
        Annotated[
            str,
            AfterValidator(_metric),
            Field(json_schema_extra={"pattern": f"^{METRIC.pattern}$"}),
        ]
        | None
    ) = Field(default=None, description="Not for composites.")
    statistic: StatisticName | None = Field(default=None, description="For type metric.")
    period: Annotated[int, Field(strict=True, ge=1, le=DAY_S)] | None = Field(
        default=None,
        description="Seconds: a divisor of a minute, or a multiple of 60 up to a day. "
        "A heartbeat with no_data_for may do without.",
    )
    filters: tuple[Filter, ...] = Field(default=(), max_length=MAX_TAGS)
    group_by: Annotated[tuple[TagName, ...], AfterValidator(_distinct)] = Field(
        default=(),
        max_length=MAX_TAGS,
        description="One instance for each set of values of these tags.",
    )
    comparison: Comparison | None = Field(default=None, description="For type metric.")
    threshold: Finite | None = Field(default=None, description="For >, >=, < and <=.")
    lower: Finite | None = Field(default=None, description="For outside and inside.")
    upper: Finite | None = Field(default=None, description="For outside and inside.")
    recovery: Finite | None = Field(
        default=None, description="An instance in ALARM must come back past this one (hysteresis)."
    )
    levels: tuple[LevelSpec, ...] = Field(
        default=(),
        max_length=MAX_LEVELS,
        description="Further thresholds, ever stricter, of ever greater severity.",
    )
    transform: TransformSpec | None = Field(
        default=None, description="What is compared in place of a bucket's own value."
    )
    condition: Condition | None = Field(
        default=None, description="For type composite: when it is in ALARM."
    )
    no_data_for: Annotated[int, Field(strict=True, ge=MIN_NO_DATA_S, le=DAY_S)] | None = Field(
        default=None,
        description="Of a heartbeat: it fires after so many seconds without data. That is "
        "evaluation_periods times period; give either this or these.",
    )
    evaluation_periods: Integer = Field(default=1, ge=1, le=MAX_EVALUATION_PERIODS)
    missing_data: MissingData = MissingData.MISSING
    hold: StrictBool = Field(default=True, description="Silence alone never resolves.")
    keep_firing: Integer = Field(
        default=0,
        ge=0,
        le=MAX_KEEP_FIRING_S,
        description="Seconds without anything breaching before ALARM is left for OK.",
    )
    lateness: Integer = Field(
        default=300, ge=0, le=MAX_LATENESS_S, description="Seconds: older data decide nothing."
    )
    grace: Integer = Field(
        default=30, ge=0, le=MAX_GRACE_S, description="Seconds that a bucket waits for data."
    )
    severity: Severity = Severity.MEDIUM
    cooldown: Integer = Field(
        default=0,
        ge=0,
        le=MAX_COOLDOWN_S,
        description="Seconds after a telling in which nobody is told that the same instance fires "
        "again.",
    )
    channels: Annotated[tuple[Reference, ...], AfterValidator(_distinct)] = Field(
        default=(),
        max_length=MAX_CHANNELS,
        description="Ids of channels; without any, the tenant's routes, and the environment's "
        "topic (`default`) for what these do not take.",
    )
    labels: dict[Annotated[str, AfterValidator(_label)], TagValue] = Field(
        default={}, max_length=MAX_TAGS
    )
    description: Annotated[str, AfterValidator(_visible)] = Field(default="", max_length=4096)
    runbook_url: Annotated[str, Field(max_length=MAX_URL), AfterValidator(_runbook)] | None = None
