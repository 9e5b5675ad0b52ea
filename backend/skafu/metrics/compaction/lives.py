"""When what compaction writes becomes due, and how long it lives (DESIGN 3)."""

from dataclasses import dataclass

from skafu.metrics.times import RAW_RETENTION_MS
from skafu.shared.keys import DAY_MS, MINUTE_MS

SEAL_MS = 5 * MINUTE_MS
"""A bucket is sealed so long after its end. Writers have left it by then: their last write is
decided 92 s after the end by a clock that may be some seconds off, and lands within 28 s.
"""

CHUNK_LIFE_MS = 7 * DAY_MS
"""A chunk lives so long from its writing; its day is mostly merged hours later."""

DAY_LIFE_MS = RAW_RETENTION_MS + 2 * DAY_MS
"""A day chunk lives so long from the day's end: raw retention, and two days to read it in."""

_BEYOND_MS = 40 * DAY_MS
_NAMED_BEYOND_MS = 85 * DAY_MS


@dataclass(frozen=True)
class Lives:
    """Lives that depend on a tenant's retention, in milliseconds."""

    retention: int

    def manifest(self, end: int, now: int) -> int:
        """Until when a manifest of what ended at `end` lives: longer than the rollups that it names
        and than the segments whose copies it tells (32 days), also when it is written very late.
        """
        return max(end + self.retention, now) + _BEYOND_MS

    def rollup(self, day_end: int) -> int:
        """Until when the hours of a day live."""
        return day_end + self.retention

    def named(self, now: int) -> int:
        """Until when groups and directories live that are written now: 45 days longer than a
        manifest that names them now, so that they are written again once in six weeks at most.
        """
        return now + self.retention + _NAMED_BEYOND_MS
