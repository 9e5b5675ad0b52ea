"""The stream's one consumer: new segments and late items, to the instances that they may change.

A stream is a hint that makes things quick; the sweeper, which reconciles from the table, is what
makes them certain. So a record that cannot be read is parked and the next one processed, but what
is only unavailable is reported as failed and comes again: Lambda then redelivers everything from
the first failed record on, and all of this is safe to run again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skafu.alerts.cases import TooMuchToRead
from skafu.alerts.composites.cascade import cascade
from skafu.alerts.evaluation import Evaluation
from skafu.alerts.late import LateMarks, may_be_late
from skafu.alerts.ledger import Ask, Evaluated
from skafu.alerts.model import Alert, State
from skafu.alerts.news import News
from skafu.alerts.points import PointSource
from skafu.alerts.records import Batch, Unreadable, read_record
from skafu.alerts.rules import Match, RuleBook
from skafu.alerts.scribe import Contended
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.model import Segment, Tags
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.observability import logger
from skafu.shared.queues import Queue

RESERVE_MS = 5_000
"""With less time than this left nothing new is begun: what remains is reported as failed."""


@dataclass(frozen=True)
class Arrival:
    """One record of the stream, read."""

    position: int
    segment: Segment


@dataclass
class Work:
    """What the records of one tenant ask of one alert."""

    alert: Alert
    tags: set[Tags]
    positions: set[int]
    """Of the records that ask for it."""
    late: list[tuple[Match, Segment]]
    """What came too late, as far as it has not been marked yet."""


class StreamConsumer:
    """Handles batches with `ReportBatchItemFailures`."""

    def __init__(
        self,
        evaluation: Evaluation,
        rules: RuleBook,
        source: PointSource,
        wakeups: Wakeups,
        parked: Queue,
        late: LateMarks,
        clock: Clock,
    ) -> None:
        self._evaluation = evaluation
        self._rules = rules
        self._source = source
        self._wakeups = wakeups
        self._parked = parked
        self._late = late
        self._clock = clock

    def consume(
        self, event: Mapping[str, Any], remaining: Callable[[], int]
    ) -> dict[str, list[dict[str, str]]]:
        """The batch's answer: the first record from which on everything must come again, if any.

        `remaining` tells how many milliseconds are left for all of this.
        """
        batch = Batch(event["Records"], self._parked)
        by_tenant: dict[str, list[Arrival]] = defaultdict(list)
        for position, record in enumerate(batch.records):
            try:
                tenant, segment = read_record(record)
                by_tenant[tenant].append(Arrival(position, segment))
            except Unreadable as error:
                batch.park(position, str(error))
        for tenant, arrivals in by_tenant.items():
            self._tenant(tenant, arrivals, batch, remaining)
        self._wakeups.send()
        return batch.answer()

    def _tenant(
        self,
        tenant: str,
        arrivals: Sequence[Arrival],
        batch: Batch,
        remaining: Callable[[], int],
    ) -> None:
        try:
            works = self._works(tenant, arrivals, batch)
        except Unavailable:
            logger.warning("rules or layouts cannot be read", exc_info=True)
            batch.fail(arrival.position for arrival in arrivals)
            return
        waiting = iter(works.values())
        decided: list[str] = []
        asks = (Ask(work.alert, frozenset(work.tags)) for work in works.values())
        outcomes = self._evaluation.evaluate_all(tenant, asks)
        for work in waiting:
            if remaining() < RESERVE_MS:
                batch.fail(position for each in (work, *waiting) for position in each.positions)
                return
            ask, outcome = next(outcomes)
            if isinstance(outcome, Evaluated) and outcome.decisions:
                decided.append(ask.alert.id)
            self._conclude(tenant, work, outcome, batch)
        if decided:
            batch.decisions += self._cascade(tenant, decided, remaining)

    def _cascade(self, tenant: str, decided: Sequence[str], remaining: Callable[[], int]) -> int:
        """The composites above what was decided; all at once, as alerts mostly change together."""
        try:
            rules = self._rules.rules(tenant)
        except Unavailable:
            logger.warning("composites are left to the sweeper", exc_info=True)
            return 0
        return cascade(self._evaluation, rules, tenant, decided, lambda: remaining() >= RESERVE_MS)

    def _conclude(
        self, tenant: str, work: Work, outcome: Evaluated | Exception, batch: Batch
    ) -> None:
        if isinstance(outcome, Evaluated):
            batch.decisions += len(outcome.decisions)
            for due in sorted(outcome.dues):
                self._wakeups.ask(tenant, work.alert.id, due)
            self._mark(tenant, work, batch)
        elif isinstance(outcome, TooMuchToRead | Contended):
            # To try again at once would hold up everybody else's records.
            logger.warning("alert is left to the sweeper", alert_id=work.alert.id)
        elif isinstance(outcome, Unavailable):
            logger.warning("alert cannot be evaluated now", alert_id=work.alert.id)
            batch.fail(work.positions)
        else:
            logger.error("alert cannot be evaluated", alert_id=work.alert.id, exc_info=outcome)
            reason = f"alert {work.alert.id}: {type(outcome).__name__}: {outcome}"
            for position in sorted(work.positions):
                batch.park(position, reason)

    def _mark(self, tenant: str, work: Work, batch: Batch) -> None:
        """Mark in the history what came too late."""
        for match, segment in work.late:
            known = self._evaluation.memory.get(
                tenant, work.alert.id, match.instance, work.alert.version
            )
            state = known.state if known else State.INSUFFICIENT_DATA
            try:
                self._late.mark(tenant, match, segment, state)
            except Unavailable:
                logger.warning("late data cannot be marked now", alert_id=work.alert.id)
                batch.fail(work.positions)

    def _works(self, tenant: str, arrivals: Iterable[Arrival], batch: Batch) -> dict[str, Work]:
        """What is to be evaluated; most records change nothing and ask for nothing."""
        rules = self._rules.rules(tenant)
        now = self._clock()
        works: dict[str, Work] = {}
        if not rules.alerts:
            return works
        hashes = [arrival.segment.layout for arrival in arrivals]
        layouts = self._source.layouts(tenant, hashes)
        for position, segment in ((each.position, each.segment) for each in arrivals):
            layout = layouts.get(segment.layout)
            if layout is None:
                batch.park(position, f"layout {segment.layout} cannot be read")
                continue
            news = News(segment, now)
            for match in rules.plan(layout):
                if self._concerns(tenant, match, news):
                    work = works.setdefault(match.alert.id, Work(match.alert, set(), set(), []))
                    work.tags.add(match.tags)
                    work.positions.add(position)
                    if may_be_late(match, segment, news.oldest):
                        work.late.append((match, segment))
        return works

    def _concerns(self, tenant: str, match: Match, news: News) -> bool:
        alert = match.alert
        known = self._evaluation.memory.get(tenant, alert.id, match.instance, alert.version)
        if known is None or news.concerns(known, match):
            return True
        # Not to be evaluated now; but the open bucket has points, and its grace will run out.
        self._wakeups.ask(tenant, alert.id, known.due)
        return False
