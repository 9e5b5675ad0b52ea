"""What the summary answers, as models: for the documentation."""

from pydantic import Field

from skafu.alerts.schemas import Instant, Shape


class SeverityCounts(Shape):
    """How many, by severity."""

    critical: int
    high: int
    medium: int
    low: int
    info: int


class AlertCounts(Shape):
    """How many alerts: all, those with an instance in ALARM, and of the others those with one that
    lacks data. All others have only instances that are OK, or none yet.
    """

    all: int
    alarm: int
    insufficient_data: int


class AlertSummary(Shape):
    """Instances that are OK are not counted: that would mean to read them all. `more`: there are
    more than 5,000 in ALARM or without data, and the longest 5,000 in each of these were counted.
    """

    alarm: SeverityCounts = Field(description="Instances in ALARM, by the severity of their level")
    silenced: int = Field(description="Of those in ALARM: muted by a silence now")
    since: Instant | None = Field(description="Since when the longest is in ALARM")
    insufficient_data: int = Field(description="Instances that lack data")
    alerts: AlertCounts
    more: bool
