import gzip
import tracemalloc
from base64 import b64encode
from typing import Any

import pytest

from skafu.shared.body import MAX_BODY, body_of
from skafu.shared.errors import BadRequest, PayloadTooLarge

TEXT = '{"name": "Zürich 😀"}'


def event(body: str | None, encoded: bool = False) -> dict[str, Any]:
    return {"body": body, "isBase64Encoded": encoded}


def sent(raw: bytes) -> dict[str, Any]:
    return event(b64encode(raw).decode(), encoded=True)


def test_a_text_is_its_utf_8() -> None:
    assert body_of(event(TEXT)) == TEXT.encode()


def test_no_body_is_an_empty_body() -> None:
    assert body_of(event(None)) == b""
    assert body_of({}) == b""


def test_base64_is_unwrapped() -> None:
    assert body_of(sent(TEXT.encode())) == TEXT.encode()


def test_gzip_is_recognised_by_its_magic_and_inflated() -> None:
    assert body_of(sent(gzip.compress(TEXT.encode()))) == TEXT.encode()


def test_gzip_that_came_as_text_with_stand_ins_for_its_bytes_is_inflated_too() -> None:
    text = gzip.compress(TEXT.encode()).decode("utf-8", "surrogateescape")

    assert body_of(event(text)) == TEXT.encode()


def test_a_body_may_be_as_large_as_the_limit_and_not_a_byte_larger() -> None:
    full = b" " * MAX_BODY
    assert body_of(event(full.decode())) == full
    assert body_of(sent(gzip.compress(full, mtime=0))) == full

    for wrong in (event((full + b" ").decode()), sent(gzip.compress(full + b" ", mtime=0))):
        with pytest.raises(PayloadTooLarge, match="4 MB"):
            body_of(wrong)


def test_a_gzip_bomb_is_not_inflated_beyond_the_limit() -> None:
    bomb = sent(gzip.compress(b"\0" * (64 * MAX_BODY)))
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge):
            body_of(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 4 * MAX_BODY


GOOD = gzip.compress(TEXT.encode(), mtime=0)  # the same in every process: it names tests


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (GOOD[:-1], "cut off"),
        (GOOD[:12], "cut off"),
        (GOOD[:2], "cut off"),
        (GOOD + GOOD, "follows"),
        (GOOD + b"x", "follows"),
        (GOOD[:-8] + bytes(8), "cannot be inflated"),
        (GOOD[:2] + b"\xff" * 20, "cannot be inflated"),
    ],
)
def test_damaged_gzip_is_refused_with_a_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence):
        body_of(sent(raw))


def test_what_is_not_base64_is_refused() -> None:
    for wrong in ("%%%", "abc", "é"):
        with pytest.raises(BadRequest, match="base64"):
            body_of(event(wrong, encoded=True))


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(BadRequest, match="UTF-8"):
        body_of(event("\ud800"))
