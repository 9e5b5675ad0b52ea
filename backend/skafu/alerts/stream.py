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

from skafu.alerts.evaluation import Ask, Evaluated, Evaluation
from skafu.alerts.machine import can_settle, settled
from skafu.alerts.memory import Remembered
from skafu.alerts.model import Alert, State
from skafu.alerts.points import PointSource, advance, points_of
from skafu.alerts.rules import Match, RuleBook
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.model import Segment, Statistic, Tags
from skafu.metrics.store import segment_from
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.dynamo import deserialize
from skafu.shared.errors import SkafuError, Unavailable
from skafu.shared.observability import Count, count, logger
from skafu.shared.queues import Queue

RESERVE_MS = 5_000
"""With less time than this left nothing new is begun: what remains is reported as failed."""


class Unreadable(SkafuError):
    """A record that no retry will make readable; the text is the reason it is parked with."""


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


class StreamConsumer:
    """Handles batches with `ReportBatchItemFailures`."""

    def __init__(
        self,
        evaluation: Evaluation,
        rules: RuleBook,
        source: PointSource,
        wakeups: Wakeups,
        parked: Queue,
        clock: Clock,
    ) -> None:
        self._evaluation = evaluation
        self._rules = rules
        self._source = source
        self._wakeups = wakeups
        self._parked = parked
        self._clock = clock

    def consume(
        self, event: Mapping[str, Any], remaining: Callable[[], int]
    ) -> dict[str, list[dict[str, str]]]:
        """The batch's answer: the first record from which on everything must come again, if any.

        `remaining` tells how many milliseconds are left for all of this.
        """
        batch = _Batch(event["Records"], self._parked)
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
        batch: "_Batch",
        remaining: Callable[[], int],
    ) -> None:
        try:
            works = self._works(tenant, arrivals, batch)
        except Unavailable:
            logger.warning("rules or layouts cannot be read", exc_info=True)
            batch.fail(arrival.position for arrival in arrivals)
            return
        waiting = iter(works.values())
        asks = (Ask(work.alert, frozenset(work.tags)) for work in works.values())
        outcomes = self._evaluation.evaluate_all(tenant, asks)
        for work in waiting:
            if remaining() < RESERVE_MS:
                batch.fail(position for each in (work, *waiting) for position in each.positions)
                return
            _, outcome = next(outcomes)
            self._conclude(tenant, work, outcome, batch)

    def _conclude(
        self, tenant: str, work: Work, outcome: Evaluated | Exception, batch: "_Batch"
    ) -> None:
        if isinstance(outcome, Evaluated):
            batch.decisions += len(outcome.decisions)
            for due in sorted(outcome.dues):
                self._wakeups.ask(tenant, work.alert.id, due)
        elif isinstance(outcome, Unavailable):
            logger.warning("alert cannot be evaluated now", alert_id=work.alert.id)
            batch.fail(work.positions)
        else:
            logger.error("alert cannot be evaluated", alert_id=work.alert.id, exc_info=outcome)
            reason = f"alert {work.alert.id}: {type(outcome).__name__}: {outcome}"
            for position in sorted(work.positions):
                batch.park(position, reason)

    def _works(self, tenant: str, arrivals: Iterable[Arrival], batch: "_Batch") -> dict[str, Work]:
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
            news = _News(segment, now)
            for match in rules.plan(layout):
                if self._concerns(tenant, match, news):
                    work = works.setdefault(match.alert.id, Work(match.alert, set(), set()))
                    work.tags.add(match.tags)
                    work.positions.add(position)
        return works

    def _concerns(self, tenant: str, match: Match, news: "_News") -> bool:
        alert = match.alert
        known = self._evaluation.memory.get(tenant, alert.id, match.instance, alert.version)
        if known is None or news.concerns(known, match):
            return True
        # Not to be evaluated now; but the open bucket has points, and its grace will run out.
        self._wakeups.ask(tenant, alert.id, known.due)
        return False


class _News:
    """What one segment may mean to instances that were evaluated before."""

    def __init__(self, segment: Segment, now: int) -> None:
        self._segment = segment
        self._now = now
        self._oldest = min(segment.timestamps)
        self._advanced = advance(segment)

    def concerns(self, known: Remembered, match: Match) -> bool:
        """Whether it may close the instance's open bucket, settle it early, or correct an earlier
        one; or whether the clock has closed it meanwhile.
        """
        if self._advanced >= known.open_end or self._oldest < known.open_start:
            return True
        return self._now >= known.due or self._settles(known, match)

    def _settles(self, known: Remembered, match: Match) -> bool:
        definition = match.alert.definition
        if known.state is State.ALARM or not can_settle(definition):
            return False
        if definition.statistic is Statistic.COUNT:
            return True  # one more point may be the one
        segment = self._segment
        values = (segment.values[i] for x in match.positions for i in points_of(segment, x))
        return any(settled(definition, value) for value in values)


def read_record(record: Mapping[str, Any]) -> tuple[str, Segment]:
    """Tenant and segment of a record of the stream. Raises Unreadable."""
    try:
        image = deserialize(record["dynamodb"]["NewImage"])
        return keys.split(str(image["pk"]))[0], segment_from(image)
    except Exception as error:  # whatever it is, the record will not get better
        raise Unreadable(f"{type(error).__name__}: {error}") from error


class _Batch:
    """The records of an invocation, and what became of them."""

    def __init__(self, records: Sequence[Mapping[str, Any]], parked: Queue) -> None:
        self.records = records
        self._queue = parked
        self._parked: set[int] = set()
        self._failed: set[int] = set()
        self.decisions = 0

    def fail(self, positions: Iterable[int]) -> None:
        """These must come again."""
        self._failed.update(positions)

    def park(self, position: int, reason: str) -> None:
        """Put a record aside with its reason, once; where even that fails it must come again."""
        if position in self._parked:
            return
        record = self.records[position]
        stored = record.get("dynamodb", {})
        message = {
            "reason": reason,
            "tenant": _tenant_of(stored),
            "keys": stored.get("Keys"),
            "event_id": record.get("eventID"),
            "sequence_number": stored.get("SequenceNumber"),
        }
        try:
            self._queue.send(message)
        except Unavailable:
            logger.warning("record cannot be parked now", exc_info=True)
            self.fail([position])
            return
        self._parked.add(position)
        count(Count.PARKED_RECORDS)
        logger.error("record is parked", event_id=record.get("eventID"))

    def answer(self) -> dict[str, list[dict[str, str]]]:
        """Lambda goes on from the lowest failed sequence number; to name that one is enough."""
        if self.decisions:
            count(Count.DECISIONS, self.decisions)
        if not self._failed:
            return {"batchItemFailures": []}
        first = self.records[min(self._failed)]["dynamodb"]["SequenceNumber"]
        return {"batchItemFailures": [{"itemIdentifier": str(first)}]}


def _tenant_of(stored: Mapping[str, Any]) -> str | None:
    try:
        return keys.split(str(stored["Keys"]["pk"]["S"]))[0]
    except (KeyError, TypeError):
        return None
