"""What a tenant has used, from bills and counters: each point once, whatever crashed."""

import pytest

from skafu.metrics.accounts import Account, Accounts
from skafu.metrics.manifests import Manifest, manifest_item
from skafu.metrics.prices import GB, PRICES, capacity_dollars, storage_dollars
from skafu.metrics.model import Series
from skafu.metrics.quotas import Admission, count_series
from skafu.metrics.tenancy import Quotas, Sharding, Tenancies, Tenancy, tenancy_attributes
from skafu.metrics.usage import Bill, Reads, bill_item, reads_key
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS
from skafu.shared.metering import MeteredTable
from skafu.shared.table import Put, Update
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable

TODAY = NOON // DAY_MS * DAY_MS
YESTERDAY = TODAY - DAY_MS
FOREVER = TODAY + 1000 * DAY_MS


class Books:
    """A table into which compaction has written."""

    def __init__(self, tenancy: Tenancy = Tenancy()) -> None:
        self.table, self.clock = InMemoryTable(), FakeClock()
        key = keys.tenant_settings("acme")
        self.table.write(Put({**key._asdict(), **tenancy_attributes(tenancy)}))

    def bill(self, manifest: Manifest, **points: int) -> None:
        total = sum(points.values())
        bill = Bill(points, 2 * total, total / 100, total / 1000, total // 10)
        self.table.write(Put(bill_item("acme", manifest, bill, FOREVER)))

    def manifest(
        self, start: int, generation: int, points: int, shard: int = 0, tag: str = "tag"
    ) -> Manifest:
        manifest = Manifest(shard, start, generation, tag, (), b"", points)
        self.table.write(Put(manifest_item("acme", manifest, FOREVER)))
        return manifest

    def seal(self, start: int, shard: int = 0, **points: int) -> None:
        self.bill(self.manifest(start, 0, sum(points.values()), shard), **points)

    def generation(self, day: int, number: int = 1, shard: int = 0, **points: int) -> None:
        self.bill(self.manifest(day, number, sum(points.values()), shard), **points)

    def account(self, start: int = YESTERDAY, end: int = NOON) -> Account:
        tenancies = Tenancies(self.table, self.clock)
        return Accounts(self.table, self.clock, tenancies).account("acme", start, end)


def points_of(account: Account) -> list[int]:
    return [day.points for day in account.days]


def test_a_merged_day_is_counted_by_its_generations_and_no_more_by_its_buckets() -> None:
    books = Books()
    books.seal(YESTERDAY, cpu=40)
    books.seal(YESTERDAY + BUCKET_MS, cpu=60)
    books.generation(YESTERDAY, cpu=100)
    books.generation(YESTERDAY, 2, cpu=7)
    account = books.account()
    assert points_of(account) == [107, 0]
    assert [day.complete for day in account.days] == [True, False]


def test_a_day_that_is_not_merged_is_counted_by_its_sealed_buckets() -> None:
    books = Books()
    books.seal(TODAY, cpu=40)
    books.seal(TODAY + BUCKET_MS, cpu=60, disk=5)
    account = books.account()
    assert points_of(account) == [0, 105]
    assert account.counted_until == TODAY + 2 * BUCKET_MS
    assert not account.days[1].complete


def test_late_points_of_a_day_that_is_not_merged_wait_for_its_merge() -> None:
    books = Books()
    books.seal(YESTERDAY, cpu=40)
    books.generation(YESTERDAY, 2, cpu=3)  # no first generation: a fold that came too early
    assert points_of(books.account())[0] == 43


def test_a_bill_without_its_manifest_does_not_count() -> None:
    books = Books()
    books.bill(Manifest(0, TODAY, 0, "crashed", (), b"", 9), cpu=9)
    assert points_of(books.account()) == [0, 0]
    books.bill(Manifest(0, TODAY, 0, "beaten", (), b"", 9), cpu=9)
    books.seal(TODAY, cpu=10)
    assert points_of(books.account()) == [0, 10]


def test_a_manifest_without_its_bill_counts_its_points() -> None:
    books = Books()
    books.manifest(TODAY, 0, 33)
    account = books.account()
    assert points_of(account) == [0, 33]
    assert not account.metrics


def test_shards_are_added_and_a_day_is_complete_when_all_have_merged_it() -> None:
    books = Books(Tenancy(sharding=Sharding(((YESTERDAY, 2),))))
    books.generation(YESTERDAY, shard=0, cpu=10)
    books.seal(YESTERDAY, shard=1, cpu=5)
    assert [(day.points, day.complete) for day in books.account().days][0] == (15, False)
    books.generation(YESTERDAY, shard=1, cpu=5)
    assert [(day.points, day.complete) for day in books.account().days][0] == (15, True)


def test_metrics_share_a_bill_by_their_points() -> None:
    books = Books()
    books.generation(YESTERDAY, cpu=300, disk=100)
    books.seal(TODAY, cpu=50)
    cpu, disk = books.account().metrics
    assert (cpu.name, cpu.points, cpu.bytes, cpu.wru) == ("cpu", 350, 700, 3.5)
    assert (disk.name, disk.points, disk.bytes, disk.wru) == ("disk", 100, 200, 1.0)
    days = books.account().days
    assert cpu.dollars + disk.dollars == pytest.approx(sum(day.dollars for day in days), abs=1e-7)


def test_what_queries_read_is_in_the_day() -> None:
    books = Books()
    books.generation(YESTERDAY, cpu=1000)
    reads = Reads(12.5, 3.0, 4.0)
    books.table.write(Update(reads_key("acme", YESTERDAY), add=reads.attributes()))
    day, _ = books.account().days
    assert (day.wru, day.rru) == (10.0 + 4.0, 1.0 + 12.5)


def test_dollars_follow_the_price_table() -> None:
    books = Books()
    manifest = books.manifest(YESTERDAY, 1, 1000)
    bill = Bill({"cpu": 1000}, GB, 1_000_000.0, 2_000_000.0, 1_000_000)
    books.table.write(Put(bill_item("acme", manifest, bill, FOREVER)))
    day, _ = books.account().days
    requests = PRICES.rest_api_million + PRICES.lambda_million
    assert day.dollars == pytest.approx(0.625 + 2 * 0.125 + 0.25 + requests)
    assert capacity_dollars(1_000_000, 0) == PRICES.write_units_million
    assert storage_dollars(GB, 60 * DAY_MS) == 2 * PRICES.storage_gb_month


def test_days_are_named_and_each_stands_there_also_without_use() -> None:
    account = Books().account(TODAY - 2 * DAY_MS, NOON)
    assert [day.day for day in account.days] == ["2023-11-13", "2023-11-14", "2023-11-15"]
    assert account.counted_until is None


def test_only_what_is_unmerged_is_read_bucket_by_bucket() -> None:
    books = Books()
    for back in range(1, 30):
        books.generation(TODAY - back * DAY_MS, cpu=10)
    books.seal(TODAY, cpu=5)
    table = MeteredTable(books.table)
    accounts = Accounts(table, books.clock, Tenancies(table, books.clock))
    account = accounts.account("acme", TODAY - 29 * DAY_MS, NOON)
    assert sum(points_of(account)) == 295
    assert table.rru_of("seals") == 0.5  # one page, of today
    assert table.rru_of("generations") == 0.5
    assert table.rru_of("usage") <= (30 + 30 + 1) * 0.5  # bills, reads, series


def test_quotas_tell_what_is_used_now() -> None:
    books = Books(Tenancy(Quotas(active_series=500, points_a_minute=1000, retention_days=90)))
    series = [Series("cpu", (("n", str(number)),)) for number in range(21)]
    count_series(books.table, "acme", NOON, series)
    books.seal(TODAY, cpu=900)
    assert books.account().quotas == {
        "active_series": {"limit": 500, "used": 21},
        "points_a_minute": {"limit": 1000, "used": 60},
        "batch_points": {"limit": 10_000},
        "retention_days": {"limit": 90},
    }
    Admission(books.table, books.clock, Tenancies(books.table, books.clock)).points("acme", 800)
    books.clock.advance(60_000)
    assert books.account().quotas["points_a_minute"]["used"] == 800


def test_metrics_that_nobody_looks_at_are_listed() -> None:
    books = Books()
    old, new = TODAY - 100 * DAY_MS, TODAY - 3 * DAY_MS
    for name, record in {
        "forgotten": {"first_day": old, "queried": old + DAY_MS},
        "never": {"first_day": old},
        "queried": {"first_day": old, "queried": TODAY},
        "young": {"first_day": new},
    }.items():
        books.table.write(Update(keys.metric_record("acme", name), set=record))
    accounts = Accounts(books.table, books.clock, Tenancies(books.table, books.clock))
    assert accounts.unused("acme") == {"forgotten": "2023-08-08", "never": "2023-08-07"}
    assert accounts.unused_among("acme", ["never", "young", "unknown"]) == {"never": "2023-08-07"}
