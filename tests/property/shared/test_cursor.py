import pytest
from hypothesis import given
from hypothesis import strategies as st

from skafu.shared.cursor import open_cursor, seal
from skafu.shared.errors import BadRequest

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
positions = st.dictionaries(texts, texts, max_size=4)


@given(texts, texts, positions)
def test_every_position_comes_back(tenant: str, scope: str, position: dict[str, str]) -> None:
    assert open_cursor(tenant, scope, seal(tenant, scope, position)) == position


@given(st.text())
def test_no_text_that_was_made_up_opens(text: str) -> None:
    with pytest.raises(BadRequest):
        open_cursor("acme", "things", text)
