"""The route of the noise report, as data."""

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Parameter, Route, Scope

ROWS = 100
USUAL_ROWS = 25

ROUTES = (
    Route(
        method="GET",
        path="/api/alerts/noise",
        endpoint="alert_noise",
        summary="How often each alert told somebody, and whether that was worth it",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        response="NoiseOut",
        parameters=(
            Parameter("start", "Epoch milliseconds or RFC 3339; 30 days before end if not given."),
            Parameter("end", "Epoch milliseconds or RFC 3339; now if not given."),
            Parameter("time_zone", "IANA name for working hours; UTC if not given."),
            Parameter("hours", "Working hours, Monday to Friday; 09-17 if not given."),
            limit_parameter(ROWS, USUAL_ROWS),
            CURSOR,
        ),
    ),
)
