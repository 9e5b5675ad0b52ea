"""How evaluators come to know all alerts of a tenant: by the packed copy, the log of changes, or
one by one; and that they are never wrong about them, whatever happens in between.
"""

from dataclasses import replace
from random import Random

import pytest

from skafu.alerts.changes import applied, read_changes, read_changes_around
from skafu.alerts.codec import to_json
from skafu.alerts.known import LOOK_BACK, MOST_CHANGES, read_known
from skafu.alerts.model import Alert
from skafu.alerts.packed import PART_BYTES, read_manifest, read_packed, write_packed
from skafu.alerts.repacking import FEW, MANY_CHANGES, OLD_MS, Repacker
from skafu.alerts.rules import CHECK_MS, RuleBook
from skafu.alerts.store import AlertStore
from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.table import Delete, Page, Put, Query, Update
from tests.support.clocks import NOON, FakeClock
from tests.support.counting import CountingTable
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

RULES = f"{TENANT}#rules"


def many(table: InMemoryTable, count: int, version: int = 0) -> dict[str, Alert]:
    """Alerts of before there was a log of changes."""
    alerts = {f"alert-{number:05d}": alert(f"alert-{number:05d}") for number in range(count)}
    for each in alerts.values():
        key = keys.alert(TENANT, each.id)._asdict()
        table.write(Put({**key, "k": "alert", "version": 1, "body": to_json(each)}))
    rules = keys.rules_version(TENANT)
    table.write(Put({**rules._asdict(), "k": "rules", "version": version or count}))
    return alerts


def truth(table: InMemoryTable) -> dict[str, Alert]:
    return {each.id: each for each in AlertStore(table).all(TENANT)}


# --- counts ---------------------------------------------------------------------------------------


def test_ten_thousand_alerts_are_known_after_one_query_of_their_packed_copy() -> None:
    table = CountingTable()
    alerts = many(table, 10_000)
    clock = FakeClock()
    Repacker(table, RuleBook(table, clock), clock).look(TENANT)
    parts = [item for key, item in table.items.items() if key.sk.startswith("packed#")]
    assert 1 <= len(parts) <= 3  # a query's page holds that
    table.forget()

    rules = RuleBook(table, clock).rules(TENANT)

    assert rules.alerts == alerts
    assert table.asked == [
        f"get {RULES} version",
        f"query {RULES} packed",
        f"query {RULES} change",
    ]


def test_who_knows_the_alerts_reads_what_has_changed_and_no_more() -> None:
    table, clock = CountingTable(), FakeClock()
    many(table, 500)
    book = RuleBook(table, clock)
    book.rules(TENANT)
    store = AlertStore(table)
    store.replace(TENANT, alert("alert-00007", threshold=99.0), 1)
    store.delete(TENANT, "alert-00008", 1)
    store.create(TENANT, alert("new"))
    clock.advance(CHECK_MS + 1)
    table.forget()

    rules = book.rules(TENANT)

    assert table.asked == [f"get {RULES} version", f"query {RULES} change"]
    assert rules.alerts == truth(table)
    assert rules.version == 503


def test_who_begins_anew_reads_the_copy_and_what_has_changed_since() -> None:
    table, clock = CountingTable(), FakeClock()
    many(table, 100)
    Repacker(table, RuleBook(table, clock), clock).look(TENANT)
    store = AlertStore(table)
    store.replace(TENANT, alert("alert-00007", threshold=99.0), 1)
    store.delete(TENANT, "alert-00008", 1)
    table.forget()

    rules = RuleBook(table, clock).rules(TENANT)

    assert [asked for asked in table.asked if keys.alerts(TENANT) in asked] == []
    assert rules.alerts == truth(table)


def test_after_very_many_changes_the_copy_is_read_again() -> None:
    table, clock = CountingTable(), FakeClock()
    many(table, 100)
    book = RuleBook(table, clock)
    book.rules(TENANT)
    many(table, 120, version=100 + MOST_CHANGES + 1)
    Repacker(table, RuleBook(table, clock), clock).look(TENANT)
    clock.advance(CHECK_MS + 1)
    table.forget()

    assert book.rules(TENANT).alerts == truth(table)
    assert f"query {RULES} packed" in table.asked


# --- what can be wrong with a copy or a log -------------------------------------------------------


@pytest.fixture
def packed() -> InMemoryTable:
    """A tenant with a packed copy and three changes since."""
    table, clock = InMemoryTable(page_size=7), FakeClock()
    many(table, 50)
    assert Repacker(table, RuleBook(table, clock), clock).look(TENANT)
    store = AlertStore(table)
    store.replace(TENANT, alert("alert-00007", threshold=99.0), 1)
    store.delete(TENANT, "alert-00008", 1)
    store.create(TENANT, alert("new"))
    return table


def known(table: InMemoryTable) -> tuple[dict[str, Alert], bool]:
    version = AlertStore(table).rules_version(TENANT)
    found, in_full = read_known(table, TENANT, version)
    assert found.version == version
    return dict(found.alerts), in_full


def test_a_copy_and_the_changes_since_are_all_there_is_to_know(packed: InMemoryTable) -> None:
    assert known(packed) == (truth(packed), False)


def parts_of(table: InMemoryTable) -> list[Key]:
    return [key for key in table.items if key.sk.startswith("packed#")]


def test_a_copy_that_is_missing_a_part_is_no_copy(packed: InMemoryTable) -> None:
    packed.write(Delete(parts_of(packed)[0]))

    assert read_packed(packed, TENANT) is None
    assert known(packed) == (truth(packed), True)


@pytest.mark.parametrize("data", [b"", b"nonsense", "text", 7])
def test_a_copy_that_is_damaged_is_no_copy(packed: InMemoryTable, data: bytes | str | int) -> None:
    packed.write(Update(parts_of(packed)[0], {"data": data}))

    assert known(packed) == (truth(packed), True)


def test_a_bit_that_flipped_is_noticed(packed: InMemoryTable) -> None:
    (key,) = parts_of(packed)
    data = bytearray(packed.items[key]["data"])  # type: ignore[arg-type]  # bytes, as stored
    data[len(data) // 2] ^= 1
    packed.write(Update(key, {"data": bytes(data)}))

    assert known(packed) == (truth(packed), True)


@pytest.mark.parametrize("version", [51, 52, 53])
def test_a_log_with_a_hole_is_not_relied_upon(packed: InMemoryTable, version: int) -> None:
    packed.write(Delete(keys.rules_change(TENANT, version)))

    assert known(packed) == (truth(packed), True)


def test_an_entry_that_cannot_be_read_is_a_hole(packed: InMemoryTable) -> None:
    packed.write(Update(keys.rules_change(TENANT, 51), {"body": "{"}))

    assert known(packed) == (truth(packed), True)


def test_who_knows_the_alerts_notices_a_hole_too(packed: InMemoryTable) -> None:
    """As a version of Skafu leaves it that keeps no log."""
    clock = FakeClock()
    book = RuleBook(packed, clock)
    book.rules(TENANT)
    store = AlertStore(packed)
    store.create(TENANT, alert("one"))
    rules = Update(keys.rules_version(TENANT), add={"version": 1})
    packed.transact([Delete(keys.alert(TENANT, "alert-00009")), rules])
    store.create(TENANT, alert("two"))
    clock.advance(CHECK_MS + 1)

    assert book.rules(TENANT).alerts == truth(packed)
    assert book.read_in_full == {TENANT}


def test_the_log_around_a_version_begins_after_the_last_hole() -> None:
    table = InMemoryTable()
    store = AlertStore(table)
    for number in range(10):
        store.create(TENANT, alert(f"alert-{number}"))
    table.write(Delete(keys.rules_change(TENANT, 4)))

    def versions(version: int, back: int) -> list[int]:
        return [x.version for x in read_changes_around(table, TENANT, version, back)]

    assert versions(7, 20) == [5, 6, 7, 8, 9, 10]
    assert versions(7, 2) == [6, 7, 8, 9, 10]
    assert versions(4, 20) == [5, 6, 7, 8, 9, 10]
    assert versions(3, 20) == [1, 2, 3]
    assert [x.version for x in read_changes(table, TENANT, 2)] == [3]


def test_what_a_query_does_not_show_yet_the_log_tells() -> None:
    """A transaction's items need not become visible all at once."""

    class Lagging(InMemoryTable):
        hidden = keys.alert(TENANT, "alert-1")

        def query(self, query: Query) -> Page:
            page = super().query(query)
            shown = [x for x in page.items if (x["pk"], x["sk"]) != self.hidden]
            return Page(shown, page.after)

    table = Lagging()
    for number in range(LOOK_BACK - 5):
        AlertStore(table).create(TENANT, alert(f"alert-{number}"))

    assert "alert-1" in RuleBook(table, FakeClock()).rules(TENANT).alerts


def test_a_copy_that_is_replaced_while_it_is_read_is_read_again() -> None:
    class Replaced(CountingTable):
        def query(self, query: Query) -> Page:
            page = super().query(query)
            if query.begins and not query.consistent:
                # The manifest is of before, the parts are of after.
                page = Page([x for x in page.items if x["sk"] == "packed"], None)
            return page

    table = Replaced()
    many(table, 50)
    write_packed(table, TENANT, 50, truth(table).values(), NOON)

    assert known(table) == (truth(table), False)


# --- packing --------------------------------------------------------------------------------------


def test_a_copy_of_many_alerts_is_split_into_items_that_fit() -> None:
    table = InMemoryTable()
    random = Random(7)
    alerts = [
        replace(alert(f"alert-{i}"), description=random.randbytes(900).hex()) for i in range(1_500)
    ]

    manifest = write_packed(table, TENANT, 3, alerts, NOON)

    # Bytes, as they are stored.
    sizes = [len(bytes(table.items[key]["data"])) for key in parts_of(table)]  # type: ignore[arg-type]
    assert manifest.parts == len(sizes) > 3
    assert max(sizes) == PART_BYTES
    found = read_packed(table, TENANT)
    assert found is not None and found.alerts == {each.id: each for each in alerts}


def test_an_older_copy_leaves_and_a_newer_one_stays() -> None:
    table = InMemoryTable()
    one, two = [alert("one")], [alert("two")]
    write_packed(table, TENANT, 3, one, NOON)
    write_packed(table, TENANT, 5, two, NOON)
    assert len(parts_of(table)) == 1

    manifest = write_packed(table, TENANT, 4, one, NOON)

    assert manifest.version == 5
    found = read_packed(table, TENANT)
    assert found is not None and set(found.alerts) == {"two"}
    write_packed(table, TENANT, 6, two, NOON)
    assert len(parts_of(table)) == 1


def test_no_alerts_can_be_packed_too() -> None:
    table = InMemoryTable()
    write_packed(table, TENANT, 3, [], NOON)

    found = read_packed(table, TENANT)
    assert found is not None and not found.alerts


class Packing:
    def __init__(self, count: int) -> None:
        self.table, self.clock = InMemoryTable(), FakeClock()
        many(self.table, count)
        self.store = AlertStore(self.table)
        self.repacker = self.again()

    def again(self) -> Repacker:
        return Repacker(self.table, RuleBook(self.table, self.clock), self.clock)

    def change(self, times: int = 1) -> None:
        for _ in range(times):
            present = self.store.get(TENANT, "alert-00000")
            assert present is not None
            self.store.replace(TENANT, present, present.version)

    def look(self, after_ms: int = CHECK_MS + 1) -> bool:
        self.clock.advance(after_ms)
        return self.repacker.look(TENANT)


def test_few_alerts_are_not_worth_packing() -> None:
    assert not Packing(FEW - 1).look()
    assert Packing(FEW).look()


def test_a_copy_is_made_again_after_many_changes_or_a_few_and_a_long_time() -> None:
    packing = Packing(FEW)
    assert packing.look()
    assert not packing.look(OLD_MS + 1)  # nothing has changed
    packing.change()
    assert packing.look()

    packing.change(MANY_CHANGES)
    assert not packing.look()
    packing.change()
    assert packing.look()
    packing.change()
    assert not packing.look(OLD_MS)
    assert packing.look(2)


def test_what_another_sweeper_has_packed_is_not_packed_again() -> None:
    packing = Packing(FEW)
    other = packing.again()
    assert packing.look()
    other.look(TENANT)
    packing.change(MANY_CHANGES + 1)
    packing.clock.advance(CHECK_MS + 1)
    assert other.look(TENANT)

    assert not packing.look()


def test_a_copy_that_was_of_no_use_is_made_again() -> None:
    packing = Packing(FEW)
    assert packing.look()
    for key in parts_of(packing.table):
        packing.table.write(Delete(key))
    later = packing.again()

    assert later.look(TENANT)
    assert read_packed(packing.table, TENANT) is not None
    manifest = read_manifest(packing.table, TENANT)
    assert manifest is not None and manifest.version == FEW
    assert not later.look(TENANT)


# --- whatever happens in between ------------------------------------------------------------------


class Interleaved(InMemoryTable):
    """Between any two reads others change alerts, pack them, or lose entries of the log."""

    def __init__(self, random: Random) -> None:
        super().__init__(page_size=4)
        self.random = random
        self.busy = False

    def query(self, query: Query) -> Page:
        self._others()
        return super().query(query)

    def _others(self) -> None:
        if self.busy:
            return
        self.busy = True
        while self.random.random() < 0.4:
            something(self, self.random)
        self.busy = False


def something(table: InMemoryTable, random: Random) -> None:
    """Somebody does something to the alerts."""
    store = AlertStore(table)
    name = f"alert-{random.randint(0, 9)}"
    present = store.get(TENANT, name)
    match random.choice("ccceeedr pl"):
        case "c" if present is None:
            store.create(TENANT, alert(name))
        case "e" if present is not None:
            changed = replace(present, name=f"{random.random()}")
            store.replace(TENANT, changed, present.version)
        case "d" if present is not None:
            store.delete(TENANT, name, None)
        case "r" if present is not None:  # without a log
            rules = Update(keys.rules_version(TENANT), add={"version": 1})
            table.transact([Delete(keys.alert(TENANT, name)), rules])
        case "p":
            at = store.rules_version(TENANT)
            found, _ = read_known(table, TENANT, at)
            write_packed(table, TENANT, found.version, found.alerts.values(), NOON)
        case "l":
            gone = store.rules_version(TENANT) - random.randint(0, 5)
            table.write(Delete(keys.rules_change(TENANT, max(gone, 1))))


@pytest.mark.parametrize("seed", range(150))
def test_whatever_happens_in_between_the_rules_are_right_at_the_next_check(seed: int) -> None:
    random = Random(seed)
    table, clock = Interleaved(random), FakeClock()
    books = [RuleBook(table, clock), RuleBook(table, clock)]
    for _ in range(40):
        table.busy = True
        for _ in range(random.choice((0, 1, 5))):
            something(table, random)
        table.busy = False
        clock.advance(CHECK_MS + 1)
        book = random.choice(books)
        book.rules(TENANT)  # while others go on
        if random.random() < 0.2:
            books[0] = RuleBook(table, clock)
        table.busy = True  # now nobody does
        clock.advance(CHECK_MS + 1)
        rules = book.rules(TENANT)
        assert rules.alerts == truth(table)
        assert rules.version == AlertStore(table).rules_version(TENANT)
        table.busy = False


def test_changes_in_their_order_lead_from_any_copy_to_the_present() -> None:
    table = InMemoryTable()
    random = Random(1)
    copies = []
    store = AlertStore(table)
    for _ in range(60):
        name = f"alert-{random.randint(0, 9)}"
        if store.get(TENANT, name) is None:
            store.create(TENANT, alert(name))
        else:
            store.delete(TENANT, name, None)
        copies.append((store.rules_version(TENANT), truth(table)))

    for version, alerts in copies:
        assert applied(alerts, read_changes(table, TENANT, version)) == truth(table)
