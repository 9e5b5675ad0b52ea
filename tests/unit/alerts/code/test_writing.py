from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skafu.alerts.code.reading import read
from skafu.alerts.code.writing import write

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)
TRICKY = st.sampled_from(
    ["1e5", "012", "0x1F", "no", "yes", "null", "~", "1:30", ">", "=", "<", "&a", "*a", "!x",
     "- a", "a: b", "#", "'", '"', "true", ".inf", "0o17", "2023-11-15", " x ", "", "%", "@", "`"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | TRICKY
    | st.just("two\nlines\n")
    | st.just("two\n  lines")
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | TRICKY, inner, max_size=4),
    max_leaves=15,
)


@given(DOCUMENTS)
def test_what_is_written_is_read_back_as_it_was(document: Any) -> None:
    assert read(write(document).encode()).value == document


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "a: 5\n"),
        (0.9, "a: 0.9\n"),
        (1e-7, "a: 1.0e-07\n"),
        (1e300, "a: 1.0e+300\n"),
        (">", "a: '>'\n"),
        ("1e5", "a: '1e5'\n"),
        ("plain words", "a: plain words\n"),
        ("Grüße", "a: Grüße\n"),
        ("one\ntwo\n", "a: |\n  one\n  two\n"),
        ([1, 2], "a:\n- 1\n- 2\n"),
    ],
)
def test_values_are_written_as_people_would(value: Any, text: str) -> None:
    assert write({"a": value}) == text


def test_fields_keep_their_order_and_nothing_is_an_alias() -> None:
    shared = ["x"]
    assert write({"b": shared, "a": shared}) == "b:\n- x\na:\n- x\n"
