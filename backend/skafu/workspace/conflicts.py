"""Transactions that meet others on the same item are run again."""

from collections.abc import Callable, Sequence

from skafu.shared.backoff import Backoff
from skafu.shared.errors import Unavailable
from skafu.shared.table import Check, Table, TransactionConflict, Write

TRIES = 6


class Transactions:
    """`pause` waits before try 1, 2, ... of the same transaction."""

    def __init__(self, table: Table, pause: Callable[[int], None] | None = None) -> None:
        self._table = table
        self._pause = pause or Backoff()

    def run(self, writes: Sequence[Write | Check]) -> None:
        """All or nothing. Raises ConditionFailed, and Unavailable when every try met another
        transaction.
        """
        for attempt in range(TRIES):
            try:
                return self._table.transact(writes)
            except TransactionConflict:
                self._pause(attempt)
        raise Unavailable("others are changing the same thing at this very moment; try again")
