from collections.abc import Sequence

import pytest

from skafu.metrics.layout import layout_of
from skafu.metrics.manifests import INLINE_PARTS, part_of
from skafu.metrics.model import Summary
from skafu.metrics.quotas import series_from, series_key
from skafu.metrics.tenancy import Bucketing, Tenancy
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.table import Check, Put, Update, Write
from tests.support.compaction import DAY, SEALED_AFTER, Works
from tests.support.metrics import TENANT, series

QUARTER = 15 * MINUTE_MS
A, B, C = (series("cpu", host=host) for host in "abc")


@pytest.fixture
def works() -> Works:
    return Works()


def test_a_bucket_is_sealed_five_minutes_after_its_end(works: Works) -> None:
    works.send((A, DAY + 1, 1.0), (B, DAY + 2, 2.0))
    works.at(DAY + SEALED_AFTER - 1)
    assert not works.compactor.seal(TENANT, 0, DAY)
    assert not works.seals()
    works.at(DAY + SEALED_AFTER)
    assert works.compactor.seal(TENANT, 0, DAY)
    assert works.seals()[DAY].points == 2
    assert works.points() == works.sent


def test_series_with_points_count_as_active_from_then_on(works: Works) -> None:
    works.send((A, DAY + 1, 1.0), (B, DAY + 2, 2.0))
    works.at(DAY + SEALED_AFTER)
    works.compactor.seal(TENANT, 0, DAY)
    assert len(series_from(works.table.get(series_key(TENANT, DAY)))) == 2


def test_an_event_ahead_of_the_own_clock_is_not_believed(works: Works) -> None:
    works.send((A, DAY + 1, 1.0))
    works.at(DAY + SEALED_AFTER - 1)
    assert not works.compactor.seal(TENANT, 0, DAY, at=DAY + DAY_MS)
    assert not works.seals()


def test_an_event_that_is_behind_is_followed(works: Works) -> None:
    works.send((A, DAY + 1, 1.0))
    works.at(DAY + DAY_MS)
    assert not works.compactor.seal(TENANT, 0, DAY, at=DAY + SEALED_AFTER - 1)
    assert works.compactor.seal(TENANT, 0, DAY, at=DAY + SEALED_AFTER)


def test_what_is_sealed_is_never_sealed_again(works: Works) -> None:
    works.send((A, DAY + 1, 1.0))
    works.at(DAY + SEALED_AFTER)
    works.compactor.seal(TENANT, 0, DAY)
    before, chunks = works.seals(), works.kinds("chunk")
    stray = works.send((B, DAY + 3, 3.0))
    works.sent.subtract([(B, DAY + 3, 3.0)])
    assert works.another().seal(TENANT, 0, DAY)
    assert works.seals() == before
    assert works.kinds("chunk") == chunks
    assert part_of(stray) not in works.parts(before[DAY])
    assert works.points() == +works.sent


def test_of_two_compactors_the_first_seal_counts_and_its_chunks_alone(works: Works) -> None:
    works.send((A, DAY + 1, 1.0))
    works.at(DAY + SEALED_AFTER)
    second = works.another()

    def while_the_first_is_about_to_seal(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(each, Put) and each.item["k"] == "seal" for each in writes):
            works.table.before_write = lambda writes: None
            works.send((B, DAY + 3, 3.0))
            second.seal(TENANT, 0, DAY)

    works.table.before_write = while_the_first_is_about_to_seal
    works.compactor.seal(TENANT, 0, DAY)
    assert works.seals()[DAY].points == 2
    assert len({str(item["sk"]) for item in works.kinds("chunk")}) == 2
    assert works.points() == works.sent


def test_a_bucket_without_segments_gets_an_empty_seal(works: Works) -> None:
    works.at(DAY + SEALED_AFTER)
    assert works.compactor.seal(TENANT, 0, DAY)
    assert (works.seals()[DAY].points, works.seals()[DAY].directories) == (0, ())


def test_a_missing_layout_blocks_its_bucket_and_never_counts_as_empty(works: Works) -> None:
    segment = works.send((A, DAY + 1, 1.0))
    layout = works.table.items[keys.layout(TENANT, segment.layout)]
    works.remove(keys.layout(TENANT, segment.layout))
    works.at(DAY + SEALED_AFTER)
    assert not works.compactor.seal(TENANT, 0, DAY)
    assert not works.seals()
    works.table.write(Put(layout))
    assert works.compactor.seal(TENANT, 0, DAY)
    assert works.points() == works.sent


@pytest.mark.parametrize("payload", [b"\x63 another version", b"\x01damaged payload", b""])
def test_what_cannot_be_read_blocks_its_bucket_and_no_other(works: Works, payload: bytes) -> None:
    segment = works.send((A, DAY + 1, 1.0))
    works.send((A, DAY + QUARTER, 2.0))
    name = keys.SegmentName(
        segment.layout, keys.minute_of(DAY), min(segment.timestamps), segment.request
    )
    works.table.write(Update(keys.segment(TENANT, 0, name), set={"p": payload}))
    works.run(DAY + QUARTER + SEALED_AFTER)
    assert DAY not in works.seals()
    assert works.seals()[DAY + QUARTER].points == 1


def test_late_items_go_when_the_stored_seal_names_them(works: Works) -> None:
    """A request that was left alone wrote a segment; its retry found the bucket closed."""
    segment = works.send((A, DAY + 1, 1.0), request="again")
    works.send((A, DAY + 1, 1.0), request="again", late=True)
    works.send((B, DAY + 2, 2.0), request="other", late=True)
    works.sent.subtract([(A, DAY + 1, 1.0)])
    works.at(DAY + SEALED_AFTER)
    assert works.points() == +works.sent
    works.compactor.seal(TENANT, 0, DAY)
    (left,) = works.kinds("late")
    assert keys.late_name(str(left["sk"])).request == "other"
    assert part_of(segment) in works.parts(works.seals()[DAY])
    assert works.points() == +works.sent


def test_requests_beyond_what_a_seal_holds_are_in_its_roster(works: Works) -> None:
    count = INLINE_PARTS + 1
    for n in range(count):
        works.send((A, DAY + n, float(n)))
    works.at(DAY + SEALED_AFTER)
    works.compactor.seal(TENANT, 0, DAY)
    seal = works.seals()[DAY]
    assert (seal.parts, seal.rosters, len(works.parts(seal))) == ((), 1, count)
    works.send((A, DAY + 5, 5.0), request="request6", late=True)
    works.sent.subtract([(A, DAY + 5, 5.0)])
    works.compactor.seal(TENANT, 0, DAY)
    assert not works.kinds("late")
    assert works.points() == +works.sent


def test_late_items_stay_while_nobody_can_tell_whether_they_are_copies(works: Works) -> None:
    for n in range(INLINE_PARTS + 1):
        works.send((A, DAY + n, float(n)))
    works.run(DAY + SEALED_AFTER)
    (roster,) = works.kinds("roster")
    works.remove(keys.Key(str(roster["pk"]), str(roster["sk"])))
    works.run(DAY + DAY_MS + HOUR_MS)
    works.send((A, DAY + 5, 5.0), request="request6", late=True)
    assert not works.compactor.fold(TENANT, 0, DAY)
    assert len(works.kinds("late")) == 1
    assert len(works.generations()) == 1


def test_series_keep_their_groups_and_newcomers_get_their_own(works: Works) -> None:
    works.send((A, DAY + 1, 1.0), (B, DAY + 1, 1.0))
    works.run(DAY + SEALED_AFTER)
    works.send((A, DAY + QUARTER, 1.0), (C, DAY + QUARTER, 1.0))
    works.run(DAY + QUARTER + SEALED_AFTER)
    seals = works.seals()
    groups = [[group.series for _, group in works.groups(seals[DAY + n * QUARTER])] for n in (0, 1)]
    assert groups == [[(A, B)], [(A, B), (C,)]]
    assert works.points() == works.sent


def test_buckets_of_five_minutes_have_their_own_seals() -> None:
    works = Works(tenancy=Tenancy(bucketing=Bucketing(((DAY + HOUR_MS, 5 * MINUTE_MS),))))
    starts = [DAY + 45 * MINUTE_MS, DAY + HOUR_MS, DAY + HOUR_MS + 5 * MINUTE_MS]
    for start in starts:
        works.send((A, start + 1, 1.0))
    works.run(DAY + HOUR_MS + 10 * MINUTE_MS)
    assert {start for start, seal in works.seals().items() if seal.points} == set(starts[:2])
    works.run(DAY + HOUR_MS + 15 * MINUTE_MS)
    assert works.points() == works.sent
    works.run(DAY + DAY_MS + HOUR_MS)
    assert works.generations()[0].points == 3
    assert works.points() == works.sent
    inside = [start for start in works.seals() if DAY <= start < DAY + DAY_MS]
    assert len(inside) == 4 + 23 * 12


def test_a_seal_outlives_segments_and_rollups_and_its_groups_outlive_it(works: Works) -> None:
    works.send((A, DAY + 1, 1.0))
    works.run(DAY + SEALED_AFTER)
    (seal,) = [item for item in works.kinds("seal") if item["n"]]
    assert int(seal["ttl"]) > (DAY + QUARTER + 90 * DAY_MS) // 1000
    for kind in ("group", "directory"):
        (item,) = works.kinds(kind)
        assert int(item["ttl"]) > int(seal["ttl"])


def test_groups_that_are_named_are_refreshed_before_a_seal_would_outlive_them(
    works: Works,
) -> None:
    works.send((A, DAY + 1, 1.0))
    works.run(DAY + SEALED_AFTER)
    later = DAY + 60 * DAY_MS
    works.at(later)
    works.send((A, later + 1, 1.0))
    works.compactor = works.another()
    works.run(later + SEALED_AFTER)
    seal = works.table.items[keys.seal(TENANT, 0, later)]
    for kind in ("group", "directory"):
        (item,) = works.kinds(kind)
        assert int(item["ttl"]) > int(seal["ttl"])
    assert len(works.kinds("group")) == 1


def test_summaries_and_equal_timestamps_are_kept_as_they_were_sent(works: Works) -> None:
    summary = Summary(3, 6.0, 1.0, 3.0, ((1.0, 1), (2.0, 1), (3.0, 1)))
    works.send((A, DAY + 1, 1.0), (A, DAY + 1, 1.0), (A, DAY + 1, summary), (B, DAY + 1, 7.0))
    works.send((A, DAY, 5.0))
    works.run(DAY + SEALED_AFTER)
    assert works.points() == works.sent
    works.run(DAY + DAY_MS + SEALED_AFTER)
    assert works.points() == works.sent
    (hour,) = works.hours(works.generations()[0])[A]
    assert (hour.count, hour.sum, hour.maximum) == (6, 13.0, 5.0)


def test_many_layouts_of_one_metric_share_groups(works: Works) -> None:
    hosts = [series("cpu", host=f"h{n:03}") for n in range(100)]
    for each in hosts:
        works.send((each, DAY + 1, 1.0), layout=layout_of([each]))
    works.run(DAY + SEALED_AFTER)
    assert len(works.kinds("group")) == 2
    assert len(works.kinds("chunk")) == 2
    assert works.points() == works.sent
