"""What requests use is counted, and counting costs hardly anything."""

from http import HTTPStatus

import pytest

from skafu.metrics.reads import FLUSH_MS, Counted, ReadCounter
from skafu.metrics.usage import Reads, hot_reads, reads_from, reads_key
from skafu.shared import keys
from skafu.shared.errors import NotFound
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.keys import DAY_MS
from skafu.shared.metering import MeteredTable
from skafu.shared.routes import Reply, Request
from skafu.shared.table import Put, Query
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable

SEGMENTS = keys.segments("acme", 0, "2023111512")


class Process:
    """A process with a meter and a counter, over a table that others may share."""

    def __init__(self, table: InMemoryTable, clock: FakeClock) -> None:
        self.table, self.clock = table, clock
        self.meter = MeteredTable(table, table.items.get)
        self.counter = ReadCounter(self.meter, clock)

    def query(self, tenant: str = "acme", times: int = 1) -> None:
        for _ in range(times):
            self.meter.query(Query(keys.segments(tenant, 0, "2023111512"), consistent=True))
        self.meter.query(Query(keys.layouts(tenant)))
        self.counter.settle(tenant)

    def counted(self, tenant: str = "acme") -> Reads:
        return reads_from(self.table.get(reads_key(tenant, self.clock.now)))


@pytest.fixture
def process() -> Process:
    return Process(InMemoryTable(), FakeClock())


def test_reads_are_written_down_at_most_every_half_minute(process: Process) -> None:
    for _ in range(10):
        process.query()
    assert process.counted() == Reads()
    process.clock.advance(FLUSH_MS)
    process.query()
    assert process.counted() == Reads(11 * 1.5, 11.0)
    assert hot_reads(process.table, "acme", NOON) == 11.0
    process.clock.advance(FLUSH_MS - 1)
    process.query()
    assert process.counted().hot == 11.0


def test_many_reads_are_written_down_at_once(process: Process) -> None:
    process.query(times=100)
    assert process.counted().hot == 100.0


def test_tenants_are_counted_apart(process: Process) -> None:
    process.query("acme", times=100)
    process.query("other", times=200)
    assert process.counted("acme").hot == 100.0
    assert process.counted("other").hot == 200.0


def test_days_are_counted_apart(process: Process) -> None:
    process.clock.now = NOON // DAY_MS * DAY_MS + DAY_MS - 1
    process.query()
    before = process.clock.now
    process.clock.advance(FLUSH_MS)
    process.query(times=100)
    assert reads_from(process.table.get(reads_key("acme", before))) == Reads(1.5, 1.0)
    assert process.counted().hot == 100.0


def test_processes_add_to_each_other(process: Process) -> None:
    other = Process(process.table, process.clock)
    process.query(times=100)
    other.query(times=100)
    assert process.counted().hot == 200.0


def test_what_bills_tell_of_is_not_counted_a_second_time(process: Process) -> None:
    process.meter.write(Put({"pk": SEGMENTS, "sk": "a", "p": bytes(150_000)}))
    process.meter.write(Put({"pk": keys.lates("acme", 0), "sk": "a", "p": bytes(150_000)}))
    process.meter.write(Put({"pk": keys.layouts("acme"), "sk": "a", "p": bytes(120_000)}))
    process.counter.settle("acme")
    assert process.counted() == Reads(wru=118.0)


def test_sending_points_leads_to_no_write_of_the_counter(process: Process) -> None:
    """Once a minute a tenant's record is read: that alone is no reason to write."""
    for _ in range(100):
        process.meter.get(keys.tenant_settings("acme"))
        process.counter.settle("acme", patient=True)
        process.clock.advance(60_000)
    assert process.meter.forget().wru == 0
    process.query()  # whoever reads takes it along
    assert process.counted().rru == 50.0 + 1.5


def test_a_table_that_does_not_answer_costs_nobody_their_answer(process: Process) -> None:
    process.query()
    process.clock.advance(FLUSH_MS)
    process.table.down = True
    process.counter.settle("acme")
    process.table.down = False
    process.query(times=100)
    assert process.counted().hot == 100.0  # the first is lost rather than counted twice


class Api:
    """Endpoints that read."""

    def __init__(self, table: MeteredTable) -> None:
        self._table = table

    def query(self, request: Request) -> Reply:
        self._table.get_many(keys.layout("acme", str(number)) for number in range(200))
        return Reply({"id": request.id})

    def broken(self, _: Request) -> Reply:
        self.query(request("broken"))
        raise NotFound("there is nothing")


def request(name: str) -> Request:
    return Request(Identity("person", Kind.PERSON, "acme", Role.VIEWER), name, NOON)


def test_every_endpoint_is_counted_also_when_it_fails(process: Process) -> None:
    api = Counted(Api(process.meter), process.counter, frozenset())
    assert api.query(request("one")) == Reply({"id": "one"}, HTTPStatus.OK)
    assert process.counted().rru == 100.0
    with pytest.raises(NotFound):
        api.broken(request("two"))
    assert process.counted().rru == 200.0


def test_an_endpoint_that_is_missing_is_told_at_once(process: Process) -> None:
    api = Counted(Api(process.meter), process.counter, frozenset())
    with pytest.raises(AttributeError):
        _ = api.nothing
