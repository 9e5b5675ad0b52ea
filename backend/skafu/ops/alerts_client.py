"""Skafu's API as the operators' command for alerts uses it: nothing but the standard library, a
token from the environment, and patience where the API asks for it.
"""

import base64
import http.client
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 35  # the gateway answers within 29 s
ATTEMPTS = 4
RETRIED = frozenset({429, 502, 503, 504})
LONGEST_PAUSE_S = 30.0

MACHINE = ("TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET")
HELP = """\
The API and who asks are told by the environment:
  API              the stack's output ApiEndpoint (make session prints it)
  TOKEN            an access token; or, for a machine client, all of
  TOKEN_URL, CLIENT_ID, CLIENT_SECRET
"""


@dataclass(frozen=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


type Fetch = Callable[[str, str, bytes | None, Mapping[str, str]], Answer]
type Sleep = Callable[[float], None]


class Trouble(Exception):
    """What cannot be done, in sentences for whoever ran the command; `status` is the API's, 0 where
    it did not answer.
    """

    def __init__(self, sentence: str, details: Sequence[str] = (), status: int = 0) -> None:
        super().__init__(sentence)
        self.details = tuple(details)
        self.status = status


def fetch(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """One request. Raises OSError or HTTPException when there is no answer."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.netloc, timeout=TIMEOUT_S)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, lower, response.read())
    finally:
        connection.close()


class Client:
    """The API at `base`, asked with a token."""

    def __init__(
        self, base: str, token: str, fetch: Fetch = fetch, sleep: Sleep = time.sleep
    ) -> None:
        self._base = base.rstrip("/")
        self._token = token
        self._fetch = fetch
        self._sleep = sleep

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        media_type: str = "application/json",
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One call, repeated while the answer says that it may succeed later. Raises Trouble with
        what the API said.
        """
        url = self._base + path + (f"?{urlencode(query, doseq=True)}" if query else "")
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = media_type
        answer = self._patiently(method, url, body, headers)
        if answer.status >= 300:
            raise trouble_of(f"{method} {path}", answer)
        return answer

    def json(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """The document of a call."""
        content = None if body is None else json.dumps(body).encode()
        return json.loads(self.ask(method, path, content, query=query).body)

    def _patiently(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        for turn in range(ATTEMPTS):
            last = turn == ATTEMPTS - 1
            try:
                answer = self._fetch(method, url, body, headers)
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise Trouble(f"{method} {url}: no answer ({error})") from error
                self._sleep(2.0**turn)
                continue
            if answer.status not in RETRIED or last:
                return answer
            self._sleep(min(_asked_for(answer), LONGEST_PAUSE_S) or 2.0**turn)
        raise AssertionError("a loop over at least one turn returns or raises")


def client_from(environment: Mapping[str, str], fetch: Fetch = fetch) -> Client:
    """The client that the environment describes. Raises Trouble naming what is missing."""
    base, token = environment.get("API"), environment.get("TOKEN")
    if not base:
        raise Trouble("API is missing from the environment", HELP.splitlines())
    if token:
        return Client(base, token, fetch)
    url, name, secret = (environment.get(x, "") for x in MACHINE)
    if not (url and name and secret):
        raise Trouble("TOKEN is missing from the environment", HELP.splitlines())
    return Client(base, _machine_token(url, name, secret, fetch), fetch)


def _machine_token(url: str, client: str, secret: str, fetch: Fetch) -> str:
    """An access token by client credentials (RFC 6749, 4.4)."""
    headers = {
        "Authorization": f"Basic {base64.b64encode(f'{client}:{secret}'.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        answer = fetch("POST", url, b"grant_type=client_credentials", headers)
    except (OSError, http.client.HTTPException) as error:
        raise Trouble(f"POST {url}: no answer ({error})") from error
    if answer.status != 200:
        raise Trouble(f"POST {url}: no token for this client (status {answer.status})")
    return str(json.loads(answer.body)["access_token"])


def trouble_of(what: str, answer: Answer) -> Trouble:
    """A problem document as sentences."""
    try:
        problem = json.loads(answer.body)
        detail = str(problem["detail"])
        errors = [f"{x['field']}: {x['reason']}" for x in problem.get("errors", ())]
    except (ValueError, KeyError, TypeError):
        text = answer.body.decode(errors="replace")[:500]
        return Trouble(f"{what}: {answer.status} {text}", status=answer.status)
    return Trouble(f"{detail} (status {answer.status})", errors, answer.status)


def _asked_for(answer: Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else 0.0
