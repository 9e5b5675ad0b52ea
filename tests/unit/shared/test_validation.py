from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from skafu.shared.errors import BadRequest, Unprocessable
from skafu.shared.validation import MAX_ERRORS, parse, validate


def even(number: int) -> int:
    if number % 2:
        raise ValueError("must be even")
    return number


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    size: Annotated[int, AfterValidator(even)] = 2


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(max_length=5)
    kind: Literal["a", "b"] = "a"
    parts: list[Part] = []


def fields_at_fault(body: bytes) -> dict[str, str]:
    with pytest.raises(Unprocessable) as caught:
        parse(Thing, body)
    return {each.field: each.reason for each in caught.value.errors}


def test_a_good_body_becomes_its_model() -> None:
    assert parse(Thing, b'{"name": "x", "parts": [{"size": 4}]}') == Thing(
        name="x", parts=[Part(size=4)]
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b'"text"', "not an object"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_bad_request(body: bytes, sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence):
        parse(Thing, body)


def test_every_field_at_fault_is_named_with_its_path() -> None:
    found = fields_at_fault(
        b'{"name": "toolong", "kind": "c", "more": 1, "parts": [{}, {"size": 3}, {"siez": 1}]}'
    )

    assert set(found) == {"name", "kind", "more", "parts.1.size", "parts.2.siez"}


def test_an_unknown_field_is_called_unknown() -> None:
    assert fields_at_fault(b'{"name": "x", "more": 1}') == {"more": "is unknown"}


def test_a_validators_own_sentence_is_what_the_caller_reads() -> None:
    assert fields_at_fault(b'{"name": "x", "parts": [{"size": 3}]}') == {
        "parts.0.size": "must be even"
    }


def test_what_was_wrong_is_not_repeated_to_the_caller() -> None:
    found = fields_at_fault(b'{"name": "secret-value"}')

    assert "secret-value" not in found["name"]


def test_a_flood_of_errors_is_cut_off() -> None:
    body = b'{"name": "x", "parts": [' + b",".join([b'{"size": 1}'] * 500) + b"]}"
    with pytest.raises(Unprocessable) as caught:
        parse(Thing, body)

    assert len(caught.value.errors) == MAX_ERRORS


def test_values_that_were_parsed_already_are_validated_alike() -> None:
    assert validate(Thing, {"name": "x"}) == Thing(name="x")
    with pytest.raises(Unprocessable):
        validate(Thing, {"name": 5})
