"""The API through its gateway, and where tokens come from."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from skafu.canary import reserved
from skafu.canary.calls import Answer, Call, Who
from skafu.canary.checks import Failed
from skafu.ops import alerts_client
from skafu.ops.bootstrap import Machine
from skafu.ops.smoke.reaching import MACHINE, HttpApi, Token, token_url
from skafu.shared.identity import Identity, Kind, Role, random_id
from skafu.shared.membership import Members
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable


class Network:
    """Answers what it was given, and remembers what it was asked."""

    def __init__(self, *answers: tuple[int, bytes] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes | None, dict[str, str]]] = []

    def __call__(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> alerts_client.Answer:
        self.asked.append((method, url, body, dict(headers)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return alerts_client.Answer(answer[0], {}, answer[1])


class Directory:
    """A pool in which the machine is made when it is asked for."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def machine(self, name: str) -> Machine:
        self.made.append(name)
        return Machine("5client0000000000000000000", "secret", True)


def test_a_call_is_a_request_with_what_it_says() -> None:
    network = Network((202, b'{"accepted": 1}'))
    api = HttpApi("https://api.example/stage/", lambda: "t0ken", network)
    call = Call("POST", "/api/metrics", {"metrics": []}, {"a": "b c"}, key="k", version=3)
    assert api(call) == Answer(202, {"accepted": 1})
    method, url, body, headers = network.asked[0]
    assert (method, url) == ("POST", "https://api.example/stage/api/metrics?a=b+c")
    assert json.loads(body or b"") == {"metrics": []}
    assert headers["Authorization"] == "Bearer t0ken"
    assert (headers["Idempotency-Key"], headers["If-Match"]) == ("k", '"3"')


def test_a_key_of_a_usage_plan_comes_with_every_request() -> None:
    """Without it who has no token would be asked for a key, and not for the token."""
    network = Network((202, b"{}"), (401, b""))
    api = HttpApi("https://api.example", lambda: "t0ken", network, "k3y")
    api(Call("POST", "/api/metrics", {"metrics": []}))
    api(Call("POST", "/api/metrics", {"metrics": []}, who=Who.NOBODY))
    assert [headers["x-api-key"] for *_, headers in network.asked] == ["k3y", "k3y"]


def test_whoever_is_nobody_and_whoever_asks_for_health_needs_no_token() -> None:
    def refused() -> str:
        raise AssertionError("no token is needed")

    network = Network((401, b""), (200, b"<html>"))
    api = HttpApi("https://api.example", refused, network)
    assert api(Call("GET", "/api/me", who=Who.NOBODY)) == Answer(401)
    assert api(Call("GET", "/api/health")) == Answer(200, "<html>")
    assert all("Authorization" not in headers for *_, headers in network.asked)


def test_no_answer_is_a_failure_that_names_the_address() -> None:
    api = HttpApi("https://api.example", lambda: "t", Network(ConnectionRefusedError("nobody")))
    with pytest.raises(Failed, match="https://api.example/api/me: no answer"):
        api(Call("GET", "/api/me"))


def test_a_token_is_that_of_a_machine_of_the_reserved_tenant_and_fetched_once() -> None:
    table, clock, directory = InMemoryTable(), FakeClock(), Directory()
    network = Network((200, b'{"access_token": "t0ken"}'))
    fixed: Any = directory
    token = Token(fixed, table, "https://pool.example/oauth2/token", clock, network)
    assert (token(), token()) == ("t0ken", "t0ken")
    assert directory.made == [MACHINE]
    assert len(network.asked) == 1
    _, url, body, headers = network.asked[0]
    assert (url, body) == ("https://pool.example/oauth2/token", b"grant_type=client_credentials")
    basic = base64.b64encode(b"5client0000000000000000000:secret").decode()
    assert headers["Authorization"] == f"Basic {basic}"
    member = Members(table, clock, random_id).member("5client0000000000000000000")
    assert member == Identity(
        "5client0000000000000000000", Kind.MACHINE, reserved.TENANT, Role.EDITOR
    )


def test_credentials_that_are_refused_fail_every_check_that_needs_them() -> None:
    fixed: Any = Directory()
    network = Network((400, b'{"error": "invalid_client"}'))
    token = Token(fixed, InMemoryTable(), "https://pool.example", FakeClock(), network)
    with pytest.raises(Failed, match="400.*invalid_client"):
        token()


def test_tokens_come_from_the_pools_own_host_or_from_the_embedded_aws() -> None:
    outputs = {"UserPoolDomain": "skafu-dev-1"}
    aws = "https://cognito-idp.eu-west-1.amazonaws.com"
    ours = "https://skafu-dev-1.auth.eu-west-1.amazoncognito.com/oauth2/token"
    assert token_url(outputs, aws, "eu-west-1") == ours
    here = "http://127.0.0.1:4566"
    assert token_url(outputs, here, "eu-west-1") == f"{here}/oauth2/token"
    signing_in = outputs | {"SignInUrl": "http://localhost:9"}
    assert token_url(signing_in, here, "eu-west-1") == "http://localhost:9/oauth2/token"
