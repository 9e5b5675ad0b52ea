"""The workspace's part of the API: who am I, who changed what, and is anybody there."""

from functools import partial
from typing import TYPE_CHECKING

import skafu
from skafu.shared import paging
from skafu.shared.api import build_app
from skafu.shared.authentication import authenticator
from skafu.shared.aws import client
from skafu.shared.clock import Clock
from skafu.shared.deferred import Deferred
from skafu.shared.identity import Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Handler
from skafu.shared.routes import Parameter, Reply, Request, Route, Scope
from skafu.shared.settings import WorkspaceSettings
from skafu.shared.table import Table
from skafu.workspace.groups import GROUPS
from skafu.workspace.parts import MakeClient, Parts

if TYPE_CHECKING:
    from skafu.workspace.auditing import Auditing

OWN_ROUTES = (
    Route(
        method="GET",
        path="/api/me",
        endpoint="me",
        summary="Who the access token speaks of: tenant, role and what is known of them",
        role=Role.VIEWER,
        scopes=tuple(Scope),
        response="Me",
    ),
    Route(
        method="GET",
        path="/api/audit",
        endpoint="audit",
        summary="Who changed what, newest first, with what was before and after",
        role=Role.ADMIN,
        scopes=(Scope.ADMIN, Scope.PERSON),
        response="AuditList",
        parameters=(
            Parameter("kind", "Changes of this kind of thing: alert, channel, member, client, ..."),
            Parameter("subject", "Changes of the thing with this id."),
            Parameter("start", "Epoch milliseconds or RFC 3339: not before this moment."),
            Parameter("end", "Epoch milliseconds or RFC 3339: before this moment."),
            paging.limit_parameter(),
            paging.CURSOR,
        ),
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

ROUTES = (*OWN_ROUTES, *(route for routes, _ in GROUPS for route in routes))


class WorkspaceApi:
    """The endpoints of OWN_ROUTES."""

    def __init__(self, version: str, environment: str, table: Table, members: Members) -> None:
        self._version = version
        self._environment = environment
        self._table = table
        self._members = members
        self._auditing: Auditing | None = None

    def me(self, request: Request) -> Reply:
        """The caller, as membership knows them."""
        who = request.identity
        known = self._members.profile(who.subject)
        return Reply(
            {
                "id": who.subject,
                "kind": who.kind.value,
                "tenant": who.tenant,
                "role": who.role.label,
                "email": known.email,
                "name": known.name,
            }
        )

    def audit(self, request: Request) -> Reply:
        """A page of changes."""
        if self._auditing is None:
            # Hardly anybody asks this: a cold start does not pay for it.
            # pylint: disable-next=import-outside-toplevel # a cold start's time
            from skafu.workspace.auditing import Auditing

            self._auditing = Auditing(self._table, self._members)
        return self._auditing.page(request)

    def health(self, _: Request) -> Reply:
        """That the API answers. It reads nothing, the table least of all: anybody may ask, as often
        as they like, and a table that is down must not take a healthy API out of service. Whether
        points get in and alerts get out is for the canary to say.
        """
        return Reply({"status": "ok", "version": self._version, "environment": self._environment})


def build(
    settings: WorkspaceSettings, table: Table, clock: Clock, make_client: MakeClient = client
) -> Handler:
    """The whole function, given its settings, its table, its clock and what makes clients of other
    services: what the handler file does with the real ones, a test does with others.
    """
    members = Members(table, clock, random_id)
    api = WorkspaceApi(skafu.__version__, settings.environment, table, members)
    parts = Parts(settings, table, members, make_client, clock, random_id)
    groups = [(routes, partial(make, parts)) for routes, make in GROUPS]
    deferred = Deferred([(OWN_ROUTES, lambda: api), *groups])
    return build_app(ROUTES, deferred, authenticator(settings, members, clock), settings, clock)
