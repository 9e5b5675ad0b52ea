"""The route of the summary, as data."""

from skafu.shared.identity import Role
from skafu.shared.routes import Route, Scope

ROUTES = (
    Route(
        method="GET",
        path="/api/alerts/summary",
        endpoint="alert_summary",
        summary="How many instances are in ALARM, by severity, and how many lack data",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        response="AlertSummary",
    ),
)
