"""Baselines in the table: made once, by whoever has a reader, and the same for everybody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from skafu.alerts.cases import Case, Feed
from skafu.alerts.learning import LEARNING_MS, Baselines
from skafu.alerts.model import Alert, Season, Transform, TransformType, instance_id
from skafu.alerts.journal import Subject
from skafu.alerts.transforms import Baseline
from skafu.metrics.demands import Demand, Run
from skafu.metrics.model import Series, Tags
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

TODAY = NOON // DAY_MS * DAY_MS
MORNING = TODAY + 3 * HOUR_MS
UNUSUAL = Transform(TransformType.DEVIATION, season=Season.DAY, seasons=2)


@dataclass
class Days:
    """A reader of hosts that send their number at the start of every quarter of an hour. Each
    reading takes a second.
    """

    clock: FakeClock
    hosts: Sequence[str] = ("1", "2")
    asked: list[Sequence[Demand]] = field(default_factory=list)

    def read(
        self, tenant: str, demands: Sequence[Demand], warnings: list[str]
    ) -> Iterator[tuple[int, Run]]:
        assert tenant == TENANT and not warnings
        self.asked.append(demands)
        self.clock.advance(1_000)
        for host in self.hosts:
            series = Series("cpu.load", (("host", host),))
            for number, demand in enumerate(demands):
                if demand.wants(series):
                    times = range(demand.start, demand.end, 900_000)
                    yield number, Run(series, list(times), [float(host)] * len(times))


@dataclass
class World:
    table: InMemoryTable = field(default_factory=InMemoryTable)
    clock: FakeClock = field(default_factory=lambda: FakeClock(MORNING))
    made: Alert = field(
        default_factory=lambda: alert(
            transform=UNUSUAL, period=900, group_by=("host",), edited_at=MORNING - HOUR_MS
        )
    )

    def __post_init__(self) -> None:
        self.reader = Days(self.clock)
        self.learning = Baselines(self.table, self.clock, self.reader)

    def case(self, host: str = "1") -> Case:
        tags: Tags = (("host", host),)
        subject = Subject(TENANT, self.made, instance_id(tags), tags)
        return Case(subject, (self.made,), MORNING, None, {1: {"x": Feed((0,), 1 << 50)}})

    def stored(self) -> list[keys.Key]:
        return sorted(key for key, item in self.table.items.items() if item["k"] == "baseline")


def test_alerts_without_deviations_need_nothing_and_ask_nobody() -> None:
    world = World(made=alert(group_by=("host",)))
    case = world.case()

    assert world.learning.provide(TENANT, [case], MORNING) == [case]
    assert not world.reader.asked and not case.baselines


def test_who_has_no_reader_leaves_it_to_who_has_one() -> None:
    world = World()
    evaluator = Baselines(world.table, world.clock)
    case = world.case()

    assert not evaluator.provide(TENANT, [case], MORNING)
    assert world.learning.provide(TENANT, [world.case()], MORNING)
    assert evaluator.provide(TENANT, [case], MORNING) == [case]
    assert case.baselines[1][TODAY].usual[9].median == 1.0


def test_a_baseline_is_made_once_from_the_days_before_the_last() -> None:
    world = World()
    world.learning.provide(TENANT, [world.case()], MORNING)

    assert world.stored() == [
        keys.baseline(TENANT, "alert-1", 1, world.case().subject.instance, TODAY)
    ]
    spans = [(demand.start, demand.end) for demands in world.reader.asked for demand in demands]
    assert spans == [(TODAY - back * DAY_MS, TODAY - (back - 1) * DAY_MS) for back in (2, 3)]
    other = Baselines(world.table, world.clock, world.reader)
    assert other.provide(TENANT, [world.case()], MORNING)
    assert len(world.reader.asked) == 2, "it is there"
    (item,) = (x for x in world.table.items.values() if x["k"] == "baseline")
    assert item["ttl"] == (TODAY + 40 * DAY_MS) // 1000


def test_what_somebody_else_has_stored_meanwhile_is_what_counts() -> None:
    world = World()

    class Slow(Days):
        def read(
            self, tenant: str, demands: Sequence[Demand], warnings: list[str]
        ) -> Iterator[tuple[int, Run]]:
            if not self.asked:
                self.asked.append(demands)
                Baselines(world.table, world.clock, Days(world.clock, ("5",))).provide(
                    TENANT, [world.case("5")], MORNING
                )
                # It has the other's key: as if the same instance had been learnt from other points.
                (key,) = world.stored()
                mine = keys.baseline(TENANT, "alert-1", 1, world.case().subject.instance, TODAY)
                item = dict(world.table.items.pop(key))
                world.table.items[mine] = {**item, **mine._asdict()}
            yield from super().read(tenant, demands, warnings)

    case = world.case()
    Baselines(world.table, world.clock, Slow(world.clock)).provide(TENANT, [case], MORNING)

    assert case.baselines[1][TODAY].usual[9].median == 5.0


def test_tomorrow_is_learnt_ahead_once_the_morning_is_over() -> None:
    world = World()
    noon = TODAY + 12 * HOUR_MS
    world.learning.provide(TENANT, [world.case()], MORNING)
    world.learning.provide(TENANT, [world.case()], MORNING)
    assert len(world.stored()) == 1

    world.learning.provide(TENANT, [world.case()], noon)
    assert [key.sk[-8:] for key in world.stored()] == [
        keys.day_of(TODAY),
        keys.day_of(TODAY + DAY_MS),
    ]
    asked = len(world.reader.asked)
    world.learning.provide(TENANT, [world.case()], noon)
    assert len(world.reader.asked) == asked


def test_learning_takes_turns_and_never_long() -> None:
    world = World()
    world.reader.hosts = [str(number) for number in range(1, 41)]
    cases = [world.case(host) for host in world.reader.hosts]

    before = world.clock()
    first = world.learning.provide(TENANT, cases, MORNING)
    assert world.clock() - before <= LEARNING_MS + 2_000
    assert len(first) == 16, "eight together, two seconds each"
    second = world.learning.provide(TENANT, cases, MORNING)
    third = world.learning.provide(TENANT, cases, MORNING)
    assert [len(second), len(third)] == [32, 40]
    assert all(case.baselines[1][TODAY] != Baseline({}) for case in third)


def test_a_walk_over_midnight_needs_both_days() -> None:
    early = World(
        made=alert(transform=UNUSUAL, period=900, group_by=("host",), edited_at=TODAY + 1)
    )
    after_midnight = early.case()
    after_midnight.after = TODAY + 1
    early.learning.provide(TENANT, [after_midnight], TODAY + HOUR_MS)
    assert set(after_midnight.baselines[1]) == {TODAY - DAY_MS, TODAY}
