"""What the routes about usage and deletions answer, for the documentation."""

from typing import Annotated, Literal

from pydantic import Field

from skafu.metrics.fields.schemas import Message

Dollars = Annotated[
    float,
    Field(
        description="An estimate by list prices (us-east-1): units of reading and writing, requests"
        " that sent points, 30 days of storage"
    ),
]
Day = Annotated[str, Field(json_schema_extra={"format": "date"}, description="UTC")]
Milliseconds = Annotated[int, Field(description="Epoch milliseconds")]


class DayUsage(Message):
    """One day (UTC) by the time of the points. Counted are points that are compacted, which is some
    20 minutes after they came. Units are DynamoDB's: of storing and compacting the points, and
    beside that of all requests of the day; the last half minute of requests may be missing.
    """

    day: Day
    points: int
    bytes: Annotated[int, Field(description="Of all that was written for the points")]
    wru: float
    rru: float
    dollars: Dollars
    complete: Annotated[bool, Field(description="Nothing but late points will be added")]


class MetricUsage(Message):
    """A metric's share, by its points, of what was stored in the whole range. Of a quarter of an
    hour with more than 5,000 metrics only those with the most points are told apart.
    """

    name: str
    points: int
    bytes: int
    wru: float
    dollars: Dollars
    unused_since: Annotated[
        Day | None,
        Field(
            description="No query, alert or dashboard has touched it since this day, for 30 days "
            "at least"
        ),
    ]


class QuotaUse(Message):
    """A quota, and what of it is used now where that is counted. Small use is not: processes count
    together in steps of a hundredth of the quota.
    """

    limit: int
    used: int | None = None


class UsageAnswer(Message):
    """Metrics come in order of their points, most first; numbers may grow while pages are read."""

    days: list[DayUsage]
    metrics: list[MetricUsage]
    quotas: dict[
        Literal["active_series", "points_a_minute", "batch_points", "retention_days"], QuotaUse
    ]
    counted_until: Annotated[
        Milliseconds | None, Field(description="Later points are not compacted and not counted yet")
    ]
    cursor: str | None


class ShownOn(Message):
    """A dashboard that shows the metric."""

    id: str
    name: str


class DeletionAnswer(Message):
    """Points of the metric with a timestamp before `until` are hidden at once (everywhere within a
    minute), also those that are sent later; newer ones come and stay. In the background they are
    taken out of what is stored for long; copies in what was stored as it was sent are gone by
    `gone_by`. Deleting again moves `until`.
    """

    metric: str
    until: Milliseconds
    requested_by: Annotated[str, Field(description="Id of the person or machine")]
    state: Literal["running", "done"]
    removed: Annotated[int, Field(description="Items that were deleted or rewritten so far")]
    finished: Milliseconds | None
    gone_by: Milliseconds
    dashboards: Annotated[
        list[ShownOn],
        Field(description="Those that show the metric now, in the order of their names"),
    ]


class DeletionList(Message):
    """Deletions in order of metric."""

    deletions: list[DeletionAnswer]
    cursor: str | None
