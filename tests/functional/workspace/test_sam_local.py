"""Under `sam local` nothing verifies tokens before the function, so it does so itself."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from skafu.shared.settings import WorkspaceSettings
from skafu.workspace.api import build
from tests.support.claims import PERSON, POOL
from tests.support.clocks import NOON, FakeClock
from tests.support.events import answer_json, api_event, lambda_context
from tests.support.memory_table import InMemoryTable
from tests.support.tokens import PRIVATE, STRANGER, jwks, token

EXPIRY = NOON // 1000 + 3600


class KeysOfThePool(BaseHTTPRequestHandler):
    """The one address of the embedded AWS that is asked here."""

    def do_GET(self) -> None:  # pylint: disable=invalid-name # http.server's name for it
        found = self.path == f"/{POOL}/.well-known/jwks.json"
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(jwks(one=PRIVATE))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(name="endpoint")
def fixture_endpoint() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), KeysOfThePool) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(endpoint: str, authorization: str | None, sam_local: bool = True) -> dict[str, Any]:
    settings = WorkspaceSettings(
        table_name="t",
        environment="local",
        cors_origin="*",
        aws_sam_local=sam_local,
        user_pool_id=POOL,
        token_url=f"{endpoint}/oauth2/token",
        aws_endpoint_url=endpoint,
    )
    handler = build(settings, InMemoryTable(), FakeClock())
    headers = {"Authorization": authorization} if authorization else {}
    answer: dict[str, Any] = handler(api_event("GET", "/api/me", headers=headers), lambda_context())
    return answer


def test_with_a_valid_token_the_answer_is_200(endpoint: str) -> None:
    answer = ask(endpoint, f"Bearer {token(exp=EXPIRY)}")

    assert answer["statusCode"] == 200
    assert answer_json(answer)["id"] == PERSON


def test_without_or_with_a_bad_token_the_answer_is_401(endpoint: str) -> None:
    for authorization in (
        None,
        f"Bearer {token(exp=NOON // 1000)}",
        f"Bearer {token(exp=EXPIRY, key=STRANGER)}",
        f"Bearer {token(exp=EXPIRY, token_use='id')}",
    ):
        assert ask(endpoint, authorization)["statusCode"] == 401


def test_a_pool_out_of_reach_is_503() -> None:
    answer = ask("http://127.0.0.1:1", f"Bearer {token(exp=EXPIRY)}")

    assert answer["statusCode"] == 503


def test_elsewhere_a_token_that_only_the_function_sees_counts_for_nothing(endpoint: str) -> None:
    assert ask(endpoint, f"Bearer {token(exp=EXPIRY)}", sam_local=False)["statusCode"] == 401
