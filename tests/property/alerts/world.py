"""A faulty world around the real engine: agents that lag, fall silent or are ahead of their time, a
stream that loses, repeats and reorders, functions that pause anywhere and crash, targets that are
down, people who edit and delete. In a calm world none of this happens.

Everything that decides is the product's own code: StreamConsumer and Sweeper over the in-memory
table, AlertStore for people. The seed fixes all of it: a failing trial can be run again by number.
"""

from collections import defaultdict
from collections.abc import Sequence

from skafu.alerts.evaluation import Evaluation
from skafu.alerts.late import LateMarks
from skafu.alerts.model import Decision
from skafu.alerts.rules import RuleBook
from skafu.alerts.stream import StreamConsumer
from skafu.alerts.sweeper import Sweeper
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.items import segment_item
from skafu.metrics.model import Segment
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import MINUTE_MS, Key
from skafu.shared.observability import metrics
from skafu.shared.table import Item, Put, TransactionConflict

from tests.property.alerts.fate import NEIGHBOUR, SECOND, START, TENANT, Fate
from tests.property.alerts.faulty import Crash, Deliveries, FaultyTable, SlowPoints, Wake
from tests.property.alerts.fleet import Fleet
from tests.property.alerts.notifying import Notifier
from tests.property.alerts.people import People
from tests.support.actors import Stage
from tests.support.queues import MemoryQueue
from tests.support.stream import Record, stream_record

ACTIVE_S, AFTER_S, QUIET_S = 1500, 600, 900
MARK_STEP, WIDTH_A_MINUTE = 2 * MINUTE_MS, 1
TRIES = 4
"""So often a record is handled that fails again and again; then the stream gives it up."""


class World:
    """One trial: `live` it, then look at what is recorded."""

    def __init__(self, seed: int, calm: bool, stage: Stage) -> None:
        self.fate = Fate(seed, calm, stage)
        self.table = FaultyTable(self.fate, self)
        self.points = SlowPoints(self.fate)
        self.people = People(self.fate, self.table)
        self.fleet = Fleet(self.fate, self.points, self.announce)
        self.notifier = Notifier(self.fate, self.table, ACTIVE_S)
        self.deliveries, self.wakeups = Deliveries(self.fate, self.notifier), Wake(
            self.fate, self.wake
        )
        self.parked = MemoryQueue()
        self.trouble: list[str] = []
        self.by_people = False
        """Whether it is people whose calls are made."""
        self.neighbours: dict[Key, Item] = {}
        self._shards: dict[str, list[tuple[Record, int]]] = defaultdict(list)
        self._records = 0
        self._consumers: list[StreamConsumer] = []
        self._sweepers: list[Sweeper] = []
        self._down = (0, 0) if calm else (300, 300 + self.fate.random.choice((0, 120, 600)))

    def live(self) -> None:
        stage = self.fate.stage
        for tenant in (TENANT, NEIGHBOUR):
            registry = keys.registry(tenant)._asdict()
            self.table.write(Put({**registry, "k": "registry", "tenant": tenant}))
        self.people.begin(ACTIVE_S)
        self.neighbours = self.of_neighbours()
        self.fleet.begin()
        stage.at(self.fate.random.uniform(0, MINUTE_MS), self.minute)
        stage.run(START + ACTIVE_S * SECOND)
        self.fleet.active = False
        stage.run(START + (ACTIVE_S + AFTER_S) * SECOND)
        self.fate.quiet, self.notifier.outages = True, []
        stage.run(START + (ACTIVE_S + AFTER_S + QUIET_S) * SECOND)

    def of_neighbours(self) -> dict[Key, Item]:
        """What is stored of the other tenant; how far its alerts were swept aside."""
        mine, items = f"{NEIGHBOUR}#", self.table.items.items()
        return {key: x for key, x in items if key.pk.startswith(mine) and x["k"] != "mark"}

    def idle_writes(self) -> int:
        """How much is written when all is decided, and somebody sweeps once more."""
        sweeper = self._sweeper()
        for _ in range(3):  # the marks of composites follow those of their alerts
            sweeper.sweep(lambda: 60_000)
        before = self.table.writes
        sweeper.sweep(lambda: 60_000)
        return self.table.writes - before

    # --- the stream -------------------------------------------------------------------------------

    def announce(self, segment: Segment) -> None:
        """A segment has become visible."""
        fate = self.fate
        if fate.chance(0.04):
            return  # the record is lost
        self._records += 1
        record = stream_record(segment_item(TENANT, 0, segment), self._records)
        for _ in range(1 + fate.chance(0.15)):
            late = fate.random.choice((30, 200, 900)) if fate.chance(0.08) else 0
            delay = (fate.random.uniform(0.2, 1.5) + late) * SECOND
            fate.stage.at(delay, self.arrive, segment.layout, record)

    def arrive(self, shard: str, record: Record) -> None:
        """A record can be had from its shard."""
        self._shards[shard].append((record, TRIES))
        self.fate.stage.play(self.fate.random.uniform(0, 300), self.poll, shard)

    def poll(self, shard: str) -> None:
        """One environment handles a batch of what the shard has; sometimes another one does at the
        same time.
        """
        batch = self._shards.pop(shard, [])
        if not batch:
            return
        if self.fate.chance(0.1):
            self.fate.stage.play(0, self.invoke, shard, list(batch))
        self.invoke(shard, batch)

    def invoke(self, shard: str, batch: Sequence[tuple[Record, int]]) -> None:
        """What fails comes again, and so does all after it, perhaps together with what is new."""
        records = {record["eventID"]: record for record, _ in batch}
        consumer = self._consumers.pop() if self._consumers else self._consumer()
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records.values()]
        time = 1_000 if self.fate.chance(0.02) else 60_000
        try:
            answer = consumer.consume({"Records": list(records.values())}, lambda: time)
            failed = [numbers.index(x["itemIdentifier"]) for x in answer["batchItemFailures"]]
            if not self.fate.chance(0.1):
                self._consumers.append(consumer)
        except Crash:
            failed = [0]
        if not failed:
            return
        tries = {record["eventID"]: left for record, left in batch}
        again = [(x, tries[name] - 1) for name, x in records.items() if tries[name] > 1]
        self._shards[shard] = again[min(failed) :] + self._shards[shard]
        self.fate.stage.play(SECOND, self.poll, shard)

    def _evaluation(self, clock: Clock) -> Evaluation:
        def deliver(tenant: str, delivery: str) -> None:
            self.deliveries.send({"tenant": tenant, "delivery": delivery})

        def pause(attempt: int) -> None:
            self.fate.stage.pause(100 * attempt)

        return Evaluation(self.table, self.points, clock, deliver, pause)

    def _consumer(self) -> StreamConsumer:
        clock = self.fate.clock()
        return StreamConsumer(
            self._evaluation(clock),
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
        self.by_people = True
        begins = decision.source.value == "INSUFFICIENT_DATA"
        if decision.alert == "C":
            if fate.chance(0.25 if begins else 0.01):
                self.people.delete(decision.alert)
        elif fate.chance(0.02):
            self.people.edit(decision.alert)
        self.by_people = False
        if fate.stage.playing and fate.chance(0.2):
            # A write that has begun takes at most fifteen seconds.
            fate.stage.pause(fate.random.uniform(1, 14) * SECOND)

    def decided(self, decision: Decision) -> None:
        """It has been written: by the definition that holds at this moment?"""
        self.by_people = True
        head = self.people.store.get(TENANT, decision.alert)
        self.by_people = False
        if head is None or head.version != decision.version:
            self.trouble.append(f"I11 {decision} under {head}")
        if self.fate.stage.playing and self.fate.chance(0.02):
            raise Crash
        if self.fate.stage.playing and self.fate.chance(0.02):
            raise Unavailable("the answer was lost")

    # --- the clock --------------------------------------------------------------------------------

    def minute(self) -> None:
        self.fate.stage.at(MINUTE_MS, self.minute)
        if not self._down[0] <= self.fate.elapsed < self._down[1]:
            self.fate.stage.play(0, self.sweep)

    def _sweeper(self) -> Sweeper:
        clock = self.fate.clock()
        return Sweeper(
            self.table,
            self._evaluation(clock),
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
