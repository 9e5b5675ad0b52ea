"""Routes about fire drills, as data."""

from http import HTTPStatus

from skafu.shared.identity import Role
from skafu.shared.routes import Route, Scope

ROUTES = (
    Route(
        method="POST",
        path="/api/alerts/{id}/drill",
        endpoint="begin_drill",
        summary="Begin a fire drill: a page goes the whole way, marked as a drill",
        role=Role.EDITOR,
        scopes=(Scope.ALERTS_WRITE, Scope.PERSON),
        request="DrillIn",
        response="DrillOut",
        success=HTTPStatus.ACCEPTED,
    ),
    Route(
        method="GET",
        path="/api/drills/{id}",
        endpoint="read_drill",
        summary="How far a drill is, and who was told when",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        response="DrillOut",
    ),
    Route(
        method="DELETE",
        path="/api/drills/{id}",
        endpoint="end_drill",
        summary="Let a drill resolve now",
        role=Role.EDITOR,
        scopes=(Scope.ALERTS_WRITE, Scope.PERSON),
        response="DrillOut",
        success=HTTPStatus.ACCEPTED,
    ),
)
