"""Waiting for a condition: bounded, and telling what it waited for."""

import time
from collections.abc import Callable

PAUSE_S = 0.1


def wait_until[T](question: Callable[[], T], what: str, seconds: float = 90.0) -> T:
    """Ask until the answer is true, and return it. Fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}; at last {answer!r}")
        time.sleep(PAUSE_S)
