"""Whatever mixture of segments, late items, chunks, days, hours and generations there is: a reader
gives each accepted point once, as a point or in its hour.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.metrics.demands import Demand, HourRun
from skafu.metrics.ingest import Ingest
from skafu.metrics.model import Series
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.compacted import Compacting
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, point, send

MIDNIGHT = NOON // DAY_MS * DAY_MS
FIRST = MIDNIGHT - DAY_MS
HOSTS = [f"h{n:02}" for n in range(20)]
SETTLED = 5 * MINUTE_MS

type Totals = dict[tuple[str, int], list[float]]
"""Number and sum of values, by host and hour."""

# How old a request's points are when it arrives, and how often it is tried again.
ages = st.sampled_from([0, 1, 10_000, BUCKET_MS, 3 * HOUR_MS, DAY_MS, DAY_MS + 7])
points = st.tuples(st.sampled_from(["cpu", "cpu", "mem"]), st.sampled_from(HOSTS), ages)
requests = st.tuples(st.lists(points, min_size=1, max_size=5), st.integers(0, 3))
# What the compactor does then, and how long nothing happens after it.
work = st.tuples(
    st.sampled_from(["seal", "merge", "fold", "fold and die"]), st.sampled_from([30, 96, 100, 192])
)
rounds = st.tuples(
    st.lists(requests, max_size=3),
    st.lists(work, max_size=2),
    st.sampled_from([MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 12 * HOUR_MS]),
)
type Round = tuple[list[tuple[list[tuple[str, str, int]], int]], list[tuple[str, int]], int]


@dataclass
class World:
    """What is stored, and beside it the plain list of what was accepted."""

    inline: int
    clock: FakeClock = field(default_factory=lambda: FakeClock(MIDNIGHT - 2 * HOUR_MS))
    table: InMemoryTable = field(default_factory=lambda: InMemoryTable(page_size=3))
    sent: list[tuple[str, str, int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ingest = Ingest(MetricsStore(self.table, self.clock))
        self.compacting = Compacting(self.table, inline=self.inline, rivals=True)
        self.sealed: set[int] = set()
        self.merged: dict[int, int] = {}

    def send(self, some: Sequence[tuple[str, str, int]], retries: int) -> None:
        number = float(len(self.sent))
        batch = [
            (name, host, self.clock.now - age, number + place)
            for place, (name, host, age) in enumerate(some)
        ]
        self.sent += batch
        bodies = [point(n, v, timestamp=at, tags={"host": h}) for n, h, at, v in batch]
        for _ in range(1 + retries // 2):
            send(self.ingest, *bodies, receipt=self.clock.now)
            self.clock.advance(retries * 4 * MINUTE_MS)

    def play(self, script: list[Round]) -> None:
        for some, works, pause in script:
            for each in some:
                self.send(*each)
            for step in works:
                self.compact(*step)
            self.clock.advance(pause)

    def compact(self, what: str, number: int) -> None:
        day = FIRST if number <= 100 else FIRST + DAY_MS
        if what == "seal":
            for bucket in range(FIRST, FIRST + number * BUCKET_MS, BUCKET_MS):
                if bucket + BUCKET_MS + SETTLED <= self.clock.now and bucket not in self.sealed:
                    self.compacting.seal(bucket)
                    self.sealed.add(bucket)
        elif what == "merge":
            if day + DAY_MS + SETTLED <= self.clock.now and day not in self.merged:
                self.compacting.merge(day)
                self.sealed.update(range(day, day + DAY_MS, BUCKET_MS))
                self.merged[day] = 1
        elif day in self.merged:
            self.merged[day] += 1
            self.compacting.fold(day, self.merged[day], keep=what == "fold and die")

    def read(self, degree: int, demands: Sequence[Demand]) -> tuple[list[Totals], list[str]]:
        """For each demand what came, by series and hour."""
        reader = Reader(self.table, self.clock, degree=degree)
        warnings: list[str] = []
        found: list[Totals] = [defaultdict(lambda: [0, 0.0]) for _ in demands]
        for number, run in reader.read(TENANT, demands, warnings):
            demand = demands[number]
            assert run.series.metric == demand.metric and demand.wants(run.series)
            host = run.series.tags[0][1]
            if isinstance(run, HourRun):
                assert demand.hours
                assert all(demand.start <= x.start <= demand.end - HOUR_MS for x in run.hours)
                for hour in run.hours:
                    _add(found[number], host, hour.start, hour.count, hour.sum)
                continue
            assert list(run.timestamps) == sorted(run.timestamps)
            assert all(demand.start <= at < demand.end for at in run.timestamps)
            for at, value in zip(run.timestamps, run.values, strict=True):
                _add(found[number], host, at, 1, value)
        return found, warnings

    def expected(self, demand: Demand) -> Totals:
        found: Totals = defaultdict(lambda: [0, 0.0])
        for name, host, at, value in self.sent:
            inside = name == demand.metric and demand.start <= at < demand.end
            if inside and demand.wants(Series(name, (("host", host),))):
                _add(found, host, at, 1, value)
        return found


def _add(totals: Totals, host: str, at: int, count: int, total: float) -> None:
    """Values are small integers, so that sums are exact."""
    found = totals[host, at // HOUR_MS]
    found[0] += count
    found[1] += total


def questions(low: int, high: int) -> list[Demand]:
    few = frozenset(HOSTS[::3])
    return [
        Demand("cpu", low + 7, high - 1),
        Demand("cpu", low, high, wants=lambda series: series.tags[0][1] in few),
        Demand("mem", low, high),
        Demand("cpu", low - DAY_MS, high + DAY_MS),
        Demand("cpu", FIRST + 12 * HOUR_MS, FIRST + 13 * HOUR_MS),
        Demand("cpu", low, high, hours=True),
        Demand("mem", low, high, hours=True, sketches=True),
    ]


@settings(max_examples=100, deadline=None)
@given(
    script=st.lists(rounds, min_size=1, max_size=8),
    start=st.integers(0, 60),
    length=st.integers(1, 80),
    inline=st.sampled_from([0, 2, 48]),
    degree=st.sampled_from([1, 8]),
)
def test_each_accepted_point_is_read_once(
    script: list[Round],
    start: int,
    length: int,
    inline: int,
    degree: int,
) -> None:
    world = World(inline)
    world.play(script)
    low = FIRST - DAY_MS + start * HOUR_MS
    demands = questions(low, low + length * HOUR_MS)
    found, warnings = world.read(degree, demands)
    assert not warnings
    for demand, got in zip(demands, found, strict=True):
        assert got == world.expected(demand)
