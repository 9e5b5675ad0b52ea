"""infrastructure/stacks.yaml is read as a whole, or refused by name."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from skafu.ops.artefact.sources import Refused
from skafu.ops.stacks.book import PATH, Book, load


def book(application: Any = None, **stacks: Any) -> Book:
    least = {"accounts": ["environment"], "regions": ["home"], "emulated": True}
    return Book.model_validate(
        {
            "regions": {"home": "us-east-1"},
            "stacks": {name: least | more for name, more in stacks.items()},
            "application": {"parameters": application or {}},
        }
    )


def test_a_stack_comes_after_what_it_needs_and_else_where_it_was_written() -> None:
    found = book(c={"needs": ["b"]}, d={}, b={"needs": ["a"]}, a={})
    assert found.ordered(found.stacks) == ("a", "b", "c", "d")
    assert found.ordered(["c", "a"]) == ("a", "c")


def test_a_circle_is_told_by_its_names() -> None:
    with pytest.raises(ValidationError, match="a needs b needs a"):
        book(a={"needs": ["b"]}, b={"needs": ["a"]})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"needs": ["x"]}, "a needs x, which is not there"),
        ({"parameters": {"P": {"output": "x.Y"}}}, "a.P is an output of x, which is not there"),
        ({"parameters": {"P": {}}}, "a parameter comes from one place"),
        ({"parameters": {"P": {"value": "1", "told": "place"}}}, "comes from one place"),
        ({"parameters": {"P": {"value": "1", "region": "home"}}}, "are an output's"),
        ({"parameters": {"P": {"output": "a.B", "demanded": True}}}, "demanded by a field"),
        ({"parameters": {"P": {"output": "a-B"}}}, "output"),
        ({"accounts": ["mine"]}, "accounts"),
        ({"accounts": []}, "accounts"),
        ({"regions": ["somewhere"]}, "regions"),
        ({"lifetime": "long"}, "lifetime"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(more: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        book(a=more)


def test_the_application_names_stacks_that_are_there() -> None:
    with pytest.raises(ValidationError, match="application.P is an output of x"):
        book({"P": {"output": "x.Y"}}, a={})


def test_a_name_that_nobody_knows_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(Refused, match="There is no stack netwrok; there are network."):
        book(network={}).stack("netwrok")


def test_a_file_is_read_from_the_repository_s_root(tmp_path: Path) -> None:
    (tmp_path / "infrastructure").mkdir()
    (tmp_path / PATH).write_text(yaml.safe_dump(book(a={}).model_dump()), "utf-8")
    assert list(load(tmp_path).stacks) == ["a"]
