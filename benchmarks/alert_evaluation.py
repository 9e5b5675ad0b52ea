"""What the evaluator takes of alerts: for each instance that a record concerns, for those it does
not concern, and to begin with.

The rules are spread over twelve times as many metrics as a record has series, so that about one in
twelve has an instance there.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count

from skafu.alerts.codec import to_json
from skafu.alerts.evaluation import Evaluation
from skafu.alerts.late import LateMarks
from skafu.alerts.model import Alert, Comparison, Definition
from skafu.alerts.packed import write_packed
from skafu.alerts.rules import RuleBook
from skafu.alerts.stream import StreamConsumer
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.items import segment_item
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Segment, Series, Statistic
from skafu.metrics.store import MetricsStore
from skafu.shared import keys
from skafu.shared.capacity import READ_BYTES, item_size
from skafu.shared.keys import BUCKET_MS, MINUTE_MS
from skafu.shared.metering import Meter, MeteredTable
from skafu.shared.table import Put
from benchmarks.rows import Row
from tests.support.memory_table import InMemoryTable
from tests.support.queues import MemoryQueue
from tests.support.stream import Record, stream_record

TENANT = "t4n7d1x0q2b8k6w3v9j5"
NOON = 1_700_049_600_000
SIZES = (10, 1_000, 10_000, 100_000)
SERIES = 1_000
SPREAD = 12
ROUNDS = 5
PAGE_BYTES = 1_000_000
"""About so much one query answers at most (a megabyte)."""


def rule(number: int) -> Alert:
    """An alert as people make them: an average of some metric by host."""
    definition = Definition(
        metric=f"app.requests.{number * 7919 % (SERIES * SPREAD):05d}",
        statistic=Statistic.AVG,
        period=60,
        comparison=Comparison.ABOVE,
        threshold=1e6,
        group_by=("host",),
        evaluation_periods=3,
        datapoints_to_alarm=2,
    )
    name = f"requests of service {number} are too slow"
    return Alert(
        f"a{number:019d}", 1, name, definition, NOON - MINUTE_MS, NOON - MINUTE_MS, description=name
    )


class Engine:
    """A tenant with so many rules and one agent of a thousand series, and an evaluator."""

    def __init__(self, rules: int) -> None:
        self.now = NOON
        self.stored = InMemoryTable(page_size=1_000)
        self.table = MeteredTable(self.stored, self.stored.items.get)
        self.alerts = [rule(number) for number in range(rules)]
        self._requests = count(1)
        tags = (("host", "web-1"), ("region", "eu-west-1"))
        self.layout = layout_of(
            Series(f"app.requests.{number:05d}", tags) for number in range(SERIES)
        )
        for alert in self.alerts:
            item = {**keys.alert(TENANT, alert.id)._asdict(), "k": "alert", "version": 1}
            self.stored.write(Put({**item, "body": to_json(alert)}))
        version = {**keys.rules_version(TENANT)._asdict(), "k": "rules", "version": rules}
        self.stored.write(Put(version))
        if rules:
            write_packed(self.stored, TENANT, rules, self.alerts, NOON)
        self.store = MetricsStore(self.table, self._clock)
        self.book = RuleBook(self.table, self._clock)
        self._evaluation = Evaluation(
            self.table, self.store, self._clock, lambda *_: None, lambda _: None
        )
        self.parked = MemoryQueue()
        self._consumer = StreamConsumer(
            self._evaluation,
            self.book,
            self.store,
            Wakeups(MemoryQueue(), self._clock),
            self.parked,
            LateMarks(self.table, self._clock),
            self._clock,
        )

    def _clock(self) -> int:
        return self.now

    def send(self) -> Record:
        """A point of every series, stored; its record of the stream."""
        number = next(self._requests)
        segment = Segment(
            layout=self.layout.hash,
            bucket=self.now // BUCKET_MS * BUCKET_MS,
            request=f"request{number:016d}",
            receipt=self.now,
            late=False,
            series=list(range(SERIES)),
            timestamps=[self.now] * SERIES,
            values=[float(number % 50)] * SERIES,
        )
        self.store.write(TENANT, [self.layout], [segment])
        return stream_record(segment_item(TENANT, 0, segment), number)

    def consume(self, record: Record) -> float:
        """Handle one record; milliseconds of CPU."""
        began = time.process_time_ns()
        answer = self._consumer.consume({"Records": [record]}, lambda: 60_000)
        spent = (time.process_time_ns() - began) / 1e6
        if answer["batchItemFailures"] or self.parked.sent:
            raise RuntimeError("the evaluator has failed")
        return spent


@dataclass(frozen=True)
class Taken:
    """What records take, in milliseconds of CPU and units: one that nothing waits for, and one that
    closes a bucket and changes no state. `lookup_us` is the plan of a known layout.
    """

    pairs: int
    lookup_us: float
    idle_ms: float
    idle: Meter
    closing_ms: float
    closing: Meter


@cache
def taken(rules: int) -> Taken:
    """Measure with so many rules."""
    engine = Engine(rules)
    for _ in range(6):  # instances begin, and reach the state that they stay in
        engine.consume(engine.send())
        engine.now += MINUTE_MS
    idle: list[float] = []
    closing: list[float] = []
    used = Meter(), Meter()
    for _ in range(ROUNDS):
        engine.consume(engine.send())
        engine.now += 20_000
        used = (_counted(engine, idle), used[1])
        engine.now += 40_000
        used = (used[0], _counted(engine, closing))
    plan = engine.book.rules(TENANT).plan
    matches = plan(engine.layout)
    return Taken(
        pairs=len(matches),
        lookup_us=_median_us(lambda: plan(engine.layout)),
        idle_ms=statistics.median(idle),
        idle=used[0],
        closing_ms=statistics.median(closing),
        closing=used[1],
    )


def _counted(engine: Engine, times: list[float]) -> Meter:
    record = engine.send()
    engine.table.forget()
    times.append(engine.consume(record))
    return engine.table.forget()


def _median_us(action: Callable[[], object]) -> float:
    found: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        for _ in range(1_000):
            action()
        found.append((time.process_time_ns() - began) / 1e6)
    return statistics.median(found)


@dataclass(frozen=True)
class Cold:
    """What an evaluator that knows nothing takes until it has all rules."""

    calls: int
    pages: int
    rru: float
    bytes: int
    cpu_ms: float


@cache
def cold(rules: int) -> Cold:
    """Measure with so many rules."""
    engine = Engine(rules)
    times: list[float] = []
    used = Meter()
    for _ in range(3):
        book = RuleBook(engine.table, lambda: NOON)
        engine.table.forget()
        began = time.process_time()
        found = book.rules(TENANT)
        times.append((time.process_time() - began) * 1000)
        used = engine.table.forget()
        if len(found.alerts) != rules:
            raise RuntimeError("rules are missing")
    pages = used.calls + used.read // PAGE_BYTES
    return Cold(used.calls, pages, used.rru, used.read, statistics.median(times))


def rows() -> Iterator[Row]:
    """The evaluator, by the number of rules; then a cold one."""
    nothing = taken(0)
    for rules in SIZES:
        found = taken(rules)
        pairs = max(found.pairs, 1)
        idle_us = (found.idle_ms - nothing.idle_ms) * 1000 / pairs
        closing_us = (found.closing_ms - nothing.closing_ms) * 1000 / pairs
        yield Row(
            f"evaluator, {rules:,} rules: a matching pair that a record changes nothing of",
            idle_us,
            "us",
            2 if rules == 10_000 else None,
            1,
            f"{found.pairs:,} pairs; the plan is looked up in {found.lookup_us:.2f} us; the record "
            f"as a whole {found.idle_ms:.1f} ms, {nothing.idle_ms:.1f} of it without rules; "
            f"{found.idle.calls} reads, {found.idle.rru:g} RRU, {found.idle.wru:g} WRU",
        )
        yield Row(
            f"evaluator, {rules:,} rules: a matching pair whose bucket a record closes",
            closing_us,
            "us",
            note=f"no state changes; {found.closing.calls:,} reads, {found.closing.rru:g} RRU, "
            f"{found.closing.wru:g} WRU",
        )
    wru = sum(taken(rules).idle.wru + taken(rules).closing.wru for rules in SIZES)
    yield Row("WRU per point where no state changes", wru / SERIES, "WRU", 0, 0)
    start = cold(10_000)
    yield Row(
        "cold evaluator, 10,000 rules: calls until it has them all",
        start.pages,
        "calls",
        note=f"{start.rru:g} RRU for {start.bytes / 1e6:.2f} MB, {start.cpu_ms:.0f} ms of CPU; "
        f"one by one it were {_one_by_one():g} RRU",
    )


def _one_by_one() -> float:
    """Read units of all alerts, read as they are."""
    alerts = (item for item in Engine(10_000).stored.items.values() if item["k"] == "alert")
    return round(sum(map(item_size, alerts)) / READ_BYTES)
