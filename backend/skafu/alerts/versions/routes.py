"""Routes about earlier versions of alerts, as data."""

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Route, Scope

MOST = 100  # each is a definition with its differences

ROUTES = (
    Route(
        method="GET",
        path="/api/alerts/{id}/versions",
        endpoint="list_versions",
        summary="Every version of an alert, newest first, also of one that was deleted",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        response="VersionList",
        parameters=(limit_parameter(MOST, MOST), CURSOR),
    ),
    Route(
        method="POST",
        path="/api/alerts/{id}/restore",
        endpoint="restore_alert",
        summary="Give an alert, or one that was deleted, what an earlier version said",
        role=Role.EDITOR,
        scopes=(Scope.ALERTS_WRITE, Scope.PERSON),
        request="RestoreIn",
        response="AlertOut",
        conditional=True,
    ),
)
