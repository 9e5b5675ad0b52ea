"""Tokens are made by PyJWT and cryptography, and read by the standard library alone."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from skafu.shared.errors import Unauthenticated
from skafu.shared.local_token import Keys, LocalTokens, fetch_keys, keys_from
from tests.support.claims import POOL, machine_claims, person_claims
from tests.support.clocks import NOON, FakeClock
from tests.support.tokens import PRIVATE, STRANGER, jwks
from tests.support.tokens import token as signed

EXPIRY = NOON // 1000 + 3600


def token(claims: dict[str, Any] | None = None, **more: Any) -> str:
    return signed(claims, **{"exp": EXPIRY, **more})


class Pool:
    """A user pool that counts how often its keys are asked for."""

    def __init__(self) -> None:
        self.document = jwks(one=PRIVATE)
        self.asked = 0

    def keys(self) -> Keys:
        self.asked += 1
        return keys_from(self.document)


@pytest.fixture(name="pool")
def fixture_pool() -> Pool:
    return Pool()


@pytest.fixture(name="clock")
def fixture_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(name="tokens")
def fixture_tokens(pool: Pool, clock: FakeClock) -> LocalTokens:
    return LocalTokens(POOL, pool.keys, clock)


def refused(tokens: LocalTokens, text: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        tokens.verify(f"Bearer {text}")
    return str(caught.value)


def test_a_valid_access_token_gives_its_claims(tokens: LocalTokens) -> None:
    assert tokens.verify(f"Bearer {token()}")["sub"] == person_claims()["sub"]
    assert tokens.verify(f"bearer  {token(machine_claims())}")["client_id"]


def test_an_expired_token_is_refused(tokens: LocalTokens, clock: FakeClock) -> None:
    text = token()
    clock.advance(EXPIRY * 1000 - NOON - 1)
    tokens.verify(f"Bearer {text}")
    clock.advance(1)

    assert "expired" in refused(tokens, text)


def test_a_token_without_expiry_is_refused(tokens: LocalTokens) -> None:
    assert "expired" in refused(tokens, token(exp=None))


def test_a_tampered_token_is_refused(tokens: LocalTokens) -> None:
    header, _, signature = token().split(".")
    forged = token(sub="somebody-else").split(".")[1]

    assert "not signed" in refused(tokens, f"{header}.{forged}.{signature}")


def test_a_signature_with_any_byte_changed_is_refused(tokens: LocalTokens) -> None:
    head, _, signature = token().rpartition(".")
    for place in (0, 1, 100, len(signature) - 3):
        letter = "A" if signature[place] != "A" else "B"
        refused(tokens, f"{head}.{signature[:place]}{letter}{signature[place + 1:]}")
    refused(tokens, f"{head}.")
    refused(tokens, f"{head}.{signature}AAAA")


def signature_of(text: str) -> int:
    raw = text.rpartition(".")[2]
    return int.from_bytes(urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))


def with_signature(text: str, signature: bytes) -> str:
    encoded = urlsafe_b64encode(signature).decode().rstrip("=")
    return f"{text.rpartition('.')[0]}.{encoded}"


def test_a_signature_has_one_spelling_only(tokens: LocalTokens) -> None:
    """Another length, or the modulus added to it, would give the same number (RFC 8017, 8.2.2)."""
    modulus = PRIVATE.public_key().public_numbers().n
    texts = (token(nonce=i) for i in range(1000))
    text = next(each for each in texts if signature_of(each) + modulus < 2**2048)
    number = signature_of(text)
    assert tokens.verify(f"Bearer {with_signature(text, number.to_bytes(256))}")

    refused(tokens, with_signature(text, number.to_bytes(257)))
    refused(tokens, with_signature(text, (number + modulus).to_bytes(256)))
    refused(tokens, with_signature(text, b"\xff" * 256))


def test_a_token_that_claims_to_need_no_signature_is_refused(tokens: LocalTokens) -> None:
    assert "RS256" in refused(tokens, token(key=None, algorithm="none"))


def test_a_token_signed_with_the_public_key_as_a_password_is_refused(tokens: LocalTokens) -> None:
    # PyJWT refuses to make this forgery, so it is put together by hand.
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    payload = token().split(".")[1]
    header = urlsafe_b64encode(b'{"alg":"HS256","kid":"one","typ":"JWT"}').decode().rstrip("=")
    signature = urlsafe_b64encode(algorithm.sign(f"{header}.{payload}".encode(), pem)).decode()

    assert "RS256" in refused(tokens, f"{header}.{payload}.{signature.rstrip('=')}")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_algorithm_of_the_same_key_is_refused(tokens: LocalTokens, algorithm: str) -> None:
    assert "RS256" in refused(tokens, token(algorithm=algorithm))


def test_a_token_of_another_pool_is_refused_whether_its_key_is_known_or_not(
    tokens: LocalTokens, pool: Pool
) -> None:
    foreign = f"https://cognito-idp.us-east-1.amazonaws.com/not-{POOL}"
    assert "another user pool" in refused(tokens, token(iss=foreign))
    assert "not signed" in refused(tokens, token(key=STRANGER))
    assert "not signed" in refused(tokens, token(key=STRANGER, kid="two"))

    pool.document = jwks(one=PRIVATE, two=STRANGER)
    tokens.verify(f"Bearer {token(key=STRANGER, kid='two')}")


def test_an_id_token_is_refused(tokens: LocalTokens) -> None:
    claims = person_claims()
    del claims["client_id"]

    assert "access token" in refused(tokens, token(claims, token_use="id", aud="app"))
    assert "access token" in refused(tokens, token(claims))
    assert "access token" in refused(tokens, token(token_use="id"))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer a.b",
        "Bearer a.b.c.d",
        "Basic YTpi",
        "Bearer é.é.é",
        "Bearer e30.e30.e30",
        "Bearer W10.W10.W10",
        "Bearer AAA.AAA.AAA",
        "Bearer A.A.A",
    ],
)
def test_what_is_no_token_is_refused(tokens: LocalTokens, header: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(header)


def test_keys_are_fetched_once_and_again_for_an_unknown_key_id_only(
    tokens: LocalTokens, pool: Pool
) -> None:
    for _ in range(3):
        tokens.verify(f"Bearer {token()}")
    assert pool.asked == 1

    refused(tokens, token(kid="two"))
    assert pool.asked == 2


def test_keys_for_other_uses_are_left_out() -> None:
    document = json.loads(jwks(one=PRIVATE, two=STRANGER))
    document["keys"][1]["use"] = "enc"
    document["keys"].append({"kty": "EC", "kid": "three"})

    assert set(keys_from(json.dumps(document).encode())) == {"one"}


def test_keys_come_over_http_only() -> None:
    with pytest.raises(ValueError):
        fetch_keys("file:///etc", POOL)
