"""What the routes about drills read and answer, as models."""

from pydantic import BaseModel, ConfigDict, Field

from skafu.alerts.drills.model import LONGEST_S, SHORTEST_S, Stage
from skafu.alerts.drills.service import DrillDraft
from skafu.alerts.model import Severity, State


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DrillIn(_Shape):
    """Which instance shall be played. All fields may be left out: then it is the alert itself, at
    its own severity, for a minute.
    """

    tags: dict[str, str] = Field(default_factory=dict, examples=[{"host": "web-1"}])
    severity: Severity | None = None
    seconds: int = Field(
        default=60, ge=SHORTEST_S, le=LONGEST_S, description="How long it fires before it resolves."
    )

    def draft(self) -> DrillDraft:
        """The same as a value."""
        return DrillDraft(self.tags, self.severity, self.seconds)


class DrillDecision(_Shape):
    """A transition of the stand-in."""

    at: int = Field(description="The end of the bucket.")
    decided_at: int
    to: State


class DrillTelling(_Shape):
    """One try to tell one channel; `outcome` as in deliveries, or why nobody was told."""

    at: int
    told: str | None
    channel: str | None
    outcome: str
    error: str | None
    milliseconds: int | None = Field(description="Since the point was stored.")


class DrillOut(_Shape):
    """How far a drill is. Times are epoch milliseconds, null as long as it is not there."""

    id: str
    alert: str
    tags: dict[str, str]
    stage: Stage
    started_by: str
    started_at: int
    fires_at: int
    fired_at: int | None = Field(description="When the point that fires was stored.")
    resolves_at: int
    resolved_at: int | None
    decisions: list[DrillDecision]
    tellings: list[DrillTelling]
