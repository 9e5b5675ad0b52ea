"""A table that fails, or lets others in, at a chosen call of the functions that are tested."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum

from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import (
    Check,
    ConditionFailed,
    Page,
    Query,
    TransactionConflict,
    Value,
    Write,
)

from tests.support.memory_table import InMemoryTable


class Fault(Enum):
    """What happens at the chosen call."""

    THROTTLED = "it is refused, and so are the client's own retries"
    LOST = "it is done, and nobody hears of it"
    RETRIED = "it is done, the answer is lost, and the client's retry meets its own write"
    CONFLICT = "a transaction meets another one on the same item"
    STORM = "its condition fails, again and again"


WRITES = (Fault.LOST, Fault.RETRIED, Fault.STORM)
"""Faults that only writes have."""


class ShakyTable(InMemoryTable):
    """Counts the calls made while `watched`; at number `at` there is a fault, or `meanwhile` is
    called first. Faults that only writes, or transactions, have are counted among these alone.
    """

    def __init__(self) -> None:
        super().__init__(page_size=4)
        self.calls = 0
        self.at = 0
        self.fault: Fault | None = None
        self.meanwhile: Callable[[], None] | None = None
        self._watched = False
        self._storm = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Calls made inside are counted."""
        before, self._watched = self._watched, True
        try:
            yield
        finally:
            self._watched = before

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        self._read()
        return super().get(key, consistent=consistent)

    def query(self, query: Query) -> Page:
        self._read()
        return super().query(query)

    def write(self, write: Write) -> None:
        hit = self.fault is not Fault.CONFLICT and self._hit()
        self._refuse(hit)
        super().write(write)
        self._afterwards(hit, write.when is not None)

    def transact(self, writes: Sequence[Write | Check]) -> None:
        hit = self._hit()
        self._refuse(hit)
        super().transact(writes)
        self._afterwards(hit, True)

    def _hit(self) -> bool:
        """Count a call; whether it is the chosen one."""
        if not self._watched:
            return False
        self.calls += 1
        if self.calls != self.at:
            return False
        if self.meanwhile is not None:
            self._watched = False
            self.meanwhile()
            self._watched = True
        return self.fault is not None

    def _read(self) -> None:
        counts = self.fault in (None, Fault.THROTTLED)
        if counts and self._hit():
            raise Unavailable("throttled")

    def _refuse(self, hit: bool) -> None:
        if hit and self.fault is Fault.THROTTLED:
            raise Unavailable("throttled")
        if hit and self.fault is Fault.CONFLICT:
            raise TransactionConflict
        if hit and self.fault is Fault.STORM:
            self._storm = 3
        if self._storm and self._watched:
            self._storm -= 1
            raise ConditionFailed((0,))

    def _afterwards(self, hit: bool, conditional: bool) -> None:
        if hit and self.fault is Fault.LOST:
            raise Unavailable("the answer was lost")
        if hit and self.fault is Fault.RETRIED and conditional:
            raise ConditionFailed((0,))
