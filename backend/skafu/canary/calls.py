"""How checks reach what they examine: an API, and functions with events of their own.

A hook invokes published versions, an operator's smoke test goes through the gateway; both look to
checks as these two protocols do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, Protocol

from skafu.canary.checks import Busy, Failed

BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""What asks to be asked again: a quota of the gateway's, a table that throttles."""

SHOWN = 300
"""So many characters of what a function said go into a report."""


class Who(Enum):
    """As whom a request comes: a member of the reserved tenant, a machine that is nobody's member,
    or somebody without a token.
    """

    MEMBER = "member"
    STRANGER = "stranger"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Call:
    """A request. `version` is what If-Match names."""

    method: str
    path: str
    body: object = None
    query: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    version: int | None = None
    who: Who = Who.MEMBER

    @property
    def headers(self) -> dict[str, str]:
        """What it says besides, but for who it is."""
        found = {"Accept": "application/json", "User-Agent": "skafu-canary"}
        if self.body is not None:
            found["Content-Type"] = "application/json"
        if self.key is not None:
            found["Idempotency-Key"] = self.key
        if self.version is not None:
            found["If-Match"] = f'"{self.version}"'
        return found


@dataclass(frozen=True)
class Answer:
    """What came back: `body` is read JSON, text as it is, or None."""

    status: int
    body: Any = None


class Api(Protocol):
    """The API, wherever it is."""

    def __call__(self, call: Call) -> Answer:
        """One call. Raises Failed when there is no answer."""


class Function(Protocol):
    """One function."""

    def __call__(self, event: Mapping[str, Any]) -> Any:
        """What it answers to an event. Raises Failed when it ends with an error, or not at all."""


def expect(answer: Answer, status: int, call: Call) -> Any:
    """The body of an answer that has this status. Raises Failed, or Busy where that may pass."""
    if answer.status != status:
        said = str(answer.body)[:SHOWN]
        error = Busy if answer.status in BUSY else Failed
        raise error(
            f"{call.method} {call.path}: {_told(answer.status)} instead of {_told(status)}: {said}"
        )
    return answer.body


def asked(api: Api, call: Call, status: int = HTTPStatus.OK) -> Any:
    """The body of what comes back, which has to have this status. Raises Failed."""
    return expect(api(call), status, call)


def _told(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
