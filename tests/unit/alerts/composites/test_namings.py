"""Which alerts composites may name, and which alerts can be removed: also where others change
alerts at the same moment.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from skafu.alerts.composites.references import MOST_NAMED, NamedByComposites
from skafu.alerts.model import Alert, Expression
from skafu.alerts.store import AlertStore
from skafu.shared import keys
from skafu.shared.conflicts import Conflicts
from skafu.shared.errors import FieldError, Unprocessable
from skafu.shared.table import Check, ConditionFailed, Write
from tests.support.composites import composite, every, no, one, some
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable


@pytest.fixture
def table() -> InMemoryTable:
    return InMemoryTable(page_size=3)


@pytest.fixture
def store(table: InMemoryTable) -> AlertStore:
    made = AlertStore(table, Conflicts(lambda seconds: None))
    for name in ("cpu", "disk"):
        made.create(TENANT, replace(alert(name), name=name))
    return made


def refused(store: AlertStore, *arguments: Alert | int) -> tuple[FieldError, ...]:
    change = store.replace if len(arguments) > 1 else store.create
    with pytest.raises(Unprocessable) as caught:
        change(TENANT, *arguments)  # type: ignore[arg-type]  # any of them
    return caught.value.errors


def fields(store: AlertStore, *arguments: Alert | int) -> list[str]:
    return [each.field for each in refused(store, *arguments)]


def test_a_composite_names_alerts_that_are_there(store: AlertStore) -> None:
    made = store.create(TENANT, composite(every("cpu", no("disk"))))

    assert store.get(TENANT, "both") == made
    other = composite(every("cpu", no("nobody"), "none"), "other")
    assert fields(store, other) == ["condition.all.1.not.alert", "condition.all.2.alert"]
    assert store.get(TENANT, "other") is None


def test_a_stand_in_of_a_drill_is_nobody_to_depend_on(store: AlertStore) -> None:
    store.create(TENANT, replace(alert("drill"), drill_of="cpu"))

    assert fields(store, composite(one("drill"))) == ["condition.alert"]


def test_a_composite_does_not_name_itself(store: AlertStore) -> None:
    store.create(TENANT, composite(every("cpu", "disk")))

    assert fields(store, composite(some("cpu", "both")), 1) == ["condition.any.1.alert"]


def test_circles_are_refused_however_long_and_told(store: AlertStore) -> None:
    store.create(TENANT, composite(one("cpu"), "first"))
    store.create(TENANT, composite(every("first"), "second"))
    store.create(TENANT, composite(no("second"), "third"))

    (wrong,) = refused(store, composite(every("cpu", "third"), "first"), 1)

    assert wrong.field == "condition.all.1.alert"
    assert wrong.reason == "would make a circle: third names second names this alert"


def test_too_many_alerts_and_groups_that_nobody_has_are_refused(store: AlertStore) -> None:
    for number in range(MOST_NAMED + 1):
        store.create(TENANT, alert(f"alert-{number}"))
    names = [f"alert-{number}" for number in range(MOST_NAMED + 1)]

    assert fields(store, composite(some(*names))) == ["condition"]
    store.create(TENANT, composite(some(*names[1:])))
    assert fields(store, composite(one("cpu"), "x", group_by=("host",))) == ["group_by"]
    store.create(TENANT, alert("hosts", group_by=("host", "zone")))
    store.create(TENANT, composite(every("cpu", "hosts"), "x", group_by=("host",)))


def test_an_alert_that_a_composite_names_stays_until_it_is_named_no_more(
    store: AlertStore, table: InMemoryTable
) -> None:
    store.create(TENANT, composite(every("cpu", "disk"), "one"))
    store.create(TENANT, composite(one("cpu"), "two"))

    with pytest.raises(NamedByComposites, match=r"one \(one\), two \(two\)") as caught:
        store.delete(TENANT, "cpu", None)
    assert caught.value.extra == {
        "composites": [{"id": "one", "name": "one"}, {"id": "two", "name": "two"}]
    }
    store.delete(TENANT, "two", 1)
    store.replace(TENANT, composite(one("disk"), "one"), 1)
    store.delete(TENANT, "cpu", None)
    assert store.get(TENANT, "cpu") is None
    assert sum(item["k"] == "naming" for item in table.items.values()) == 1
    # An alert that is no composite any more names nobody.
    store.replace(TENANT, alert("one"), 2)
    store.delete(TENANT, "disk", None)


def test_what_was_left_of_a_composite_that_is_gone_holds_nobody(
    store: AlertStore, table: InMemoryTable
) -> None:
    store.create(TENANT, composite(one("cpu")))
    del table.items[keys.alert(TENANT, "both")]

    store.delete(TENANT, "cpu", None)


class Meanwhile:
    """Lets somebody else get in just before a change is written, once."""

    def __init__(self, table: InMemoryTable) -> None:
        self.changes: list[tuple[str, Alert | None, int | None]] = []
        self._store = AlertStore(table)
        table.before_write = self._before

    def _before(self, writes: Sequence[Write | Check]) -> None:
        if not self.changes or len(writes) < 3:
            return
        name, made, version = self.changes.pop()
        if made is None:
            self._store.delete(TENANT, name, version)
        elif version is None:
            self._store.create(TENANT, made)
        else:
            self._store.replace(TENANT, made, version)


def test_an_alert_that_is_named_at_this_very_moment_stays(
    store: AlertStore, table: InMemoryTable
) -> None:
    Meanwhile(table).changes.append(("both", composite(one("cpu")), None))

    with pytest.raises(NamedByComposites):
        store.delete(TENANT, "cpu", 1)


def test_an_alert_that_is_removed_at_this_very_moment_cannot_be_named(
    store: AlertStore, table: InMemoryTable
) -> None:
    Meanwhile(table).changes.append(("cpu", None, 1))

    assert fields(store, composite(every("disk", "cpu"))) == ["condition.all.1.alert"]


def test_two_edits_at_the_same_moment_make_no_circle(
    store: AlertStore, table: InMemoryTable
) -> None:
    store.create(TENANT, composite(one("cpu"), "left"))
    store.create(TENANT, composite(one("cpu"), "right"))
    Meanwhile(table).changes.append(("right", composite(one("left"), "right"), 1))

    assert fields(store, composite(one("right"), "left"), 1) == ["condition.alert"]


def test_changes_of_others_at_the_same_moment_do_not_matter_otherwise(
    store: AlertStore, table: InMemoryTable
) -> None:
    others = Meanwhile(table)
    others.changes = [("x", alert("x"), None), ("y", alert("y"), None)]
    store.create(TENANT, alert("z"))

    assert {each.id for each in store.all(TENANT)} == {"cpu", "disk", "x", "y", "z"}
    assert store.rules_version(TENANT) == 5
    others.changes = [("x", None, 1)]
    with pytest.raises(ConditionFailed):
        store.replace(TENANT, alert("x"), 1)


def expressions() -> list[Expression]:
    return [one("cpu"), every("cpu", "disk"), some("disk", no("cpu"))]


@pytest.mark.parametrize("expression", expressions())
def test_every_form_of_expression_can_be_stored(store: AlertStore, expression: Expression) -> None:
    made = store.create(TENANT, composite(expression))

    found = store.get(TENANT, "both")
    assert found == made and found.definition.expression == expression
