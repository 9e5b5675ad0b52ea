from collections.abc import Callable
from typing import Any

import pytest

from skafu.shared.keys import Key
from skafu.shared.table import Check, Absent, Delete, Put, Query, Update, key_of

KEY = Key("p", "s")


@pytest.mark.parametrize(
    "more",
    [
        {"begins": "a", "between": ("a", "b")},
        {"between": ("b", "a")},
        {"limit": 0},
        {"index": "GSI1", "consistent": True},
    ],
)
def test_a_query_that_dynamodb_would_refuse_is_refused_when_it_is_made(
    more: dict[str, Any],
) -> None:
    with pytest.raises(ValueError):
        Query("p", **more)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Update(KEY),
        lambda: Update(KEY, set={"pk": "x"}),
        lambda: Update(KEY, remove=("sk",)),
        lambda: Update(KEY, set={"a": 1}, add={"a": 1}),
        lambda: Update(KEY, remove=("a", "a")),
    ],
)
def test_an_update_names_attributes_once_and_never_the_keys(make: Callable[[], Update]) -> None:
    with pytest.raises(ValueError):
        make()


def test_every_write_has_a_key() -> None:
    writes = (Put({"pk": "p", "sk": "s", "n": 1}), Update(KEY, add={"n": 1}), Delete(KEY))
    assert {key_of(write) for write in writes} == {KEY}
    assert key_of(Check(KEY, Absent())) == KEY
