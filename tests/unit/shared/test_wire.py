from base64 import b64encode
from enum import IntEnum, StrEnum

import pytest

from skafu.shared.table import Absent, AllOf, AnyOf, Below, Equals, Missing, Present, Update, Value
from skafu.shared.wire import Expressions, decode, deserialize, encode, serialize
from skafu.shared.keys import Key


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    BIG = 3


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("a", {"S": "a"}),
        (12, {"N": "12"}),
        (-(10**30), {"N": "-1000000000000000000000000000000"}),
        (True, {"BOOL": True}),
        (False, {"BOOL": False}),
        (b"\x00\xff", {"B": b"\x00\xff"}),
        (Colour.RED, {"S": "red"}),
        (Size.BIG, {"N": "3"}),
    ],
)
def test_every_type_has_its_spelling(value: Value, attribute: dict[str, object]) -> None:
    assert encode(value) == attribute
    assert decode(attribute) == value


@pytest.mark.parametrize("value", [1.5, None, [], {}])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        encode(value)  # type: ignore[arg-type]  # it is refused


def test_an_item_keeps_its_attributes() -> None:
    item: dict[str, Value] = {"pk": "a", "n": 1, "t": True, "b": b"x"}

    assert deserialize(serialize(item)) == item


def test_bytes_in_a_stream_record_are_base64() -> None:
    assert decode({"B": b64encode(b"\x1f\x8b").decode()}) == b"\x1f\x8b"


@pytest.mark.parametrize(
    "attribute",
    [
        {"N": "1.5"},
        {"SS": ["a"]},
        {"M": {}},
        {"NULL": True},
        {"B": "not base64!"},
        {"S": 3},
        {},
    ],
)
def test_what_the_table_never_holds_is_refused(attribute: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        decode(attribute)


def test_conditions_nest_with_placeholders_for_names_and_values() -> None:
    say = Expressions()

    text = say.condition(
        AnyOf((Absent(), AllOf((Equals("status", "ok"), Below("n", 3), Missing("status")))))
    )

    assert text == (
        "(attribute_not_exists(#n0)) OR "
        "((#n1 = :v0) AND (#n2 < :v1) AND (attribute_not_exists(#n1)))"
    )
    assert say.parameters() == {
        "ExpressionAttributeNames": {"#n0": "pk", "#n1": "status", "#n2": "n"},
        "ExpressionAttributeValues": {":v0": {"S": "ok"}, ":v1": {"N": "3"}},
    }


def test_a_condition_without_values_names_none() -> None:
    say = Expressions()

    assert say.condition(Present()) == "attribute_exists(#n0)"
    assert say.parameters() == {"ExpressionAttributeNames": {"#n0": "pk"}}


def test_an_update_has_a_clause_for_each_kind_of_change() -> None:
    say = Expressions()
    update = Update(Key("p", "s"), set={"a": "x", "b": 1}, add={"n": 2}, remove=("c", "d"))

    assert say.update(update) == "SET #n0 = :v0, #n1 = :v1 ADD #n2 :v2 REMOVE #n3, #n4"


def test_an_update_of_one_kind_has_one_clause() -> None:
    assert Expressions().update(Update(Key("p", "s"), remove=("c",))) == "REMOVE #n0"
