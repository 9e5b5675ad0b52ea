"""Whether requests stay within their tenants' quotas, and what looking costs."""

import json

import pytest

from skafu.metrics.layout import layout_of
from skafu.metrics.model import Layout, Segment, Series
from skafu.metrics.quotas import (
    Admission,
    count_series,
    points_of_minute,
    series_from,
    series_key,
)
from skafu.metrics.store import MetricsStore
from skafu.metrics.tenancy import Quotas, Tenancies, Tenancy, tenancy_attributes
from skafu.shared import keys
from skafu.shared.errors import QuotaExceeded
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.metering import MeteredTable
from skafu.shared.table import Put
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable

MIDNIGHT = NOON // DAY_MS * DAY_MS


class World:
    """One table and clock, and as many processes as are wanted; each has a meter of its own."""

    def __init__(self, quotas: Quotas) -> None:
        self.table, self.clock = InMemoryTable(), FakeClock(NOON)
        key = keys.tenant_settings("acme")
        self.table.write(Put({**key._asdict(), **tenancy_attributes(Tenancy(quotas))}))
        self.meters: list[MeteredTable] = []

    def process(self) -> Admission:
        table = MeteredTable(self.table, self.table.items.get)
        self.meters.append(table)
        tenancies = Tenancies(table, self.clock)
        tenancies.of("acme")  # believed for a minute, whoever asks
        table.forget()
        return Admission(table, self.clock, tenancies)

    @property
    def wru(self) -> float:
        return sum(meter.wru for meter in self.meters)


def layout(first: int, count: int, metric: str = "cpu.load") -> Layout:
    hosts = (f"machine-{number:06d}" for number in range(first, first + count))
    return layout_of(Series(metric, (("host", host),)) for host in hosts)


def send(admission: Admission, first: int, count: int) -> None:
    """A batch of series, in a combination that was never sent."""
    new = layout(first, count)
    admission.series("acme", [new], {new.hash})


# --- points a minute ------------------------------------------------------------------------------


def test_points_within_the_quota_are_let_in() -> None:
    admission = World(Quotas(points_a_minute=1000)).process()
    for _ in range(10):
        admission.points("acme", 100)


def test_over_it_the_answer_names_the_quota_and_the_seconds_to_the_next_minute() -> None:
    world = World(Quotas(points_a_minute=1000))
    admission = world.process()
    admission.points("acme", 950)
    world.clock.advance(18_500)
    with pytest.raises(QuotaExceeded) as refused:
        admission.points("acme", 51)
    error = refused.value
    assert error.headers == {"Retry-After": "42"}
    assert error.extra == {"quota": "points_a_minute", "limit": 1000, "used": 950}
    admission.points("acme", 50)  # what fits still gets in
    world.clock.advance(41_500)
    admission.points("acme", 1000)


def test_processes_count_together_within_a_hundredth_for_each() -> None:
    world = World(Quotas(points_a_minute=10_000))
    processes = [world.process() for _ in range(5)]
    taken = 0
    for turn in range(400):
        try:
            processes[turn % 5].points("acme", 60)
            taken += 60
        except QuotaExceeded:
            pass
    assert 10_000 - 60 <= taken <= 10_000 + 5 * 100


def test_a_small_tenant_never_pays_for_counting() -> None:
    world = World(Quotas())
    admission = world.process()
    for _ in range(100):
        admission.points("acme", 100)
    assert (world.meters[0].calls, world.wru) == (0, 0)


def test_a_large_tenant_pays_a_unit_for_a_hundredth_of_its_quota_at_most() -> None:
    world = World(Quotas())
    admission = world.process()
    for _ in range(1000):
        admission.points("acme", 1000)
    used = world.meters[0].used
    assert 80 <= used.wru <= 100 and used.rru <= 100
    assert used.wru / 1_000_000 <= 0.0001
    assert points_of_minute(world.table, "acme", NOON + 59_999) >= 980_000


def test_a_full_minute_is_not_looked_at_again() -> None:
    world = World(Quotas(points_a_minute=1000))
    first, second = world.process(), world.process()
    first.points("acme", 1000)
    for _ in range(20):
        with pytest.raises(QuotaExceeded):
            first.points("acme", 11)
    assert world.meters[0].calls == 2
    with pytest.raises(QuotaExceeded):
        second.points("acme", 11)
    assert world.meters[1].used.wru == 0


def test_counters_go_after_two_hours() -> None:
    world = World(Quotas(points_a_minute=1000))
    world.process().points("acme", 500)
    item = world.table.items[keys.flow("acme", NOON)]
    assert item == {
        **keys.flow("acme", NOON)._asdict(),
        "k": "flow",
        "n": 500,
        "ttl": (NOON + 120 * MINUTE_MS) // 1000,
    }


# --- active series --------------------------------------------------------------------------------


def test_new_series_beyond_the_quota_are_refused_and_known_layouts_go_on() -> None:
    world = World(Quotas(active_series=100))
    admission = world.process()
    send(admission, 0, 90)
    with pytest.raises(QuotaExceeded) as refused:
        send(admission, 1000, 20)
    extra = dict(refused.value.extra)
    assert abs(int(str(extra.pop("used"))) - 90) <= 5
    assert extra == {"quota": "active_series", "limit": 100}
    admission.series("acme", [layout(0, 90)], set())
    admission.series("acme", [layout(5000, 50)], set())  # somebody has named it before


def test_series_that_were_refused_are_not_counted() -> None:
    world = World(Quotas(active_series=100))
    admission = world.process()
    send(admission, 0, 80)
    for _ in range(3):
        with pytest.raises(QuotaExceeded):
            send(admission, 1000, 30)
    send(admission, 80, 15)


def test_the_same_series_in_ever_other_batches_count_once() -> None:
    """Clients that send what has changed make a new layout with nearly every request."""
    world = World(Quotas(active_series=200))
    processes = [world.process() for _ in range(3)]
    for turn in range(300):
        send(processes[turn % 3], turn % 90, 1 + turn % 10)
    assert world.wru <= 300


def test_what_other_processes_counted_counts() -> None:
    world = World(Quotas(active_series=10_000))
    send(world.process(), 0, 9_000)
    with pytest.raises(QuotaExceeded) as refused:
        send(world.process(), 20_000, 2_000)
    assert abs(int(str(refused.value.extra["used"])) - 9_000) <= 450


def test_churning_labels_are_stopped_within_a_hundredth_for_each_process() -> None:
    world = World(Quotas(active_series=10_000))
    processes = [world.process() for _ in range(4)]
    taken = 0
    for turn in range(600):
        try:
            send(processes[turn % 4], turn * 50, 50)
            taken += 50
        except QuotaExceeded:
            pass
    assert 9_300 <= taken <= 10_700 + 4 * 100


def test_small_tenants_do_not_pay_for_counting_series() -> None:
    world = World(Quotas())
    admission = world.process()
    for turn in range(9):
        send(admission, turn * 100, 100)
    assert (world.meters[0].calls, world.wru) == (0, 0)


def test_known_layouts_are_counted_once_a_day_and_then_cost_nothing() -> None:
    world = World(Quotas(active_series=10_000))
    admission = world.process()
    known = layout(0, 5_000)
    for _ in range(50):
        admission.series("acme", [known], set())
    assert world.meters[0].calls == 2  # what others counted, and its own
    assert abs(len(series_from(world.table.get(series_key("acme", MIDNIGHT)))) - 5_000) <= 250


def test_a_new_day_begins_at_midnight() -> None:
    world = World(Quotas(active_series=100))
    admission = world.process()
    send(admission, 0, 100)
    with pytest.raises(QuotaExceeded):
        send(admission, 1000, 50)
    world.clock.now = MIDNIGHT + DAY_MS
    send(admission, 1000, 50)


def test_the_series_of_sealed_buckets_are_counted_with_the_others() -> None:
    world = World(Quotas(active_series=1_000))
    sealed = layout(0, 930).series
    for _ in range(3):
        count_series(world.table, "acme", NOON, sealed)
    assert world.table.items[series_key("acme", MIDNIGHT)]["version"] == 1
    with pytest.raises(QuotaExceeded):
        send(world.process(), 5_000, 150)
    send(world.process(), 0, 100)  # in another batch, but not new
    count_series(world.table, "acme", NOON + DAY_MS, sealed)
    assert series_key("acme", MIDNIGHT + DAY_MS) in world.table.items


def test_two_that_tell_at_the_same_moment_lose_nothing() -> None:
    world = World(Quotas(active_series=10_000))
    first, second = world.process(), world.process()
    turns = iter([True])

    def other(_: object) -> None:
        if next(turns, False):
            send(second, 5_000, 1_000)

    world.table.before_write = other
    send(first, 0, 1_000)
    together = series_from(world.table.get(series_key("acme", MIDNIGHT)))
    assert abs(len(together) - 2_000) <= 100


# --- in the store ---------------------------------------------------------------------------------


def segment(named: Layout, request: str = "request") -> Segment:
    count = len(named.series)
    return Segment(
        layout=named.hash,
        bucket=NOON,
        request=request,
        receipt=NOON,
        late=False,
        series=range(count),
        timestamps=[NOON] * count,
        values=[0.5] * count,
    )


@pytest.mark.parametrize("quotas", [Quotas(points_a_minute=10), Quotas(active_series=10)])
def test_nothing_of_a_refused_request_is_stored(quotas: Quotas) -> None:
    world = World(quotas)
    store = MetricsStore(world.table, world.clock)
    before = json.dumps(sorted(map(str, world.table.items)))
    batch = layout(0, 20)
    with pytest.raises(QuotaExceeded):
        store.write("acme", [batch], [segment(batch)])
    assert json.dumps(sorted(map(str, world.table.items))) == before


def test_a_retry_of_what_is_stored_may_be_refused_without_harm() -> None:
    world = World(Quotas(points_a_minute=30))
    store = MetricsStore(world.table, world.clock)
    batch = layout(0, 20)
    store.write("acme", [batch], [segment(batch)])
    stored = dict(world.table.items)
    with pytest.raises(QuotaExceeded):
        store.write("acme", [batch], [segment(batch)])
    assert world.table.items == stored
    assert store.segments("acme", [batch.hash], NOON, NOON + MINUTE_MS)


def test_a_post_of_a_known_layout_costs_its_segment_and_nothing_beside() -> None:
    world = World(Quotas())
    meter = MeteredTable(world.table, world.table.items.get)
    store = MetricsStore(meter, world.clock)
    batch = layout(0, 100)
    store.write("acme", [batch], [segment(batch)])
    first = meter.forget()
    assert set(first.wru_by_kind) == {"layouts", "catalogue", "segments"}
    for number in range(90):
        store.write("acme", [batch], [segment(batch, f"request{number}")])
    again = meter.forget()
    assert (again.calls, again.wru, again.rru) == (90, 90, 0)
