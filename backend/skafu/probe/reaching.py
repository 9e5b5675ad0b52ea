"""The public API and the console as somebody outside reaches them: by their addresses alone."""

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from skafu.canary.calls import SHOWN, Answer, Call, Who
from skafu.canary.checks import Failed
from skafu.probe.credentials import Credentials
from skafu.shared.clock import Clock

TIMEOUT_S = 10
"""So long an answer may take; the gateway itself waits for 29 s, which no customer does."""

RENEWED_BEFORE_MS = 60_000
"""A token is not used in its last minute."""


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    body: bytes


type Fetch = Callable[[str, str, bytes | None, Mapping[str, str]], Response]
"""(method, url, body, headers) -> what came back. Raises OSError or HTTPException."""


def fetch(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Response:
    """One request over a connection of its own: what is kept open says nothing of the next
    customer's. Redirects are answers like others.
    """
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.netloc, timeout=TIMEOUT_S)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return Response(response.status, response.read())
    finally:
        connection.close()


def reach(
    fetch_: Fetch, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> Response:
    """One request. Raises Failed when there is no answer."""
    try:
        return fetch_(method, url, body, headers)
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"{method} {url}: no answer ({type(error).__name__}: {error})") from error


@dataclass
class Tokens:
    """Access tokens of one machine client, each used for as long as it lives: Cognito charges for
    every one.
    """

    url: str
    fetch: Fetch
    clock: Clock
    _known: str = field(default="", repr=False)
    _of: str = ""
    _until: int = 0

    def __call__(self, credentials: Credentials) -> str:
        """A token that is good for another minute. Raises Failed."""
        now = self.clock()
        if self._of != credentials.client_id or now >= self._until:
            self._renew(credentials, now)
        return self._known

    def forget(self) -> None:
        """Somebody was refused with it."""
        self._until = 0

    def _renew(self, credentials: Credentials, now: int) -> None:
        pair = f"{credentials.client_id}:{credentials.client_secret}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = reach(self.fetch, "POST", self.url, b"grant_type=client_credentials", headers)
        if answer.status != http.client.OK:
            said = answer.body.decode(errors="replace")[:SHOWN]
            raise Failed(f"no token from {self.url}: {answer.status} {said}")
        found = json.loads(answer.body)
        self._known = str(found["access_token"])
        self._of = credentials.client_id
        self._until = now + int(found["expires_in"]) * 1000 - RENEWED_BEFORE_MS


@dataclass(frozen=True)
class PublicApi:
    """The Api (canary/calls.py) at `base`, with a token where a call is a member's, and a key of a
    usage plan where machines need one.
    """

    base: str
    token: Callable[[], str]
    fetch: Fetch
    api_key: str = ""

    def __call__(self, call: Call) -> Answer:
        headers = call.headers | {"User-Agent": "skafu-probe"}
        if self.api_key:
            headers["x-api-key"] = self.api_key
        if call.who is Who.MEMBER and call.path != "/api/health":
            headers["Authorization"] = f"Bearer {self.token()}"
        url = self.base.rstrip("/") + call.path
        url += f"?{urlencode(call.query)}" if call.query else ""
        body = None if call.body is None else json.dumps(call.body).encode()
        answer = reach(self.fetch, call.method, url, body, headers)
        return Answer(answer.status, _read(answer.body))


def _read(body: bytes) -> Any:
    """JSON, or text where something else than the API has answered; None when it is empty."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")
