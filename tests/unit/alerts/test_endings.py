from skafu.alerts.endings import Ended, bury, ended_item, read_ended
from skafu.alerts.model import instance_id
from skafu.shared import keys
from skafu.shared.table import Put, TransactionConflict, Update
from tests.support.decisions import HOST_A, TENANT, minute
from tests.support.memory_table import InMemoryTable

KEY = keys.instance(TENANT, "alert-1", instance_id(HOST_A))
HOST_B = (("host", "b"), ("zone", "ü"))


def with_state(table: InMemoryTable, bucket: int = minute(3)) -> dict[str, object]:
    item = {**KEY._asdict(), "k": "instance", "state": "INSUFFICIENT_DATA"}
    table.write(Put({**item, "bucket": bucket, "revision": 0}))
    return dict(table.items[KEY])


def found(table: InMemoryTable, after: int) -> list[Ended]:
    return list(read_ended(table, TENANT, "alert-1", after))


def test_ends_after_a_moment_are_found_in_order() -> None:
    table = InMemoryTable(page_size=2)
    for number, tags in ((5, HOST_B), (1, HOST_A), (3, HOST_A)):
        ended = Ended(tags, minute(number))
        table.write(ended_item(TENANT, "alert-1", instance_id(tags), ended))

    assert found(table, 0) == [
        Ended(HOST_A, minute(1)),
        Ended(HOST_A, minute(3)),
        Ended(HOST_B, minute(5)),
    ]
    assert found(table, minute(3) - 1)[0] == Ended(HOST_A, minute(3))
    assert found(table, minute(3)) == [Ended(HOST_B, minute(5))]
    assert not found(table, minute(5))


def bury_it(table: InMemoryTable, item: dict[str, object], at: int) -> None:
    ended = Ended(HOST_A, at)
    # Items are what the store has made: their types are not looked at.
    bury(table, TENANT, "alert-1", instance_id(HOST_A), item, ended)  # type: ignore[arg-type]


def test_who_is_buried_is_remembered_and_not_before_what_was_decided_last() -> None:
    table = InMemoryTable()
    bury_it(table, with_state(table), minute(2))

    assert KEY not in table.items
    assert found(table, minute(2)) == [Ended(HOST_A, minute(3))]


def test_who_has_begun_again_is_not_buried() -> None:
    table = InMemoryTable()
    item = with_state(table)
    table.write(Update(KEY, {"bucket": minute(4)}))
    bury_it(table, item, minute(9))

    assert KEY in table.items and not found(table, 0)


def test_who_is_being_decided_right_now_is_left_alone() -> None:
    table = InMemoryTable()
    item = with_state(table)

    def conflict(_: object) -> None:
        raise TransactionConflict

    table.before_write = conflict
    bury_it(table, item, minute(9))

    assert KEY in table.items
