"""The product's own code as processes: each has a connection and a clock of its own, and keeps what
it remembers from one invocation to the next, as a warm environment does.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from skafu.metrics.compaction import Compactor
from skafu.metrics.demands import Demand, HourRun
from skafu.metrics.ingest import Ingest
from skafu.metrics.model import Series
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.observability import metrics
from skafu.shared.table import Table

from tests.property.metrics.store_world.fate import TENANT, Crash, Fate, Plan
from tests.property.metrics.store_world.faulty_table import Connection, Watched
from tests.property.metrics.store_world.ledger import Answer, Sent

METRICS = ("cpu", "mem")
ROLLUPS_MS = 400 * DAY_MS


class Build[Work](Protocol):
    """Makes what an environment runs."""

    def __call__(self, table: Table, clock: Clock) -> Work: ...


class Environment[Work]:
    """A warm environment; `begin` before each invocation."""

    def __init__(self, table: Watched, fate: Fate, build: Build[Work]) -> None:
        skew = fate.skew()
        self.connection = Connection(table, fate)
        self.work = build(self.connection, lambda: fate.stage.now + skew)
        self.skew = skew


class Fleet[Work]:
    """Environments of one function: whoever is free takes the next invocation; who crashed is
    replaced by a cold one.
    """

    def __init__(self, table: Watched, fate: Fate, build: Build[Work]) -> None:
        self._table, self._fate, self._build = table, fate, build
        self._idle: list[Environment[Work]] = []
        self.calls = 0

    def invoke[Answer](
        self, plan: Plan, task: Callable[[Environment[Work]], Answer]
    ) -> Answer | None:
        """What the task answers; None where the process crashed or the table was not to reach."""
        warm = self._idle and self._fate.random.random() < 0.9
        chosen = self._idle.pop() if warm else Environment(self._table, self._fate, self._build)
        metrics.clear_metrics()  # nobody publishes them here
        chosen.connection.begin(plan)
        try:
            answer = task(chosen)
        except Crash:
            return None
        except Unavailable:
            answer = None
        finally:
            self.calls += chosen.connection.calls
            chosen.connection.calls = 0
        self._idle.append(chosen)
        return answer


def build_ingest(table: Table, clock: Clock) -> Ingest:
    """What POST /api/metrics runs."""
    return Ingest(MetricsStore(table, clock, readers=1))


def build_reader(table: Table, clock: Clock) -> Reader:
    """What queries read with."""
    return Reader(table, clock, degree=1, retention_ms=ROLLUPS_MS)


def build_compactor(table: Table, clock: Clock) -> Compactor:
    """What runs every five minutes."""
    return Compactor(table, clock, retention_ms=ROLLUPS_MS)


def ask(reader: Reader, start: int, end: int, *, hours: bool = False) -> Answer:
    """Everything of [start, end), of all metrics; with `hours` whole hours where there are any."""
    metrics.clear_metrics()
    answer = Answer(start, end)
    if hours:
        start, end = start // HOUR_MS * HOUR_MS, -(-end // HOUR_MS) * HOUR_MS
        answer = Answer(start, end)
    demands = [Demand(metric, start, end, hours=hours) for metric in METRICS]
    for number, found in reader.read(TENANT, demands, answer.warnings):
        assert found.series.metric == METRICS[number]
        if isinstance(found, HourRun):
            for hour in found.hours:
                total = answer.hours[_name(found.series), hour.start]
                total.add(hour.count, hour.sum, hour.minimum, hour.maximum)
        else:
            answer.points += _sent(found)
    return answer


def _sent(run: Any) -> Sequence[Sent]:
    name = _name(run.series)
    return [
        Sent(name, at, run.summaries.get(row, value))
        for row, (at, value) in enumerate(zip(run.timestamps, run.values, strict=True))
    ]


def _name(series: Series) -> tuple[str, tuple[tuple[str, str], ...]]:
    return series.metric, series.tags
