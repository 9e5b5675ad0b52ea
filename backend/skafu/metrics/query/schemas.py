"""What the query routes read and answer, as models (metrics/schemas.py has the others).

Only these routes and the documentation import this module, because it imports pydantic.
"""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    StrictBool,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from skafu.metrics.model import Operator, Statistic, TagFilter
from skafu.metrics.points import MAX_TAG_VALUE, MAX_TAGS, UNITS
from skafu.metrics.query.limits import MAX_POINTS, MAX_SERIES
from skafu.metrics.query.parsing import ARITIES, MAX_LENGTH
from skafu.metrics.query.planning import MAX_RANGE_MS
from skafu.metrics.query.question import Asked, Fill, Formula, Question, Resolution
from skafu.metrics.schemas import (
    Message,
    Name,
    TagKey,
    Time,
    refuse,
)

MAX_QUERIES = 100
MAX_CHOICES = 100
MAX_PERIOD_S = MAX_RANGE_MS // 1000


def _statistic(value: object) -> Statistic:
    try:
        return Statistic(str(value))
    except ValueError as error:
        raise refuse(str(error)) from error


def _condition(value: object, info: ValidationInfo) -> str | tuple[str, ...] | bool:
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
    PlainValidator(_condition),
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
        if info.data.get("expression") is not None and value not in (None, "avg"):
            raise refuse("is not for expressions")
        return value

    @field_validator("unit")
    @classmethod
    def _known(cls, unit: str | None) -> str | None:
        if unit is not None and unit not in UNITS:
            raise refuse(f"must be one of {', '.join(sorted(UNITS))}")
        return unit

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


def _distinct(queries: list[QuerySpec]) -> list[QuerySpec]:
    seen: set[str] = set()
    for each in queries:
        if each.id in seen:
            raise refuse(f"two queries have the id {each.id}")
        seen.add(each.id)
    if all(each.hidden for each in queries):
        raise refuse("all of them are hidden: there would be no answer")
    return queries


class QueryRequest(Message):
    """Several queries over one range: start inclusive, end exclusive, at most 455 days.

    `max_points` chooses the period of queries without one: the smallest that makes at most so many
    buckets. With `time_zone` (IANA) buckets of hours, days and weeks begin with local ones. `limit`
    and `cursor` page through the series of a single query. docs/query-language.md says all of it.
    """

    start: Time
    end: Time
    queries: Annotated[
        list[QuerySpec],
        Field(min_length=1, max_length=MAX_QUERIES),
        AfterValidator(_distinct),
    ]
    max_points: Annotated[int, Field(strict=True, ge=2, le=MAX_POINTS)] | None = None
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=MAX_SERIES)] | None = None
    cursor: str | None = None

    @field_validator("cursor")
    @classmethod
    def _with_limit(cls, cursor: str | None, info: ValidationInfo) -> str | None:
        if cursor is not None and info.data.get("limit", 0) is None:
            raise refuse("needs a `limit`")
        return cursor


class Line(Message):
    """One series: for each bucket its start, and its value or null where there is none."""

    tags: dict[str, str]
    unit: str | None
    timestamps: list[int]
    values: list[float | None]


class QueryResult(Message):
    """The answer to one query: a line for each group that has points, in order of tags (after topk
    and bottomk by rank). `period` is in seconds; `resolution` tells what it was computed from.
    """

    id: str
    period: int
    resolution: Resolution
    series: list[Line]


class QueryAnswer(Message):
    """Results in the order of the queries, and what is missing from them."""

    results: list[QueryResult]
    warnings: list[str]
    cursor: str | None
