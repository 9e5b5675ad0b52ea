"""A faulty world around the real engine: agents that lag, fall silent or are ahead of their time, a
stream that loses, repeats and reorders, functions that pause anywhere and crash, targets that are
down, people who edit and delete. In a calm world none of this happens.

Everything that decides is the product's own code: StreamConsumer and Sweeper over the in-memory
table, AlertStore for people. The seed fixes all of it: a failing trial can be run again by number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from skafu.alerts.evaluation import Evaluation
from skafu.alerts.late import LateMarks
from skafu.alerts.codec import decision_from
from skafu.alerts.model import Cause, Decision
from skafu.alerts.rules import RuleBook
from skafu.alerts.stream import StreamConsumer
from skafu.alerts.sweeper import Sweeper
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.items import segment_item
from skafu.metrics.model import Segment
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import MINUTE_MS
from skafu.shared.observability import metrics
from skafu.shared.table import Check, Page, Put, Query, TransactionConflict, Write

from tests.property.alerts.fate import SECOND, START, TENANT, Fate
from tests.property.alerts.fleet import Fleet
from tests.property.alerts.notifying import Notifier
from tests.property.alerts.people import People
from tests.support.actors import Stage
from tests.support.memory_table import InMemoryTable
from tests.support.points import MemoryPoints
from tests.support.queues import MemoryQueue
from tests.support.stream import stream_record

ACTIVE_S, AFTER_S, QUIET_S = 1500, 600, 900
MARK_STEP, WIDTH_A_MINUTE = 2 * MINUTE_MS, 1


class Crash(BaseException):
    """The process is gone, wherever it was."""


class FaultyTable(InMemoryTable):
    """Lets others in after reads; before a decision is written nearly anything may happen."""

    def __init__(self, world: "World") -> None:
        super().__init__(page_size=3)
        self._world = world
        self.before_write = self._before_write

    def query(self, query: Query) -> Page:
        page = super().query(query)
        if query.pk.startswith(f"{TENANT}#decisions"):
            self._world.fate.dawdle(0.1)
        return page

    def transact(self, writes: Sequence[Write | Check]) -> None:
        super().transact(writes)
        for decision in _decisions(writes):
            self._world.decided(decision)

    def _before_write(self, writes: Sequence[Write | Check]) -> None:
        for decision in _decisions(writes):
            self._world.before_decision(decision)


def _decisions(writes: Sequence[Write | Check]) -> list[Decision]:
    puts = [write for write in writes if isinstance(write, Put)]
    found = [decision_from(str(x.item["body"])) for x in puts if x.item["k"] == "decision"]
    return [decision for decision in found if decision.cause is not Cause.LATE]


class SlowPoints(MemoryPoints):
    """Others may get in between what is read here and what is made of it."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def segments(self, *arguments: Any, **options: Any) -> list[Segment]:
        if self._fate.chance(0.005):
            raise Unavailable("throttled")
        found = super().segments(*arguments, **options)
        self._fate.dawdle(0.4)
        return found


class Deliveries(MemoryQueue):
    """The notifier's queue; whoever sends may crash just before."""

    def __init__(self, fate: Fate, notifier: Notifier) -> None:
        super().__init__()
        self._fate = fate
        self._notifier = notifier

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        if self._fate.stage.playing and self._fate.chance(0.05):
            raise Crash  # after the decision, before the queue
        delay = self._fate.random.uniform(50, 500)
        self._fate.stage.at(delay, self._notifier.notify, str(message["delivery"]), 1)


class Wake(MemoryQueue):
    """The sweeper's queue; some messages get lost."""

    def __init__(self, world: "World") -> None:
        super().__init__()
        self._world = world

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        fate = self._world.fate
        if not fate.chance(0.1):
            delay = delay_s * SECOND + fate.random.uniform(0, 500)
            fate.stage.play(delay, self._world.wake, message["alerts"])


class World:
    """One trial: `live` it, then look at what is recorded."""

    def __init__(self, seed: int, calm: bool, stage: Stage) -> None:
        self.fate = Fate(seed, calm, stage)
        self.table = FaultyTable(self)
        self.points = SlowPoints(self.fate)
        self.people = People(self.fate, self.table)
        self.fleet = Fleet(self.fate, self.points, self.announce)
        self.notifier = Notifier(self.fate, self.table, ACTIVE_S)
        self.deliveries, self.wakeups = Deliveries(self.fate, self.notifier), Wake(self)
        self.parked = MemoryQueue()
        self.trouble: list[str] = []
        self._consumers: list[StreamConsumer] = []
        self._sweepers: list[Sweeper] = []
        self._down = (0, 0) if calm else (300, 300 + self.fate.random.choice((0, 120, 600)))

    def live(self) -> None:
        stage, registry = self.fate.stage, keys.registry(TENANT)._asdict()
        self.table.write(Put({**registry, "k": "registry", "tenant": TENANT}))
        self.people.begin(ACTIVE_S)
        self.fleet.begin()
        stage.at(self.fate.random.uniform(0, MINUTE_MS), self.minute)
        stage.run(START + ACTIVE_S * SECOND)
        self.fleet.active = False
        stage.run(START + (ACTIVE_S + AFTER_S) * SECOND)
        self.fate.quiet, self.notifier.outages = True, []
        stage.run(START + (ACTIVE_S + AFTER_S + QUIET_S) * SECOND)

    # --- the stream -------------------------------------------------------------------------------

    def announce(self, segment: Segment) -> None:
        """A segment has become visible."""
        fate = self.fate
        if fate.chance(0.04):
            return  # the record is lost
        record = stream_record(segment_item(TENANT, 0, segment))
        for _ in range(1 + fate.chance(0.15)):
            late = fate.random.choice((30, 200, 900)) if fate.chance(0.08) else 0
            delay = (fate.random.uniform(0.2, 1.5) + late) * SECOND
            fate.stage.play(delay, self.invoke, record, 3)

    def invoke(self, record: dict[str, Any], tries: int) -> None:
        """One environment handles one record; sometimes it is a new one."""
        consumer = self._consumers.pop() if self._consumers else self._consumer()
        try:
            answer = consumer.consume({"Records": [record]}, lambda: 60_000)
        except Crash:
            answer = {"batchItemFailures": [{"itemIdentifier": "1"}]}
        else:
            if not self.fate.chance(0.1):
                self._consumers.append(consumer)
        if answer["batchItemFailures"] and tries:
            self.fate.stage.play(SECOND, self.invoke, record, tries - 1)

    def _evaluation(self) -> Evaluation:
        def deliver(tenant: str, delivery: str) -> None:
            self.deliveries.send({"tenant": tenant, "delivery": delivery})

        def pause(attempt: int) -> None:
            self.fate.stage.pause(100 * attempt)

        return Evaluation(self.table, self.points, self.fate.stage, deliver, pause)

    def _consumer(self) -> StreamConsumer:
        clock = self.fate.stage
        return StreamConsumer(
            self._evaluation(),
            RuleBook(self.table, clock),
            self.points,
            Wakeups(self.wakeups, clock),
            self.parked,
            LateMarks(self.table, clock),
            clock,
        )

    # --- just before and just after a decision is written -----------------------------------------

    def before_decision(self, decision: Decision) -> None:
        """It was planned; nearly anything may happen now."""
        fate = self.fate
        if fate.chance(0.03):
            raise Crash
        if fate.chance(0.05):
            raise TransactionConflict
        begins = decision.source.value == "INSUFFICIENT_DATA"
        if decision.alert == "C":
            if fate.chance(0.25 if begins else 0.01):
                self.people.delete(decision.alert)
        elif fate.chance(0.02):
            self.people.edit(decision.alert)
        if fate.stage.playing and fate.chance(0.2):
            # A write that has begun takes at most fifteen seconds.
            fate.stage.pause(fate.random.uniform(1, 14) * SECOND)

    def decided(self, decision: Decision) -> None:
        """It has been written: by the definition that holds at this moment?"""
        head = self.people.store.get(TENANT, decision.alert)
        if head is None or head.version != decision.version:
            self.trouble.append(f"I11 {decision} under {head}")

    # --- the clock --------------------------------------------------------------------------------

    def minute(self) -> None:
        self.fate.stage.at(MINUTE_MS, self.minute)
        if not self._down[0] <= self.fate.elapsed < self._down[1]:
            self.fate.stage.play(0, self.sweep)

    def _sweeper(self) -> Sweeper:
        clock = self.fate.stage
        return Sweeper(
            self.table,
            self._evaluation(),
            RuleBook(self.table, clock),
            Wakeups(self.wakeups, clock),
            self.deliveries,
            clock,
            MARK_STEP,
            WIDTH_A_MINUTE,
        )

    def sweep(self) -> None:
        metrics.clear_metrics()  # nobody publishes them here
        sweeper = self._sweepers.pop() if self._sweepers else self._sweeper()
        try:
            sweeper.sweep(lambda: 1_000 if self.fate.chance(0.05) else 60_000)
        except (Crash, Unavailable):
            return
        self._sweepers.append(sweeper)

    def wake(self, alerts: Sequence[str]) -> None:
        sweeper = self._sweepers.pop() if self._sweepers else self._sweeper()
        try:
            sweeper.wake(TENANT, alerts)
        except (Crash, Unavailable):
            return
        self._sweepers.append(sweeper)
