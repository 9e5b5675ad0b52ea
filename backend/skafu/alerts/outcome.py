"""What came of one try to hand a notification to one channel."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How a try ended. All but FAILED and WAITING are final: that channel is not tried again."""

    DELIVERED = "delivered"
    FAILED = "failed"
    WAITING = "waiting"  # it would overtake the notification that it belongs to
    GONE = "gone"  # the receiver answered 410: it does not want to be asked again
    DELETED = "deleted"  # the channel no longer exists
    SKIPPED = "skipped"  # there is nothing (any more) to tell this channel

    @property
    def final(self) -> bool:
        """Whether the channel is done with this notification."""
        return self not in (Result.FAILED, Result.WAITING)


@dataclass(frozen=True)
class Outcome:
    """One try: the HTTP status where there was an answer, a sentence where it went wrong."""

    result: Result
    status: int | None = None
    error: str | None = None
    duration_ms: int = 0
