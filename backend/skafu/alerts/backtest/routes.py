"""Routes that try alerts on the past, as data."""

from skafu.shared.identity import Role
from skafu.shared.routes import Route, Scope

_READERS = (Scope.ALERTS_READ, Scope.PERSON)

ROUTES = (
    Route(
        method="POST",
        path="/api/alerts/backtest",
        endpoint="backtest_draft",
        summary="What a draft would have done in a range of the past",
        role=Role.VIEWER,
        scopes=_READERS,
        request="DraftBacktestIn",
        response="BacktestOut",
    ),
    Route(
        method="POST",
        path="/api/alerts/{id}/backtest",
        endpoint="backtest_alert",
        summary="What an alert, or a change of it, would have done in a range of the past",
        role=Role.VIEWER,
        scopes=_READERS,
        request="BacktestIn",
        response="BacktestOut",
    ),
)
