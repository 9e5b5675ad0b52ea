"""How evaluators come to know alerts, over every table: bytes, ranges, conditions, transactions."""

from dataclasses import replace

import pytest

from skafu.alerts.composites.references import NamedByComposites
from skafu.alerts.known import read_known, read_since
from skafu.alerts.packed import read_manifest, read_packed, write_packed
from skafu.alerts.store import AlertStore
from skafu.shared.errors import Unprocessable
from skafu.shared.table import Table
from tests.support.clocks import NOON
from tests.support.composites import composite, every, one
from tests.support.decisions import TENANT
from tests.support.definitions import alert


def test_a_packed_copy_and_the_changes_since_are_what_is_stored(table: Table) -> None:
    store = AlertStore(table)
    for number in range(5):
        store.create(TENANT, replace(alert(f"alert-{number}"), name="Last überhaupt"))
    write_packed(table, TENANT, 5, store.all(TENANT), NOON)
    store.replace(TENANT, alert("alert-1", threshold=99.0), 1)
    store.delete(TENANT, "alert-2", 1)

    known, in_full = read_known(table, TENANT, 7)

    assert not in_full
    assert known.version == store.rules_version(TENANT) == 7
    assert known.alerts == {each.id: each for each in store.all(TENANT)}
    changes = read_since(table, TENANT, 5, 7)
    assert changes is not None
    assert [(each.id, each.alert is None) for each in changes] == [
        ("alert-1", False),
        ("alert-2", True),
    ]


def test_an_older_copy_does_not_replace_a_newer_one(table: Table) -> None:
    write_packed(table, TENANT, 5, [alert("new")], NOON)
    write_packed(table, TENANT, 3, [alert("old")], NOON)
    manifest, packed = read_manifest(table, TENANT), read_packed(table, TENANT)

    assert manifest is not None and manifest.version == 5
    assert packed is not None and set(packed.alerts) == {"new"}


def test_composites_hold_what_they_name(table: Table) -> None:
    store = AlertStore(table)
    store.create(TENANT, alert("cpu"))
    store.create(TENANT, composite(every("cpu")))

    with pytest.raises(NamedByComposites):
        store.delete(TENANT, "cpu", 1)
    with pytest.raises(Unprocessable):
        store.create(TENANT, composite(one("nobody"), "other"))
    store.delete(TENANT, "both", 1)
    store.delete(TENANT, "cpu", 1)
    assert not list(store.all(TENANT))
