from skafu.alerts.codec import to_json
from skafu.alerts.model import Alert, instance_id
from skafu.alerts.rules import CHECK_MS, RuleBook, Rules
from skafu.metrics.model import Series
from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.table import Put, Value
from tests.support.clocks import FakeClock
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
