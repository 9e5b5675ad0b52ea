"""What the metrics API reads and answers, as models: the edge where JSON becomes values.

Only the query routes and the documentation import this module: importing pydantic costs a cold
start more than all the rest. Points are checked by hand (points.py); their models here are what the
documentation shows.
"""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from skafu.metrics.ingest import MAX_POINTS
from skafu.metrics.model import Operator, Statistic, TagFilter
from skafu.metrics.points import MAX_TAG_KEY, MAX_TAG_VALUE, MAX_TAGS, NAME, NAME_HELP, UNITS
from skafu.metrics.queries import Question
from skafu.metrics.times import instant_from

MAX_QUERIES = 100
MAX_PERIOD_S = 32 * 86_400


def _refuse(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("skafu", "{sentence}", {"sentence": sentence})


def _metric(text: str) -> str:
    if not NAME.fullmatch(text):
        raise _refuse(NAME_HELP)
    return text


def _instant(value: object) -> int:
    try:
        return instant_from(value)
    except ValueError as error:
        raise _refuse(str(error)) from error


def _period(value: object) -> int:
    """Seconds. 60.0 is 60 to many a JSON writer."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _refuse("must be a whole number of seconds")
    if not 1 <= value <= MAX_PERIOD_S:
        raise _refuse(f"must be 1 to {MAX_PERIOD_S} seconds (32 days)")
    return int(value)


def _distinct(queries: "list[QuerySpec]") -> "list[QuerySpec]":
    seen: set[str] = set()
    for each in queries:
        if each.id in seen:
            raise _refuse(f"two queries have the id {each.id}")
        seen.add(each.id)
    return queries


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
Period = Annotated[
    int,
    BeforeValidator(_period),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_PERIOD_S}),
]


def _statistic(value: object) -> Statistic:
    try:
        return Statistic(str(value))
    except ValueError as error:
        raise _refuse(str(error)) from error


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


class Message(BaseModel):
    """Base of all models: their fields are all there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- sending points -------------------------------------------------------------------------------


class PointSpec(Message):
    """One point. Without a timestamp it gets the time of receipt."""

    name: Name
    value: float
    timestamp: Time | None = None
    tags: Tags = Field(default_factory=dict)
    unit: Annotated[str, Field(json_schema_extra={"enum": sorted(UNITS)})] | None = None


class IngestRequest(Message):
    """Points to store."""

    metrics: Annotated[list[PointSpec], Field(min_length=1, max_length=MAX_POINTS)]


class RejectedPoint(Message):
    """Why one point was not taken: its place in the request, the field at fault, a sentence."""

    index: int
    field: str
    reason: str


class IngestAnswer(Message):
    """How many points are stored, and why the others are not."""

    accepted: int
    rejected: list[RejectedPoint]


# --- lists ----------------------------------------------------------------------------------------


class MetricRow(Message):
    """A metric: its unit as last sent, how many series it has, when it was last seen."""

    name: str
    unit: str | None
    series: int
    last_seen: int


class MetricList(Message):
    """A page of metrics in order of name."""

    metrics: list[MetricRow]
    cursor: str | None


class SeriesRow(Message):
    """A series, and when it was last seen."""

    metric: str
    tags: dict[str, str]
    last_seen: int


class SeriesList(Message):
    """A page of a metric's series in order of tags."""

    series: list[SeriesRow]
    cursor: str | None


# --- queries --------------------------------------------------------------------------------------


class FilterSpec(Message):
    """A condition on one tag. A series without the tag equals nothing, so `!=` lets it pass."""

    tag: TagKey
    op: Operator
    value: TagValue


class QuerySpec(Message):
    """One query: points of a metric's series, grouped by tags, reduced bucket by bucket."""

    id: Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9_]{0,63}$")]
    metric: Name
    statistic: StatisticName = Field(default="avg", validate_default=True)
    period: Period
    filters: Annotated[list[FilterSpec], Field(max_length=MAX_TAGS)] = Field(default_factory=list)
    group_by: Annotated[list[TagKey], Field(max_length=MAX_TAGS)] = Field(default_factory=list)

    def question(self) -> Question:
        """The same as the domain's value."""
        return Question(
            id=self.id,
            metric=self.metric,
            statistic=self.statistic,
            period=self.period * 1000,
            filters=tuple(TagFilter(each.tag, each.op, each.value) for each in self.filters),
            group_by=tuple(self.group_by),
        )


class QueryRequest(Message):
    """Several queries over one range: start inclusive, end exclusive, at most 32 days."""

    start: Time
    end: Time
    queries: Annotated[
        list[QuerySpec],
        Field(min_length=1, max_length=MAX_QUERIES),
        AfterValidator(_distinct),
    ]


class Line(Message):
    """One series: for each bucket its start, and its value or null where there is no point."""

    tags: dict[str, str]
    timestamps: list[int]
    values: list[float | None]


class QueryResult(Message):
    """The answer to one query: a line for each group that has points, in order of tags."""

    id: str
    series: list[Line]


class QueryAnswer(Message):
    """Results in the order of the queries, and what is missing from them."""

    results: list[QueryResult]
    warnings: list[str]
