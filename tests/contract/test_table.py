"""What the domains may rely on, whichever table they are given."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from skafu.shared.dynamo import DynamoTable
from skafu.shared.keys import Key
from skafu.shared.table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Missing,
    Page,
    Present,
    Put,
    Query,
    Table,
    Update,
    Value,
    Write,
)

HERE = Key("acme#things", "b")


def item(key: Key = HERE, **attributes: Value) -> dict[str, Value]:
    return {"pk": key.pk, "sk": key.sk, **attributes}


def fill(table: Table, sort_keys: Iterable[str], pk: str = "acme#things") -> None:
    for sk in sort_keys:
        table.write(Put(item(Key(pk, sk))))


def sort_keys(items: Iterable[dict[str, Value]], name: str = "sk") -> list[str]:
    return [str(each[name]) for each in items]


def pages(table: Table, query: Query) -> list[Page]:
    found = [table.query(query)]
    while found[-1].after is not None:
        found.append(table.query(replace(query, after=found[-1].after)))
    return found


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "Zürich 😀 \u0000 \x7f",
        "\ue000\U0001f600",
        0,
        -1,
        2**63,
        10**37 + 1,
        b"",
        bytes(range(256)),
        True,
        False,
    ],
)
def test_a_value_comes_back_as_it_was(table: Table, value: Value) -> None:
    table.write(Put(item(v=value)))

    found = table.get(HERE, consistent=True)

    assert found == item(v=value)
    assert found is not None and type(found["v"]) is type(value)


def test_a_value_of_another_type_is_refused(table: Table) -> None:
    wrong: list[object] = [1.5, None, [1], {"a": 1}]
    for value in wrong:
        with pytest.raises(TypeError):
            table.write(Put({**item(), "v": value}))  # type: ignore[dict-item]  # it is refused


def test_what_was_never_written_is_not_there(table: Table) -> None:
    assert table.get(HERE) is None


def test_a_put_replaces_the_whole_item(table: Table) -> None:
    table.write(Put(item(a=1, b=2)))
    table.write(Put(item(a=3)))

    assert table.get(HERE) == item(a=3)


def test_what_a_caller_does_to_an_answer_stays_with_the_caller(table: Table) -> None:
    table.write(Put(item(a=1)))
    found = table.get(HERE)
    assert found is not None
    found["a"] = 2

    assert table.get(HERE) == item(a=1)


# --- get_many -------------------------------------------------------------------------------------


def test_get_many_finds_any_number_of_items_and_leaves_out_the_absent(table: Table) -> None:
    keys = [Key("acme#things", f"{i:03d}") for i in range(230)]
    fill(table, [key.sk for key in keys[:220]])

    found = table.get_many([*keys[:5], *keys], consistent=True)

    assert sorted(found) == keys[:220]
    assert found[keys[7]] == item(keys[7])


def test_get_many_of_nothing_is_nothing(table: Table) -> None:
    assert not table.get_many([])


# --- queries --------------------------------------------------------------------------------------


def test_a_query_gives_one_partition_in_order(table: Table) -> None:
    fill(table, ["b", "a", "B", "é", "~"])
    fill(table, ["c"], pk="acme#others")

    found = table.query_all(Query("acme#things", consistent=True))

    assert sort_keys(found) == ["B", "a", "b", "~", "é"]


def test_a_query_can_go_backwards(table: Table) -> None:
    fill(table, "abcde")

    assert sort_keys(table.query_all(Query("acme#things", ascending=False))) == list("edcba")


def test_begins_takes_the_sort_keys_with_a_prefix(table: Table) -> None:
    fill(table, ["a", "a#1", "a#2", "a$", "ab", "b"])

    assert sort_keys(table.query_all(Query("acme#things", begins="a#"))) == ["a#1", "a#2"]
    assert sort_keys(table.query_all(Query("acme#things", begins="a#", ascending=False))) == [
        "a#2",
        "a#1",
    ]


def test_an_empty_prefix_is_no_prefix(table: Table) -> None:
    fill(table, "ab")

    assert sort_keys(table.query_all(Query("acme#things", begins=""))) == ["a", "b"]


def test_between_includes_both_ends(table: Table) -> None:
    fill(table, ["a", "b", "b1", "c", "c1", "d"])

    assert sort_keys(table.query_all(Query("acme#things", between=("b", "c")))) == ["b", "b1", "c"]


def test_pages_together_are_everything_once(table: Table) -> None:
    fill(table, [f"{i:02d}" for i in range(11)])

    for ascending in (True, False):
        query = Query("acme#things", begins="0", ascending=ascending, limit=3)
        answers = pages(table, query)
        found = [sk for page in answers for sk in sort_keys(page.items)]
        assert found == sorted((f"{i:02d}" for i in range(10)), reverse=not ascending)
        assert all(len(page.items) <= 3 for page in answers)


def test_a_page_goes_on_where_the_last_one_ended_even_if_that_item_is_gone(table: Table) -> None:
    fill(table, "abcd")
    first = table.query(Query("acme#things", limit=2))
    assert first.after is not None
    table.write(Delete(Key("acme#things", "b")))

    rest = table.query_all(Query("acme#things", after=first.after))

    assert sort_keys(rest) == ["c", "d"]


def test_the_limit_of_query_all_bounds_the_total(table: Table) -> None:
    fill(table, "abcdef")

    assert sort_keys(table.query_all(Query("acme#things", limit=5))) == list("abcde")
    assert sort_keys(table.query_all(Query("acme#things", limit=50))) == list("abcdef")


def test_an_empty_partition_is_one_empty_page(table: Table) -> None:
    assert table.query(Query("acme#things")) == Page([], None)


# --- the index ------------------------------------------------------------------------------------


def indexed(name: str, place: str, pk: str = "acme#state#ALARM") -> dict[str, Value]:
    return item(Key("acme#things", name), gsi1pk=pk, gsi1sk=place)


def in_alarm(**more: object) -> Query:
    # Whatever a test changes of it.
    return replace(Query("acme#state#ALARM", index="GSI1"), **more)  # type: ignore[arg-type]


def test_the_index_holds_the_items_that_have_its_key(table: Table) -> None:
    table.write(Put(indexed("x", "2")))
    table.write(Put(indexed("y", "1")))
    table.write(Put(indexed("z", "1", pk="acme#state#OK")))
    table.write(Put(item(Key("acme#things", "w"))))

    assert list(table.query_all(in_alarm())) == [indexed("y", "1"), indexed("x", "2")]


def test_an_item_moves_in_the_index_and_leaves_it(table: Table) -> None:
    table.write(Put(indexed("x", "1")))
    table.write(Put(indexed("y", "2")))
    table.write(Update(Key("acme#things", "x"), set={"gsi1sk": "3"}))
    assert sort_keys(table.query_all(in_alarm())) == ["y", "x"]

    table.write(Update(Key("acme#things", "x"), remove=("gsi1pk", "gsi1sk")))
    table.write(Delete(Key("acme#things", "y")))
    assert not list(table.query_all(in_alarm()))


def test_pages_of_the_index_are_everything_once_also_where_places_are_equal(table: Table) -> None:
    names = [f"n{i}" for i in range(7)]
    for i, name in enumerate(names):
        table.write(Put(indexed(name, str(i // 3))))

    for ascending in (True, False):
        answers = pages(table, in_alarm(limit=2, ascending=ascending))
        found = [sk for page in answers for sk in sort_keys(page.items)]
        assert sorted(found) == names
        places = [place for page in answers for place in sort_keys(page.items, "gsi1sk")]
        assert places == sorted(places, reverse=not ascending)


def test_ranges_work_on_the_index(table: Table) -> None:
    for i in range(5):
        table.write(Put(indexed(f"n{i}", f"{i}#x")))

    assert sort_keys(table.query_all(in_alarm(begins="2#"))) == ["n2"]
    assert sort_keys(table.query_all(in_alarm(between=("1", "3#x")))) == ["n1", "n2", "n3"]


# --- updates and deletes --------------------------------------------------------------------------


def test_an_update_changes_what_it_names(table: Table) -> None:
    table.write(Put(item(a=1, b="x", c=b"c", size=5)))
    table.write(Update(HERE, set={"a": 2, "name": "new"}, add={"size": -2}, remove=("c", "d")))

    assert table.get(HERE) == item(a=2, b="x", size=3, name="new")


def test_an_update_makes_the_item_when_there_is_none(table: Table) -> None:
    table.write(Update(HERE, add={"n": 4}))

    assert table.get(HERE) == item(n=4)


def test_a_delete_removes_and_removing_nothing_succeeds(table: Table) -> None:
    table.write(Put(item()))
    table.write(Delete(HERE))
    table.write(Delete(HERE))

    assert table.get(HERE) is None
    assert not table.query(Query("acme#things")).items


# --- conditions -----------------------------------------------------------------------------------

STORED = item(n=5, s="m", b=b"m", t=True)


@pytest.mark.parametrize(
    ("condition", "with_item", "without"),
    [
        (Absent(), False, True),
        (Present(), True, False),
        (Missing("n"), False, True),
        (Missing("other"), True, True),
        (Equals("n", 5), True, False),
        (Equals("n", 6), False, False),
        (Equals("n", "5"), False, False),
        (Equals("t", True), True, False),
        (Equals("b", b"m"), True, False),
        (Equals("other", 5), False, False),
        (Below("n", 6), True, False),
        (Below("n", 5), False, False),
        (Below("n", 10), True, False),
        (Below("s", "n"), True, False),
        (Below("s", "m"), False, False),
        (Below("other", 9), False, False),
        (AllOf((Equals("n", 5), Below("s", "n"))), True, False),
        (AllOf((Equals("n", 5), Below("s", "a"))), False, False),
        (AnyOf((Absent(), Equals("n", 5))), True, True),
        (AnyOf((Equals("n", 1), Equals("s", "a"))), False, False),
        (AnyOf((Missing("n"), AllOf((Below("n", 6), Equals("s", "m"))))), True, True),
        (AllOf((AnyOf((Equals("n", 5), Equals("n", 1))), Equals("s", "a"))), False, False),
    ],
)
def test_a_write_happens_exactly_when_its_condition_holds(
    table: Table, condition: Condition, with_item: bool, without: bool
) -> None:
    for stored, expected in ((STORED, with_item), (None, without)):
        for write in (
            Put(item(changed=1), condition),
            Update(HERE, set={"changed": 1}, when=condition),
        ):
            table.write(Put(stored) if stored else Delete(HERE))
            if expected:
                table.write(write)
                assert "changed" in (table.get(HERE, consistent=True) or {})
            else:
                with pytest.raises(ConditionFailed):
                    table.write(write)
                assert table.get(HERE, consistent=True) == stored


@pytest.mark.parametrize("condition", [Equals("t", 1), Below("s", 9), Below("n", "9")])
def test_a_value_of_another_type_is_neither_equal_nor_greater(
    table: Table, condition: Condition
) -> None:
    if isinstance(table, DynamoTable):
        pytest.skip("moto compares values across types, which DynamoDB never does")
    table.write(Put(STORED))

    with pytest.raises(ConditionFailed):
        table.write(Delete(HERE, condition))


def test_a_delete_obeys_its_condition(table: Table) -> None:
    table.write(Put(item(n=1)))
    with pytest.raises(ConditionFailed):
        table.write(Delete(HERE, Equals("n", 2)))
    assert table.get(HERE) == item(n=1)

    table.write(Delete(HERE, Equals("n", 1)))
    assert table.get(HERE) is None


def test_a_condition_over_nothing_is_refused(table: Table) -> None:
    for empty in (AllOf(()), AnyOf(())):
        with pytest.raises(ValueError):
            table.write(Put(item(), empty))


# --- many writes ----------------------------------------------------------------------------------


def test_write_many_does_the_good_writes_and_names_the_others(table: Table) -> None:
    table.write(Put(item(n=1)))
    others = [Key("acme#things", f"x{i:02d}") for i in range(40)]
    writes = [Put(item(key), Absent()) for key in others]
    writes.insert(17, Put(item(n=2), Absent()))

    results = table.write_many(writes)

    assert [i for i, failure in enumerate(results) if failure is not None] == [17]
    assert isinstance(results[17], ConditionFailed)
    assert len(results) == len(writes)
    assert table.get(HERE) == item(n=1)
    assert set(table.get_many(others, consistent=True)) == set(others)


def test_write_many_of_nothing_is_nothing(table: Table) -> None:
    assert not table.write_many([])


# --- transactions ---------------------------------------------------------------------------------

A, B, C, D = (Key("acme#parts", name) for name in "abcd")


def test_a_transaction_does_all_of_its_writes(table: Table) -> None:
    table.write(Put(item(A, n=1)))
    table.write(Put(item(B)))

    table.transact(
        [
            Update(A, add={"n": 1}, when=Equals("n", 1)),
            Delete(B),
            Put(item(C), Absent()),
            Check(D, Absent()),
        ]
    )

    assert table.get_many([A, B, C, D], consistent=True) == {A: item(A, n=2), C: item(C)}


def test_a_transaction_does_nothing_when_one_says_no_and_tells_which(table: Table) -> None:
    table.write(Put(item(A, n=1)))

    with pytest.raises(ConditionFailed) as caught:
        table.transact(
            [
                Put(item(B), Absent()),
                Check(A, Equals("n", 2)),
                Update(C, set={"n": 1}, when=Present()),
                Delete(D, Absent()),
            ]
        )

    assert caught.value.failed == (1, 2)
    assert table.get_many([A, B, C, D], consistent=True) == {A: item(A, n=1)}


def test_a_transaction_of_100_writes_is_possible_and_of_101_is_not(table: Table) -> None:
    writes = [Put(item(Key("acme#parts", f"{i:03d}"))) for i in range(101)]
    twice: list[Write | Check] = [writes[0], Check(Key("acme#parts", "000"), Absent())]
    for wrong in (writes, [], twice):
        with pytest.raises(ValueError):
            table.transact(wrong)
    assert not table.query(Query("acme#parts")).items

    table.transact(writes[:100])

    assert len(list(table.query_all(Query("acme#parts", consistent=True)))) == 100
