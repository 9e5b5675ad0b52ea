"""Routes about dashboards, as data.

Who may enter: people by their role; machines that read metrics or alerts may read what shows them.
Writing takes `skafu/alerts.write`, the scope of clients that keep alerts as code: what a team looks
at and what it is woken by are changed by the same hands. `skafu/metrics.write` is on every host
that sends points, and no host shall change what people see.
"""

from http import HTTPStatus

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Parameter, Route, Scope
from skafu.workspace.dashboards.limits import MAX_VERSIONS

READ = (Scope.METRICS_READ, Scope.ALERTS_READ, Scope.PERSON)
WRITE = (Scope.ALERTS_WRITE, Scope.PERSON)

ROUTES = (
    Route(
        method="GET",
        path="/api/dashboards",
        endpoint="list_dashboards",
        summary="Dashboards in the order of their names",
        role=Role.VIEWER,
        scopes=READ,
        response="DashboardList",
        parameters=(
            Parameter("prefix", "Dashboards whose names begin so, in any case."),
            Parameter("metric", "Dashboards that show this metric."),
            limit_parameter(),
            CURSOR,
        ),
    ),
    Route(
        method="POST",
        path="/api/dashboards",
        endpoint="create_dashboard",
        summary="Make a dashboard",
        role=Role.EDITOR,
        scopes=WRITE,
        request="DashboardIn",
        response="DashboardOut",
        success=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path="/api/dashboards/{id}",
        endpoint="read_dashboard",
        summary="One dashboard, as it is or as an earlier version had it",
        role=Role.VIEWER,
        scopes=READ,
        response="DashboardOut",
        parameters=(
            Parameter(
                "version",
                "This version instead of the newest, also of a dashboard that was deleted.",
            ),
        ),
    ),
    Route(
        method="PUT",
        path="/api/dashboards/{id}",
        endpoint="change_dashboard",
        summary="Replace a dashboard; If-Match names the version that is meant",
        role=Role.EDITOR,
        scopes=WRITE,
        request="DashboardIn",
        response="DashboardOut",
    ),
    Route(
        method="DELETE",
        path="/api/dashboards/{id}",
        endpoint="delete_dashboard",
        summary="Remove a dashboard; for 90 days it can be restored",
        role=Role.EDITOR,
        scopes=WRITE,
        success=HTTPStatus.NO_CONTENT,
    ),
    Route(
        method="GET",
        path="/api/dashboards/{id}/versions",
        endpoint="list_dashboard_versions",
        summary="The last versions of a dashboard, newest first, also of one that was deleted",
        role=Role.VIEWER,
        scopes=READ,
        response="DashboardVersionList",
        parameters=(limit_parameter(MAX_VERSIONS, MAX_VERSIONS), CURSOR),
    ),
    Route(
        method="POST",
        path="/api/dashboards/{id}/restore",
        endpoint="restore_dashboard",
        summary="Give a dashboard, or one that was deleted, what an earlier version said",
        role=Role.EDITOR,
        scopes=WRITE,
        request="DashboardRestoreIn",
        response="DashboardOut",
        conditional=True,
    ),
)
