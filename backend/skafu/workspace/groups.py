"""Groups of the workspace API's routes, each with what makes its endpoints:
workspace/<group>/{routes,endpoints}.py. Endpoints are imported when the first of them is called: a
cold start pays for the one route that it serves.
"""

# pylint: disable=import-outside-toplevel # that is what these functions are for

from collections.abc import Callable

from skafu.shared.routes import Route
from skafu.workspace.clients.routes import ROUTES as CLIENT_ROUTES
from skafu.workspace.dashboards.routes import ROUTES as DASHBOARD_ROUTES
from skafu.workspace.members.routes import ROUTES as MEMBER_ROUTES
from skafu.workspace.parts import Parts


def _dashboards(parts: Parts) -> object:
    from skafu.workspace.dashboards.endpoints import build

    return build(parts)


def _members(parts: Parts) -> object:
    from skafu.workspace.members.endpoints import build

    return build(parts)


def _clients(parts: Parts) -> object:
    from skafu.workspace.clients.endpoints import build

    return build(parts)


GROUPS: tuple[tuple[tuple[Route, ...], Callable[[Parts], object]], ...] = (
    (DASHBOARD_ROUTES, _dashboards),
    (MEMBER_ROUTES, _members),
    (CLIENT_ROUTES, _clients),
)
