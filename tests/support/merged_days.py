"""Some metrics over some days, sent and compacted by the real code into merged days of more than
one generation.
"""

from collections.abc import Sequence

from skafu.metrics.compaction.compactor import Compactor
from skafu.metrics.deletions import Deletions
from skafu.metrics.demands import Demand
from skafu.metrics.ingest import Ingest
from skafu.metrics.reader import HourRun, Reader
from skafu.metrics.store import MetricsStore
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, point, send

FIRST = NOON // DAY_MS * DAY_MS
DAYS = 2

METRICS = {"alone": 40, "shared.a": 3, "shared.b": 9, "shared.c": 1, "sometimes": 2}
"""How many series each metric has: "alone" has groups of its own, the others share one. The two of
"sometimes" stand in a part of their group with none but "shared.c"."""


class MergedDays:
    """`FIRST` and the day after it are merged, each in two generations; it is shortly after the
    second of them.
    """

    def __init__(self) -> None:
        self.table, self.clock = InMemoryTable(page_size=7), FakeClock(FIRST)
        self._ingest = Ingest(MetricsStore(self.table, self.clock))
        self._compactor = Compactor(self.table, self.clock, retention_ms=400 * DAY_MS)
        for number in range(DAYS):
            day = FIRST + number * DAY_MS
            for hour in (1, 9):
                self.clock.now = day + hour * HOUR_MS + MINUTE_MS
                sent = [metric for metric in METRICS if metric != "shared.c" or number]
                for at in (self.clock.now - MINUTE_MS, self.clock.now):
                    self.send(sent, at)  # hours that vary have details
            self.clock.now = day + DAY_MS + 10 * MINUTE_MS
            assert self._compactor.merge(TENANT, 0, day)
            self.send(["alone", "shared.a"], day + HOUR_MS + 1_000)
            assert self._compactor.fold(TENANT, 0, day)

    def send(self, metrics: Sequence[str], at: int) -> None:
        """A batch with a point of every series of these metrics."""
        points = [
            point(
                name, (7 * number + at // 1_000) % 97 / 8, timestamp=at, tags={"n": f"{number:02d}"}
            )
            for name in metrics
            for number in range(METRICS[name])
        ]
        outcome = send(self._ingest, *points, receipt=self.clock.now)
        assert outcome.accepted == len(points)

    def compact(self, day: int) -> None:
        """Merge and fold a day."""
        assert self._compactor.merge(TENANT, 0, day)
        assert self._compactor.fold(TENANT, 0, day)

    def answers(self, metric: str, *, hours: bool, hidden: bool = True) -> list[tuple[object, ...]]:
        """All that a reader delivers of a metric; with `hidden` as long as deletions hide. Fails
        when it has to warn.
        """
        deletions = Deletions(self.table, self.clock) if hidden else None
        reader = Reader(self.table, self.clock, deletions=deletions, degree=1)
        end = FIRST + (DAYS + 3) * DAY_MS
        warnings: list[str] = []
        found: list[tuple[object, ...]] = []
        demand = Demand(metric, FIRST, end, hours=hours, sketches=hours)
        for _, run in reader.read(TENANT, [demand], warnings):
            if isinstance(run, HourRun):
                found += [
                    (
                        run.series,
                        h.start,
                        h.count,
                        h.sum,
                        h.squares,
                        h.sketch and [h.sketch.quantile(p) for p in (0, 50, 99)],
                    )
                    for h in run.hours
                ]
            else:
                found += zip([run.series] * len(run.values), run.timestamps, run.values)
        assert not warnings
        return sorted(found, key=repr)

    def everything(self) -> dict[tuple[str, bool], list[tuple[object, ...]]]:
        """The answers of all metrics, by points and by hours."""
        return {
            (m, hours): self.answers(m, hours=hours) for m in METRICS for hours in (False, True)
        }
