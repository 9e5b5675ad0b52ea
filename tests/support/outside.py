"""A deployment as somebody outside reaches it: addresses, behind which a release in memory answers,
a user pool that gives tokens to one client, and a console's page.
"""

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from skafu.canary.calls import Call, Who
from skafu.canary.invoking import InvokedApi
from skafu.probe.credentials import Credentials
from skafu.probe.reaching import Response
from tests.support.canary import ReleaseInMemory

API, CONSOLE = "https://api.skafu.example", "https://skafu.example"
TOKEN = "https://skafu-test.auth.example/oauth2/token"
PAGE = b'<!doctype html><html><body><div id="root"></div></body></html>'
CREDENTIALS = Credentials("client1", "secret1")


class Outside:
    """A Fetch (probe/reaching.py). `down` are addresses' beginnings that do not answer, `answers`
    say what an address answers instead of what it should.
    """

    def __init__(self, release: ReleaseInMemory) -> None:
        self.release = release
        self.clients = {CREDENTIALS.client_id: CREDENTIALS.client_secret}
        self.tokens: list[str] = []
        self.revoked: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.down: set[str] = set()
        self.answers: dict[str, Response] = {}
        self._api = InvokedApi(release.functions, "outside")

    def __call__(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        self.asked.append((method, url))
        if any(url.startswith(each) for each in self.down):
            raise ConnectionRefusedError("nobody listens")
        told = next((x for begins, x in self.answers.items() if url.startswith(begins)), None)
        if told is not None:
            return told
        if url == TOKEN:
            return self._token(headers["Authorization"])
        if url.startswith(API):
            return self._called(method, url, body, headers)
        assert url == f"{CONSOLE}/", url
        return Response(HTTPStatus.OK, PAGE)

    def _token(self, authorization: str) -> Response:
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        name, _, secret = pair.partition(":")
        if self.clients.get(name) != secret:
            return Response(HTTPStatus.BAD_REQUEST, b'{"error": "invalid_client"}')
        self.tokens.append(f"token{len(self.tokens)}")
        answer = {"access_token": self.tokens[-1], "expires_in": 86_400, "token_type": "Bearer"}
        return Response(HTTPStatus.OK, json.dumps(answer).encode())

    def _called(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        parts = urlsplit(url)
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        known = token in self.tokens and token not in self.revoked
        if token and not known:
            return Response(HTTPStatus.UNAUTHORIZED, b'{"status": 401}')
        call = Call(
            method,
            parts.path,
            None if body is None else json.loads(body),
            dict(parse_qsl(parts.query)),
            who=Who.MEMBER if known else Who.NOBODY,
        )
        answer = self._api(call)
        text = "" if answer.body is None else json.dumps(answer.body)
        return Response(answer.status, text.encode())
