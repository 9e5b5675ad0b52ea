"""Groups of the alerts API's routes, each with what makes its endpoints:
alerts/<group>/{routes,endpoints}.py. Endpoints are imported when the first of them is called: a
cold start pays for the one route that it serves.
"""

# pylint: disable=import-outside-toplevel # that is what these functions are for

from collections.abc import Callable

from skafu.alerts.backtest.routes import ROUTES as BACKTEST_ROUTES
from skafu.alerts.drills.routes import ROUTES as DRILL_ROUTES
from skafu.alerts.parts import Parts
from skafu.alerts.versions.routes import ROUTES as VERSION_ROUTES
from skafu.shared.routes import Route


def _drills(parts: Parts) -> object:
    from skafu.alerts.drills.endpoints import build

    return build(parts)


def _backtests(parts: Parts) -> object:
    from skafu.alerts.backtest.endpoints import build

    return build(parts)


def _versions(parts: Parts) -> object:
    from skafu.alerts.versions.endpoints import build

    return build(parts)


GROUPS: tuple[tuple[tuple[Route, ...], Callable[[Parts], object]], ...] = (
    (DRILL_ROUTES, _drills),
    (BACKTEST_ROUTES, _backtests),
    (VERSION_ROUTES, _versions),
)
