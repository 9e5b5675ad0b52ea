"""Runs over all tenants and shards."""

from collections.abc import Sequence

import pytest

from skafu.metrics.deletions import Deletions
from skafu.metrics.items import REFRESH_MS
from skafu.metrics.tenancy import Sharding, Tenancy
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.observability import Count, metrics
from skafu.shared.table import Check, Delete, Equals, Item, Put, Update, Write
from tests.support.compaction import DAY, SEALED_AFTER, Works
from tests.support.metrics import TENANT, series

QUARTER = 15 * MINUTE_MS
MERGED = DAY + DAY_MS + 5 * MINUTE_MS
A, B = (series("cpu", host=host) for host in "ab")


@pytest.fixture
def works() -> Works:
    return Works()


def counted(name: Count) -> list[float]:
    """What was counted under this name since the metrics were cleared."""
    found = metrics.provider.metric_set.get(name.value, {}).get("Value", [])
    return list(found)


@pytest.fixture(autouse=True)
def _fresh_metrics() -> None:
    metrics.clear_metrics()


def test_a_run_catches_up_from_the_tenants_first_bucket() -> None:
    works = Works(created=DAY + 2 * HOUR_MS)
    for hour in (2, 5, 9):
        works.at(DAY + hour * HOUR_MS)
        works.send((A, works.clock(), float(hour)))
    works.run(DAY + 10 * HOUR_MS)
    assert min(works.seals()) == DAY + 2 * HOUR_MS - 2 * QUARTER
    assert max(works.seals()) == DAY + 10 * HOUR_MS - 2 * QUARTER
    assert works.points() == works.sent


def test_an_event_of_the_past_does_what_was_due_then(works: Works) -> None:
    works.send((A, DAY, 1.0))
    works.at(DAY + 10 * HOUR_MS)
    works.compactor.run(DAY + SEALED_AFTER)
    assert max(works.seals()) == DAY
    works.compactor.run(DAY + DAY_MS)
    assert max(works.seals()) == DAY + 10 * HOUR_MS - 2 * QUARTER


def test_where_nobody_knows_since_when_there_is_a_tenant_its_first_layout_tells() -> None:
    works = Works(created=None)
    works.at(DAY + 5 * HOUR_MS)
    works.send((A, works.clock(), 1.0))
    works.run(DAY + 6 * HOUR_MS)
    assert min(works.seals()) == DAY + 5 * HOUR_MS - 2 * QUARTER
    assert works.points() == works.sent


def test_a_run_without_time_does_nothing_and_says_so(works: Works) -> None:
    works.send((A, DAY, 1.0))
    works.at(MERGED)
    assert works.compactor.run(remaining=lambda: 7_999).left == 1
    assert not works.seals()


def test_a_run_goes_on_where_the_last_one_stopped(works: Works) -> None:
    for hour in range(24):
        works.at(DAY + hour * HOUR_MS)
        works.send((A, works.clock(), float(hour)))
    works.at(MERGED)
    runs = 0
    while True:
        before = len(works.seals())
        report = works.another().run(
            remaining=lambda before=before: (  # type: ignore[misc]  # mypy infers no defaults
                0 if len(works.seals()) > before + 20 else 10**6
            )
        )
        runs += 1
        if not report.left:
            break
    assert runs > 4
    assert works.generations()
    assert works.points() == works.sent


def test_one_tenants_trouble_is_not_the_others(works: Works) -> None:
    for tenant in ("broken", "aaa", "zzz"):
        entry = {**keys.registry(tenant)._asdict(), "k": "registry", "tenant": tenant}
        works.table.write(Put({**entry, "created": DAY}))
    record = keys.tenant_settings("broken")
    works.table.write(Put({**record._asdict(), "k": "tenant", "quotas": "no JSON"}))
    works.send((A, DAY, 1.0))
    works.at(DAY + SEALED_AFTER)
    report = works.compactor.run()
    assert (report.tenants, report.failed) == (3, 1)
    assert counted(Count.OVERDUE_COMPACTIONS) == [1]
    assert works.seals()[DAY].points == 1


def test_a_table_that_does_not_answer_stops_the_run(works: Works) -> None:
    works.at(MERGED)
    works.table.down = True
    with pytest.raises(Unavailable):
        works.compactor.run()


def test_tenants_have_their_turn_one_after_another() -> None:
    works = Works()
    for n in range(20):
        entry = {**keys.registry(f"t{n}")._asdict(), "k": "registry", "tenant": f"t{n}"}
        works.table.write(Put({**entry, "created": DAY}))
    works.at(DAY + HOUR_MS)

    def some() -> int:
        return 0 if len(works.kinds("seal")) >= limit else 10**6

    limit, rounds = 0, 0
    while len({str(item["pk"]) for item in works.kinds("seal")}) < 21:
        limit, rounds = len(works.kinds("seal")) + 15, rounds + 1
        works.compactor.run(remaining=some)
    assert rounds <= 21


def test_a_lease_keeps_two_runs_apart_until_it_ends(works: Works) -> None:
    works.send((A, DAY, 1.0))
    works.at(DAY + SEALED_AFTER)
    lease = {**keys.compaction_lease(TENANT, 0)._asdict(), "k": "lease", "owner": "another"}
    works.table.write(Put({**lease, "until": works.clock() + MINUTE_MS}))
    works.compactor.run()
    assert not works.seals()
    works.clock.advance(MINUTE_MS + 1)
    works.compactor.run()
    assert works.seals()
    assert not works.kinds("lease")


def test_a_mark_that_says_too_little_costs_work_and_nothing_else(works: Works) -> None:
    for hour in (0, 5, 9):
        works.at(DAY + hour * HOUR_MS)
        works.send((A, works.clock(), float(hour)))
    works.run(DAY + HOUR_MS)
    (mark,) = works.kinds("mark")
    works.run(MERGED)
    works.table.write(Put({**mark, "revision": 100}))
    before = works.seals()
    works.run(MERGED + QUARTER)
    assert works.seals().items() >= before.items()
    assert works.points() == works.sent


def test_a_run_that_finds_the_mark_moved_stops_there(works: Works) -> None:
    works.send((A, DAY, 1.0))
    works.run(DAY + SEALED_AFTER)
    works.at(DAY + HOUR_MS)
    key = keys.compaction_mark(TENANT, 0)

    def moved(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(each, Put) and each.item["k"] == "seal" for each in writes):
            works.table.before_write = lambda writes: None
            works.table.write(Update(key, set={"revision": 77}))

    works.table.before_write = moved
    works.compactor.run()
    assert works.table.items[key]["revision"] == 77
    works.run()
    assert works.table.items[key]["revision"] == 78


def test_every_shard_is_compacted_from_its_first_bucket_on() -> None:
    step = DAY + 6 * HOUR_MS
    sharding = Sharding(((step, 4), (DAY + 2 * DAY_MS, 2)))
    works = Works(tenancy=Tenancy(sharding=sharding))
    hosts = [series("cpu", host=f"h{n}") for n in range(12)]
    for at in (DAY, step, step + HOUR_MS):
        works.at(at)
        for each in hosts:
            works.send((each, at, 1.0))
    works.run(MERGED)
    found = sum((works.points(DAY, shard) for shard in range(4)), start=works.points(DAY, 9))
    assert found == works.sent
    assert min(works.seals(3)) >= DAY
    assert all(works.generations(DAY, shard) for shard in range(4))
    works.run(DAY + 3 * DAY_MS + HOUR_MS)
    third = DAY + 2 * DAY_MS
    assert [bool(works.generations(third, shard)) for shard in range(4)] == [1, 1, 0, 0]


def test_what_is_unsealed_for_a_day_is_counted_as_overdue(works: Works) -> None:
    segment = works.send((A, DAY, 1.0))
    works.remove(keys.layout(TENANT, segment.layout))
    works.at(DAY + DAY_MS)
    report = works.compactor.run()
    assert (report.blocked, report.overdue) == (1, 0)
    assert not counted(Count.OVERDUE_COMPACTIONS)
    works.run(DAY + DAY_MS + HOUR_MS)
    assert counted(Count.OVERDUE_COMPACTIONS)[-1] == 1
    works.run(DAY + 2 * DAY_MS + HOUR_MS)
    assert counted(Count.OVERDUE_COMPACTIONS)[-1] == 2  # the bucket, and now its day
    assert counted(Count.BLOCKED_SEALS)
    assert counted(Count.MISSING_LAYOUTS)


def test_a_manifest_of_another_version_keeps_nothing_else_up(works: Works) -> None:
    works.send((A, DAY, 1.0))
    works.run(DAY + HOUR_MS)
    key = keys.seal(TENANT, 0, DAY)
    whole = dict(works.table.items[key])
    works.table.write(Update(key, set={"v": 99}))
    works.at(DAY + HOUR_MS)
    works.send((A, DAY + HOUR_MS, 2.0))
    works.send((A, DAY, 3.0), late=True)
    works.run(DAY + 3 * HOUR_MS)
    works.send((A, DAY + DAY_MS, 4.0))
    for day in (1, 2):
        works.run(DAY + day * DAY_MS + 3 * HOUR_MS)
    assert counted(Count.BLOCKED_SEALS)
    works.table.write(Put(whole))
    assert not works.generations() and works.generations(DAY + DAY_MS)
    works.run(DAY + 2 * DAY_MS + 4 * HOUR_MS)
    assert works.points() + works.points(DAY + DAY_MS) == works.sent
    assert len(works.generations()) == 2


def test_what_waits_is_kept_alive_beyond_its_life(works: Works) -> None:
    damaged = works.send((A, DAY, 1.0))
    works.send((A, DAY + 1, 2.0))
    works.send((B, DAY + HOUR_MS, 3.0))
    name = keys.SegmentName(damaged.layout, keys.minute_of(DAY), DAY, damaged.request)
    key = keys.segment(TENANT, 0, name)
    whole = works.table.items[key]["p"]
    works.table.write(Update(key, set={"p": b"\x63"}))
    for day in range(1, 50):
        works.run(DAY + day * DAY_MS + HOUR_MS)
    assert not works.generations()
    works.table.write(Update(key, set={"p": whole}))
    works.run(DAY + 50 * DAY_MS + HOUR_MS)
    assert works.generations()[0].points == 3
    (cpu,) = works.kinds("metric")
    assert cpu["first_day"] == DAY


def test_what_late_items_name_is_kept_alive_until_they_are_folded(works: Works) -> None:
    works.at(DAY + 2 * HOUR_MS)
    works.send((A, DAY, 1.0), late=True)
    (late,) = works.kinds("late")
    works.table.write(Update(keys.Key(str(late["pk"]), str(late["sk"])), set={"p": b"\x63"}))
    for day in range(1, 46, 4):
        works.run(DAY + day * DAY_MS + 2 * HOUR_MS)
    assert works.kinds("late") and len(works.generations()) == 1
    works.table.write(Put(late))
    works.run(DAY + 46 * DAY_MS)
    assert not works.kinds("late")
    assert [each.points for each in works.generations()] == [0, 1]


def test_segments_that_landed_after_their_seal_are_counted(works: Works) -> None:
    works.send((A, DAY, 1.0))
    works.run(DAY + SEALED_AFTER)
    works.send((B, DAY + 1, 2.0))
    works.run(DAY + 3 * HOUR_MS)
    assert counted(Count.STRAY_SEGMENTS) == [1]
    works.run(DAY + 6 * HOUR_MS)
    assert counted(Count.STRAY_SEGMENTS) == [1]


def test_the_catalogue_forgets_layouts_of_the_past_when_their_days_are_merged(
    works: Works,
) -> None:
    works.send((A, DAY, 1.0))
    works.run(DAY + 3 * DAY_MS)
    assert len(works.kinds("catalogue")) == 1
    works.run(DAY + 4 * DAY_MS + HOUR_MS)
    assert len(works.kinds("catalogue")) == 1
    works.run(DAY + 5 * DAY_MS + 2 * HOUR_MS)
    assert not works.kinds("catalogue")
    assert works.kinds("layout")


def test_an_entry_that_is_renewed_meanwhile_stays(works: Works) -> None:
    works.send((A, DAY, 1.0))
    (entry,) = works.kinds("catalogue")
    deletes = []

    def renewed(writes: Sequence[Write | Check]) -> None:
        for each in writes:
            if isinstance(each, Delete) and each.key.pk == keys.catalogue(TENANT):
                deletes.append(each)
                works.table.before_write = lambda writes: None
                works.table.write(Put({**entry, "seen": works.clock()}))

    works.table.before_write = renewed
    works.run(DAY + 6 * DAY_MS)
    assert deletes and isinstance(deletes[0].when, Equals)
    assert works.kinds("catalogue")


def test_a_layout_that_comes_back_is_in_the_catalogue_again(works: Works) -> None:
    works.send((A, DAY, 1.0))
    works.run(DAY + 6 * DAY_MS)
    assert not works.kinds("catalogue")
    works.send((A, works.clock(), 2.0))
    assert REFRESH_MS < 6 * DAY_MS
    assert len(works.kinds("catalogue")) == 1


def test_deleted_points_are_left_out_of_everything(works: Works) -> None:
    mem = series("mem", host="a")
    works.send((A, DAY, 1.0), (mem, DAY, 2.0))
    works.send((A, DAY + HOUR_MS, 3.0), (mem, DAY + HOUR_MS, 4.0))
    works.run(DAY + SEALED_AFTER)
    until = DAY + HOUR_MS
    told: Item = {"k": "deletion", "until": until, "by": "somebody", "state": "running"}
    works.table.write(Put({**keys.deletion(TENANT, "mem")._asdict(), **told}))
    works.send((mem, DAY + 1, 5.0), late=True)
    works.clock.advance(2 * MINUTE_MS)
    works.run(MERGED + 2 * HOUR_MS)
    assert set(works.points()) == {
        (A, DAY, 1.0),
        (A, DAY + HOUR_MS, 3.0),
        (mem, DAY + HOUR_MS, 4.0),
    }
    assert [each.points for each in works.generations()] == [3, 0]
    hours = works.hours(works.generations()[0])
    assert [hour.start for hour in hours[mem]] == [DAY + HOUR_MS]


def test_what_is_deleted_is_taken_out_of_days_that_were_merged_before(works: Works) -> None:
    mem = series("mem", host="a")
    works.send((A, DAY, 1.0), (mem, DAY, 2.0))
    works.run(DAY + 2 * DAY_MS)
    Deletions(works.table, works.clock).delete(TENANT, "mem", by="somebody")
    works.run()
    assert set(works.points()) == {(A, DAY, 1.0)}
    assert set(works.hours(works.generations()[0])) == {A}
    assert [item["sk"] for item in works.kinds("metric")] == ["cpu"]


def test_series_are_grouped_afresh_where_that_takes_much_fewer_groups(works: Works) -> None:
    for n in range(24):
        works.at(DAY + n * HOUR_MS)
        works.send((series("cpu", host=f"h{n:02}"), works.clock(), 1.0))
        works.run(works.clock() + SEALED_AFTER)
    works.run(MERGED)
    assert len(list(works.groups(works.generations()[0]))) == 24
    day = DAY + DAY_MS
    works.at(day + HOUR_MS)
    works.send(*((series("cpu", host=f"h{n:02}"), works.clock(), 2.0) for n in range(24)))
    works.run(MERGED + DAY_MS)
    assert len(list(works.groups(works.generations(day)[0]))) == 1
    assert works.points() + works.points(day) == works.sent
    (cpu,) = works.kinds("metric")
    assert cpu["series"] == 24


def test_a_population_that_stays_keeps_its_groups_for_ever(works: Works) -> None:
    for day in range(4):
        works.at(DAY + day * DAY_MS + HOUR_MS)
        works.send((A, works.clock(), 1.0), (B, works.clock(), 1.0))
        works.run(DAY + (day + 1) * DAY_MS + HOUR_MS)
    named = {works.generations(DAY + day * DAY_MS)[0].directories for day in range(4)}
    assert len(named) == 1
    assert len(works.kinds("directory")) == 1
