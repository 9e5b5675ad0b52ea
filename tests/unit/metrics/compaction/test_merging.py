import pytest

from skafu.metrics.blocks import Columns, chunk_items
from skafu.metrics.compaction.merging import Progress
from skafu.metrics.model import Series
from skafu.metrics.usage import bill_from, bill_key
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.table import Absent, Put, Update
from tests.support.compaction import DAY, RETENTION_MS, SEALED_AFTER, Works
from tests.support.metrics import TENANT, series

QUARTER = 15 * MINUTE_MS
MERGED = DAY + DAY_MS + 5 * MINUTE_MS
A, B, C = (series("cpu", host=host) for host in "abc")
M = series("mem", unit="Bytes", host="a")


@pytest.fixture
def works() -> Works:
    """A day with points of three series, at every third hour."""
    made = Works()
    for hour in range(0, 24, 3):
        made.at(DAY + hour * HOUR_MS)
        for minute in range(5):
            at = made.clock() + minute * MINUTE_MS
            made.send((A, at, float(hour)), (B, at, float(minute)), (M, at, 0.5))
    return made


def test_a_day_is_merged_when_its_last_bucket_is_sealed(works: Works) -> None:
    works.run(MERGED - 1)
    assert not works.generations()
    works.run(MERGED)
    (generation,) = works.generations()
    assert (generation.generation, generation.points) == (1, 8 * 15)
    assert works.points() == works.sent


def test_a_day_is_not_merged_before_it_is_over(works: Works) -> None:
    works.at(MERGED - 1)
    assert not works.compactor.merge(TENANT, 0, DAY)
    assert not works.compactor.merge(TENANT, 0, DAY, at=MERGED + DAY_MS)
    assert not works.generations()


def test_merging_seals_what_the_day_lacks_first(works: Works) -> None:
    works.at(MERGED)
    assert works.compactor.merge(TENANT, 0, DAY)
    assert len(works.seals()) == 96
    assert works.points() == works.sent


def test_a_day_with_a_bucket_that_cannot_be_sealed_is_not_merged(works: Works) -> None:
    works.at(DAY + HOUR_MS)
    segment = works.send((C, DAY + HOUR_MS, 1.0))
    key = keys.layout(TENANT, segment.layout)
    layout = works.table.items[key]
    works.remove(key)
    works.run(MERGED)
    assert not works.generations()
    assert DAY + HOUR_MS not in works.seals()
    assert len(works.seals()) >= 95
    works.table.write(Put(layout))
    works.run(MERGED + QUARTER)
    assert works.points() == works.sent
    assert len(works.generations()) == 1


def test_hours_tell_what_was_sent(works: Works) -> None:
    works.run(MERGED)
    hours = works.hours(works.generations()[0])
    assert set(hours) == {A, B, M}
    assert [hour.start for hour in hours[B]] == [DAY + hour * HOUR_MS for hour in range(0, 24, 3)]
    first = hours[B][0]
    assert (first.count, first.sum, first.minimum, first.maximum) == (5, 10.0, 0.0, 4.0)
    assert first.sketch is not None and first.sketch.count == 5


def test_merging_again_changes_nothing(works: Works) -> None:
    works.run(MERGED)
    before = dict(works.table.items)
    assert works.another().merge(TENANT, 0, DAY)
    assert works.table.items == before


def test_a_chunk_that_is_missing_is_written_again_from_its_segments(works: Works) -> None:
    works.run(DAY + 20 * HOUR_MS)
    for item in works.kinds("chunk"):
        works.remove(keys.Key(str(item["pk"]), str(item["sk"])))
    works.run(MERGED)
    assert works.generations()
    assert works.points() == works.sent


def test_a_chunk_that_is_damaged_is_written_again_from_its_segments(works: Works) -> None:
    works.run(DAY + 20 * HOUR_MS)
    for item in works.kinds("chunk"):
        key = keys.Key(str(item["pk"]), str(item["sk"]))
        works.table.write(Update(key, set={"p": b"\x02 nothing of the kind"}))
    works.run(MERGED)
    assert works.points() == works.sent


def test_without_chunk_and_segments_a_day_waits_for_somebody_to_look(works: Works) -> None:
    works.run(DAY + 20 * HOUR_MS)
    for item in (*works.kinds("chunk"), *works.kinds("segment")):
        works.remove(keys.Key(str(item["pk"]), str(item["sk"])))
    works.run(MERGED)
    assert not works.generations()
    works.run(MERGED + DAY_MS)
    assert not works.generations(DAY)
    assert works.generations(DAY + DAY_MS)


def test_a_day_is_not_merged_of_a_part_of_its_segments(works: Works) -> None:
    works.run(DAY + 20 * HOUR_MS)
    for item in works.kinds("chunk"):
        works.remove(keys.Key(str(item["pk"]), str(item["sk"])))
    one = works.kinds("segment")[0]
    works.remove(keys.Key(str(one["pk"]), str(one["sk"])))
    works.run(MERGED)
    assert not works.generations()


def test_chunks_that_no_seal_names_do_not_count(works: Works) -> None:
    works.run(DAY + 20 * HOUR_MS)
    seal = works.seals()[DAY]
    ((_, group),) = works.groups(seal)
    other = Columns([0], [DAY + 7], [7.0])
    for tag in ("0" * 16, "f" * 16):
        for item in chunk_items(TENANT, 0, DAY, group.hash, tag, other, DAY + 9 * DAY_MS):
            works.table.write(Put(item, Absent()))
    works.run(MERGED)
    assert works.points() == works.sent


def test_a_merge_that_was_cut_off_goes_on_where_it_stopped() -> None:
    works = Works()
    hosts = [series(f"m{n:03}", host=str(n % 40)) for n in range(400)]
    for hour in (1, 2):
        works.at(DAY + hour * HOUR_MS)
        works.send(*((each, works.clock(), 1.0) for each in hosts))
    works.run(MERGED - 5 * MINUTE_MS)
    works.at(MERGED)

    def until_half_is_written() -> int:
        return 0 if works.kinds("day") else 10**6

    report = works.compactor.run(remaining=until_half_is_written)
    assert report.left and not works.generations()
    (mark,) = works.kinds("mark")
    progress = Progress.read(str(mark["progress"]))
    assert 0 < progress.next < 7
    written = len(works.kinds("day"))
    works.compactor = works.another()
    works.run()
    assert works.generations()[0].points == 800
    assert len(works.kinds("day")) > written
    assert works.points() == works.sent
    (mark,) = works.kinds("mark")
    assert "progress" not in mark


def test_groups_that_only_some_directories_list_are_all_merged(works: Works) -> None:
    """Two compactors extended the same directories, each with a newcomer that the other lacks."""
    works.run(DAY + 21 * HOUR_MS)
    (mark,) = works.kinds("mark")
    one, two = works.compactor, works.another()
    for minute, each, compactor in ((0, B, one), (15, C, two)):
        newcomer = Series("new", each.tags)
        at = DAY + 22 * HOUR_MS + minute * MINUTE_MS
        works.at(at)
        works.send((newcomer, at, 1.0))
        works.at(at + SEALED_AFTER)
        works.table.write(Put(mark))
        compactor.seal(TENANT, 0, at)
    works.run(MERGED)
    assert works.points() == works.sent
    assert works.generations()[0].points == 8 * 15 + 2


def test_data_live_as_long_as_they_are_asked_for(works: Works) -> None:
    works.run(MERGED)
    generation = works.kinds("generation")[-1]
    end = DAY + DAY_MS
    assert {item["ttl"] for item in works.kinds("day")} == {(end + 32 * DAY_MS) // 1000}
    for kind in ("rollup", "sketch"):
        assert {item["ttl"] for item in works.kinds(kind)} == {(end + RETENTION_MS) // 1000}
    assert int(generation["ttl"]) > (end + RETENTION_MS) // 1000
    for kind in ("group", "directory"):
        assert all(int(item["ttl"]) > int(generation["ttl"]) for item in works.kinds(kind))


def test_what_is_known_of_a_metric_outlives_the_catalogue(works: Works) -> None:
    works.run(MERGED)
    cpu, mem = works.kinds("metric")
    assert (cpu["sk"], cpu["first_day"], cpu["last_day"], cpu["series"]) == ("cpu", DAY, DAY, 2)
    assert "unit" not in cpu
    assert (mem["sk"], mem["unit"], mem["series"]) == ("mem", "Bytes", 1)
    day = DAY + DAY_MS
    works.at(day + HOUR_MS)
    works.send((A, works.clock(), 1.0))
    works.run(MERGED + DAY_MS)
    cpu, mem = works.kinds("metric")
    assert (cpu["first_day"], cpu["last_day"], cpu["series"]) == (DAY, day, 1)
    assert (mem["first_day"], mem["last_day"]) == (DAY, DAY)
    assert int(cpu["ttl"]) == (day + DAY_MS + RETENTION_MS) // 1000


def test_what_was_noted_of_a_metric_by_others_stays(works: Works) -> None:
    key = keys.metric_record(TENANT, "cpu")
    works.table.write(Update(key, set={"queried": 7}))
    works.run(MERGED)
    assert works.table.items[key]["queried"] == 7
    assert works.table.items[key]["series"] == 2


def test_a_days_bill_sums_those_of_its_buckets(works: Works) -> None:
    works.run(MERGED)
    bill = bill_from(works.table.items[bill_key(TENANT, works.generations()[0])])
    assert bill.points == {"cpu": 80, "mem": 40}
    assert bill.requests == 40
    own = [bill_from(works.table.items[bill_key(TENANT, seal)]) for seal in works.seals().values()]
    inside = sum(each.wru for each in own if each.points) + 40
    assert bill.wru > inside
    assert bill.bytes == sum(each.bytes for each in own)


def test_an_idle_day_costs_empty_seals_and_one_generation() -> None:
    works = Works()
    works.run(MERGED)
    (generation,) = works.generations()
    assert (generation.points, generation.directories) == (0, ())
    assert not works.kinds("day") and not works.kinds("group")
