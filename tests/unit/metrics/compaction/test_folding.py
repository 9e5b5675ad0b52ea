from collections.abc import Sequence

import pytest

from skafu.metrics.items import segment_from
from skafu.metrics.manifests import part_of
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.table import Check, Put, Update, Write
from tests.support.compaction import DAY, RETENTION_MS, Works
from tests.support.metrics import TENANT, series

MERGED = DAY + DAY_MS + 5 * MINUTE_MS
A, B, C = (series("cpu", host=host) for host in "abc")


@pytest.fixture
def works() -> Works:
    """A merged day with two points."""
    made = Works()
    made.send((A, DAY + 1, 1.0), (B, DAY + 2, 2.0))
    made.run(MERGED)
    return made


def test_late_items_become_the_next_generation_and_go(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), (C, DAY + 6, 6.0), late=True)
    assert works.points() == works.sent
    assert works.compactor.fold(TENANT, 0, DAY)
    assert [each.generation for each in works.generations()] == [1, 2]
    assert not works.kinds("late")
    assert works.points() == works.sent
    assert [hour.sum for hour in works.hours(works.generations()[1])[C]] == [6.0]


def test_a_day_keeps_its_groups_from_generation_to_generation(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), late=True)
    works.compactor.fold(TENANT, 0, DAY)
    first, second = works.generations()
    assert first.directories == second.directories


def test_a_day_that_is_not_merged_is_not_folded() -> None:
    works = Works()
    works.at(DAY + HOUR_MS)
    works.send((A, DAY + 1, 1.0), late=True)
    works.at(MERGED)
    assert not works.compactor.fold(TENANT, 0, DAY)
    assert works.kinds("late")


def test_what_a_generation_names_is_not_folded_again(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), late=True, request="again")
    works.compactor.fold(TENANT, 0, DAY)
    works.send((A, DAY + 5, 5.0), late=True, request="again")
    works.sent.subtract([(A, DAY + 5, 5.0)])
    assert works.points() == +works.sent
    works.compactor.fold(TENANT, 0, DAY)
    assert len(works.generations()) == 2
    assert not works.kinds("late")
    assert works.points() == +works.sent


def test_what_a_seal_names_is_not_folded(works: Works) -> None:
    works.send((A, DAY + 1, 1.0), (B, DAY + 2, 2.0), late=True, request="request1")
    works.sent.subtract([(A, DAY + 1, 1.0), (B, DAY + 2, 2.0)])
    works.compactor.fold(TENANT, 0, DAY)
    assert len(works.generations()) == 1
    assert not works.kinds("late")
    assert works.points() == +works.sent


def test_of_two_folds_the_first_counts_and_nothing_is_lost(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), late=True)
    second = works.another()

    def while_the_first_is_about_to_name_it(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(each, Put) and each.item["k"] == "generation" for each in writes):
            works.table.before_write = lambda writes: None
            works.send((B, DAY + 7, 7.0), late=True)
            second.fold(TENANT, 0, DAY)
            works.send((C, DAY + 8, 8.0), late=True)

    works.table.before_write = while_the_first_is_about_to_name_it
    works.compactor.fold(TENANT, 0, DAY)
    assert [each.points for each in works.generations()] == [2, 2]
    assert len(works.kinds("late")) == 1
    assert works.points() == works.sent
    works.another().fold(TENANT, 0, DAY)
    assert works.points() == works.sent
    assert not works.kinds("late")


def test_late_items_stay_until_the_generation_is_stored(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), late=True)

    class Cut(Exception):
        pass

    def cut_off(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(each, Put) and each.item["k"] == "generation" for each in writes):
            raise Cut()

    works.table.before_write = cut_off
    with pytest.raises(Cut):
        works.compactor.fold(TENANT, 0, DAY)
    works.table.before_write = lambda writes: None
    assert works.kinds("late")
    assert works.points() == works.sent


def test_what_came_within_a_day_is_kept_for_alerts_by_its_receipt(works: Works) -> None:
    works.at(DAY + 15 * MINUTE_MS + 25 * HOUR_MS)
    soon = works.send((A, DAY + 5, 5.0), late=True)
    works.clock.advance(1)
    works.send((B, DAY + 6, 6.0), late=True)
    works.compactor.fold(TENANT, 0, DAY)
    (copy,) = works.kinds("folded")
    found = segment_from(copy)
    assert part_of(found) == part_of(soon)
    assert (found.receipt, list(found.values)) == (soon.receipt, [5.0])
    assert copy["ttl"] == (DAY + 15 * MINUTE_MS + 32 * DAY_MS) // 1000
    assert works.points() == works.sent


def test_late_items_are_folded_when_the_oldest_is_an_hour_old(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), late=True)
    works.run(MERGED + HOUR_MS)
    assert works.kinds("late")
    works.run(MERGED + HOUR_MS + 1)
    assert not works.kinds("late")
    assert len(works.generations()) == 2


def test_late_items_are_folded_at_once_where_they_are_many(works: Works) -> None:
    for n in range(50):
        points = [(A, DAY + n * 1000 + i, (n * 1000 + i) ** 0.5) for i in range(1000)]
        works.send(*points, late=True)
    works.run()
    assert not works.kinds("late")
    assert len(works.generations()) == 2
    assert works.points() == works.sent


def test_a_backfill_makes_the_days_that_it_needs_and_no_others(works: Works) -> None:
    old = DAY - 20 * DAY_MS
    works.send((A, old + 5 * HOUR_MS, 5.0), (B, old + 5 * HOUR_MS, 6.0), late=True)
    works.send((A, old + 7 * HOUR_MS, 7.0), late=True)
    assert works.points(old)
    works.run(MERGED + 2 * HOUR_MS)
    assert [each.points for each in works.generations(old)] == [0, 3]
    assert not works.generations(old + DAY_MS)
    assert not works.generations(old - DAY_MS)
    assert works.points(old) + works.points() == works.sent
    assert not works.kinds("late")


def test_a_backfill_uses_the_groups_that_there_are(works: Works) -> None:
    old = DAY - 20 * DAY_MS
    works.send((A, old, 5.0), late=True)
    works.run(MERGED + 2 * HOUR_MS)
    assert works.generations(old)[1].directories == works.generations()[0].directories
    (cpu,) = works.kinds("metric")
    assert (cpu["first_day"], cpu["last_day"], cpu["series"]) == (old, DAY, 2)


def test_late_items_that_cannot_be_read_stay(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), late=True)
    (item,) = works.kinds("late")
    works.table.write(Update(keys.Key(str(item["pk"]), str(item["sk"])), set={"p": b"\x63"}))
    assert not works.compactor.fold(TENANT, 0, DAY)
    assert works.kinds("late")
    assert len(works.generations()) == 1


def test_the_rollups_of_a_fold_live_as_long_as_those_of_the_day(works: Works) -> None:
    works.send((A, DAY + 5, 5.0), late=True)
    works.compactor.fold(TENANT, 0, DAY)
    expires = {item["ttl"] for item in works.kinds("rollup")}
    assert expires == {(DAY + DAY_MS + RETENTION_MS) // 1000}
