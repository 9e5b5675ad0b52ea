from dataclasses import replace

import pytest

from skafu.metrics.codec import CodecError
from skafu.metrics.items import entries_from
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Segment
from skafu.metrics.store import MetricsStore, Span, segment_from
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS
from skafu.shared.table import Delete, Page, Put, Query
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, layout, points_of, segment, series

CPU = layout(series(host="a"), series(host="b"))
BOTH = layout(series(host="a"), series("memory.used", unit="Bytes", host="a"))


class Kept:
    """A store over a table in memory, and its clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.table = InMemoryTable(page_size=3)
        self.store = MetricsStore(self.table, self.clock)

    def kinds(self) -> list[str]:
        return sorted(str(item["k"]) for item in self.table.items.values())

    def layout_item(self) -> dict[str, object]:
        return dict(self.table.items[keys.layout(TENANT, CPU.hash)])


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_what_was_written_is_read_back(kept: Kept) -> None:
    written = segment(CPU, [(0, NOON, 0.25), (0, NOON + 5, -0.0), (1, NOON, 1e300)])
    kept.store.write(TENANT, [CPU], [written])
    (found,) = kept.store.segments(TENANT, [CPU.hash], NOON, NOON + 1)
    assert points_of(found) == points_of(written)
    assert (found.layout, found.bucket, found.request) == (CPU.hash, NOON, "request1")
    assert (found.receipt, found.late) == (NOON, False)


def test_a_known_layout_costs_a_request_one_item(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)])])
    assert kept.kinds() == ["catalogue", "layout", "segment"]
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)], request="request2")])
    assert kept.kinds() == ["catalogue", "layout", "segment", "segment"]


def test_a_retry_changes_nothing_not_even_the_receipt(kept: Kept) -> None:
    written = segment(CPU, [(0, NOON, 1.0)])
    kept.store.write(TENANT, [CPU], [written])
    before = dict(kept.table.items)
    kept.store.write(TENANT, [CPU], [replace(written, receipt=NOON + 9)])
    assert kept.table.items == before


def test_a_retry_of_many_segments_changes_nothing(kept: Kept) -> None:
    written = [segment(CPU, [(0, NOON + n * BUCKET_MS, 1.0)]) for n in range(3)]
    kept.store.write(TENANT, [CPU], written[:2])
    kept.store.write(TENANT, [CPU], [replace(each, receipt=0) for each in written])
    found = kept.store.segments(TENANT, [CPU.hash], NOON, NOON + HOUR_MS)
    assert [each.receipt for each in found] == [NOON, NOON, 0]


def test_a_late_item_has_no_end_and_a_segment_lives_32_days_from_its_buckets_end(
    kept: Kept,
) -> None:
    on_time = segment(CPU, [(0, NOON, 1.0)])
    late = segment(CPU, [(0, NOON - DAY_MS, 1.0)], late=True)
    kept.store.write(TENANT, [CPU], [on_time, late])
    lives = {str(i["k"]): i.get("ttl") for i in kept.table.items.values() if "p" in i}
    assert lives["segment"] == (NOON + BUCKET_MS + 32 * DAY_MS) // 1000
    assert lives["late"] is None


def test_a_layout_outlives_every_segment_that_may_name_it(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [])
    kept.clock.advance(DAY_MS - 1)
    furthest = kept.clock.now + 2 * HOUR_MS + BUCKET_MS
    last = segment(CPU, [(0, furthest, 1.0)])
    kept.store.write(TENANT, [CPU], [last])
    ends = {str(item["k"]): int(item["ttl"]) for item in kept.table.items.values()}
    assert ends["layout"] == ends["catalogue"] == (NOON + 35 * DAY_MS) // 1000
    assert ends["layout"] > ends["segment"] + DAY_MS // 1000


def test_a_layout_is_renewed_after_a_day_and_remembers_its_first(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [])
    kept.clock.advance(DAY_MS)
    kept.store.write(TENANT, [CPU], [])
    item = kept.layout_item()
    assert (item["first"], item["refreshed"]) == (NOON, NOON + DAY_MS)
    (entry,) = kept.store.entries(TENANT, "cpu.load")
    assert (entry.first, entry.seen) == (NOON, NOON + DAY_MS)


def test_a_fresh_environment_believes_the_stored_layout(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [])
    kept.clock.advance(DAY_MS - 1)
    other = MetricsStore(kept.table, kept.clock)
    other.write(TENANT, [CPU], [])
    assert kept.layout_item()["refreshed"] == NOON
    kept.clock.advance(1)
    other.write(TENANT, [CPU], [])
    assert kept.layout_item()["refreshed"] == NOON + DAY_MS


def test_a_layout_that_was_not_written_is_not_taken_for_known(kept: Kept) -> None:
    kept.table.down = True
    with pytest.raises(Unavailable):
        kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)])])
    kept.table.down = False
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)])])
    assert kept.kinds() == ["catalogue", "layout", "segment"]


def test_the_catalogue_tells_series_and_unit_of_each_metric(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU, BOTH], [])
    found = [(e.metric, e.series, e.unit) for e in kept.store.catalogue(TENANT, "")]
    assert sorted(found, key=str) == [
        ("cpu.load", 1, None),
        ("cpu.load", 2, None),
        ("memory.used", 1, "Bytes"),
    ]
    assert [e.metric for e in kept.store.catalogue(TENANT, "mem")] == ["memory.used"]
    assert [e.metric for e in kept.store.catalogue(TENANT, "", "cpu.load")] == ["memory.used"]


def test_names_page_in_their_own_order(kept: Kept) -> None:
    names = ["a", "a-b", "a.b", "a/b", "a1", "a:", "aA", "a_", "aa", ":a", "A", "_"]
    kept.store.write(TENANT, [layout_of(map(series, names))], [])
    assert [e.metric for e in kept.store.catalogue(TENANT, "")] == sorted(names)
    for name in names:
        after = [e.metric for e in kept.store.catalogue(TENANT, "", name)]
        assert after == [other for other in sorted(names) if other > name]
        assert [e.metric for e in kept.store.entries(TENANT, name)] == [name]


def test_an_expired_entry_is_not_listed_though_it_is_still_there(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [])
    items = [item for item in kept.table.items.values() if item["k"] == "catalogue"]
    assert list(entries_from(items, NOON + 35 * DAY_MS - 1))
    assert not list(entries_from(items, NOON + 35 * DAY_MS))


def test_a_late_item_that_is_also_a_segment_is_read_once(kept: Kept) -> None:
    written = segment(CPU, [(0, NOON, 1.0)])
    kept.store.write(TENANT, [CPU], [written])
    kept.store.write(TENANT, [CPU], [replace(written, late=True)])
    kept.store.write(TENANT, [CPU], [replace(written, late=True, request="another")])
    found = kept.store.segments(TENANT, [CPU.hash], NOON, NOON + 1)
    assert [(each.late, each.request) for each in found] == [(False, "request1"), (True, "another")]


@pytest.mark.parametrize("late", [False, True])
def test_buckets_that_the_range_touches_are_read_and_no_others(kept: Kept, late: bool) -> None:
    buckets = [NOON + n * BUCKET_MS for n in range(-200, 200)]
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, b, 1.0)], late=late) for b in buckets])

    def read(start: int, end: int) -> list[int]:
        return [each.bucket for each in kept.store.segments(TENANT, [CPU.hash], start, end)]

    assert read(NOON, NOON + BUCKET_MS) == [NOON]
    assert read(NOON - 1, NOON + BUCKET_MS + 1) == [NOON - BUCKET_MS, NOON, NOON + BUCKET_MS]
    day = NOON + 12 * HOUR_MS
    assert read(day - 1, day + 1) == [day - BUCKET_MS, day]
    assert read(NOON, NOON) == []
    assert read(buckets[0], buckets[-1] + 1) == buckets


def test_a_span_that_ends_before_its_layout_was_born_has_late_items_only(kept: Kept) -> None:
    late = segment(CPU, [(0, NOON, 1.0)], late=True)
    kept.store.write(TENANT, [CPU], [late, replace(late, late=False, request="on time")])
    for first in (NOON + 1, NOON + 5, NOON + DAY_MS):
        found = kept.store.scan(TENANT, [Span(CPU.hash, NOON, NOON + 1, first)], [])
        assert [each.request for each in found] == ["request1"]


def test_another_layouts_segments_and_another_tenants_are_not_read(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)])])
    kept.store.write("other", [BOTH], [segment(BOTH, [(0, NOON, 1.0)])])
    assert kept.store.segments(TENANT, [BOTH.hash], NOON, NOON + 1) == []
    assert kept.store.segments("other", [CPU.hash], NOON, NOON + 1) == []
    assert kept.store.entries("other", "memory.used") != []
    assert kept.store.entries(TENANT, "memory.used") == []


def test_a_damaged_segment_is_reported_and_the_rest_delivered(kept: Kept) -> None:
    written = [segment(CPU, [(0, NOON + n, 1.0)], request=f"request{n}") for n in range(3)]
    kept.store.write(TENANT, [CPU], written)
    key = next(k for k, item in kept.table.items.items() if "#request1" in k.sk and "r" in item)
    kept.table.items[key]["p"] = b"\x01garbage"
    warnings: list[str] = []
    found = kept.store.scan(TENANT, [Span(CPU.hash, NOON, NOON + 1)], warnings)
    assert [each.request for each in found] == ["request0", "request2"]
    assert len(warnings) == 1
    assert key.sk in warnings[0] and "checksum" in warnings[0]


def test_layouts_of_a_metric_are_found_through_the_catalogue(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU, BOTH], [])
    reader = MetricsStore(kept.table, kept.clock)
    found = reader.layouts_of(TENANT, "cpu.load")
    assert sorted(found, key=lambda each: each.hash) == sorted(
        [CPU, BOTH], key=lambda each: each.hash
    )
    assert reader.layouts_of(TENANT, "memory.used") == [BOTH]


def test_layouts_are_read_once(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [])
    assert kept.store.layout(TENANT, CPU.hash) == CPU
    kept.table.down = True
    assert kept.store.layout(TENANT, CPU.hash) == CPU


def test_the_cache_of_layouts_lets_go_of_the_oldest(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU, BOTH], [])
    reader = MetricsStore(kept.table, kept.clock, cached_series=3)
    assert reader.layout(TENANT, CPU.hash) and reader.layout(TENANT, BOTH.hash)
    kept.table.items.clear()
    assert reader.layout(TENANT, CPU.hash) is None
    assert reader.layout(TENANT, BOTH.hash) == BOTH


def test_a_missing_or_damaged_layout_is_none(kept: Kept) -> None:
    assert kept.store.layout(TENANT, CPU.hash) is None
    kept.store.write(TENANT, [CPU], [])
    kept.table.items[keys.layout(TENANT, CPU.hash)]["p"] = b"\x01"
    assert kept.store.layout(TENANT, CPU.hash) is None


def test_a_tenant_knows_the_layouts_that_it_has_sent_and_no_others(kept: Kept) -> None:
    for tenant, found in ((TENANT, CPU), ("other", BOTH)):
        kept.store.write(tenant, [found], [segment(found, [(0, NOON, 1.0)])])
        # The content is at hand now, for whoever may have it.
        assert kept.store.layout(tenant, found.hash) == found
    names = [CPU.hash, BOTH.hash, "abcdefghijklmnop"]
    for store in (kept.store, MetricsStore(kept.table, kept.clock)):
        for _ in range(2):
            assert store.known_layouts(TENANT, names) == {CPU.hash: CPU}
            assert store.known_layouts("other", names) == {BOTH.hash: BOTH}


def test_a_known_layout_is_read_once_and_a_damaged_one_is_not_known(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)])])
    kept.store.known_layouts(TENANT, [CPU.hash])
    kept.table.down = True
    assert kept.store.known_layouts(TENANT, [CPU.hash]) == {CPU.hash: CPU}
    kept.table.down = False
    kept.table.items[keys.layout(TENANT, CPU.hash)]["p"] = b"\x01damaged"
    assert not MetricsStore(kept.table, kept.clock).known_layouts(TENANT, [CPU.hash])


def test_the_newest_segment_is_looked_for_in_three_hours(kept: Kept) -> None:
    hours = {CPU: 2, BOTH: 3}
    for each, ago in hours.items():
        at = NOON - ago * HOUR_MS
        kept.store.write(TENANT, [each], [segment(each, [(0, at, 1.0)])])
        kept.store.write(TENANT, [each], [segment(each, [(0, at + 7, 2.0)], request="newer")])
    found = kept.store.newest(TENANT, [CPU.hash, BOTH.hash])
    assert {name: list(each.values) for name, each in found.items()} == {CPU.hash: [2.0]}


def test_a_damaged_newest_segment_is_none(kept: Kept) -> None:
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)])])
    for item in kept.table.items.values():
        item["p"] = b"\x01garbage"
    assert not kept.store.newest(TENANT, [CPU.hash])


@pytest.mark.parametrize(
    "change", [{"sk": "a#b#c"}, {"sk": "a#b#1#c"}, {"p": "text"}, {"r": "soon"}, {"p": b""}]
)
def test_an_item_that_is_no_segment_is_refused(kept: Kept, change: dict[str, str | bytes]) -> None:
    kept.store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)])])
    (item,) = (item for item in kept.table.items.values() if item["k"] == "segment")
    with pytest.raises(CodecError):
        segment_from({**item, **change})
    del item["r"]
    with pytest.raises(CodecError):
        segment_from(item)


def test_a_stored_image_becomes_a_segment() -> None:
    kept = Kept()
    kept.store.write(TENANT, [CPU], [segment(CPU, [(1, NOON + 3, 4.5)])])
    (item,) = (item for item in kept.table.items.values() if item["k"] == "segment")
    found = segment_from(item)
    assert isinstance(found, Segment)
    assert points_of(found) == [(1, NOON + 3, 4.5)]


def fold(kept: Kept, *, keep: bool = False) -> None:
    """Copy every late item as a fold does, and delete it."""
    for key, item in list(kept.table.items.items()):
        if item["k"] == "late":
            copy = keys.folded(TENANT, 0, keys.late_name(key.sk))
            kept.table.write(Put({**item, **copy._asdict(), "k": "folded"}))
            if not keep:
                kept.table.write(Delete(key))


@pytest.mark.parametrize("keep", [False, True])
def test_a_late_item_is_found_once_it_is_folded_and_as_late_as_it_was(
    kept: Kept, keep: bool
) -> None:
    on_time = segment(CPU, [(0, NOON, 1.0)])
    late = replace(on_time, late=True, request="late", receipt=NOON + HOUR_MS)
    kept.store.write(TENANT, [CPU, BOTH], [on_time, late])
    kept.store.write(TENANT, [BOTH], [segment(BOTH, [(0, NOON, 9.0)], late=True, request="other")])
    kept.clock.advance(DAY_MS)
    fold(kept, keep=keep)
    found = kept.store.segments(TENANT, [CPU.hash], NOON, NOON + 1)
    assert [(each.request, each.late, each.receipt) for each in found] == [
        ("request1", False, NOON),
        ("late", True, NOON + HOUR_MS),
    ]


def test_a_late_item_that_is_folded_while_it_is_looked_for_is_not_missed(kept: Kept) -> None:
    class Folding(InMemoryTable):
        """A fold gets in before late items are read."""

        def query(self, query: Query) -> Page:
            if query.pk == keys.lates(TENANT, 0):
                fold(kept)
            return super().query(query)

    kept.table = Folding()
    store = MetricsStore(kept.table, kept.clock, readers=1)
    store.write(TENANT, [CPU], [segment(CPU, [(0, NOON, 1.0)], late=True)])
    kept.clock.advance(DAY_MS)
    found = store.segments(TENANT, [CPU.hash], NOON, NOON + 1)
    assert [each.request for each in found] == ["request1"]


def test_copies_are_asked_for_of_days_that_are_over_alone(kept: Kept) -> None:
    asked: list[str] = []

    class Listening(InMemoryTable):
        def query(self, query: Query) -> Page:
            asked.append(query.pk)
            return super().query(query)

    store = MetricsStore(Listening(), kept.clock, readers=1)
    store.segments(TENANT, [CPU.hash, BOTH.hash], NOON - 13 * HOUR_MS, NOON)
    copies = [pk for pk in asked if "#folded#" in pk]
    assert copies == [keys.folded_hour(TENANT, 0, keys.hour_of(NOON - 13 * HOUR_MS))]
