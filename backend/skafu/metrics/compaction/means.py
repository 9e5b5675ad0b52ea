"""What every step of compaction works with."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from skafu.metrics.compaction.directories import Directories
from skafu.metrics.compaction.lives import Lives
from skafu.metrics.compaction.stored import Manifests, Sources
from skafu.metrics.tenancy import Tenancies
from skafu.metrics.usage import Bill
from skafu.shared.capacity import READ_BYTES, item_size, write_units
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS
from skafu.shared.table import Item, Put, Table

_BATCH = 64  # writes under way together


class Deleted(Protocol):
    """Which metrics are deleted."""

    def of(self, tenant: str) -> Mapping[str, int]:
        """Up to which time, epoch milliseconds, each deleted metric's points are."""


@dataclass
class Tally:
    """What becomes a manifest's bill (usage.py), while it is counted."""

    points: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    wru: float = 0
    rru: float = 0
    requests: int = 0

    def receive(self, item: Item) -> None:
        """Count an item that ingest has written, and that is read to be compacted."""
        size = item_size(item)
        self.bytes += size
        self.requests += 1
        self.wru += write_units(size)
        self.rru += size / READ_BYTES

    def read(self, item: Item) -> None:
        """Count an item that is read, eventually consistently."""
        self.rru += item_size(item) / READ_BYTES / 2

    def write(self, item: Item) -> None:
        """Count an item that is written."""
        self.wru += write_units(item_size(item))

    def bill(self) -> Bill:
        """The bill."""
        return Bill(self.points, self.bytes, self.wru, self.rru, self.requests)


class Batch:
    """Puts that may be done in any order, a few at a time; `close` does the last of them."""

    def __init__(self, table: Table, tally: Tally) -> None:
        self._table = table
        self._tally = tally
        self._waiting: list[Put] = []

    def add(self, items: Iterable[Item]) -> None:
        """Write these, now or a little later."""
        for item in items:
            self._tally.write(item)
            self._waiting.append(Put(item))
        if len(self._waiting) >= _BATCH:
            self.close()

    def close(self) -> None:
        """Everything that was added is stored on return."""
        if self._waiting:
            self._table.write_many(self._waiting)
            self._waiting = []


@dataclass(frozen=True)
class Means:
    """The table and what is known of it. `retention_ms` is how long the environment keeps
    rollups.
    """

    table: Table
    clock: Clock
    tenancies: Tenancies
    deletions: Deleted
    retention_ms: int
    sources: Sources
    manifests: Manifests
    directories: Directories

    def lives(self, tenant: str) -> Lives:
        """How long things of this tenant live: its retention, at most the environment's."""
        days = self.tenancies.of(tenant).quotas.retention_days
        own = self.retention_ms if days is None else days * DAY_MS
        return Lives(min(own, self.retention_ms))


def marks_of(deleted: Mapping[str, int], start: int) -> list[str]:
    """What deletions add to the content of a tag: those that may leave out points from `start` on.
    What is written under a tag then follows from the tag alone.
    """
    return [f"-{metric} {until}" for metric, until in sorted(deleted.items()) if until > start]
