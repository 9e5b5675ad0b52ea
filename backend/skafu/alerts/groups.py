"""Groups of the alerts API's routes, each with what makes its endpoints:
alerts/<group>/{routes,endpoints}.py. Endpoints are imported when the first of them is called: a
cold start pays for the one route that it serves.
"""

# pylint: disable=import-outside-toplevel # that is what these functions are for

from collections.abc import Callable

from skafu.alerts.backtest.routes import ROUTES as BACKTEST_ROUTES
from skafu.alerts.channels_api.routes import ROUTES as CHANNEL_ROUTES
from skafu.alerts.code.routes import ROUTES as CODE_ROUTES
from skafu.alerts.drills.routes import ROUTES as DRILL_ROUTES
from skafu.alerts.engagement.routes import ROUTES as ENGAGEMENT_ROUTES
from skafu.alerts.explain.routes import ROUTES as EXPLAIN_ROUTES
from skafu.alerts.noise.routes import ROUTES as NOISE_ROUTES
from skafu.alerts.parts import Parts
from skafu.alerts.routing.routes import ROUTES as ROUTING_ROUTES
from skafu.alerts.silences.routes import ROUTES as SILENCE_ROUTES
from skafu.alerts.summary.routes import ROUTES as SUMMARY_ROUTES
from skafu.alerts.versions.routes import ROUTES as VERSION_ROUTES
from skafu.shared.routes import Route


def _channels(parts: Parts) -> object:
    from skafu.alerts.channels_api.endpoints import build

    return build(parts)


def _drills(parts: Parts) -> object:
    from skafu.alerts.drills.endpoints import build

    return build(parts)


def _backtests(parts: Parts) -> object:
    from skafu.alerts.backtest.endpoints import build

    return build(parts)


def _explain(parts: Parts) -> object:
    from skafu.alerts.explain.endpoints import build

    return build(parts)


def _noise(parts: Parts) -> object:
    from skafu.alerts.noise.endpoints import build

    return build(parts)


def _summary(parts: Parts) -> object:
    from skafu.alerts.summary.endpoints import build

    return build(parts)


def _versions(parts: Parts) -> object:
    from skafu.alerts.versions.endpoints import build

    return build(parts)


def _code(parts: Parts) -> object:
    from skafu.alerts.code.endpoints import build

    return build(parts)


def _routing(parts: Parts) -> object:
    from skafu.alerts.routing.endpoints import build

    return build(parts)


def _silences(parts: Parts) -> object:
    from skafu.alerts.silences.endpoints import build

    return build(parts)


def _engagement(parts: Parts) -> object:
    from skafu.alerts.engagement.endpoints import build

    return build(parts)


GROUPS: tuple[tuple[tuple[Route, ...], Callable[[Parts], object]], ...] = (
    (CHANNEL_ROUTES, _channels),
    (DRILL_ROUTES, _drills),
    (BACKTEST_ROUTES, _backtests),
    (EXPLAIN_ROUTES, _explain),
    (NOISE_ROUTES, _noise),
    (SUMMARY_ROUTES, _summary),
    (VERSION_ROUTES, _versions),
    (CODE_ROUTES, _code),
    (ROUTING_ROUTES, _routing),
    (SILENCE_ROUTES, _silences),
    (ENGAGEMENT_ROUTES, _engagement),
)
