"""What the use of a table costs."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from skafu.shared.keys import Key
from skafu.shared.metering import MeteredTable
from skafu.shared.table import (
    Absent,
    Check,
    ConditionFailed,
    Delete,
    Present,
    Put,
    Query,
    Update,
    Value,
    Write,
)
from tests.support.memory_table import InMemoryTable

KB = 1024


def key(sk: str) -> Key:
    return Key("acme#things", sk)


def item(sk: str, size: int = 0, **attributes: Value) -> dict[str, Value]:
    """An item whose payload alone has so many bytes."""
    return {"pk": "acme#things", "sk": sk, "k": "thing", "p": bytes(size), **attributes}


def exact() -> tuple[InMemoryTable, MeteredTable]:
    """A meter that knows what is stored."""
    inside = InMemoryTable()
    return inside, MeteredTable(inside, inside.items.get)


def test_a_put_costs_its_item() -> None:
    _, table = exact()
    table.write(Put(item("a", 3 * KB)))
    assert (table.wru, table.rru, table.calls) == (4, 0, 1)
    assert table.used.written == 3 * KB + len("pkacme#thingsskakthingp")


def test_a_put_over_a_larger_item_costs_the_larger_one() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 9 * KB)))
    table.write(Put(item("a")))
    assert table.wru == 10


def test_a_failed_condition_costs_the_item_that_is_there() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 2 * KB)))
    with pytest.raises(ConditionFailed):
        table.write(Put(item("a", 7 * KB), Absent()))
    assert table.wru == 3
    assert table.used.written == 0


def test_an_update_costs_the_whole_item() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 2 * KB, n=1)))
    table.write(Update(key("a"), add={"n": 1}))
    assert table.wru == 3
    table.write(Update(key("a"), set={"q": bytes(3 * KB)}))
    assert table.wru == 3 + 6
    table.write(Update(key("a"), remove=("q",)))
    assert table.wru == 3 + 6 + 6


def test_a_deletion_costs_what_it_removes() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 4 * KB)))
    table.write(Delete(key("a")))
    table.write(Delete(key("a")))
    assert table.wru == 5 + 1


def test_a_transaction_costs_twice_also_for_what_it_only_checks() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 2 * KB)))
    table.transact([Check(key("a"), Present()), Put(item("b"))])
    assert (table.wru, table.calls) == (2 * 3 + 2 * 1, 1)


def test_a_refused_transaction_costs_what_it_looked_at() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 2 * KB)))
    with pytest.raises(ConditionFailed):
        table.transact([Put(item("a"), Absent()), Put(item("b", 5 * KB))])
    assert table.wru == 2 * 3 + 2 * 1


def test_many_writes_cost_each_its_own() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 2 * KB)))
    results = table.write_many([Put(item("a"), Absent()), Put(item("b", 2 * KB)), Put(item("c"))])
    assert [result is None for result in results] == [False, True, True]
    assert (table.wru, table.calls) == (3 + 3 + 1, 3)


def test_the_index_costs_a_write_of_its_own_and_two_where_its_key_changes() -> None:
    _, table = exact()
    table.write(Put(item("a", gsi1pk="acme#x", gsi1sk="1")))
    assert table.forget().wru == 2
    table.write(Update(key("a"), set={"n": 1}))
    assert table.forget().wru == 2
    table.write(Update(key("a"), set={"gsi1sk": "2"}))
    assert table.forget().wru == 3
    table.write(Update(key("a"), remove=("gsi1pk", "gsi1sk")))
    assert table.forget().wru == 2
    table.write(Update(key("a"), set={"n": 2}))
    assert table.forget().wru == 1


def test_a_read_costs_its_item_and_an_absent_one_the_minimum() -> None:
    inside, table = exact()
    inside.write(Put(item("a", 5 * KB)))
    table.get(key("a"))
    table.get(key("a"), consistent=True)
    table.get(key("b"))
    assert (table.rru, table.calls) == (1 + 2 + 0.5, 3)
    assert (table.rru_of("things"), table.rru_of("others")) == (3.5, 0)


def test_items_of_a_batch_are_rounded_up_one_by_one() -> None:
    inside, table = exact()
    for n in range(150):
        inside.write(Put(item(f"{n:03d}", 100)))
    table.get_many([key(f"{n:03d}") for n in range(151)])
    assert (table.rru, table.calls) == (151 * 0.5, 2)
    table.get_many([])
    assert table.calls == 2


def test_a_query_is_rounded_up_once_for_each_page() -> None:
    inside = InMemoryTable(page_size=30)
    table = MeteredTable(inside)
    for n in range(40):
        inside.write(Put(item(f"{n:03d}", 1000)))
    size = sum(len(name) for name in ("pk", "sk", "k", "p", "acme#things", "000", "thing")) + 1000
    assert len(list(table.query_all(Query("acme#things")))) == 40
    first, second = -(-30 * size // 4096), -(-10 * size // 4096)
    assert (table.rru, table.calls) == ((first + second) / 2, 2)
    assert table.used.read == 40 * size


def test_an_empty_query_costs_the_minimum() -> None:
    _, table = exact()
    table.query(Query("acme#nothing"))
    table.query(Query("acme#nothing", consistent=True))
    assert table.rru == table.rru_of("nothing") == 1.5


def test_a_meter_that_knows_nothing_remembers_what_it_saw() -> None:
    inside = InMemoryTable()
    for sk in ("read", "queried", "unseen"):
        inside.write(Put(item(sk, 4 * KB)))
    table = MeteredTable(inside)
    table.write(Put(item("put", 4 * KB)))
    table.get(key("read"))
    list(table.query_all(Query("acme#things", begins="queried")))
    table.forget()

    def cost(write: Write) -> float:
        table.write(write)
        return table.forget().wru

    assert [cost(Delete(key(sk))) for sk in ("put", "read", "queried")] == [5, 5, 5]
    # What it never saw counts as what is written, which is a lower bound.
    assert cost(Update(key("unseen"), set={"q": bytes(2 * KB)})) == 3
    assert cost(Update(key("unseen"), set={"n": 1})) == 3


def test_what_several_threads_use_is_counted_once_each() -> None:
    inside, table = exact()
    inside.write(Put(item("a")))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: [table.get(key("a")) for _ in range(200)], range(8)))
    assert (table.rru, table.calls) == (800, 1600)
