"""Signed tokens as a user pool issues them, and the pool's key document, made by PyJWT."""

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.claims import person_claims

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwks(**private: rsa.RSAPrivateKey) -> bytes:
    """The JWKS document of some keys, by key id."""
    found = [
        {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
        for kid, key in private.items()
    ]
    return json.dumps({"keys": found}).encode()


def token(
    claims: dict[str, Any] | None = None,
    key: Any = PRIVATE,
    algorithm: str = "RS256",
    kid: str = "one",
    **changed: Any,
) -> str:
    """A signed token; `exp` (epoch seconds) has to be among the claims or what is changed."""
    payload = {**(claims or person_claims()), **changed}
    return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid})
