"""The fields of queries as models: what one query looks like, wherever it is written down, and what
the other models of the metrics API are made of.

Only schemas import this module, because it imports pydantic. It knows little of metrics: a function
that only keeps queries carries no more of them than it needs.
"""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    StrictBool,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from skafu.metrics.model import Operator, Statistic, TagFilter
from skafu.metrics.points import (
    MAX_TAG_KEY,
    MAX_TAG_VALUE,
    MAX_TAGS,
    NAME,
    NAME_HELP,
    UNITS,
)
from skafu.metrics.query.parsing import ARITIES, MAX_LENGTH
from skafu.metrics.query.question import Asked, Fill, Formula, Question
from skafu.metrics.times import MAX_RANGE_MS, instant_from

MAX_CHOICES = 100
MAX_PERIOD_S = MAX_RANGE_MS // 1000


def refuse(sentence: str) -> PydanticCustomError:
    """What a validator raises."""
    return PydanticCustomError("skafu", "{sentence}", {"sentence": sentence})


def _metric(text: str) -> str:
    if not NAME.fullmatch(text):
        raise refuse(NAME_HELP)
    return text


def _instant(value: object) -> int:
    try:
        return instant_from(value)
    except ValueError as error:
        raise refuse(str(error)) from error


Name = Annotated[
    str, AfterValidator(_metric), Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})
]
TagKey = Annotated[str, Field(min_length=1, max_length=MAX_TAG_KEY)]
TagValue = Annotated[str, Field(max_length=MAX_TAG_VALUE)]
Tags = Annotated[dict[TagKey, TagValue], Field(max_length=MAX_TAGS)]
Time = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}],
            "description": "Epoch milliseconds, or RFC 3339 with an offset",
        }
    ),
]


class Message(BaseModel):
    """Base of all models: their fields are all there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- queries --------------------------------------------------------------------------------------


def _statistic(value: object) -> Statistic:
    try:
        return Statistic(str(value))
    except ValueError as error:
        raise refuse(str(error)) from error


def filter_value(value: object, info: ValidationInfo) -> str | tuple[str, ...] | bool:
    """What a filter compares with; its operator was read before it."""
    match info.data.get("op"):
        case Operator.EXISTS:
            if isinstance(value, bool):
                return value
            raise refuse("must be true or false where op is exists")
        case Operator.IN:
            if not isinstance(value, list) or not 1 <= len(value) <= MAX_CHOICES:
                raise refuse(f"must be a list of 1 to {MAX_CHOICES} texts where op is in")
            return tuple(_text(each) for each in value)
        case _:
            return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise refuse("must be a text")
    if len(value) > MAX_TAG_VALUE:
        raise refuse(f"has {len(value)} characters; {MAX_TAG_VALUE} are allowed")
    return value


def known_unit(unit: str) -> str:
    """One of CloudWatch's units."""
    if unit not in UNITS:
        raise refuse(f"must be one of {', '.join(sorted(UNITS))}")
    return unit


def _period(value: object) -> object:
    """Seconds. 60.0 is 60 to many a JSON writer; None is what is not given."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise refuse("must be a whole number of seconds")
    if not 1 <= value <= MAX_PERIOD_S:
        raise refuse(f"must be 1 to {MAX_PERIOD_S} seconds (455 days)")
    return int(value)


Period = Annotated[
    int | None,
    BeforeValidator(_period),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_PERIOD_S}),
]
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
_TEXT: dict[str, JsonValue] = {"type": "string", "maxLength": MAX_TAG_VALUE}
FilterValue = Annotated[
    str | tuple[str, ...] | bool,
    PlainValidator(filter_value),
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
Unit = Annotated[str, Field(json_schema_extra={"enum": sorted(UNITS)})]


class FilterSpec(Message):
    """A condition on one tag. A series without the tag equals nothing, so `!=` lets it pass.

    `value` is a text; for `in` a list of them, for `exists` true or false.
    """

    tag: TagKey
    op: Operator
    value: FilterValue

    def condition(self) -> TagFilter:
        """The same as the domain's value."""
        return TagFilter(self.tag, self.op, self.value)


class QuerySpec(Message):
    """One query: either of a `metric`, whose series' points are grouped by tags and reduced bucket
    by bucket, or an `expression` that computes with the answers of others.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9_]{0,63}$")]
    expression: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)] | None = None
    metric: Name | None = Field(default=None, validate_default=True)
    statistic: StatisticName = Field(default="avg", validate_default=True)
    period: Period = None
    filters: Annotated[list[FilterSpec], Field(max_length=MAX_TAGS)] = Field(default_factory=list)
    group_by: Annotated[list[TagKey], Field(max_length=MAX_TAGS)] = Field(default_factory=list)
    unit: Unit | None = None
    fill: Fill = Fill.NULL
    hidden: StrictBool = False

    @field_validator("id")
    @classmethod
    def _no_function(cls, name: str) -> str:
        if name in ARITIES:
            raise refuse(f"{name} is the name of a function")
        return name

    @field_validator("metric")
    @classmethod
    def _one_of_both(cls, metric: str | None, info: ValidationInfo) -> str | None:
        if metric is None and info.data.get("expression", "") is None:
            raise refuse("is required, unless there is an expression")
        return metric

    @field_validator("metric", "statistic", "period", "filters", "group_by", "unit", mode="before")
    @classmethod
    def _not_for_expressions(cls, value: object, info: ValidationInfo) -> object:
        # Defaults come here, too, where they are checked.
        if info.data.get("expression") is not None and value not in (None, "avg", []):
            raise refuse("is not for expressions")
        return value

    @field_validator("unit")
    @classmethod
    def _known(cls, unit: str | None) -> str | None:
        return unit if unit is None else known_unit(unit)

    def asked(self) -> Asked:
        """The same as the domain's value."""
        if self.expression is not None:
            return Formula(self.id, self.expression, self.fill, self.hidden)
        return Question(
            id=self.id,
            metric=self.metric or "",
            statistic=self.statistic,
            period=None if self.period is None else self.period * 1000,
            filters=tuple(each.condition() for each in self.filters),
            group_by=tuple(self.group_by),
            fill=self.fill,
            unit=self.unit,
            hidden=self.hidden,
        )
