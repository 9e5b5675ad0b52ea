"""Waiting before a try that follows a conflict."""

import random
import time
from collections.abc import Callable

FIRST_PAUSE_S = 0.02


class Backoff:
    """Waits a random while that doubles from try to try (1, 2, ...), or those that met once would
    meet again.
    """

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._sleep = sleep
        self._jitter = jitter

    def __call__(self, attempt: int) -> None:
        self._sleep(FIRST_PAUSE_S * 2**attempt * (0.5 + self._jitter() / 2))
