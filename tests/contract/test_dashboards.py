"""Dashboards over every table: conditions, counting, versions."""

from dataclasses import replace

import pytest

from skafu.shared import keys, showings
from skafu.shared.table import ConditionFailed, Table
from skafu.workspace.dashboards.model import Head, Version
from skafu.workspace.dashboards.store import DashboardStore, Edition, TooMany
from tests.support.clocks import NOON
from tests.support.dashboards import document, panel, query

TENANT = "acme"
GONE = NOON // 1_000 + 90 * 86_400
HOSTS = document("Hosts überall", panels=[panel(queries=[query(metric="cpu.load")])])


def edition(name: str = "d1", version: int = 1) -> Edition:
    head = Head(name, "Hosts überall", "", 1, version, NOON, NOON + version, "ann")
    return Edition(Version(head, "create", ()), HOSTS)


def numbers(store: DashboardStore, name: str = "d1") -> list[int]:
    found, after = store.versions(TENANT, name, 1_000, None)
    while after is not None:
        more, after = store.versions(TENANT, name, 1_000, after)
        found += more
    return [each.head.version for each in found]


def test_what_was_stored_is_read(table: Table) -> None:
    store = DashboardStore(table)

    store.create(TENANT, edition(), [])
    store.replace(TENANT, edition(version=2), [])

    found = store.get(TENANT, "d1")
    assert found is not None
    assert (found.head, found.document) == (edition(version=2).version.head, HOSTS)
    assert store.heads(TENANT) == [found.head]
    assert store.last(TENANT, "d1") == edition(version=2).version
    assert store.version(TENANT, "d1", 1) == edition().version
    assert numbers(store) == [2, 1]
    assert [each.id for each in showings.of(table, TENANT, "cpu.load")] == ["d1"]
    assert store.get("other", "d1") is None


def test_a_change_is_of_the_version_before(table: Table) -> None:
    store = DashboardStore(table)
    store.create(TENANT, edition(), [])

    for wrong in (edition(), edition(version=3), edition("d2", 2)):
        with pytest.raises(ConditionFailed):
            store.replace(TENANT, wrong, [])
    with pytest.raises(ConditionFailed):
        store.create(TENANT, edition(), [])
    with pytest.raises(ConditionFailed):
        store.delete(TENANT, edition(version=2).version.head, GONE, [])

    assert numbers(store) == [1]


def test_there_are_so_many_and_no_more(table: Table) -> None:
    store = DashboardStore(table, most=2)
    for name in ("d1", "d2"):
        store.create(TENANT, edition(name), [])

    with pytest.raises(TooMany, match="at most 2"):
        store.create(TENANT, edition("d3"), [])
    store.create("other", edition("d3"), [])
    with pytest.raises(ConditionFailed):
        store.create(TENANT, edition("d2"), [])
    store.delete(TENANT, edition().version.head, GONE, [])
    store.create(TENANT, edition("d3"), [])

    assert {each.id for each in store.heads(TENANT)} == {"d2", "d3"}


def test_versions_of_what_was_deleted_go_unless_it_comes_back(table: Table) -> None:
    store = DashboardStore(table)
    store.create(TENANT, edition(), [])
    store.replace(TENANT, edition(version=2), [])

    store.delete(TENANT, edition(version=2).version.head, GONE, [])

    assert store.get(TENANT, "d1") is None and not store.heads(TENANT)
    assert not showings.of(table, TENANT, "cpu.load")
    assert store.last(TENANT, "d1") == replace(edition(version=2).version, gone=GONE)
    content = table.get(keys.dashboard_content(TENANT, "d1", 1))
    assert content is not None and content["ttl"] == GONE

    store.create(TENANT, edition(version=3), [])

    assert numbers(store) == [3, 2, 1]
    assert {store.version(TENANT, "d1", n) for n in (1, 2, 3)} == {
        edition(version=n).version for n in (1, 2, 3)
    }
    content = table.get(keys.dashboard_content(TENANT, "d1", 1))
    assert content is not None and "ttl" not in content


def test_fifty_versions_are_kept(table: Table) -> None:
    store = DashboardStore(table)
    store.create(TENANT, edition(), [])

    for version in range(2, 53):
        store.replace(TENANT, edition(version=version), [])

    assert numbers(store) == list(range(52, 2, -1))
    assert store.content(TENANT, "d1", 2) is None
    assert store.content(TENANT, "d1", 3) is not None
