"""Transactions that meet others on the same item, tried again."""

import random
import time
from collections.abc import Callable

from skafu.shared.errors import Unavailable
from skafu.shared.table import TransactionConflict

# Some items are touched by every change of a kind: the version of a tenant's rules, the count of
# its dashboards. Eight tries with pauses that double from 20 ms take about 2.5 s.
TRIES = 8
FIRST_PAUSE_S = 0.02


class Conflicts:
    """Runs transactions again that met another one on the same item."""

    def __init__(
        self,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._pause = pause
        self._jitter = jitter

    def outlive(self, transaction: Callable[[], None]) -> None:
        """Raises Unavailable when every try met another transaction."""
        for attempt in range(TRIES):
            try:
                return transaction()
            except TransactionConflict:
                # Random pauses, or those that collided once would collide again.
                self._pause(FIRST_PAUSE_S * 2**attempt * (0.5 + self._jitter() / 2))
        raise Unavailable("others are changing the same at this very moment; try again")
