"""Time as an argument: whoever needs "now" is given a clock."""

import time
from collections.abc import Callable

type Clock = Callable[[], int]
"""Returns the current time in epoch milliseconds."""


def system_clock() -> int:
    """The server's time in epoch milliseconds."""
    return time.time_ns() // 1_000_000
