"""An HTTP exchange as a script: what is asked is remembered, what is answered was written down."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skafu.ops import alerts_client

from local.api import Answer


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]

    def json(self) -> Any:
        """The body, inflated where it was compressed, read as JSON."""
        assert self.body is not None
        compressed = self.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if compressed else self.body)


@dataclass
class HttpScript:
    """`answers` are used up one by one, the last one for ever; an exception is raised."""

    answers: list[Answer | Exception]
    asked: list[Asked] = field(default_factory=list)

    def __call__(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        self.asked.append(Asked(method, url, body, dict(headers)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def says(status: int, document: object = None, **headers: str) -> Answer:
    """An answer with a JSON document; underscores in header names stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"" if document is None else json.dumps(document).encode()
    return Answer(status, named, body)


def read_by(script: HttpScript) -> alerts_client.Fetch:
    """The script for an operator's command, which knows answers by a class of its own."""

    def fetch(
        method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> alerts_client.Answer:
        answer = script(method, url, body, headers)
        return alerts_client.Answer(answer.status, answer.headers, answer.body)

    return fetch
