"""Verifying a Cognito access token without the gateway: for `sam local` alone, where no authorizer
stands before the function. Standard library only, so that no deployed function carries a crypto
package for it.

RS256 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, 3.3; RFC 8017, 8.2.2): the signature raised to
the public exponent must equal, byte for byte, the one padding that the standard allows for the
digest. Comparing whole blocks instead of parsing them leaves no room for forged padding.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from skafu.shared.clock import Clock
from skafu.shared.errors import Unauthenticated, Unavailable

# DER prefix of a DigestInfo for SHA-256 (RFC 8017, 9.2, note 1).
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
FETCH_TIMEOUT_S = 5
MAX_JWKS = 64 * 1024


@dataclass(frozen=True)
class PublicKey:
    """An RSA public key."""

    modulus: int
    exponent: int

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's RS256 signature of `message`."""
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature)
        if len(signature) != size or number >= self.modulus:
            return False
        digest = SHA256_PREFIX + hashlib.sha256(message).digest()
        padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
        return hmac.compare_digest(pow(number, self.exponent, self.modulus).to_bytes(size), padded)


type Keys = Mapping[str, PublicKey]


def keys_from(document: bytes) -> Keys:
    """The RSA signing keys of a JWKS document (RFC 7517), by key id."""
    return {
        each["kid"]: PublicKey(_number(each["n"]), _number(each["e"]))
        for each in json.loads(document)["keys"]
        if each["kty"] == "RSA" and each.get("use", "sig") == "sig"
    }


def fetch_keys(endpoint: str, pool: str) -> Keys:
    """The pool's keys from the embedded AWS. Raises Unavailable when it does not answer."""
    url = f"{endpoint.rstrip('/')}/{pool}/.well-known/jwks.json"
    if not url.startswith(("http://", "https://")):
        raise ValueError("AWS_ENDPOINT_URL must be an http or https address")
    try:
        with urlopen(url, timeout=FETCH_TIMEOUT_S) as answer:  # nosec B310 # the scheme is checked
            return keys_from(answer.read(MAX_JWKS))
    except OSError as error:
        raise Unavailable("the user pool's keys cannot be fetched; try again") from error


class LocalTokens:
    """Verifies access tokens of one pool. `fetch` gets its keys; they are kept, and fetched again
    only for a key id that is not among them.
    """

    def __init__(self, pool: str, fetch: Callable[[], Keys], clock: Clock) -> None:
        self._pool = pool
        self._fetch = fetch
        self._clock = clock
        self._keys: Keys = {}

    def verify(self, authorization: str) -> Mapping[str, object]:
        """The claims of the access token in an Authorization header.

        Raises Unauthenticated for everything that the gateway's authorizer would refuse, scopes
        excepted; Unavailable when the pool does not answer.
        """
        scheme, _, token = authorization.strip().partition(" ")
        parts = token.strip().split(".")
        if scheme.lower() != "bearer" or len(parts) != 3:
            raise _refused("is not a bearer token")
        header, claims = _json(parts[0]), _json(parts[1])
        if header.get("alg") != "RS256":
            raise _refused("is not signed with RS256")
        key = self._key(str(header.get("kid")))
        message = f"{parts[0]}.{parts[1]}".encode()
        if key is None or not key.verifies(message, _bytes(parts[2])):
            raise _refused("is not signed by this user pool")
        self._check(claims)
        return claims

    def _key(self, kid: str) -> PublicKey | None:
        if kid not in self._keys:
            self._keys = self._fetch()
        return self._keys.get(kid)

    def _check(self, claims: Mapping[str, object]) -> None:
        expiry = claims.get("exp")
        if not isinstance(expiry, int) or self._clock() >= expiry * 1000:
            raise _refused("has expired")
        if str(claims.get("iss")).rpartition("/")[2] != self._pool:
            raise _refused("comes from another user pool")
        if claims.get("token_use") != "access" or not claims.get("client_id"):
            raise _refused("is not an access token")


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated(f"the token {reason}")


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise _refused("cannot be read") from error


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text))


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(text))
    except ValueError as error:
        raise _refused("cannot be read") from error
    if not isinstance(found, dict):
        raise _refused("cannot be read")
    return found
