from dataclasses import replace

from skafu.alerts.codec import to_json
from skafu.alerts.model import Alert
from skafu.alerts.scope import Scope, advance_mark, final_delay, read_scope
from skafu.shared import keys
from skafu.shared.table import Put
from tests.support.clocks import NOON
from tests.support.definitions import alert, definition
from tests.support.memory_table import InMemoryTable

MINUTE = 60_000


def versions(*edits: int, created_at: int = NOON) -> list[Alert]:
    """Versions 1, 2, ... with their edits."""
    first = alert(edited_at=created_at)
    return [
        replace(first, version=number, created_at=created_at, edited_at=at)
        for number, at in enumerate((created_at, *edits), start=1)
    ]


def stored(*each: Alert) -> InMemoryTable:
    table = InMemoryTable()
    for version in each:
        key = keys.alert_version("acme", version.id, version.version)
        table.write(Put({**key._asdict(), "k": "version", "body": to_json(version)}))
    return table


def test_without_a_mark_an_alert_begins_when_it_was_made() -> None:
    (only,) = versions()

    assert read_scope(InMemoryTable(), "acme", only) == Scope((only,), NOON)


def test_a_mark_tells_up_to_where_all_is_final() -> None:
    (only,) = versions()
    table = InMemoryTable()
    advance_mark(table, "acme", only.id, NOON + MINUTE)

    assert read_scope(table, "acme", only).after == NOON + MINUTE


def test_a_mark_never_moves_back() -> None:
    (only,) = versions()
    table = InMemoryTable()
    for end in (NOON + 2 * MINUTE, NOON + MINUTE):
        advance_mark(table, "acme", only.id, end)

    assert read_scope(table, "acme", only).after == NOON + 2 * MINUTE


def test_earlier_versions_come_with_the_one_that_is_evaluated() -> None:
    one, two, three, four = versions(NOON + 1, NOON + 2, NOON + 3)

    # A newer version than the one that is evaluated says nothing.
    scope = read_scope(stored(four, two, one, three), "acme", three)

    assert scope.versions == (one, two, three)
    assert scope.head == three


def test_versions_of_a_deleted_alert_of_the_same_id_are_left_out() -> None:
    old = versions(NOON - 8 * MINUTE, created_at=NOON - 9 * MINUTE)
    present = replace(versions()[0], version=3)

    assert read_scope(stored(*old, present), "acme", present).versions == (present,)


def test_only_versions_that_rule_later_buckets_matter() -> None:
    one, two, three = versions(NOON + 10, NOON + 20)
    scope = Scope((one, two, three), NOON)

    assert scope.ruling(NOON) == (one, two, three)
    assert scope.ruling(NOON + 9) == (one, two, three)
    assert scope.ruling(NOON + 10) == (two, three)
    assert scope.ruling(NOON + 99) == (three,)


def test_buckets_are_final_when_neither_a_point_nor_a_writer_can_concern_them() -> None:
    # Lateness, the life of a request, the write deadline, the life of a write, clocks.
    assert final_delay(definition(lateness=300)) == (300 + 28 + 10 + 15 + 2) * 1000
    assert final_delay(definition(lateness=10, grace=60)) == (60 + 28 + 10 + 15 + 2) * 1000


def test_the_most_patient_version_says_what_is_final() -> None:
    one, two = versions(NOON + 10)
    patient = replace(one, definition=replace(one.definition, lateness=900))

    assert Scope((patient, two), NOON).final(NOON) == NOON - 955_000
    assert Scope((patient, two), NOON + 10).final(NOON) == NOON - 355_000
