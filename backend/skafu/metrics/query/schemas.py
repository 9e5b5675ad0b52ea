"""What the query routes read and answer, as models (metrics/schemas.py has the others).

Only these routes and the documentation import this module, because it imports pydantic.
"""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from skafu.metrics.fields.schemas import Message, QuerySpec, Time, refuse
from skafu.metrics.query.limits import MAX_POINTS, MAX_SERIES
from skafu.metrics.query.question import Resolution

MAX_QUERIES = 100


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
