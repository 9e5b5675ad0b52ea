"""Deleted metrics are taken out of merged days, and nothing else is."""

import pytest

from skafu.metrics.blocks import columns_from
from skafu.metrics.deletions import DONE, RUNNING, Deletion, Deletions
from skafu.metrics.groups import group_from
from skafu.metrics.model import Layout, columns_of
from skafu.metrics.removal import RESERVE_MS, SECOND_LOOK_MS, Removal
from skafu.metrics.rollups import hours_from
from skafu.metrics.tenancy import Tenancies
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS, Key
from skafu.shared.metering import MeteredTable
from skafu.shared.table import Item
from tests.support.merged_days import DAYS, FIRST, METRICS, MergedDays
from tests.support.metrics import TENANT

TODAY = FIRST + DAYS * DAY_MS
ENOUGH = 100 * RESERVE_MS


def remove(days: MergedDays, metric: str) -> Deletion:
    """Delete a metric and do all the work for it."""
    days.clock.now += MINUTE_MS
    deletions = Deletions(days.table, days.clock)
    deletions.delete(TENANT, metric, "person")
    assert removal(days).work(TENANT, lambda: ENOUGH)
    found = deletions.get(TENANT, metric)
    assert found is not None
    return found


def removal(days: MergedDays) -> Removal:
    return Removal(days.table, days.clock, Tenancies(days.table, days.clock))


def groups_in(days: MergedDays) -> dict[str, Layout]:
    items = [x for key, x in days.table.items.items() if key.pk == keys.groups(TENANT)]
    return {group.hash: group for group in map(group_from, items)}


def stored_positions(days: MergedDays, kind: str) -> dict[Key, set[str]]:
    """Of which metrics merged items have points or hours."""
    groups = groups_in(days)
    found: dict[Key, set[str]] = {}
    for key, item in days.table.items.items():
        if keys.kind_of(key.pk) == kind:
            group = groups[keys.split(key.pk)[3]]
            assert item["of"] == 1
            found[key] = {group.series[at].metric for at in _positions(kind, item)}
    return found


def _positions(kind: str, item: Item) -> set[int]:
    if kind == keys.DAYS:
        columns = columns_from([item])
        assert columns is not None
        return set(columns.series)
    return set(hours_from([item], None) or {})


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", [keys.DAYS, keys.ROLLUPS])
def test_nothing_of_the_metric_is_left_in_merged_days(metric: str, kind: str) -> None:
    days = MergedDays()
    before = stored_positions(days, kind)
    assert any(metric in some for some in before.values())
    remove(days, metric)
    after = stored_positions(days, kind)
    assert {key: some - {metric} for key, some in before.items() if some - {metric}} == {
        key: some for key, some in after.items() if some
    }


@pytest.mark.parametrize("metric", METRICS)
def test_the_other_metrics_answer_as_before(metric: str) -> None:
    days = MergedDays()
    before = days.everything()
    remove(days, metric)
    after = days.everything()
    for name, hours in before:
        assert after[name, hours] == ([] if name == metric else before[name, hours])


@pytest.mark.parametrize("metric", METRICS)
def test_what_is_left_is_read_without_deletions_too(metric: str) -> None:
    """When the deletion's own life is over, nothing comes back."""
    days = MergedDays()
    remove(days, metric)
    for key in [key for key in days.table.items if keys.kind_of(key.pk) in ("segments", "folded")]:
        del days.table.items[key]
    for other in METRICS:
        if other != metric:
            assert days.answers(other, hours=True, hidden=False)


def test_a_metric_alone_leaves_no_item_behind() -> None:
    days = MergedDays()
    alone = {name for name, group in groups_in(days).items() if columns_of(group, "alone")}
    remove(days, "alone")
    left = [
        key
        for key in days.table.items
        if keys.split(key.pk)[-2:-1] and alone & {*keys.split(key.pk)}
    ]
    assert {keys.kind_of(key.pk) for key in left} <= {"chunks"}


def test_how_far_it_has_come_is_told() -> None:
    days = MergedDays()
    found = remove(days, "alone")
    assert (found.state, found.finished, found.place) == (DONE, days.clock.now, None)
    # 2 days x 2 generations x (5 parts of 8 + 3 parts of 16, numbers; details where needed).
    assert found.removed >= 2 * 2 * (5 + 3)


def test_new_points_stay_and_the_deletion_ends_with_its_moment() -> None:
    days = MergedDays()
    remove(days, "shared.a")
    days.clock.now += HOUR_MS
    days.send(["shared.a"], days.clock.now)
    days.clock.now = TODAY + DAY_MS + 10 * MINUTE_MS
    days.compact(TODAY)
    found = days.answers("shared.a", hours=False)
    assert len(found) == METRICS["shared.a"]
    assert removal(days).work(TENANT, lambda: ENOUGH)
    assert days.answers("shared.a", hours=False) == found


def test_points_that_come_later_than_their_deletion_are_hidden_and_never_merged() -> None:
    days = MergedDays()
    remove(days, "shared.a")
    days.clock.now += HOUR_MS
    days.send(["shared.a", "shared.b"], FIRST + 5 * HOUR_MS)
    assert not days.answers("shared.a", hours=False)
    days.compact(FIRST)
    assert not days.answers("shared.a", hours=False)
    for kind in (keys.DAYS, keys.ROLLUPS):
        assert not any("shared.a" in some for some in stored_positions(days, kind).values())


def test_the_record_goes_and_comes_again_with_new_points() -> None:
    days = MergedDays()
    record = keys.metric_record(TENANT, "shared.a")
    assert record in days.table.items
    remove(days, "shared.a")
    assert record not in days.table.items
    days.clock.now += HOUR_MS
    days.send(["shared.a"], days.clock.now)
    days.clock.now = TODAY + DAY_MS + 10 * MINUTE_MS
    days.compact(TODAY)
    assert days.table.items[record]["first_day"] == TODAY


def test_catalogue_entries_go_with_the_second_look_unless_they_are_in_use() -> None:
    days = MergedDays()

    def entries(metric: str) -> int:
        prefix = keys.catalogue_prefix(metric)
        return sum(key.sk.startswith(prefix) for key in days.table.items)

    remove(days, "shared.a")
    remove(days, "alone")
    assert entries("shared.a") and entries("alone")
    days.clock.now += SECOND_LOOK_MS
    days.send(["shared.a"], days.clock.now)
    assert removal(days).work(TENANT, lambda: ENOUGH)
    assert (entries("shared.a"), entries("alone")) == (1, 0)
    found = Deletions(days.table, days.clock).get(TENANT, "alone")
    assert found is not None and (found.state, found.again) == (DONE, None)


def test_without_time_nothing_is_begun_and_with_little_a_little_is_done() -> None:
    days = MergedDays()
    deletions = Deletions(days.table, days.clock)
    deletions.delete(TENANT, "shared.b", "person")
    before = dict(days.table.items)
    assert not removal(days).work(TENANT, lambda: RESERVE_MS - 1)
    assert days.table.items == before
    runs = 0
    while True:
        budget = iter([ENOUGH])
        runs += 1
        if removal(days).work(TENANT, lambda: next(budget, 0)):
            break
        found = deletions.get(TENANT, "shared.b")
        assert found is not None and found.state == RUNNING
        assert runs < 200
    assert runs > 3
    assert not any("shared.b" in some for some in stored_positions(days, keys.DAYS).values())


def test_deleting_again_while_it_runs_begins_anew() -> None:
    days = MergedDays()
    deletions = Deletions(days.table, days.clock)
    deletions.delete(TENANT, "shared.b", "person")
    again = iter([True])

    def meanwhile(_: object) -> None:
        if next(again, False):
            days.clock.now += 1
            deletions.delete(TENANT, "shared.b", "somebody else")

    days.table.before_write = meanwhile
    assert not removal(days).work(TENANT, lambda: ENOUGH)
    assert removal(days).work(TENANT, lambda: ENOUGH)
    found = deletions.get(TENANT, "shared.b")
    assert found is not None and (found.state, found.requested_by) == (DONE, "somebody else")


def test_a_tenant_without_deletions_costs_one_query() -> None:
    days = MergedDays()
    table = MeteredTable(days.table)
    work = Removal(table, days.clock, Tenancies(table, days.clock))
    assert work.work(TENANT, lambda: ENOUGH)
    assert (table.calls, table.rru, table.wru) == (1, 1, 0)
