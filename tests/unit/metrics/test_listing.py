from typing import Any

import pytest

from skafu.metrics.ingest import Ingest
from skafu.metrics.listing import Asked, Listing, Metric
from skafu.metrics.model import Operator, TagFilter
from skafu.metrics.store import MetricsStore
from skafu.shared.keys import DAY_MS, HOUR_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, point, send


class Platform:
    """Ingest and lists over one table in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        store = MetricsStore(InMemoryTable(page_size=3), self.clock)
        self.ingest = Ingest(store)
        self.listing = Listing(store, self.clock)

    def send(self, *points: dict[str, Any]) -> None:
        send(self.ingest, *points, receipt=self.clock.now)

    def metrics(self, prefix: str = "", **how: Any) -> list[Metric]:
        return self.listing.metrics(asked(**how), prefix).rows

    def series(self, metric: str = "cpu.load", **how: Any) -> list[tuple[dict[str, str], int]]:
        rows = self.listing.series(asked(**how), metric).rows
        return [(row.tags, row.last_seen) for row in rows]


def asked(*filters: TagFilter, limit: int = 100, position: Any = None) -> Asked:
    return Asked(TENANT, filters, limit, position or {})


HOST_A = TagFilter("host", Operator.EQUAL, "a")


@pytest.fixture
def platform() -> Platform:
    return Platform()


def at(ago: int, name: str = "cpu.load", unit: str | None = None, **tags: str) -> dict[str, Any]:
    return point(name, timestamp=NOON - ago, tags=tags, unit=unit)


def test_metrics_have_unit_number_of_series_and_last_point(platform: Platform) -> None:
    platform.send(at(5, host="a"), at(7, host="b"), at(9, "mem", "Bytes"), at(3, "mem", "Bytes"))
    assert platform.metrics() == [
        Metric("cpu.load", None, 2, NOON - 5),
        Metric("mem", "Bytes", 1, NOON - 3),
    ]


def test_series_in_several_layouts_are_counted_once(platform: Platform) -> None:
    platform.send(at(5, host="a"), at(5, host="b"))
    platform.send(at(4, host="b"), at(4, host="c"))
    assert platform.metrics() == [Metric("cpu.load", None, 3, NOON - 4)]


def test_the_unit_is_the_one_sent_last(platform: Platform) -> None:
    platform.send(at(5, unit="Percent"))
    platform.clock.advance(1)
    platform.send(at(4, unit="Count"))
    platform.clock.advance(1)
    platform.send(at(3))
    assert platform.metrics() == [Metric("cpu.load", "Count", 1, NOON - 3)]


def test_names_are_chosen_by_prefix_and_series_by_filters(platform: Platform) -> None:
    platform.send(at(5, "cpu.a", host="a"), at(5, "cpu.b", host="b"), at(5, "disk", host="a"))
    assert [m.name for m in platform.metrics("cpu.")] == ["cpu.a", "cpu.b"]
    assert platform.metrics("cpux") == []
    assert platform.metrics("#") == []
    found = platform.listing.metrics(asked(HOST_A), "").rows
    assert [m.name for m in found] == ["cpu.a", "disk"]


def test_last_seen_falls_back_to_the_layouts_refresh(platform: Platform) -> None:
    platform.send(at(0))
    platform.clock.advance(2 * HOUR_MS)
    platform.send(point(timestamp=platform.clock.now - 1))
    assert platform.metrics()[0].last_seen == NOON + 2 * HOUR_MS - 1
    for advance in (4 * HOUR_MS, 2 * DAY_MS):
        platform.clock.advance(advance)
        assert platform.metrics()[0].last_seen == NOON


def test_pages_follow_each_other_without_gap_or_overlap(platform: Platform) -> None:
    names = ["a", "a-b", "a.b", "ab", "b", "c", "d"]
    platform.send(*(at(0, name, host=str(n)) for name in names for n in range(3)))
    platform.send(*(at(0, name, host="x") for name in names))
    found, position = [], None
    while True:
        page = platform.listing.metrics(asked(limit=2, position=position), "")
        found += [row.name for row in page.rows]
        position = page.after
        if position is None:
            break
    assert found == sorted(names)


def test_a_page_that_ends_with_the_list_says_so(platform: Platform) -> None:
    platform.send(at(0, "a"), at(0, "b"))
    assert platform.listing.metrics(asked(limit=2), "").after is None
    assert platform.listing.metrics(asked(limit=1), "").after == {"metric": "a"}
    assert platform.listing.series(asked(limit=1), "a").after is None


def test_a_filtered_page_may_be_empty_and_yet_not_the_last(platform: Platform) -> None:
    platform.send(at(0, "a", host="b"), at(0, "b", host="a"))
    page = platform.listing.metrics(asked(HOST_A, limit=1), "")
    assert not page.rows
    page = platform.listing.metrics(asked(HOST_A, limit=1, position=page.after), "")
    assert [row.name for row in page.rows] == ["b"]


def test_series_are_listed_in_order_of_tags_page_by_page(platform: Platform) -> None:
    platform.send(at(3), at(4, host="b"), at(5, host="a", zone="1"), at(6, host="a"), at(7, "mem"))
    whole = platform.series()
    assert whole == [
        ({}, NOON - 3),
        ({"host": "a"}, NOON - 6),
        ({"host": "a", "zone": "1"}, NOON - 5),
        ({"host": "b"}, NOON - 4),
    ]
    first = platform.listing.series(asked(limit=3), "cpu.load")
    rest = platform.listing.series(asked(limit=3, position=first.after), "cpu.load")
    assert [(row.tags, row.last_seen) for row in (*first.rows, *rest.rows)] == whole
    assert rest.after is None


def test_series_are_chosen_by_filters(platform: Platform) -> None:
    platform.send(at(3), at(4, host="b"), at(5, host="a"))
    rows = platform.listing.series(asked(HOST_A), "cpu.load").rows
    assert [row.tags for row in rows] == [{"host": "a"}]
    assert platform.series("unknown") == []


def test_another_tenants_metrics_are_not_listed(platform: Platform) -> None:
    send(platform.ingest, at(0), tenant="other")
    assert platform.metrics() == []
    assert platform.series() == []
