"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

# pylint: disable=import-outside-toplevel # pydantic costs a cold start; reading needs none

from skafu.alerts.parts import Parts
from skafu.alerts.paging.looking import Looking
from skafu.alerts.routing.service import RoutingService
from skafu.alerts.routing.store import PolicyStore
from skafu.alerts.routing.views import policy_view, preview_view
from skafu.alerts.store import AlertStore
from skafu.shared.etag import etag, if_match
from skafu.shared.routes import Reply, Request


class RoutingEndpoints:
    """Routes as people and machines ask for them."""

    def __init__(self, routing: RoutingService) -> None:
        self._routing = routing

    def read_routing(self, request: Request) -> Reply:
        """All routes; the ETag of none is "0"."""
        policy = self._routing.read(request.identity.tenant)
        return Reply(policy_view(policy), headers={"ETag": etag(policy.version)})

    def change_routing(self, request: Request) -> Reply:
        """The routes at their next version."""
        from skafu.alerts.paging.schemas import parse_or_show
        from skafu.alerts.routing.schemas import EXAMPLE, PolicyIn

        version = if_match(request)
        routes = parse_or_show(PolicyIn, request.body, EXAMPLE).values()
        caller = request.identity
        policy = self._routing.change(caller.tenant, caller.subject, version, routes)
        return Reply(policy_view(policy), headers={"ETag": etag(policy.version)})

    def preview_routing(self, request: Request) -> Reply:
        """Why this route."""
        from skafu.alerts.routing.schemas import RoutingPreviewIn
        from skafu.shared.validation import parse

        asked = parse(RoutingPreviewIn, request.body)
        tenant = request.identity.tenant
        routes = None if asked.routes is None else [each.route() for each in asked.routes]
        if asked.alert is None:
            given = asked.labels or {}
            return Reply(preview_view(given, self._routing.try_labels(tenant, given, routes)))
        labels, choices = self._routing.try_alert(
            tenant, asked.alert, asked.tags, asked.severity, routes
        )
        return Reply(preview_view(labels, choices))


def build(parts: Parts) -> RoutingEndpoints:
    """The endpoints over a table and the notifier's queue."""
    alerts, looking = AlertStore(parts.table), Looking(parts.deliveries)
    policies = PolicyStore(parts.table)
    return RoutingEndpoints(RoutingService(policies, alerts, looking, parts.clock))
