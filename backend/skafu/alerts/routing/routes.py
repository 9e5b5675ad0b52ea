"""Routes about routing, as data."""

from skafu.shared.identity import Role
from skafu.shared.routes import Route, Scope

ROUTES = (
    Route(
        method="GET",
        path="/api/routing",
        endpoint="read_routing",
        summary="Who is told of what: the routes, in the order in which they are tried",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        response="PolicyOut",
    ),
    Route(
        method="PUT",
        path="/api/routing",
        endpoint="change_routing",
        summary='Replace all routes; If-Match names the version that is meant, "0" before any',
        role=Role.ADMIN,
        scopes=(Scope.ADMIN, Scope.PERSON),
        request="PolicyIn",
        response="PolicyOut",
    ),
    Route(
        method="POST",
        path="/api/routing/preview",
        endpoint="preview_routing",
        summary="Which routes a notification would take, and why it would take no other",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        request="RoutingPreviewIn",
        response="RoutingPreview",
    ),
)
