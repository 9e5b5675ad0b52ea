"""Skafu in memory: the real ingest, compactor and reader over a table that counts what its use
costs by DynamoDB's published rules, and a clock that is set.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import batched

import orjson

from skafu.metrics.compaction.compactor import Compactor
from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.reader import Demand, HourRun, Reader
from skafu.metrics.store import MetricsStore
from skafu.metrics.tenancy import Quotas, Tenancy, tenancy_attributes
from skafu.shared import keys
from skafu.shared.capacity import STORAGE_OVERHEAD, item_size
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.metering import Meter, MeteredTable
from skafu.shared.table import Put
from benchmarks.population import Fleet
from tests.support.memory_table import InMemoryTable

DAY = 1_700_006_400_000
"""Midnight of 15 November 2023, UTC."""

TENANT = "t4n7d1x0q2b8k6w3v9j5"  # as long as a real one
RETENTION_MS = 450 * DAY_MS
"""Rollups are kept for fifteen months."""

EVERY_MS = 5 * MINUTE_MS
"""So often the compactor runs."""


@dataclass
class Work:
    """What something took: points, write and read units, calls of the table, milliseconds of CPU
    (with a table in memory, so without what the requests to it take), and how often it was done.
    """

    points: int = 0
    wru: float = 0.0
    rru: float = 0.0
    calls: int = 0
    cpu_ms: float = 0.0
    runs: int = 0
    wru_by_kind: Counter[str] = field(default_factory=Counter)
    rru_by_kind: Counter[str] = field(default_factory=Counter)

    def add(self, used: Meter, cpu_ms: float, points: int = 0) -> None:
        """Add one run."""
        self.points += points
        self.wru += used.wru
        self.rru += used.rru
        self.calls += used.calls
        self.cpu_ms += cpu_ms
        self.runs += 1
        self.wru_by_kind.update(used.wru_by_kind)
        self.rru_by_kind.update(used.rru_by_kind)


@dataclass(frozen=True)
class Read:
    """What a question took, and how much came: points, or hours of series."""

    rru: float
    calls: int
    points: int
    hours: int
    cpu_ms: float


class Deployment:
    """One tenant. What each part of the life of points took is in `ingest`, `seal` and `merge`."""

    def __init__(self, now: int = DAY) -> None:
        self.now = now
        self.stored = InMemoryTable()
        self.table = MeteredTable(self.stored, self.stored.items.get)
        registered = {**keys.registry(TENANT)._asdict(), "tenant": TENANT, "created": now}
        self.table.write(Put(registered))
        plenty = tenancy_attributes(Tenancy(Quotas(active_series=200_000)))
        self.table.write(Put({**keys.tenant_settings(TENANT)._asdict(), **plenty}))
        self._ingest = Ingest(MetricsStore(self.table, self._clock))
        self._compactor = Compactor(self.table, self._clock, retention_ms=RETENTION_MS)
        self.ingest, self.seal, self.merge = Work(), Work(), Work()
        self.first = Work()
        """The first batch of every series: its layout and catalogue entries come with it."""
        self._known = False
        # The empty day before the first is sealed and merged once in a tenant's life.
        self.now += EVERY_MS
        self._compactor.run(self.now)
        self.now = now
        self.table.forget()
        self._before = self._sizes()

    def _clock(self) -> int:
        return self.now

    def send(self, fleet: Fleet, batch: int, *, spread: int = 0) -> None:
        """A point of every series, in batches of this size: each is an agent's."""
        points = fleet.batch(self.now, spread)
        work = self.ingest if self._known else self.first
        for number, some in enumerate(batched(points, batch)):
            body = orjson.dumps({"metrics": some})
            began = time.process_time()
            taken = self._ingest.take(Delivery(TENANT, body, f"gateway-{number}", self.now))
            work.add(self.table.forget(), (time.process_time() - began) * 1000, taken.accepted)
        self._known = True

    def compact(self) -> None:
        """One run of the compactor."""
        began = time.process_time()
        report = self._compactor.run(self.now)
        cpu_ms = (time.process_time() - began) * 1000
        (self.merge if report.merged else self.seal).add(self.table.forget(), cpu_ms)

    def live(self, fleet: Fleet, batch: int, until: int, every: int = MINUTE_MS) -> None:
        """Send, and compact when it is time, up to a moment."""
        while self.now < until:
            if self.now % every == 0:
                self.send(fleet, batch)
            if self.now % EVERY_MS == 0:
                self.compact()
            self.now += MINUTE_MS

    def read(self, demands: Sequence[Demand]) -> Read:
        """Ask a reader that has cached nothing."""
        reader = Reader(self.table, self._clock, degree=1, retention_ms=RETENTION_MS)
        warnings: list[str] = []
        self.table.forget()
        began = time.process_time()
        points = hours = 0
        for _, run in reader.read(TENANT, demands, warnings):
            if isinstance(run, HourRun):
                hours += len(run.hours)
            else:
                points += len(run.values)
        cpu_ms = (time.process_time() - began) * 1000
        if warnings:
            raise RuntimeError(f"the reader warned: {warnings[0]}")
        used = self.table.forget()
        return Read(used.rru, used.calls, points, hours, cpu_ms)

    def at_rest(self) -> dict[str, int]:
        """Bytes by kind of item, as storage is billed, of what came since the beginning."""
        return {kind: size - self._before.get(kind, 0) for kind, size in self._sizes().items()}

    def _sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = defaultdict(int)
        for item in self.stored.items.values():
            sizes[str(item.get("k", ""))] += item_size(item) + STORAGE_OVERHEAD
        return dict(sizes)
