"""How much one backtest may take, and what is said where it would be more."""

from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, Unprocessable
from skafu.shared.keys import DAY_MS

MOST_BUCKETS = 1_000_000
"""Buckets, times instances: 30 days in minutes for 23 instances."""

MOST_POINTS = 3_000_000
"""Points that are read: 16 bytes each while they wait, and a microsecond or two of time."""

MOST_TIME_MS = 22_000
"""The function has 28 s; the answer has to be written and sent, too."""

LONGEST_MS = 455 * DAY_MS
"""As far as queries reach."""

_HOW = (
    "ask for a shorter range, for fewer instances with `tags`, or give the alert a longer period "
    "or narrower filters"
)


class Budget:
    """What is left of one request's allowance. Its methods raise Unprocessable at its end."""

    def __init__(self, clock: Clock, began: int, most_ms: int = MOST_TIME_MS) -> None:
        self._clock = clock
        self._until = began + most_ms
        self._points = 0
        self._buckets = 0

    def check(self) -> None:
        """Whether there is time left."""
        if self._clock() > self._until:
            raise refused("start", f"the backtest takes longer than a request may: {_HOW}")

    def points(self, count: int) -> None:
        """Spend points."""
        self._points += count
        if self._points > MOST_POINTS:
            raise refused(
                "start", f"a backtest reads at most {MOST_POINTS:,} points; this needs more: {_HOW}"
            )

    def buckets(self, count: int) -> None:
        """Spend buckets, of one instance more."""
        self._buckets += count
        if self._buckets > MOST_BUCKETS:
            raise refused(
                "start",
                f"a backtest decides at most {MOST_BUCKETS:,} buckets, those of all instances "
                f"together; this has {self._buckets:,} or more: {_HOW}",
            )


def refused(field: str, reason: str) -> Unprocessable:
    """The refusal of a backtest that cannot be made as it is asked for."""
    return Unprocessable("this cannot be backtested", [FieldError(field, reason)])


def check_range(start: int, end: int, now: int) -> None:
    """Raises Unprocessable for a range that is none, or that lies ahead."""
    if start < 0 or start >= end:
        raise refused("end", "must be later than start")
    if start >= now:
        raise refused("start", "must not be in the future")
    if end - start > LONGEST_MS:
        days = -(-(end - start) // DAY_MS)
        reason = f"a range has at most {LONGEST_MS // DAY_MS} days; this has {days:,}: ask in parts"
        raise refused("start", reason)
