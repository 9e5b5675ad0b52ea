"""Skafu's public API as a machine client uses it: a cached token, retries, nothing but the standard
library.
"""

import base64
import gzip
import http.client
import json
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from skafu.shared.clock import Clock

TIMEOUT_S = 35  # the gateway answers within 29 s
TOKEN_MARGIN_MS = 60_000  # a token is renewed this long before it expires
ATTEMPTS = 5
RETRIED = frozenset({429, 500, 502, 503, 504})
COMPRESSED_FROM = 1_400  # bytes: what fits into one packet is not worth it
LEVEL = 6


@dataclass(frozen=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON; None when it is empty."""
        return json.loads(self.body) if self.body else None


class ApiError(Exception):
    """The API said no, or nothing, for good."""


type Fetch = Callable[[str, str, bytes | None, Mapping[str, str]], Answer]
type Sleep = Callable[[float], None]


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


class MachineToken:
    """An access token by client credentials, asked for again shortly before it expires."""

    def __init__(
        self, url: str, client: str, secret: str, clock: Clock, fetch: Fetch = fetch
    ) -> None:
        self._url = url
        self._basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        self._clock = clock
        self._fetch = fetch
        self._token: str | None = None
        self._until = 0

    def __call__(self) -> str:
        """The token. Raises ApiError when the credentials are refused."""
        now = self._clock()
        if self._token is None or now >= self._until:
            answer = self._fetch(
                "POST",
                self._url,
                b"grant_type=client_credentials",
                {
                    "Authorization": f"Basic {self._basic}",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
            )
            if answer.status != 200:
                raise ApiError(f"no token: {answer.status} {answer.body.decode(errors='replace')}")
            said = answer.json()
            self._token = str(said["access_token"])
            self._until = now + int(said["expires_in"]) * 1000 - TOKEN_MARGIN_MS
        return self._token


class Api:
    """The API at `base`, as whoever `token` speaks of."""

    def __init__(
        self,
        base: str,
        token: Callable[[], str],
        fetch: Fetch = fetch,
        sleep: Sleep = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base = base
        self.token = token
        self._fetch = fetch
        self._sleep = sleep
        self._jitter = jitter

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
        version: int | None = None,
    ) -> Answer:
        """One call, repeated while the answer says that it may succeed later; a large body goes
        compressed.

        `key` becomes the Idempotency-Key, `version` is what If-Match names. Raises ApiError when no
        try was answered.
        """
        url = self._base + path + (f"?{urlencode(query, doseq=True)}" if query else "")
        content = None if body is None else json.dumps(body).encode()
        headers: dict[str, str] = {}
        if content is not None and len(content) > COMPRESSED_FROM:
            content = gzip.compress(content, LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer: Answer | None = None
        trouble: Exception | None = None
        for turn in range(ATTEMPTS):
            if turn:
                self._sleep(_pause(turn, answer, self._jitter()))
            try:
                asked = self._headers(content, key) | headers
                answer = self._fetch(method, url, content, asked)
            except (OSError, http.client.HTTPException) as error:
                answer, trouble = None, error
                continue
            if answer.status not in RETRIED:
                return answer
        if answer is None:
            raise ApiError(f"{method} {path}: no answer ({trouble})") from trouble
        return answer

    def send(self, path: str, content: bytes, key: str) -> Answer:
        """One try to POST compressed JSON: whoever keeps what was not taken decides when to try
        again. Raises OSError, HTTPException or ApiError when there is no answer.
        """
        headers = self._headers(content, key) | {"Content-Encoding": "gzip"}
        return self._fetch("POST", self._base + path, content, headers)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        version: int | None = None,
        **query: Any,
    ) -> Any:
        """The document of a call that has to succeed. Raises ApiError with what the API said."""
        answer = self.call(method, path, body, query=query, key=key, version=version)
        if answer.status >= 300:
            said = answer.body.decode(errors="replace")
            raise ApiError(f"{method} {path}: {answer.status} {said}")
        return answer.json()

    def _headers(self, content: bytes | None, key: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token()}", "Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        return headers


def _pause(turn: int, answer: Answer | None, jitter: float) -> float:
    """Seconds before the next try: at least what the API asked for, else half of doubling steps to
    all of them.
    """
    asked = float(answer.headers.get("retry-after", 0)) if answer else 0.0
    return max(asked, math.ldexp(0.25 * (1 + jitter), turn))
