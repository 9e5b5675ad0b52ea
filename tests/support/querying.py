"""Ingest and queries over one table in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from skafu.metrics.demands import Demand, HourRun, Run
from skafu.metrics.hours import hours_of
from skafu.metrics.ingest import Ingest
from skafu.metrics.model import Sample, Series, Statistic, Summary
from skafu.metrics.query.question import Answer, Asked, Formula, Inquiry, Line, Question
from skafu.metrics.query.service import Queries
from skafu.metrics.query.stored import Stored
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.shared.keys import HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, point, send

type Values = list[list[float | None]]


def question(**fields: Any) -> Question:
    """A question for the sum of cpu.load minute by minute, unless said otherwise."""
    defaults: dict[str, Any] = {
        "id": "a",
        "metric": "cpu.load",
        "statistic": Statistic.SUM,
        "period": MINUTE_MS,
    }
    return Question(**defaults | fields)


def formula(expression: str, **fields: Any) -> Formula:
    """An expression that is called z."""
    return Formula(**{"id": "z", "expression": expression} | fields)


def at(minutes: float, value: object = 1.0, **tags: str) -> dict[str, Any]:
    """A point of cpu.load some minutes after noon."""
    return point(value=value, timestamp=NOON + int(minutes * MINUTE_MS), tags=tags)


class Platform:
    """Ingest and queries as they are composed."""

    def __init__(self, page_size: int = 4) -> None:
        self.clock = FakeClock(NOON + 10 * MINUTE_MS)
        self.table = InMemoryTable(page_size=page_size)
        self.store = MetricsStore(self.table, self.clock)
        self.ingest = Ingest(self.store)
        reader = Reader(self.table, self.clock, store=self.store, degree=1)
        self.source = Stored(self.store, reader)
        self.queries = Queries(self.source, self.clock)

    def send(self, *points: dict[str, Any], **how: Any) -> None:
        """Take points in now."""
        send(self.ingest, *points, **{"receipt": self.clock.now} | how)

    def ask(
        self,
        *queries: Asked,
        start: int = NOON,
        end: int = NOON + 3 * MINUTE_MS,
        **how: Any,
    ) -> Answer:
        """Ask about three minutes, unless said otherwise."""
        inquiry = Inquiry(start, end, queries or (question(),), **how)
        return self.queries.answer(TENANT, inquiry)

    def lines(self, *queries: Asked, **how: Any) -> Sequence[Line]:
        """The series of the only result."""
        (result,) = self.ask(*queries, **how).results
        return result.series

    def values(self, *queries: Asked, **how: Any) -> Values:
        """Their values."""
        return [list(line.values) for line in self.lines(*queries, **how)]


class Library:
    """A source of points without a table, and without anything to warn of: days before `merged`
    come as hours where hours will do, in `generations` of which each has a part of the points;
    everything else point by point.
    """

    def __init__(self, merged: int = 0, generations: int = 1) -> None:
        self.merged = merged
        self.generations = generations
        self.kept: int | None = None
        self.samples: dict[Series, list[Sample]] = {}
        self.demands: list[Demand] = []

    def add(self, series: Series, *samples: Sample) -> None:
        """Points of a series."""
        self.samples.setdefault(series, []).extend(samples)

    def read(
        self, tenant: str, demands: Sequence[Demand], warnings: list[str]
    ) -> Iterator[tuple[int, Run | HourRun]]:
        """What the reader would deliver."""
        assert tenant == TENANT
        del warnings
        self.demands += demands
        for number, demand in enumerate(demands):
            assert demand.start < demand.end
            assert not demand.hours or demand.start % HOUR_MS == demand.end % HOUR_MS == 0
            for series, samples in self.samples.items():
                if series.metric == demand.metric and demand.wants(series):
                    inside = [each for each in samples if demand.start <= each[0] < demand.end]
                    for run in self._runs(series, inside, demand):
                        yield number, run

    def _runs(
        self, series: Series, samples: list[Sample], demand: Demand
    ) -> Iterator[Run | HourRun]:
        old = [each for each in samples if demand.hours and each[0] < self.merged]
        for generation in range(self.generations):
            hours = hours_of(old[generation :: self.generations])
            if not demand.sketches:
                hours = [replace(h, sketch=None, squares=None, increase=None) for h in hours]
            if hours:
                yield HourRun(series, hours)
        fresh = [each for each in samples if each not in old]
        for sample in fresh[::2], fresh[1::2]:
            if sample:
                yield _run(series, sorted(sample, key=lambda each: each[0]))

    def retention(self, tenant: str) -> int | None:
        """Not known, unless a test says so."""
        assert tenant == TENANT
        return self.kept

    def series(self, tenant: str, metric: str, start: int, end: int) -> Iterator[Series]:
        """All of a metric's, whenever."""
        assert tenant == TENANT and start < end
        yield from (series for series in self.samples if series.metric == metric)


def _run(series: Series, samples: Sequence[Sample]) -> Run:
    summaries = {n: v for n, (_, v) in enumerate(samples) if isinstance(v, Summary)}
    values = [v.mean if isinstance(v, Summary) else v for _, v in samples]
    return Run(series, [at for at, _ in samples], values, summaries)
