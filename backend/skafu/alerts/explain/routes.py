"""The route that explains, as data."""

from skafu.shared.identity import Role
from skafu.shared.routes import Parameter, Route, Scope

ROUTES = (
    Route(
        method="GET",
        path="/api/alerts/{id}/explain",
        endpoint="explain_alert",
        summary="Why an instance was in its state at a moment, also where it did not fire",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        response="ExplainOut",
        parameters=(
            Parameter(
                "at",
                "Epoch milliseconds or RFC 3339: the newest period that had ended by then. If not "
                "given, the newest one that was decided.",
            ),
            Parameter(
                "tags",
                "key=value: the instance's tags. Not needed where there is one instance alone, nor "
                "more of them than tell it from the others.",
                repeated=True,
            ),
        ),
    ),
)
