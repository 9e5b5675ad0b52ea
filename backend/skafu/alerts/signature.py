"""Standard Webhooks (version 1): symmetric signatures over id, time and body."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
MIN_BYTES = 24
MAX_BYTES = 64


def new_secret() -> str:
    """A secret as the specification writes it: `whsec_` and 24 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(MIN_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes to sign with. Raises ValueError for anything but `whsec_` and 24 to 64 bytes."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"must begin with {PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"must be base64 after {PREFIX}") from error
    if not MIN_BYTES <= len(key) <= MAX_BYTES:
        raise ValueError(f"must hold {MIN_BYTES} to {MAX_BYTES} bytes, not {len(key)}")
    return key


def headers(live: Iterable[str], message: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers for a body that is sent at `seconds` since the epoch, signed with each of
    the secrets that are live, the newest first: a receiver that knows any of them is content.

    `message` is the same for every try of one page: receivers recognise repetitions by it.
    """
    signed = f"{message}.{seconds}.".encode() + body
    digests = (hmac.digest(key_of(secret), signed, "sha256") for secret in live)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(x).decode()}" for x in digests),
    }
