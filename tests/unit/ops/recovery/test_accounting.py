"""What of a restored table is held against its source."""

from collections.abc import Iterable

import pytest

from skafu.metrics.items import segment_item
from skafu.ops.recovery.accounting import Place, Tally, alive, compare, fact_of
from skafu.ops.recovery.telling import lines
from skafu.shared.table import Item, Value
from tests.support.clocks import NOON
from tests.support.metrics import TENANT, layout, segment, series

LAYOUT = layout(series(host="a"))
DAY = "20231115"


def point(number: int, receipt: int = NOON, value: float = 1.5) -> dict[str, Value]:
    """The item of a request with one point."""
    found = segment(LAYOUT, [(0, NOON + number, value)], request=f"r{number}", receipt=receipt)
    return segment_item(TENANT, 0, found)


def tally(items: Iterable[Item]) -> Tally:
    found = Tally()
    for item in items:
        found.add(fact_of(item))
    return found


def test_a_segment_tells_its_tenant_day_receipt_points_and_sum() -> None:
    two = segment(LAYOUT, [(0, NOON, 1.5), (0, NOON + 1, 2.0)], receipt=NOON + 9)
    found = fact_of(segment_item(TENANT, 0, two))
    assert found.place == Place("segment", TENANT, DAY)
    assert (found.at, found.points, found.total) == (NOON + 9, 2, 3.5)


def test_what_begins_with_no_tenant_is_everybodys() -> None:
    assert fact_of({"pk": "member#1", "sk": "membership", "k": "membership"}).place.tenant == ""
    assert fact_of({"pk": "registry", "sk": "tenant#t", "k": "registry"}).place.tenant == ""


def test_a_copy_is_a_copy() -> None:
    items = [point(1), point(2)]
    found = compare(tally(items), tally(reversed(items)), NOON)
    assert found.holds
    [row] = found.rows
    assert (row.source, row.restored, row.missing, row.only_restored) == (2, 2, 0, 0)
    assert (row.restored_points, row.restored_total) == (2, 3.0)


@pytest.mark.parametrize(("receipt", "missing"), [(NOON, 1), (NOON + 1, 0)])
def test_what_was_received_before_the_backup_has_to_be_there_and_later_things_need_not(
    receipt: int, missing: int
) -> None:
    found = compare(tally([point(1), point(2, receipt)]), tally([point(1)]), until=NOON)
    assert [row.missing for row in found.rows] == [missing]
    assert found.holds is (missing == 0)
    if missing:
        assert found.problems == (
            f"segment of {TENANT} {DAY}: 1 items that were there before the backup are missing.",
        )


def test_another_content_under_the_same_key_is_missing() -> None:
    found = compare(tally([point(1)]), tally([point(1, value=2.5)]), NOON)
    assert not found.holds


def test_what_the_damage_has_taken_is_told_and_forbids_nothing() -> None:
    found = compare(tally([]), tally([point(1), point(2)]), NOON)
    assert found.holds
    assert [row.only_restored for row in found.rows] == [2]


def test_an_empty_table_is_no_copy() -> None:
    assert compare(tally([]), tally([]), NOON).problems == ("The restored table is empty.",)


def test_what_cannot_be_read_is_told_with_how_much_of_it_was_so_before() -> None:
    broken = point(1) | {"p": b"?"}
    found = compare(tally([]), tally([broken]), NOON)
    assert found.problems == (f"segment of {TENANT}: 1 items cannot be read (in the source: 0).",)


def test_what_has_expired_is_in_neither_table() -> None:
    items: list[Item] = [{"pk": "a", "ttl": NOON // 1000}, {"pk": "b", "ttl": NOON // 1000 + 1}]
    assert [each["pk"] for each in alive([*items, {"pk": "c"}], NOON)] == ["b", "c"]


def test_a_comparison_is_told_by_kind_and_by_tenant_and_day() -> None:
    found = compare(tally([point(1)]), tally([point(1)]), NOON)
    told = "\n".join(lines(found))
    assert f"{TENANT} {DAY} segment: 1 points in the source, 1 restored, sum 1.5 and 1.5" in told
    assert told.endswith("everything that was received before the backup.")
    missing = compare(tally([point(1)]), tally([]), NOON)
    assert "PROBLEM: The restored table is empty." in lines(missing)
