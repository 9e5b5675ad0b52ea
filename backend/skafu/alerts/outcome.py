"""What came of one try to hand a page to one channel."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How a try ended. All but FAILED and WAITING are final: that channel is not tried again."""

    DELIVERED = "delivered"
    FAILED = "failed"
    WAITING = "waiting"  # it would overtake the page that it belongs to
    GONE = "gone"  # the receiver is no more, or does not want to be asked again
    REFUSED = "refused"  # the receiver will never take this page: asking again changes nothing
    DELETED = "deleted"  # the channel no longer exists
    SKIPPED = "skipped"  # there is nothing (any more) to tell this channel

    @property
    def final(self) -> bool:
        """Whether the channel is done with this page."""
        return self not in (Result.FAILED, Result.WAITING)

    @property
    def lost(self) -> bool:
        """Whether the page was meant for this channel and will never reach anybody through it."""
        return self in (Result.GONE, Result.REFUSED, Result.DELETED)


@dataclass(frozen=True)
class Outcome:
    """One try: the HTTP status where there was an answer, a sentence where it went wrong.

    `note` says what people should know of a try that may have gone well all the same (a template
    that failed). `retry_after` is how many seconds the receiver wants to be left alone, where it
    said so.
    """

    result: Result
    status: int | None = None
    error: str | None = None
    duration_ms: int = 0
    note: str | None = None
    retry_after: int | None = None
