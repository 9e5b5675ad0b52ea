"""The workspace's part of the API: who am I, and is anybody there."""

import skafu
from skafu.shared.api import build_app
from skafu.shared.authentication import authenticator
from skafu.shared.clock import Clock
from skafu.shared.identity import Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Handler
from skafu.shared.routes import Reply, Request, Route, Scope
from skafu.shared.settings import ApiSettings
from skafu.shared.table import Table

ROUTES = (
    Route(
        method="GET",
        path="/api/me",
        endpoint="me",
        summary="Who the access token speaks of: tenant and role",
        role=Role.VIEWER,
        scopes=tuple(Scope),
        response="Me",
    ),
    Route(
        method="GET",
        path="/api/health",
        endpoint="health",
        summary="Whether the API answers, and which release does",
        role=None,
        scopes=(),
        response="Health",
    ),
)


class WorkspaceApi:
    """The endpoints of ROUTES."""

    def __init__(self, version: str, environment: str) -> None:
        self._version = version
        self._environment = environment

    def me(self, request: Request) -> Reply:
        """The caller, as membership knows them."""
        who = request.identity
        return Reply(
            {
                "id": who.subject,
                "kind": who.kind.value,
                "tenant": who.tenant,
                "role": who.role.label,
            }
        )

    def health(self, _: Request) -> Reply:
        """That the API answers. It reads nothing, the table least of all: anybody may ask, as often
        as they like, and a table that is down must not take a healthy API out of service. Whether
        points get in and alerts get out is for the canary to say.
        """
        return Reply({"status": "ok", "version": self._version, "environment": self._environment})


def build(settings: ApiSettings, table: Table, clock: Clock) -> Handler:
    """The whole function, given its settings, its table and its clock: what the handler file does
    with the real ones, a test does with others.
    """
    members = Members(table, clock, random_id)
    api = WorkspaceApi(skafu.__version__, settings.environment)
    return build_app(ROUTES, api, authenticator(settings, members, clock), settings, clock)
