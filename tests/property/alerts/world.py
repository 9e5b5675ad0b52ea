"""A faulty world around the real engine: agents that lag, fall silent or are ahead of their time, a
stream that loses, repeats and reorders, functions that pause anywhere and crash, targets that are
down, people who edit and delete. In a calm world none of this happens.

Everything that decides is the product's own code: StreamConsumer and Sweeper over the in-memory
table, AlertStore for people. The seed fixes all of it: a failing trial can be run again by number.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from skafu.alerts.evaluation import Evaluation
from skafu.alerts.model import (
    Alert,
    Comparison,
    Decision,
    Definition,
    MissingData,
    decision_from,
)
from skafu.alerts.rules import RuleBook
from skafu.alerts.store import AlertStore
from skafu.alerts.stream import StreamConsumer
from skafu.alerts.sweeper import Sweeper
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.items import segment_item
from skafu.metrics.model import Layout, Segment, Series, Statistic
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import BUCKET_MS, MINUTE_MS
from skafu.shared.observability import metrics
from skafu.shared.table import (
    Check,
    Delete,
    Page,
    Put,
    Query,
    TransactionConflict,
    Update,
    Write,
)
from skafu.shared.wire import serialize

from tests.property.alerts.oracle import Point
from tests.support.actors import Stage
from tests.support.clocks import NOON
from tests.support.memory_table import InMemoryTable
from tests.support.points import MemoryPoints
from tests.support.queues import MemoryQueue

TENANT = "acme"
SECOND = 1000
LIFE = 28 * SECOND
START = NOON + 1200 * SECOND
ACTIVE_S, AFTER_S, QUIET_S = 1500, 600, 900
MARK_STEP = 2 * MINUTE_MS

SHAPES: tuple[dict[str, Any], ...] = (
    {"statistic": Statistic.MAX, "comparison": Comparison.ABOVE, "threshold": 10.0},
    {"statistic": Statistic.AVG, "comparison": Comparison.ABOVE, "threshold": 10.0},
    {
        "statistic": Statistic.AVG,
        "comparison": Comparison.ABOVE,
        "threshold": 10.0,
        "recovery": 7.0,
    },
    {
        "statistic": Statistic.MAX,
        "comparison": Comparison.AT_LEAST,
        "threshold": 11.0,
        "recovery": 7.0,
    },
    {"statistic": Statistic.MIN, "comparison": Comparison.BELOW, "threshold": 1.0},
    {"statistic": Statistic.AVG, "comparison": Comparison.AT_MOST, "threshold": 6.0},
    {"statistic": Statistic.SUM, "comparison": Comparison.ABOVE, "threshold": 40.0},
    {"statistic": Statistic.COUNT, "comparison": Comparison.AT_LEAST, "threshold": 5.0},
    {
        "statistic": Statistic.AVG,
        "comparison": Comparison.OUTSIDE,
        "threshold": None,
        "lower": 4.0,
        "upper": 11.0,
    },
    {
        "statistic": Statistic.MAX,
        "comparison": Comparison.OUTSIDE,
        "threshold": None,
        "lower": 2.0,
        "upper": 12.0,
    },
    {
        "statistic": Statistic.MIN,
        "comparison": Comparison.INSIDE,
        "threshold": None,
        "lower": -2.0,
        "upper": 3.0,
    },
)

PLAIN_SHAPES = tuple({"lower": None, "upper": None, "recovery": None, **x} for x in SHAPES)


class Crash(BaseException):
    """The process is gone, wherever it was."""


@dataclass(frozen=True)
class Agent:
    """Sends the load of a host every so often, as one layout."""

    host: str
    layout: Layout
    every: int
    kind: str
    skew: int


def agent_layout(host: str, number: int) -> Layout:
    tags = (("agent", str(number)), ("host", host))
    return Layout(f"{host}{number}", (Series("load", tags), Series("noise", tags)))


class FaultyTable(InMemoryTable):
    """Lets others in after reads; before a decision is written nearly anything may happen."""

    def __init__(self, world: "World") -> None:
        super().__init__(page_size=3)
        self._world = world
        self.before_write = self._before_write

    def query(self, query: Query) -> Page:
        page = super().query(query)
        if query.pk.startswith(f"{TENANT}#decisions"):
            self._world.dawdle(0.1)
        return page

    def transact(self, writes: Sequence[Write | Check]) -> None:
        super().transact(writes)
        for write in writes:
            if isinstance(write, Put) and write.item["k"] == "decision":
                self._world.decided(decision_from(str(write.item["body"])))

    def _before_write(self, writes: Sequence[Write | Check]) -> None:
        for write in writes:
            if isinstance(write, Put) and write.item["k"] == "decision":
                self._world.before_decision(str(write.item["body"]))


class SlowPoints(MemoryPoints):
    """Others may get in between what is read here and what is made of it."""

    def __init__(self, world: "World") -> None:
        super().__init__()
        self._world = world

    def segments(self, *arguments: Any, **options: Any) -> list[Segment]:
        if self._world.chance(0.005):
            raise Unavailable("throttled")
        found = super().segments(*arguments, **options)
        self._world.dawdle(0.4)
        return found


class Deliveries(MemoryQueue):
    def __init__(self, world: "World") -> None:
        super().__init__()
        self._world = world

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        world = self._world
        if world.stage.playing and world.chance(0.05):
            raise Crash  # after the decision, before the queue
        world.stage.at(world.random.uniform(50, 500), world.notify, str(message["delivery"]), 1)


class Wake(MemoryQueue):
    def __init__(self, world: "World") -> None:
        super().__init__()
        self._world = world

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        if not self._world.chance(0.1):
            delay = delay_s * SECOND + self._world.random.uniform(0, 500)
            self._world.stage.play(delay, self._world.wake, message["alerts"])


class World:
    """One trial: `live` it, then look at what is recorded."""

    def __init__(self, seed: int, calm: bool, stage: Stage) -> None:
        self.random, self.calm, self.stage = Random(seed), calm, stage
        self.quiet = False
        self.active = True
        self.table = FaultyTable(self)
        self.points = SlowPoints(self)
        self.deliveries, self.wakeups = Deliveries(self), Wake(self)
        self.parked = MemoryQueue()
        self.trouble: list[str] = []
        self.store = AlertStore(self.table)
        self.hosts = ("a", "b") if calm else ("a", "b", "old")
        self.agents: dict[str, list[Layout]] = defaultdict(list)
        self.sent: dict[str, list[Point]] = defaultdict(list)
        self.got: dict[str, set[str]] = defaultdict(set)
        self._requests: set[str] = set()
        self._consumers: list[StreamConsumer] = []
        self._sweepers: list[Sweeper] = []
        pick = self.random.choice
        moments = self.random.sample(range(0, ACTIVE_S + 300), 2)
        self.outages = [] if calm else [(x, x + pick((60, 300, 700))) for x in moments]
        self.sweeper_down = (0, 0) if calm else (300, 300 + pick((0, 120, 600)))

    # --- chance -----------------------------------------------------------------------------------

    def chance(self, p: float) -> bool:
        return not self.calm and not self.quiet and self.random.random() < p

    def dawdle(self, share: float) -> None:
        """Let others go on, now and then, for seconds or for minutes."""
        if not self.stage.playing or not self.chance(share):
            return
        if self.random.random() < 0.1:
            self.stage.pause(self.random.choice((12, 60, 400)) * SECOND)
        else:
            self.stage.pause(self.random.uniform(1, 9) * SECOND)

    @property
    def elapsed(self) -> int:
        """Seconds since the start."""
        return (self.stage.now - START) // SECOND

    # --- life -------------------------------------------------------------------------------------

    def live(self) -> None:
        r = self.random
        self.table.write(
            Put({**keys.registry(TENANT)._asdict(), "k": "registry", "tenant": TENANT})
        )
        for name in ("A", "B", "C"):
            self.stage.at(r.choice((0, r.uniform(0, 100_000))), self.create, name)
        kinds = (
            ("steady", "steady", "future")
            if self.calm
            else ("steady", "slow", "slow", "silent", "future")
        )
        for host in self.hosts:
            for number in range(1 if host == "old" else r.randint(1, 3)):
                kind = r.choice(kinds)
                every = r.choice((10, 50) if self.calm else (10, 20, 50))
                skew = 0 if self.calm else r.choice((0, 0, -15, 12))
                layout = agent_layout(host, number)
                agent = Agent(host, layout, every, kind, skew)
                self.stage.at(r.uniform(0, 20_000), self.report, agent, 0)
        self.stage.at(r.uniform(0, 60_000), self.minute)
        if not self.calm:
            for name in ("A", "B"):
                for _ in range(r.randint(1, 2)):
                    self.stage.at(r.uniform(100, ACTIVE_S) * SECOND, self.edit, name)
            self.stage.at(r.uniform(300, ACTIVE_S) * SECOND, self.delete, "C")
        self.stage.run(START + ACTIVE_S * SECOND)
        self.active = False
        self.stage.run(START + (ACTIVE_S + AFTER_S) * SECOND)
        self.quiet, self.outages = True, []
        self.stage.run(START + (ACTIVE_S + AFTER_S + QUIET_S) * SECOND)

    # --- agents -----------------------------------------------------------------------------------

    def level(self, host: str, at: int) -> float:
        """The truth that agents report, with some noise; `at` is in seconds."""
        turn = at // (150 if self.calm else 90)
        if (turn + (host == "b")) % 3 == 0:
            return 14
        return 8.5 if turn % 3 == 1 else 3

    def report(self, agent: Agent, n: int) -> None:
        r = self.random
        if not self.active:
            return
        self.stage.at(agent.every * SECOND, self.report, agent, n + 1)
        now = self.stage.now // SECOND
        if agent.kind == "silent" and (now // 400) % 2:
            return
        at = now + agent.skew
        moments = [at - 1 - r.randint(0, 8), at]
        points = [(x, self.level(agent.host, at) + r.uniform(-6, 6)) for x in moments]
        if agent.kind == "future" and n % 7 == 3:
            points = [(at + r.choice((45, 1000, 7000)), 3.0)]
        if agent.host == "old":
            points = [(at - 900, 50.0)]
        lag = r.uniform(0, 4) if self.calm else r.choice((0.2, 1, 3))
        if agent.kind == "slow" and r.random() < 0.35:
            lag += r.choice((20, 50, 100, 150, 280, 350))
        visible = r.uniform(0, 1) if self.calm else 28 * r.random() ** 4
        for part in [points] if r.random() < 0.7 else [[point] for point in points]:
            request = f"{agent.layout.hash}-{n}-{part[0][0]}"
            self.stage.at(lag * SECOND, self.receive, agent, request, part, visible)
            if self.chance(0.1):  # the client tries again
                self.stage.at((lag + 20) * SECOND, self.receive, agent, request, part, visible)

    def receive(
        self, agent: Agent, request: str, points: list[tuple[int, float]], visible: float
    ) -> None:
        self.stage.at(visible * SECOND, self.store_points, agent, request, points, self.stage.now)

    def store_points(
        self, agent: Agent, request: str, points: list[tuple[int, float]], receipt: int
    ) -> None:
        if request in self._requests:
            return
        self._requests.add(request)
        buckets: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for at, value in points:
            self.sent[agent.host].append(Point(at * SECOND, value, receipt))
            buckets[at * SECOND // BUCKET_MS * BUCKET_MS].append((at * SECOND, value))
        for bucket, some in buckets.items():
            some.sort()
            segment = Segment(
                agent.layout.hash,
                bucket,
                request,
                receipt,
                False,
                [0] * len(some) + [1],
                [at for at, _ in some] + [some[-1][0]],
                [value for _, value in some] + [self.random.random()],
            )
            if agent.layout not in self.agents[agent.host]:
                self.agents[agent.host].append(agent.layout)
            self.points.put(TENANT, agent.layout, segment)
            self.announce(segment)

    # --- the stream -------------------------------------------------------------------------------

    def announce(self, segment: Segment) -> None:
        if self.chance(0.04):
            return  # the record is lost
        item = segment_item(TENANT, segment)
        record = {
            "eventID": segment.request,
            "eventName": "INSERT",
            "dynamodb": {
                "Keys": serialize({"pk": item["pk"], "sk": item["sk"]}),
                "NewImage": serialize(item),
                "SequenceNumber": "1",
            },
        }
        for _ in range(1 + self.chance(0.15)):
            late = self.random.choice((30, 200, 900)) if self.chance(0.08) else 0
            delay = (self.random.uniform(0.2, 1.5) + late) * SECOND
            self.stage.play(delay, self.invoke, record, 3)

    def invoke(self, record: dict[str, Any], tries: int) -> None:
        consumer = self._consumers.pop() if self._consumers else self.consumer()
        try:
            answer = consumer.consume({"Records": [record]}, lambda: 60_000)
        except Crash:
            answer = {"batchItemFailures": [{"itemIdentifier": "1"}]}
        else:
            if not self.chance(0.1):
                self._consumers.append(consumer)
        if answer["batchItemFailures"] and tries:
            self.stage.play(SECOND, self.invoke, record, tries - 1)

    def evaluation(self) -> Evaluation:
        def deliver(tenant: str, delivery: str) -> None:
            self.deliveries.send({"tenant": tenant, "delivery": delivery})

        def pause(attempt: int) -> None:
            self.stage.pause(100 * attempt)

        return Evaluation(self.table, self.points, self.stage, deliver, pause)

    def consumer(self) -> StreamConsumer:
        return StreamConsumer(
            self.evaluation(),
            RuleBook(self.table, self.stage),
            self.points,
            Wakeups(self.wakeups, self.stage),
            self.parked,
            self.stage,
        )

    def before_decision(self, body: str) -> None:
        """Just before a decision is written, after it was planned."""
        if self.chance(0.03):
            raise Crash
        if self.chance(0.05):
            raise TransactionConflict
        alert = body.split('"alert":"')[1].split('"')[0]
        begins = '"source":"INSUFFICIENT_DATA"' in body
        if self.chance((0.25 if begins else 0.01) if alert == "C" else 0.02):
            if alert == "C":
                self.delete(alert)
            else:
                self.edit(alert)
        self.dawdle_in_flight()

    def decided(self, decision: Decision) -> None:
        """A decision has been written: by the definition that holds at this moment?"""
        head = self.store.get(TENANT, decision.alert)
        if head is None or head.version != decision.version:
            self.trouble.append(f"I11 {decision} under {head}")

    def dawdle_in_flight(self) -> None:
        """A write that has begun takes at most fifteen seconds."""
        if self.stage.playing and self.chance(0.2):
            self.stage.pause(self.random.uniform(1, 14) * SECOND)

    # --- the clock --------------------------------------------------------------------------------

    def minute(self) -> None:
        self.stage.at(MINUTE_MS, self.minute)
        if not self.sweeper_down[0] <= self.elapsed < self.sweeper_down[1]:
            self.stage.play(0, self.sweep)

    def sweeper(self) -> Sweeper:
        return Sweeper(
            self.table,
            self.evaluation(),
            RuleBook(self.table, self.stage),
            Wakeups(self.wakeups, self.stage),
            self.deliveries,
            self.stage,
            MARK_STEP,
        )

    def sweep(self) -> None:
        metrics.clear_metrics()  # nobody publishes them here
        sweeper = self._sweepers.pop() if self._sweepers else self.sweeper()
        try:
            sweeper.sweep(lambda: 1_000 if self.chance(0.05) else 60_000)
        except (Crash, Unavailable):
            return
        self._sweepers.append(sweeper)

    def wake(self, alerts: Sequence[str]) -> None:
        sweeper = self._sweepers.pop() if self._sweepers else self.sweeper()
        try:
            sweeper.wake(TENANT, alerts)
        except (Crash, Unavailable):
            return
        self._sweepers.append(sweeper)

    # --- the notifier: at least once --------------------------------------------------------------

    def notify(self, delivery: str, received: int) -> None:
        key = keys.outbox(TENANT, delivery)
        item = self.table.get(key)
        assert item is not None, "a delivery without its outbox item"
        if item["status"] == "sent" and not self.chance(0.2):
            return
        if self.chance(0.05) and received < 5:
            self.stage.at(30 * SECOND, self.notify, delivery, received + 1)
            return
        if any(x <= self.elapsed < y for x, y in self.outages):
            if received < 5:  # then parked
                self.stage.at(20 * 2**received * SECOND, self.notify, delivery, received + 1)
            return
        self.got[delivery].add(str(item["sk"]))
        if self.chance(0.1):
            self.stage.at(30 * SECOND, self.notify, delivery, received + 1)
            return  # crash between the sending and the mark
        self.table.write(Update(key, {"status": "sent"}, remove=("gsi1pk", "gsi1sk")))

    # --- people -----------------------------------------------------------------------------------

    def create(self, name: str) -> None:
        r, now = self.random, self.stage.now
        n = r.choice((1, 1, 2, 3))
        definition = Definition(
            metric="load",
            period=r.choice((30, 60)),
            evaluation_periods=n,
            datapoints_to_alarm=r.randint(1, n),
            missing_data=r.choice(list(MissingData)),
            group_by=() if name == "B" and r.random() < 0.3 else ("host",),
            **(r.choice(SHAPES[:4]) if name == "A" else r.choice(SHAPES)),
        )
        alert = Alert(name, 1, f"alert {name}", definition, created_at=now, edited_at=now)
        self.store.create(TENANT, alert)

    def edit(self, name: str) -> None:
        present = self.store.get(TENANT, name)
        if present is None:
            return
        r = self.random
        changed = replace(
            present.definition,
            period=r.choice((30, 60)),
            missing_data=r.choice(list(MissingData)),
            group_by=r.choice(((), ("host",), ("host",), ("host",))),
            **r.choice(({}, {"recovery": None}, r.choice(PLAIN_SHAPES))),
        )
        edited = replace(present, definition=changed, edited_at=self.stage.now)
        self.store.replace(TENANT, edited, present.version)

    def delete(self, name: str) -> None:
        present = self.store.get(TENANT, name)
        if present is None:
            return
        if self.random.random() < 0.5:
            self.store.delete(TENANT, name, present.version)
        else:  # cut short: the sweeper clears the rest
            rules = Update(keys.rules_version(TENANT), set={"k": "rules"}, add={"version": 1})
            self.table.transact([Delete(keys.alert(TENANT, name)), rules])
