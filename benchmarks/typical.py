"""What a metrics function typically is, to compare with: a resolver with validation, models for
what comes and goes, a table of boto3's, one item for each point. `warm.py` and
`metrics_cold_start.py` measure it beside ours.
"""

import os
from decimal import Decimal
from typing import Annotated, Any, Literal

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel, ConfigDict, Field

logger = Logger()
metrics = Metrics()
app = APIGatewayRestResolver(enable_validation=True)


class Point(BaseModel):
    """One of a request."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=255, pattern=r"^[A-Za-z_:][A-Za-z0-9_.:/-]*$")]
    value: float
    timestamp: int
    tags: dict[str, str] = {}
    unit: str | None = None


class Batch(BaseModel):
    """A request."""

    metrics: Annotated[list[Point], Field(min_length=1, max_length=10_000)]


class Accepted(BaseModel):
    """Its answer."""

    accepted: int


class Alert(BaseModel):
    """What such a service has too."""

    name: str
    metric: str
    tags: dict[str, str] = {}
    comparison: Literal[">", ">=", "<", "<="]
    threshold: float
    period: int
    evaluation_periods: int
    statistic: Literal["avg", "sum", "min", "max", "p99"] = "avg"


class Alerts(BaseModel):
    """A page of them."""

    alerts: list[Alert]
    cursor: str | None = None


class Line(BaseModel):
    """One series of an answer."""

    tags: dict[str, str]
    timestamps: list[int]
    values: list[float]


class Lines(BaseModel):
    """An answer."""

    series: list[Line]


def table() -> Any:
    """The table, at `TYPICAL_ENDPOINT` where there is one."""
    endpoint = os.environ.get("TYPICAL_ENDPOINT")
    return boto3.resource("dynamodb", endpoint_url=endpoint).Table("typical")


TABLE = table()


@app.get("/api/metrics")
def answer(metric: str, start: int = 0, end: int = 0) -> Lines:
    """Nothing is stored here."""
    logger.debug("asked", metric=metric, start=start, end=end)
    return Lines(series=[])


@app.get("/api/alerts")
def alerts() -> Alerts:
    """Nothing is watched here."""
    return Alerts(alerts=[])


@app.post("/api/metrics")
def take(batch: Batch) -> Accepted:
    """Every point is an item."""
    with TABLE.batch_writer() as writer:
        for number, point in enumerate(batch.metrics):
            tags = "#".join(f"{key}={value}" for key, value in sorted(point.tags.items()))
            item = {
                "pk": f"{point.name}#{tags}",
                "sk": f"{point.timestamp:013d}#{number}",
                "value": Decimal(repr(point.value)),
                "tags": point.tags,
                "ttl": point.timestamp // 1000 + 30 * 86_400,
            }
            writer.put_item(Item=item)
    return Accepted(accepted=len(batch.metrics))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What Lambda calls."""
    return app.resolve(event, context)
