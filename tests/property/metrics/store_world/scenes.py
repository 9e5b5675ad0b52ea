"""Interleavings that chance brings about once in hundreds of worlds, staged: each tells what went
wrong, and nothing should.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from skafu.metrics.compaction import Compactor
from skafu.metrics.demands import Demand, Run
from skafu.metrics.ingest import Ingest
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.table import Check, Put, Write

from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, point, send

DAY = NOON // DAY_MS * DAY_MS
METRIC = "cpu.load"


class _Scene:
    """One table, and whoever works on it."""

    def __init__(self) -> None:
        self.clock = FakeClock(DAY + HOUR_MS)
        self.table = InMemoryTable()
        self.ingest = Ingest(MetricsStore(self.table, self.clock, readers=1))

    def compactor(self) -> Compactor:
        """Another one, which remembers nothing."""
        return Compactor(self.table, self.clock, retention_ms=400 * DAY_MS)

    def send(self, value: float, at: int) -> None:
        send(self.ingest, point(METRIC, value, timestamp=at), receipt=self.clock.now)

    def answered(self) -> Counter[float]:
        """The values that a query finds, by how often."""
        reader = Reader(self.table, self.clock, degree=1)
        demand = Demand(METRIC, DAY, DAY + DAY_MS)
        found = reader.read(TENANT, [demand], [])
        return Counter(value for _, run in found if isinstance(run, Run) for value in run.values)

    def wrong(self, *values: float) -> str | None:
        """What is wrong where these values were acknowledged, each once."""
        found = self.answered()
        return None if found == Counter(values) else f"answered {dict(found)}, not {values}"


def two_folds_make_the_same_generation() -> str | None:
    """One has read what is late, and lingers before its manifest; another folds that and more."""
    scene = _Scene()
    scene.send(1.0, scene.clock.now)
    scene.clock.now = DAY + DAY_MS + HOUR_MS
    scene.compactor().merge(TENANT, 0, DAY)
    scene.send(2.0, DAY + HOUR_MS)
    second = keys.generation(TENANT, 0, DAY, 2)

    def meanwhile(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(x, Put) and x.item["sk"] == second.sk for x in writes):
            scene.table.before_write = lambda _: None
            scene.send(3.0, DAY + HOUR_MS)
            scene.compactor().fold(TENANT, 0, DAY)

    scene.table.before_write = meanwhile
    scene.compactor().fold(TENANT, 0, DAY)
    return scene.wrong(1.0, 2.0, 3.0)


def a_bucket_is_sealed_after_its_day_was_merged() -> str | None:
    """A request's only write lands when its day is merged; its retry is acknowledged, late; then
    somebody seals the bucket.
    """
    scene = _Scene()
    bucket = DAY + 2 * HOUR_MS
    scene.send(1.0, scene.clock.now)
    landing: list[Write] = []

    def lost(writes: Sequence[Write | Check]) -> None:
        found = [x for x in writes if isinstance(x, Put) and x.item["k"] == "segment"]
        landing.extend(found)
        if found:
            raise Unavailable("nobody knows what became of it")

    scene.clock.now = bucket + MINUTE_MS
    scene.table.before_write = lost
    try:
        scene.send(2.0, bucket)
    except Unavailable:
        pass
    scene.table.before_write = lambda _: None
    scene.clock.now = DAY + DAY_MS + HOUR_MS
    scene.compactor().merge(TENANT, 0, DAY)
    for write in landing:
        scene.table.write(write)
    scene.send(2.0, bucket)
    scene.compactor().seal(TENANT, 0, bucket)
    return scene.wrong(1.0, 2.0) or _folded(scene, bucket)


def _folded(scene: _Scene, bucket: int) -> str | None:
    scene.clock.advance(2 * BUCKET_MS)
    scene.compactor().fold(TENANT, 0, bucket // DAY_MS * DAY_MS)
    return scene.wrong(1.0, 2.0)


SCENES: tuple[Callable[[], str | None], ...] = (
    two_folds_make_the_same_generation,
    a_bucket_is_sealed_after_its_day_was_merged,
)
