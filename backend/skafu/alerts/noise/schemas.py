"""What the noise report answers, for the documentation."""

from typing import Annotated

from pydantic import Field

from skafu.alerts.model import Severity
from skafu.alerts.schemas import Instant, Shape

Share = Annotated[float, Field(ge=0, le=1)]


class NoiseRow(Shape):
    """One alert in the range."""

    id: str
    name: str
    severity: Severity
    pages: int = Field(
        description="Tellings of something that fires, by its history, as a backtest counts them: "
        "cooldown counted, silences and routes not."
    )
    firings: int = Field(description="That began in the range.")
    transitions: int
    flaps: int = Field(
        description="Firings that were over within twice the alert's window "
        "(evaluation_periods times period)."
    )
    open_seconds: int = Field(description="Of its firings, those that go on up to the end.")
    median_open_seconds: int | None
    told: int | None = Field(
        description="Pages that really told that it fires; null where too many instances fired."
    )
    withheld: int | None = Field(description="How often silence or cooldown kept one back.")
    acknowledged_share: Share | None = Field(description="Of its firings; null without any.")
    out_of_hours_share: Share | None = Field(
        description="Of its firings: those that began outside of working hours or on a weekend."
    )
    estimated_dollars_a_month: float = Field(
        description="An upper estimate by list prices, of what it makes the engine read and write: "
        "closes times layouts times read units, and write units of its transitions."
    )
    suggestion: str | None = Field(description="Where it is evident what would calm it.")
    truncated: bool = Field(description="Its history was too long: only the newest was counted.")


class NoiseOut(Shape):
    """Alerts with the most pages first. `complete` is false where the time was up before all of
    them were looked at: ask for a shorter range then. Stand-ins of fire drills are left out.
    """

    start: Instant
    end: Instant
    time_zone: str
    hours: str
    alerts: tuple[NoiseRow, ...]
    looked_at: int
    complete: bool
    prices: str
    cursor: str | None
