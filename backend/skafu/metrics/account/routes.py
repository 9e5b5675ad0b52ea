"""Routes about what a tenant uses and no longer wants, as data."""

from http import HTTPStatus

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Parameter, Route, Scope

_READERS = (Scope.METRICS_READ, Scope.PERSON)
_ADMINS = (Scope.ADMIN, Scope.PERSON)

ROUTES = (
    Route(
        method="GET",
        path="/api/metrics/usage",
        endpoint="usage",
        summary="What was stored and read, and what that costs, by day and by metric",
        role=Role.VIEWER,
        scopes=_READERS,
        response="UsageAnswer",
        parameters=(
            Parameter("start", "Epoch milliseconds or RFC 3339; 30 days before end if not given."),
            Parameter("end", "Epoch milliseconds or RFC 3339; now if not given."),
            Parameter("unused", "true: only metrics that nobody has looked at for 30 days."),
            limit_parameter(),
            CURSOR,
        ),
    ),
    Route(
        method="GET",
        path="/api/metrics/deletions",
        endpoint="deletions",
        summary="Metrics that were deleted, and how far that is",
        role=Role.VIEWER,
        scopes=_READERS,
        response="DeletionList",
        parameters=(limit_parameter(), CURSOR),
    ),
    Route(
        method="GET",
        path="/api/metrics/deletions/{name}",
        endpoint="deletion",
        summary="How far a metric's deletion is",
        role=Role.VIEWER,
        scopes=_READERS,
        response="DeletionAnswer",
    ),
    Route(
        method="DELETE",
        path="/api/metrics/{name}",
        endpoint="delete",
        summary="Delete all points of a metric up to now; those sent later stay",
        role=Role.ADMIN,
        scopes=_ADMINS,
        response="DeletionAnswer",
        success=HTTPStatus.ACCEPTED,
    ),
)
