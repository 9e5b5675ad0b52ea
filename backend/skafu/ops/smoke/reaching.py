"""The API through its gateway, as a machine of the reserved tenant that fetches a token."""

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from skafu.canary import reserved
from skafu.canary.calls import SHOWN, Answer, Call, Who
from skafu.canary.checks import Failed
from skafu.ops import alerts_client
from skafu.ops.bootstrap import CognitoDirectory, Workspace
from skafu.shared.clock import Clock
from skafu.shared.identity import Kind, Role
from skafu.shared.table import Table

MACHINE = "skafu-smoke"
"""The client's name in the user pool. It is made once: Cognito charges for each, every month."""

API_KEY = "SKAFU_API_KEY"
"""The variable with the machine's key of a usage plan, where the environment asks machines for one
(`machine_keys` of its file; docs/edge.md).
"""

type Fetch = alerts_client.Fetch


def patient(fetch: Fetch, url: str, call: tuple[str, bytes | None, Mapping[str, str]]) -> Any:
    """One request. Raises Failed when there is no answer."""
    method, body, headers = call
    try:
        return fetch(method, url, body, headers)
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"{method} {url}: no answer ({error})") from error


class HttpApi:
    """The Api at `base`; the token is fetched when it is first needed. A key of a usage plan, where
    there is one, comes with every request: who has no token is asked for that, not for a key.
    """

    def __init__(
        self, base: str, token: Callable[[], str], fetch: Fetch, api_key: str | None = None
    ) -> None:
        self._base = base.rstrip("/")
        self._token = token
        self._fetch = fetch
        self._key = {"x-api-key": api_key} if api_key else {}

    def __call__(self, call: Call) -> Answer:
        headers = call.headers | self._key
        if call.who is Who.MEMBER and call.path != "/api/health":
            headers["Authorization"] = f"Bearer {self._token()}"
        url = self._base + call.path + (f"?{urlencode(call.query)}" if call.query else "")
        body = None if call.body is None else json.dumps(call.body).encode()
        answer = patient(self._fetch, url, (call.method, body, headers))
        return Answer(answer.status, _read(answer.body))


def _read(body: bytes) -> Any:
    """JSON, or text where something else than the API has answered; None when it is empty."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")


class Token:
    """An access token of the reserved tenant's machine, which is made where it is missing."""

    def __init__(
        self, directory: CognitoDirectory, table: Table, url: str, clock: Clock, fetch: Fetch
    ) -> None:
        self._directory = directory
        self._table = table
        self._url = url
        self._clock = clock
        self._fetch = fetch
        self._known: str | None = None

    def __call__(self) -> str:
        """The token; it lives for longer than a smoke test. Raises Failed."""
        if self._known is None:
            self._known = self._fetched()
        return self._known

    def _fetched(self) -> str:
        reserved.found(self._table, self._clock())
        machine = self._directory.machine(MACHINE)
        members = Workspace.over(self._table, self._clock).members
        members.add_member(machine.client_id, Kind.MACHINE, reserved.TENANT, Role.EDITOR)
        secret = base64.b64encode(f"{machine.client_id}:{machine.secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {secret}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        grant = b"grant_type=client_credentials"
        answer = patient(self._fetch, self._url, ("POST", grant, headers))
        if answer.status != http.client.OK:
            said = answer.body.decode(errors="replace")[:SHOWN]
            raise Failed(f"no token from {self._url}: {answer.status} {said}")
        return str(json.loads(answer.body)["access_token"])


def token_url(outputs: Mapping[str, str], endpoint: str, region: str) -> str:
    """Where machines fetch their tokens: the pool's own host in AWS, the embedded AWS's address
    otherwise. `endpoint` is where Cognito's own API is reached.
    """
    host = urlsplit(endpoint).hostname or ""
    if host.startswith("cognito-idp."):
        return f"https://{outputs['UserPoolDomain']}.auth.{region}.amazoncognito.com/oauth2/token"
    return f"{outputs.get('SignInUrl', endpoint).rstrip('/')}/oauth2/token"


def fetch(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
    """One request. Browsers find <name>.localhost on their own machine, resolvers need not.

    Raises OSError or HTTPException when there is no answer.
    """
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return alerts_client.fetch(method, url, body, headers)
    here = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl()
    return alerts_client.fetch(method, here, body, {**headers, "Host": parts.netloc})
