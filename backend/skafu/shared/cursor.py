"""Where a list goes on, as an opaque text that only its own tenant and query can use.

The text is base64url of a tag and the position as JSON. The tag is keyed by the tenant and the
scope, which are no secrets: it stops a cursor from being edited or carried to another query by
accident, and a forger could at most point elsewhere inside the partition that the query names
anyway, because the tenant in every key comes from the verified identity and never from a cursor.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

import orjson

from skafu.shared.errors import BadRequest, FieldError

TAG_BYTES = 16


def seal(tenant: str, scope: str, position: Mapping[str, str]) -> str:
    """A cursor for a position; `scope` identifies the query (its path and whatever filters it)."""
    raw = orjson.dumps(dict(position))
    return urlsafe_b64encode(_tag(tenant, scope, raw) + raw).rstrip(b"=").decode()


def open_cursor(tenant: str, scope: str, text: str) -> dict[str, str]:
    """The position that `seal` was given.

    Raises BadRequest naming `cursor` for anything that `seal` did not make for this tenant and
    scope.
    """
    try:
        sealed = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise _refused() from error
    tag, raw = sealed[:TAG_BYTES], sealed[TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(tenant, scope, raw)):
        raise _refused()
    position: dict[str, str] = orjson.loads(raw)
    return position


def _tag(tenant: str, scope: str, raw: bytes) -> bytes:
    key = hashlib.blake2b(orjson.dumps([tenant, scope]), digest_size=64).digest()
    return hashlib.blake2b(raw, key=key, digest_size=TAG_BYTES).digest()


def _refused() -> BadRequest:
    wrong = FieldError("cursor", "is not one that this list gave; begin without a cursor")
    return BadRequest("the cursor does not belong to this query", [wrong])
