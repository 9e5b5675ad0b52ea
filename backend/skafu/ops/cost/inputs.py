"""What an estimate is made from: load profiles (cost/profiles.yaml), and what a point, a request, a
query takes (cost/measured.yaml).
"""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from skafu.ops.generated import ROOT

PROFILES = ROOT / "cost" / "profiles.yaml"
MEASURED = ROOT / "cost" / "measured.yaml"
MINUTES = 30 * 1440
"""A month's, as benchmarks count."""

Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """Unknown names are refused: a misspelt driver would silently cost nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Profile(Part):
    """A load. A series has a point a minute; `alert_pairs` are alerts times the groups that each
    decides for, `token_holders` the machines that fetch tokens of their own, `warm_processes` those
    of all functions that serve at a time.
    """

    told: str
    # CloudWatch's third tier of metrics, to compare with, is not in the price list.
    series: Annotated[int, Field(ge=0, le=250_000)]
    batch: Annotated[int, Field(gt=0)]
    queries_a_day: Count
    alert_pairs: Count
    bucket_seconds: Annotated[int, Field(ge=10, le=86_400)]
    notifications_a_day: Count
    members: Count
    visits_a_day: Count
    token_holders: Count
    warm_processes: Count

    @property
    def points(self) -> int:
        """A month's."""
        return self.series * MINUTES

    @property
    def requests(self) -> float:
        """That bring a month's points."""
        return self.points / self.batch

    @property
    def queries(self) -> int:
        """A month's."""
        return self.queries_a_day * 30


class Point(Part):
    """What a point takes; `post_ms` is CPU of its whole request. `rest_bytes` are what it occupies
    of a month on average within its first one, `later_bytes` byte-months after it, at the retention
    that benchmarks have.
    """

    wru: float
    rru: float
    calls: float
    rest_bytes: float
    later_bytes: float
    post_ms: float
    compaction_ms: float


class Points(Part):
    """By the size of a batch."""

    source: str
    batches: dict[int, Point]


class Alerts(Part):
    """CPU and units of a pair."""

    source: str
    idle_pair_ms: float
    closing_pair_ms: float
    closing_pair_rru: float


class Query(Part):
    """A panel of a day."""

    source: str
    rru: float
    calls: float
    call_ms: float


class Function(Part):
    """How time is told from CPU."""

    source: str
    slower: float
    call_wait_ms: float
    evaluator_ms: float
    evaluator_wait_ms: float
    record_ms: float
    point_ms: float
    gathered_a_minute: float


class Logs(Part):
    """Bytes of a request's or an invocation's lines."""

    source: str
    access: int
    request: int
    platform: int
    custom_metrics: int


class Assumed(Part):
    """Nobody measured these."""

    scheduled_ms: float
    scheduled_wait_ms: float
    scheduled_rru: float
    notification_ms: float
    notification_wait_ms: float
    notification_wru: float
    notification_requests: float
    answer_bytes: int
    visit_requests: int
    visit_bytes: int
    process_hours: float
    log_compression: float
    prometheus_sample_bytes: float
    prometheus_days: int


class Aws(Part):
    """AWS's own rules."""

    source: str
    core_mb: int
    polls_a_minute: int
    traced_a_second: float
    traced_further: float
    tokens_a_month: int


class Measured(Part):
    """Everything of cost/measured.yaml."""

    points: Points
    alerts: Alerts
    query: Query
    function: Function
    logs: Logs
    assumed: Assumed
    aws: Aws


class Load(Part):
    """A profile by its name, with the figures that go with it."""

    name: str
    profile: Profile
    measured: Measured

    @model_validator(mode="after")
    def _is_measured(self) -> Self:
        known = self.measured.points.batches
        if self.profile.batch not in known:
            sizes = ", ".join(map(str, sorted(known)))
            raise ValueError(f"{self.name}: batches are measured at {sizes} points only")
        return self

    @property
    def point(self) -> Point:
        """What a point takes in batches of this size."""
        return self.measured.points.batches[self.profile.batch]


def measured(path: Path = MEASURED) -> Measured:
    """Raises pydantic.ValidationError for what is missing or unknown."""
    return Measured.model_validate(yaml.safe_load(path.read_text("utf-8")))


def loads(path: Path = PROFILES, figures: Path = MEASURED) -> tuple[Load, ...]:
    """Every profile of a file, in its order.

    Raises pydantic.ValidationError for a profile that cannot be, and for one whose batches were not
    measured.
    """
    found = TypeAdapter(dict[str, Profile]).validate_python(yaml.safe_load(path.read_text("utf-8")))
    known = measured(figures)
    return tuple(Load(name=n, profile=each, measured=known) for n, each in found.items())
