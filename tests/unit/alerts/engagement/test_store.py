"""What people do about firings, in the table."""

from dataclasses import replace

import pytest

from skafu.alerts.engagement.store import WHOLE, Action, EngagementStore, Remark, Stored
from skafu.alerts.paging.model import Engagement
from skafu.shared.table import ConditionFailed
from tests.support.alerting import TENANT
from tests.support.clocks import NOON
from tests.support.memory_table import InMemoryTable

MINE = Engagement("a", "i", NOON, "editor", NOON + 5, "admin")
OTHER = Engagement("a", "j", NOON)
REMARK = Remark("r1", "a", "i", NOON, "editor", Action.ACKNOWLEDGE, NOON, "on it")


@pytest.fixture
def store() -> EngagementStore:
    return EngagementStore(InMemoryTable())


def test_engagements_come_back_by_instance(store: EngagementStore) -> None:
    store.change(TENANT, [(MINE, 0), (OTHER, 0)], [])

    wanted = [("a", "i"), ("a", "j"), ("a", "k"), ("b", "i")]
    assert store.of_many(TENANT, wanted) == {("a", "i"): MINE, ("a", "j"): OTHER}
    assert store.of_many("tenant2", wanted) == {}
    assert store.stored(TENANT, [("a", "i"), ("a", "k")]) == {
        ("a", "i"): Stored(MINE, 1),
        ("a", "k"): Stored(None, 0),
    }


def test_of_two_changes_at_once_one_is_refused_with_all_that_belongs_to_it(
    store: EngagementStore,
) -> None:
    store.change(TENANT, [(MINE, 0)], [])
    store.change(TENANT, [(replace(MINE, assignee=None), 1)], [])

    for revision in (0, 1):
        with pytest.raises(ConditionFailed):
            store.change(TENANT, [(OTHER, 0), (MINE, revision)], [REMARK])
    assert store.of_many(TENANT, [("a", "i"), ("a", "j")]) == {
        ("a", "i"): replace(MINE, assignee=None)
    }
    assert store.remarks(TENANT, "a", "i", 10) == ([], None)


def test_remarks_come_newest_first_page_by_page(store: EngagementStore) -> None:
    said = [replace(REMARK, id=f"r{n}", at=NOON + n) for n in range(5)]
    whole = replace(REMARK, instance=WHOLE, began=None)
    store.change(TENANT, [], [*said, whole])

    found: list[Remark] = []
    after = None
    while True:
        some, after = store.remarks(TENANT, "a", "i", 2, after)
        found += some
        if after is None:
            break

    assert found == said[::-1]
    assert store.remarks(TENANT, "a", WHOLE, 10) == ([whole], None)
