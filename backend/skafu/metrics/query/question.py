"""What is asked and what is answered, as values. Times and periods are in milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from skafu.metrics.model import Statistic, TagFilter, Tags
from skafu.shared.errors import FieldError, Unprocessable


class Fill(StrEnum):
    """What stands in buckets that have no point."""

    NULL = "null"
    ZERO = "zero"
    PREVIOUS = "previous"
    LINEAR = "linear"


class Resolution(StrEnum):
    """What an answer was computed from: points, hourly rollups, or both."""

    RAW = "raw"
    HOURS = "hours"
    MIXED = "mixed"


@dataclass(frozen=True)
class Question:
    """A query of one metric. Without `group_by` all series are reduced to one; without `period` the
    inquiry's `max_points` decides. `hidden` ones are there for expressions, and not answered.
    """

    id: str
    metric: str
    statistic: Statistic = Statistic.AVG
    period: int | None = None
    filters: tuple[TagFilter, ...] = ()
    group_by: tuple[str, ...] = ()
    fill: Fill = Fill.NULL
    unit: str | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Formula:
    """A query that computes with the answers of others, which it names by their ids."""

    id: str
    expression: str
    fill: Fill = Fill.NULL
    hidden: bool = False


type Asked = Question | Formula


@dataclass(frozen=True)
class Slice:
    """Which of the series of an inquiry's only question are wanted: at most `limit`, in order of
    tags, behind `after` (None: from the first).
    """

    limit: int
    after: Tags | None = None


@dataclass(frozen=True)
class Inquiry:
    """Several queries over [start, end). Their ids are distinct."""

    start: int
    end: int
    queries: tuple[Asked, ...]
    max_points: int | None = None
    time_zone: str | None = None
    page: Slice | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One series of an answer: for each bucket its start, and its value or None."""

    tags: dict[str, str]
    unit: str | None
    timestamps: Sequence[int]
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one query: a line for each group that has points. `period` is in seconds."""

    id: str
    period: int
    resolution: Resolution
    series: list[Line]


@dataclass(frozen=True)
class Answer:
    """Results in the order of the queries; what a reader should know of what is missing; and behind
    which series the next page begins, if there is one.
    """

    results: list[Result]
    warnings: list[str]
    after: Tags | None = None


def beyond(name: str, reason: str) -> Unprocessable:
    """The refusal of a query that is beyond a limit; `reason` says how to keep to it."""
    return Unprocessable(f"the query is beyond a limit: {reason}", [FieldError(name, reason)])


def refused(name: str, reason: str) -> Unprocessable:
    """The refusal of a query that cannot be answered as it is."""
    return Unprocessable(f"the query cannot be answered: {reason}", [FieldError(name, reason)])
