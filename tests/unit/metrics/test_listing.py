from typing import Any

import pytest

from skafu.metrics.deletions import Deletions
from skafu.metrics.ingest import Ingest
from skafu.metrics.listing import MOST_LAYOUTS, Asked, Listing, Metric
from skafu.metrics.model import Operator, TagFilter
from skafu.metrics.store import MetricsStore
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.table import Page, Put, Query
from tests.support.clocks import NOON, FakeClock
from tests.support.compacted import Compacting
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, layout, point, send, series


class Counting(InMemoryTable):
    """Counts the pages that it was asked for."""

    pages = 0

    def query(self, query: Query) -> Page:
        self.pages += 1
        return super().query(query)


class Platform:
    """Ingest and lists over one table in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.table = Counting(page_size=3)
        self.deletions = Deletions(self.table, self.clock)
        store = MetricsStore(self.table, self.clock)
        self.ingest = Ingest(store)
        self.listing = Listing(self.table, store, self.clock, self.deletions)

    def send(self, *points: dict[str, Any]) -> None:
        send(self.ingest, *points, receipt=self.clock.now)

    def metrics(self, prefix: str = "", **how: Any) -> list[Metric]:
        return self.listing.metrics(asked(**how), prefix).rows

    def series(self, metric: str = "cpu.load", **how: Any) -> list[tuple[dict[str, str], int]]:
        rows = self.listing.series(asked(**how), metric).rows
        return [(row.tags, row.last_seen) for row in rows]


def asked(*filters: TagFilter, limit: int = 100, position: Any = None, **times: int) -> Asked:
    return Asked(TENANT, filters, limit, position or {}, **times)


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


HOST = "host"


def tag_keys(platform: Platform, *filters: TagFilter, **how: Any) -> list[tuple[str, int, int]]:
    rows = platform.listing.tags(asked(*filters, **how), "cpu.load").rows
    return [(row.key, row.series, row.values) for row in rows]


def test_tags_have_numbers_of_series_and_of_values(platform: Platform) -> None:
    platform.send(at(3), at(4, host="b", zone="1"), at(5, host="a", zone="1"), at(6, host="a"))
    assert tag_keys(platform) == [("host", 3, 2), ("zone", 2, 1)]
    assert tag_keys(platform, HOST_A) == [("host", 2, 1), ("zone", 1, 1)]
    assert tag_keys(platform, limit=1) == [("host", 3, 2)]
    page = platform.listing.tags(asked(limit=1), "cpu.load")
    assert tag_keys(platform, limit=1, position=page.after) == [("zone", 2, 1)]


def test_values_of_a_tag_are_chosen_by_prefix_page_by_page(platform: Platform) -> None:
    platform.send(*(at(n, host=name, zone="1") for n, name in enumerate(["ab", "b", "a", "ac"])))
    platform.send(at(9, host="a", zone="2"), at(9, zone="3"))
    found, position = [], None
    while True:
        how = asked(limit=2, position=position)
        page = platform.listing.values(how, "cpu.load", HOST, "a")
        found += [(row.value, row.series) for row in page.rows]
        position = page.after
        if position is None:
            break
    assert found == [("a", 2), ("ab", 1), ("ac", 1)]
    assert not platform.listing.values(asked(), "cpu.load", "nothing", "").rows


def record(platform: Platform, metric: str, last_day: int, **attributes: Any) -> None:
    key = keys.metric_record(TENANT, metric)._asdict()
    days: dict[str, Any] = {"k": "metric", "first_day": last_day, "last_day": last_day, "series": 7}
    platform.table.write(Put({**key, **days, "ttl": 4_000_000_000, **attributes}))


def test_metrics_of_the_past_are_united_with_those_of_now(platform: Platform) -> None:
    platform.send(at(5, "b", host="a"), at(5, "d", "Bytes", host="a"))
    long_ago = NOON // DAY_MS * DAY_MS - 90 * DAY_MS
    for name in ("a", "b", "c", "e"):
        record(platform, name, long_ago, unit="Count")
    record(platform, "expired", long_ago, ttl=NOON // 1000)
    then = long_ago + DAY_MS - 1
    assert platform.metrics() == [
        Metric("a", "Count", 7, then),
        Metric("b", "Count", 1, NOON - 5),
        Metric("c", "Count", 7, then),
        Metric("d", "Bytes", 1, NOON - 5),
        Metric("e", "Count", 7, then),
    ]
    page = platform.listing.metrics(asked(limit=2), "")
    rest = platform.listing.metrics(asked(limit=9, position=page.after), "")
    assert [row.name for row in rest.rows] == ["c", "d", "e"]
    assert [row.name for row in platform.listing.metrics(asked(HOST_A), "").rows] == ["b", "d"]


def test_a_deleted_metric_is_listed_once_it_is_sent_again(platform: Platform) -> None:
    platform.send(at(5, host="a"))
    record(platform, "old", NOON - DAY_MS * 9)
    for name in ("cpu.load", "old"):
        platform.deletions.delete(TENANT, name, "me")
    assert platform.metrics() == []
    assert platform.series() == []
    platform.clock.advance(10)
    platform.send(point(timestamp=NOON + 8, tags={"host": "b"}))
    assert [row.name for row in platform.metrics()] == ["cpu.load"]
    assert platform.series() == [({"host": "b"}, NOON + 8)]


def test_series_of_a_range_are_those_that_it_had(platform: Platform) -> None:
    day = NOON // DAY_MS * DAY_MS
    platform.send(at(5, host="a"), at(5, "mem", host="m"))
    platform.clock.now = day + DAY_MS + HOUR_MS
    Compacting(platform.table).merge(day)
    platform.clock.now = day + 60 * DAY_MS
    platform.send(point(timestamp=platform.clock.now, tags={"host": "z"}))
    past: dict[str, Any] = {"start": day, "end": day + DAY_MS}
    assert platform.series() == [({"host": "z"}, platform.clock.now)]
    assert platform.series(**past) == [({"host": "a"}, day + DAY_MS - 1)]
    assert platform.series(start=day - 9 * DAY_MS, end=day) == []
    assert [row[0] for row in platform.series(start=day)] == [{"host": "a"}, {"host": "z"}]
    assert tag_keys(platform, **past) == [("host", 1, 1)]


def test_churning_labels_have_a_bound_and_it_is_told(platform: Platform) -> None:
    store = MetricsStore(platform.table, platform.clock)
    many = [layout(series("churn", id=str(n))) for n in range(MOST_LAYOUTS + 300)]
    store.write(TENANT, many, [])
    platform.send(at(5, "zzz"))
    platform.table.pages = 0
    rows = platform.listing.metrics(asked(limit=2), "").rows
    # Entries come three to a page; those beyond the bound are not read, nor are segments of all.
    assert platform.table.pages < (MOST_LAYOUTS + 100) / 3 + 500 * 3
    assert [(row.name, row.series, row.complete) for row in rows] == [
        ("churn", MOST_LAYOUTS, False),
        ("zzz", 1, True),
    ]
    page = platform.listing.series(asked(), "churn")
    assert not page.complete
    assert not platform.listing.tags(asked(), "churn").complete
    assert platform.listing.series(asked(), "zzz").complete
