"""Routes about machine clients, as data."""

from http import HTTPStatus

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Route, Scope

ADMIN = (Scope.ADMIN, Scope.PERSON)

ROUTES = (
    Route(
        method="GET",
        path="/api/clients",
        endpoint="list_clients",
        summary="Machine clients, never their secrets, and how many there may be",
        role=Role.ADMIN,
        scopes=ADMIN,
        response="ClientList",
        parameters=(limit_parameter(), CURSOR),
    ),
    Route(
        method="POST",
        path="/api/clients",
        endpoint="create_client",
        summary="Make a machine client; the only answer that shows its secret",
        role=Role.ADMIN,
        scopes=ADMIN,
        request="ClientIn",
        response="ClientCreated",
        success=HTTPStatus.CREATED,
    ),
    Route(
        method="POST",
        path="/api/clients/{id}/rotate",
        endpoint="rotate_client",
        summary="New credentials, shown here alone; those before stay valid a while",
        role=Role.ADMIN,
        scopes=ADMIN,
        request="ClientRotateIn",
        response="ClientCreated",
    ),
    Route(
        method="DELETE",
        path="/api/clients/{id}",
        endpoint="delete_client",
        summary="Remove a machine client; its tokens are refused within a minute",
        role=Role.ADMIN,
        scopes=ADMIN,
        success=HTTPStatus.NO_CONTENT,
    ),
)
