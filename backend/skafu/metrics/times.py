"""Times as clients write them, and the times at which points are accepted and buckets left."""

from typing import NamedTuple

from skafu.shared.instants import HELP, instant_from
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS

__all__ = ["HELP", "Window", "accepted", "instant_from", "is_left"]

RAW_RETENTION_MS = 30 * DAY_MS
AHEAD_MS = 2 * HOUR_MS
MAX_RANGE_MS = 455 * DAY_MS
"""A query's range, 15 months."""
REQUEST_LIFE_MS = 28_000
"""No request lives longer: the API functions' timeout."""
WRITERS_STAY_MS = 120_000
"""How long after a bucket's end a write to its segments may land."""


class Window(NamedTuple):
    """Times from `start` up to, and without, `end`, in epoch milliseconds."""

    start: int
    end: int

    def outside(self, at: int) -> str | None:
        """What is wrong with a time that a client sent, by the window of `accepted`."""
        if at >= self.end:
            return "is over 2 hours ahead"
        return "is over 30 days ago" if at < self.start else None


def accepted(now: int) -> Window:
    """Which timestamps are accepted now: from raw retention ago to 2 hours ahead, both rounded
    outward to buckets' edges. A bucket's points so are accepted or refused together, and a retry
    finds its first try's segments under the same names.
    """
    oldest = (now - RAW_RETENTION_MS) // BUCKET_MS
    newest = (now + AHEAD_MS) // BUCKET_MS
    return Window(oldest * BUCKET_MS, (newest + 1) * BUCKET_MS)


def is_left(end: int, now: int) -> bool:
    """Whether a request that arrives now comes too late for the segments of a bucket that ends at
    `end`: its last write might land when the bucket is being sealed.
    """
    return now > end + WRITERS_STAY_MS - REQUEST_LIFE_MS
