"""The body of a request as bytes, whatever way the gateway passed it on: within bounds, always."""

import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Any

from skafu.shared.errors import BadRequest, PayloadTooLarge

MAX_BODY = 4 * 1024 * 1024  # bytes, inflated (DESIGN 4)
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 16 + zlib.MAX_WBITS  # zlib's way to ask for a gzip header and trailer


def body_of(event: Mapping[str, Any]) -> bytes:
    """The inflated body of a proxy event.

    Gzip is recognised by its magic bytes, because the gateway inflates some bodies and leaves
    their headers as they were. Raises PayloadTooLarge over MAX_BODY, BadRequest for what cannot be
    decoded.
    """
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            raw = b64decode(text, validate=True)
        except (NotBase64, ValueError) as error:
            raise BadRequest(
                "the body is not the base64 text that its envelope promises"
            ) from error
    else:
        try:
            # Bytes that are no text may come as the lone surrogates that stand for them.
            raw = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise BadRequest("the body is not UTF-8") from error
    if raw.startswith(GZIP_MAGIC):
        return inflate(raw)
    if len(raw) > MAX_BODY:
        raise _too_large()
    return raw


def inflate(raw: bytes) -> bytes:
    """Inflate one gzip member, never further than MAX_BODY: a bomb costs what a good body costs."""
    stream = zlib.decompressobj(GZIP_WINDOW)
    try:
        plain = stream.decompress(raw, MAX_BODY + 1)
    except zlib.error as error:
        raise BadRequest("the body begins like gzip but cannot be inflated") from error
    if len(plain) > MAX_BODY:
        raise _too_large()
    if not stream.eof:
        raise BadRequest("the gzip body ends before its end: it was cut off on its way")
    if stream.unused_data:
        raise BadRequest("something follows the gzip body: send one gzip member")
    return plain


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"a body has at most {MAX_BODY} bytes (4 MB), inflated")
