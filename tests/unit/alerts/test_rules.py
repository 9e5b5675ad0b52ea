from random import Random
from typing import Any

from skafu.alerts.codec import to_json
from skafu.alerts.model import Alert, instance_id
from skafu.alerts.changes import Change
from skafu.alerts.rules import CHECK_MS, REMEMBERED, Match, RuleBook, Rules
from skafu.metrics.model import Series, Tags
from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.table import Put, Value
from tests.support.clocks import FakeClock
from tests.support.composites import composite, every, one, some
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable
from tests.support.points import layout_of

LAYOUT = layout_of(
    "x",
    Series("cpu.load", (("host", "a"),)),
    Series("cpu.load", (("host", "b"),)),
    Series("mem.used", (("host", "a"),)),
)
HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)


def store(table: InMemoryTable, version: int, *alerts: Alert) -> None:
    for each in alerts:
        key = keys.alert("acme", each.id)._asdict()
        table.write(Put({**key, "k": "alert", "version": 1, "body": to_json(each)}))
    rules = keys.rules_version("acme")._asdict()
    table.write(Put({**rules, "k": "rules", "version": version}))


def test_a_layout_is_matched_with_the_instances_that_it_feeds() -> None:
    one = alert("one", group_by=("host",))
    two = alert("two")
    other = alert("other", metric="disk.free")

    plan = Rules.of(1, [one, two, other]).plan(LAYOUT)

    assert [(match.alert.id, match.tags, match.positions) for match in plan] == [
        ("one", HOST_A, (0,)),
        ("one", HOST_B, (1,)),
        ("two", (), (0, 1)),
    ]
    assert plan[0].instance == instance_id(HOST_A)


def test_a_plan_is_made_once_for_a_layout() -> None:
    rules = Rules.of(1, [alert("one")])

    assert rules.plan(LAYOUT) is rules.plan(LAYOUT)


def test_rules_are_read_again_ten_seconds_after_they_were_checked() -> None:
    table, clock = InMemoryTable(), FakeClock()
    book = RuleBook(table, clock)
    store(table, 1, alert("one"))
    assert set(book.rules("acme").alerts) == {"one"}

    store(table, 2, alert("two"))
    clock.advance(CHECK_MS)
    assert set(book.rules("acme").alerts) == {"one"}
    clock.advance(1)
    assert set(book.rules("acme").alerts) == {"one", "two"}


def test_unchanged_rules_are_not_read_again() -> None:
    table, clock = InMemoryTable(), FakeClock()
    book = RuleBook(table, clock)
    store(table, 1, alert("one"))
    before = book.rules("acme")

    clock.advance(CHECK_MS + 1)

    assert book.rules("acme") is before


def test_a_read_that_is_behind_does_not_bring_old_rules_back() -> None:
    class Behind(InMemoryTable):
        version = 5

        def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
            return {"version": self.version}

    table, clock = Behind(), FakeClock()
    book = RuleBook(table, clock)
    before = book.rules("acme")
    table.version = 4
    clock.advance(CHECK_MS + 1)

    assert book.rules("acme") is before


def test_a_tenant_without_alerts_has_no_rules() -> None:
    rules = RuleBook(InMemoryTable(), FakeClock()).rules("acme")

    assert (rules.version, rules.alerts, rules.plan(LAYOUT)) == (0, {}, ())


def test_tenants_have_rules_of_their_own() -> None:
    table = InMemoryTable()
    store(table, 1, alert("one"))
    book = RuleBook(table, FakeClock())

    assert set(book.rules("acme").alerts) == {"one"}
    assert not book.rules("umbrella").alerts


# --- changes --------------------------------------------------------------------------------------


def change(version: int, alert_id: str, **definition: Any) -> Change:
    return Change(version, alert_id, alert(alert_id, **definition))


def place(match: Match) -> tuple[str, Tags]:
    return match.alert.id, match.tags


def test_a_plan_that_was_made_before_a_change_is_what_a_new_one_would_be() -> None:
    random = Random(3)
    forms: list[dict[str, Any]] = [
        {"group_by": ("host",)},
        {"metric": "disk.free"},
        {"metric": "mem.used"},
        {},
    ]
    rules = Rules.of(0, [])
    for version in range(1, 400):
        name = f"alert-{random.randint(0, 6)}"
        if random.random() < 0.3:
            rules.take([Change(version, name, None)])
        else:
            rules.take([change(version, name, **random.choice(forms))])
        if random.random() < 0.5:
            fresh = Rules.of(version, rules.alerts.values())
            assert sorted(rules.plan(LAYOUT), key=place) == sorted(fresh.plan(LAYOUT), key=place)


def test_a_change_leaves_the_work_for_all_other_alerts_as_it_was() -> None:
    rules = Rules.of(1, [alert(f"alert-{number}", group_by=("host",)) for number in range(50)])
    before = {id(match) for match in rules.plan(LAYOUT)}

    rules.take([change(2, "alert-7", group_by=("host",), threshold=99.0)])

    made = [match for match in rules.plan(LAYOUT) if id(match) not in before]
    assert {match.alert.id for match in made} == {"alert-7"}
    assert len(made) == 2
    assert rules.plan(LAYOUT) is rules.plan(LAYOUT)


def test_a_plan_that_is_older_than_all_remembered_changes_is_made_again() -> None:
    rules = Rules.of(1, [alert("first"), alert("second")])
    rules.plan(LAYOUT)
    rules.take([Change(2, "first", None)])
    for version in range(3, 3 + REMEMBERED):
        rules.take([change(version, "other", metric="disk.free")])

    assert [match.alert.id for match in rules.plan(LAYOUT)] == ["second"]


def test_composites_are_found_by_the_alerts_that_they_name_and_watch_no_metric() -> None:
    both = composite(every("one", "two"), "both")
    either = composite(some("two", "three"), "either")
    rules = Rules.of(1, [alert("one"), both, either])

    assert set(rules.composites(["one"])) == {"both"}
    assert set(rules.composites(["two", "one"])) == {"both", "either"}
    assert not rules.composites(["both", "nobody"])
    assert [match.alert.id for match in rules.plan(LAYOUT)] == ["one"]

    rules.take([Change(2, "both", None), Change(3, "either", composite(one("one"), "either"))])

    assert set(rules.composites(["one"])) == {"either"}
    assert not rules.composites(["two", "three"])
