"""Where compaction is at work, and what keeps it from going on there."""

from collections.abc import Callable
from dataclasses import dataclass

from skafu.shared.keys import DAY_MS
from skafu.shared.observability import Count, count, logger


@dataclass(frozen=True)
class Place:
    """One shard of one tenant: what is compacted by itself."""

    tenant: str
    shard: int


class Blocked(Exception):
    """What is stored cannot be compacted as it is: something is missing or damaged. Nothing is lost
    by waiting, and everything might be by going on; somebody has to look.
    """


def report(what: str, at: int, reason: Blocked) -> None:
    """Log and count what is blocked; `at` is the start of its bucket or day."""
    logger.error("compaction is blocked", step=what, at=at, reason=str(reason))
    count(Count.BLOCKED_SEALS)


type Bucket = tuple[int, int]
"""Start and end of a bucket, epoch milliseconds."""

RESERVE_MS = 8_000
"""With less time than this left nothing further is begun."""


def endless() -> int:
    """Time left where nobody waits, in milliseconds."""
    return DAY_MS


class Budget:
    """How much may still be begun: until the time is up or the work is done that one run has."""

    def __init__(self, remaining: Callable[[], int] = endless, work: int = 1 << 40) -> None:
        self._remaining = remaining
        self._work = work

    def take(self, work: int) -> None:
        """So much is done; a unit is a read or write, roughly."""
        self._work -= work

    def spent(self) -> bool:
        """Whether nothing further may be begun."""
        return self._work <= 0 or self._remaining() < RESERVE_MS
