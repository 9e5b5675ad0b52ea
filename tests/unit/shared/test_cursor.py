from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from skafu.shared.cursor import open_cursor, seal
from skafu.shared.errors import BadRequest

POSITION = {"pk": "acme#things", "sk": "a#é"}


def test_a_position_comes_back() -> None:
    assert open_cursor("acme", "things", seal("acme", "things", POSITION)) == POSITION


def test_a_cursor_is_safe_in_a_url() -> None:
    text = seal("acme", "things", {"sk": "~~~???>>>"})

    assert text.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("tenant", "scope"), [("other", "things"), ("acme", "alerts"), ("acm", "ethings")]
)
def test_a_cursor_serves_its_own_tenant_and_query_only(tenant: str, scope: str) -> None:
    with pytest.raises(BadRequest) as caught:
        open_cursor(tenant, scope, seal("acme", "things", POSITION))

    assert caught.value.errors[0].field == "cursor"


def test_a_cursor_that_was_edited_anywhere_is_refused() -> None:
    text = seal("acme", "things", POSITION)
    sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for i, byte in enumerate(sealed):
        edited = sealed[:i] + bytes([byte ^ 1]) + sealed[i + 1 :]
        with pytest.raises(BadRequest):
            open_cursor("acme", "things", urlsafe_b64encode(edited).decode())


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "A" * 22, "%"])
def test_what_never_was_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        open_cursor("acme", "things", text)
