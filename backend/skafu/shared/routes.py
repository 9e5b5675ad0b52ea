"""What the API offers, as data: the routers, docs/openapi.json and the template's test all read
the same routes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from skafu.shared.identity import Identity, Role


class Scope(StrEnum):
    """What an access token must carry to enter a route; `PERSON` comes with every sign-in of a
    person.
    """

    METRICS_WRITE = "skafu/metrics.write"
    METRICS_READ = "skafu/metrics.read"
    ALERTS_READ = "skafu/alerts.read"
    ALERTS_WRITE = "skafu/alerts.write"
    ADMIN = "skafu/admin"
    PERSON = "aws.cognito.signin.user.admin"


@dataclass(frozen=True)
class Request:
    """A request whose caller is known. `query` keeps repeated parameters; header names are lower
    case.

    `body` is inflated already. `id` is the gateway's request id, `now` the moment of receipt in
    epoch milliseconds.
    """

    identity: Identity
    id: str
    now: int
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Text:
    """A body that is no JSON: it goes back as it is."""

    content: str
    media_type: str


@dataclass(frozen=True)
class Reply:
    """What goes back: `body` is anything that orjson writes, a Text, or None for an empty
    answer.
    """

    body: object = None
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


type Endpoint = Callable[[Request], Reply]


@dataclass(frozen=True)
class Parameter:
    """A query parameter, for the documentation and for refusing unknown ones by name; or a header,
    for the documentation alone.
    """

    name: str
    description: str
    required: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Route:
    """One method on one path (`/api/alerts/{id}`).

    `endpoint` is the name of a method of the domain's Api class. `request` and `response` name
    models in the domain's `schemas` module, which only the documentation and the slower routes
    import.

    `consumes` and `produces` are media types of bodies that are no JSON. `conditional`: whether
    If-Match is needed; None: as the method has it, PUT needs and DELETE may have it.
    """

    method: str
    path: str
    endpoint: str
    summary: str
    role: Role | None
    scopes: tuple[Scope, ...]
    request: str | None = None
    response: str | None = None
    success: HTTPStatus = HTTPStatus.OK
    parameters: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    consumes: str | None = None
    produces: str | None = None
    conditional: bool | None = None

    def __post_init__(self) -> None:
        if (self.role is None) == bool(self.scopes):
            raise ValueError(f"{self.method} {self.path}: a role and scopes, or neither")
