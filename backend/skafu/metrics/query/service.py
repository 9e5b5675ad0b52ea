"""Answering inquiries: planning, reading, reducing, computing.

All questions of an inquiry are answered from one reading: an agent's metrics share layouts, so one
stored item serves many of them.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from skafu.metrics.demands import Demand, HourRun, Run
from skafu.metrics.model import Series
from skafu.metrics.query import limits
from skafu.metrics.query.collecting import Collection
from skafu.metrics.query.computing import Solved, computed
from skafu.metrics.query.filling import filled
from skafu.metrics.query.formulas import Step, needed, steps_of
from skafu.metrics.query.paging import Page, page_of, paged, wants_of
from skafu.metrics.query.planning import Planner
from skafu.metrics.query.question import Answer, Asked, Inquiry, Line, Question, Result, beyond
from skafu.metrics.query.values import Row
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS

MAX_SAMPLES = 5_000_000
MAX_READING_MS = 20_000
"""A request has 28 seconds; what is left after reading is for reducing and for the way back."""

_LOOK_EVERY = 256  # runs between two looks at the clock


class Source(Protocol):
    """Where points come from: metrics/reader.py."""

    def read(
        self, tenant: str, demands: Sequence[Demand], warnings: list[str]
    ) -> Iterator[tuple[int, Run | HourRun]]:
        """Every point of each demand once, with the demand's number. `warnings` is told what is
        left out.
        """

    def retention(self, tenant: str) -> int | None:
        """For how many milliseconds anything is kept, if that is known."""

    def series(self, tenant: str, metric: str, start: int, end: int) -> Iterable[Series]:
        """The series of a metric that may have points in [start, end)."""


class Queries:
    """The use case of GET and POST /api/metrics/query. `touched` hears of the metrics that each
    inquiry asked for.
    """

    def __init__(
        self,
        source: Source,
        clock: Clock,
        *,
        max_samples: int = MAX_SAMPLES,
        touched: Callable[[str, Sequence[str]], None] = lambda tenant, metrics: None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._max_samples = max_samples
        self._touched = touched

    def answer(self, tenant: str, inquiry: Inquiry) -> Answer:
        """Answer every query that is not hidden.

        Raises Unprocessable, naming the field at fault: for ranges and answers beyond a limit (with
        the limit, what it would have been, and how to keep to it), and for what has no answer.
        """
        steps = steps_of(inquiry.queries)
        planner = Planner(inquiry, self._clock())
        page = self._page(tenant, inquiry)
        collections = _collections(inquiry, steps, planner, page)
        warnings = self._forgotten(tenant, inquiry)
        warnings += [told for each in collections for told in each.plan.warnings]
        self._read(tenant, collections, warnings)
        now = self._clock()
        solved = {each.plan.question.id: _solved(each, now, warnings) for each in collections}
        computed(steps, solved, now, warnings)
        results = _shown(inquiry.queries, solved)
        self._touched(tenant, sorted({each.plan.question.metric for each in collections}))
        return Answer(results, limits.shortened(warnings), page.after if page else None)

    def _forgotten(self, tenant: str, inquiry: Inquiry) -> list[str]:
        retention = self._source.retention(tenant)
        if retention is None or inquiry.start >= self._clock() - retention - DAY_MS:
            return []
        return [f"metrics are kept for {retention // DAY_MS} days: older ones may be missing"]

    def _page(self, tenant: str, inquiry: Inquiry) -> Page | None:
        if inquiry.page is None:
            return None
        question = paged(inquiry)
        series = self._source.series(tenant, question.metric, inquiry.start, inquiry.end)
        return page_of(question, series, inquiry.page.limit, inquiry.page.after)

    def _read(self, tenant: str, collections: Sequence[Collection], warnings: list[str]) -> None:
        """Read all that is asked for. An answer that gets too large is read to its end, without
        being kept, because it shall be said how large it would be.
        """
        deadline = self._clock() + MAX_READING_MS
        demands = [(each, demand) for each in collections for demand in each.plan.demands]
        runs = self._source.read(tenant, [demand for _, demand in demands], warnings)
        samples = 0
        for number, (place, run) in enumerate(runs):
            samples += demands[place][0].add(run)
            if samples > self._max_samples:
                reason = f"the range holds more than {self._max_samples:,} points to reduce"
                raise beyond("start", f"{reason}: ask for fewer series or a shorter range")
            if number % _LOOK_EVERY == 0:
                if self._clock() > deadline:
                    reason = "the range holds more than can be read in 20 seconds"
                    raise beyond("start", f"{reason}: ask for fewer series or a shorter range")
                _stop_keeping_what_is_too_large(collections)
        for hidden, size in _sizes(collections):
            limits.check(size, hidden=hidden)


def _collections(
    inquiry: Inquiry, steps: Sequence[Step], planner: Planner, page: Page | None
) -> list[Collection]:
    """One for each question whose answer somebody needs."""
    wanted = needed(inquiry.queries, steps)
    return [
        Collection(place, planner.plan(place, query, wants_of(query, page)))
        for place, query in enumerate(inquiry.queries)
        if isinstance(query, Question) and query.id in wanted
    ]


def _stop_keeping_what_is_too_large(collections: Sequence[Collection]) -> None:
    if not all(limits.fits(size, hidden=hidden) for hidden, size in _sizes(collections)):
        for each in collections:
            each.counting = True


def _sizes(collections: Sequence[Collection]) -> list[tuple[bool, limits.Size]]:
    """The size of what is hidden, and of what is not."""
    return [
        (
            hidden,
            limits.total(
                limits.Size(len(each.groups), each.points)
                for each in collections
                if each.plan.question.hidden is hidden
            ),
        )
        for hidden in (True, False)
    ]


def _solved(collection: Collection, now: int, warnings: list[str]) -> Solved:
    question, grid = collection.plan.question, collection.plan.grid
    rows = [
        Row(row.tags, row.unit, filled(question.fill, row.values, grid.starts, now))
        for row in collection.rows(warnings)
    ]
    return Solved(grid, collection.resolution, rows)


def _shown(queries: Sequence[Asked], solved: dict[str, Solved]) -> list[Result]:
    shown = [(query.id, solved[query.id]) for query in queries if not query.hidden]
    limits.check(
        limits.total(
            limits.Size(len(each.rows), len(each.rows) * len(each.grid)) for _, each in shown
        )
    )
    return [
        Result(name, each.grid.period // 1000, each.resolution, list(_lines(each)))
        for name, each in shown
    ]


def _lines(solved: Solved) -> Iterator[Line]:
    timestamps = list(solved.grid.starts)
    for row in solved.rows:
        values = [None if value is None or math.isnan(value) else value for value in row.values]
        yield Line(dict(row.tags), row.unit, timestamps, values)
