"""Bills, and what is counted of reads."""

import pytest

from skafu.metrics.columns import CodecError
from skafu.metrics.manifests import Manifest
from skafu.metrics.usage import (
    BILLED_METRICS,
    OTHERS,
    Bill,
    Reads,
    bill_from,
    bill_item,
    bill_key,
    bills_of,
    hot_reads,
    reads_from,
    reads_key,
    sum_bills,
)
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS
from skafu.shared.table import Put, Update
from tests.support.memory_table import InMemoryTable

DAY = 19_676 * DAY_MS
BILL = Bill({"cpu.load": 900, "disk/used": 45}, 2_345, 12.0, 3.5, 15)


def seal(tag: str = "a" * 16, start: int = DAY, shard: int = 0) -> Manifest:
    return Manifest(shard, start, 0, tag, ("directory",), b"\x01", 945)


def test_a_bill_comes_back_as_it_was() -> None:
    item = bill_item("acme", seal(), BILL, DAY + 40 * DAY_MS)
    assert bill_from(item) == BILL
    assert item["ttl"] == (DAY + 40 * DAY_MS) // 1000


def test_every_manifest_has_a_bill_of_its_own() -> None:
    manifests = [
        seal(),
        seal(tag="b" * 16),
        seal(start=DAY + BUCKET_MS),
        seal(shard=1),
        Manifest(0, DAY, 1, "a" * 16, (), b"", 0),
        Manifest(0, DAY, 2, "a" * 16, (), b"", 0),
    ]
    assert len({bill_key("acme", each) for each in manifests}) == len(manifests)


def test_only_the_bill_of_the_stored_manifest_counts() -> None:
    table = InMemoryTable()
    table.write(Put(bill_item("acme", seal(tag="other"), Bill({"cpu.load": 7}), DAY)))
    table.write(Put(bill_item("acme", seal(), BILL, DAY)))
    assert bills_of(table, "acme", [seal()]) == {bill_key("acme", seal()): BILL}
    assert not bills_of(table, "other", [seal()])


def test_bills_add_up() -> None:
    other = Bill({"cpu.load": 1, "new": 2}, 5, 1.0, 0.5, 3)
    assert sum_bills([BILL, other]) == Bill(
        {"cpu.load": 901, "disk/used": 45, "new": 2}, 2_350, 13.0, 4.0, 18
    )
    assert sum_bills([]) == Bill()


def test_a_bill_of_very_many_metrics_names_the_largest_and_keeps_the_sum() -> None:
    points = {f"metric.{n:06d}": 1 + n % 7 for n in range(BILLED_METRICS + 5_000)}
    found = bill_from(bill_item("acme", seal(), Bill(points), DAY))
    assert len(found.points) == BILLED_METRICS
    assert sum(found.points.values()) == sum(points.values())
    assert found.points["metric.000006"] == 7
    again = sum_bills([found, Bill({"one.more": 1})])
    bounded = bill_from(bill_item("acme", seal(), again, DAY)).points
    assert sum(bounded.values()) == sum(points.values()) + 1
    assert bounded[OTHERS] > found.points[OTHERS]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"v": 2}, "version 2 is not known"), ({"p": b"\xff"}, "damaged"), ({"p": ""}, "no bill")],
)
def test_a_damaged_bill_says_so(wrong: dict[str, object], says: str) -> None:
    item = bill_item("acme", seal(), BILL, DAY) | wrong
    with pytest.raises(CodecError, match=says):
        bill_from(item)  # type: ignore[arg-type]  # as it is stored


def test_reads_are_counted_by_day_in_halves_of_a_unit() -> None:
    table = InMemoryTable()
    key = reads_key("acme", DAY + 5 * HOUR_MS)
    for reads in (Reads(3.5, 1.5, 2), Reads(0.5, 0.5)):
        table.write(Update(key, add=reads.attributes()))
    assert reads_from(table.get(key)) == Reads(4.0, 2.0, 2.0)
    assert hot_reads(table, "acme", DAY + 23 * HOUR_MS) == 2.0
    assert hot_reads(table, "acme", DAY + DAY_MS) == 0.0
