"""How noisy alerts were: values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from skafu.alerts.model import Alert


@dataclass(frozen=True)
class Firing:
    """From the bucket end that began it to the one that ended it (None: it goes on)."""

    instance: str
    began: int
    ended: int | None


@dataclass(frozen=True)
class Counted:
    """What the log of one alert says of a range: `pages` as a backtest counts them, `transitions`
    by instances, firings that began in it. `truncated`: the log was too long, and older entries are
    left out.
    """

    alert: Alert
    pages: int
    transitions: int
    firings: tuple[Firing, ...]
    flaps: int
    open_seconds: int
    median_open_seconds: int | None
    out_of_hours: int
    truncated: bool = False
    by_instance: Mapping[str, int] | None = None

    @property
    def out_of_hours_share(self) -> float | None:
        """Of its firings; None where there were none."""
        return self.out_of_hours / len(self.firings) if self.firings else None


class Suggestion(StrEnum):
    """What would evidently calm an alert."""

    FLAPS = "flaps"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Row:
    """One alert in the report.

    `told` is how many pages really told that it fires, `withheld` how often one did not because of
    a silence or a cooldown; `acknowledged` counts firings. They are None where there were too many
    instances to look at, or no time was left. `dollars` is an estimate for a month.
    """

    counted: Counted
    told: int | None
    withheld: int | None
    acknowledged: int | None
    dollars: float
    suggestion: tuple[Suggestion, str] | None

    @property
    def acknowledged_share(self) -> float | None:
        """Of its firings; None where there were none, or that is not known."""
        firings = len(self.counted.firings)
        return None if self.acknowledged is None or not firings else self.acknowledged / firings
