"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

from http import HTTPStatus

from skafu.metrics.touches import Touches
from skafu.shared import showings
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.etag import etag, if_match
from skafu.shared.paging import cursor_for, limit_of, position_of, single
from skafu.shared.routes import Reply, Request
from skafu.shared.table import Table
from skafu.workspace.dashboards import views
from skafu.workspace.dashboards.limits import MAX_DASHBOARDS, MAX_VERSIONS
from skafu.workspace.dashboards.model import Dashboard, Document, metrics_of
from skafu.workspace.dashboards.service import DashboardService
from skafu.workspace.dashboards.store import DashboardStore
from skafu.workspace.parts import Parts

LIST, VERSIONS = "dashboards", "dashboard-versions"


class DashboardEndpoints:
    """Dashboards as people and machines ask for them."""

    def __init__(self, service: DashboardService, table: Table, touches: Touches) -> None:
        self._service = service
        self._table = table
        self._touches = touches

    def list_dashboards(self, request: Request) -> Reply:
        """A page of dashboards, in the order of their names."""
        tenant = request.identity.tenant
        limit, position = limit_of(request), position_of(LIST, request)
        metric = single(request, "metric")
        among = None
        if metric is not None:
            among = {each.id for each in showings.of(self._table, tenant, metric)}
        prefix = single(request, "prefix") or ""
        found = self._service.page(tenant, prefix, among, limit, position)
        return Reply(
            {
                "dashboards": [views.row_view(each) for each in found.heads],
                "limit": MAX_DASHBOARDS,
                "cursor": cursor_for(LIST, request, found.after),
            }
        )

    def create_dashboard(self, request: Request) -> Reply:
        """201, with the address and the version of the new dashboard."""
        who = request.identity
        made = self._service.create(who.tenant, who.subject, _document(request))
        location = {"Location": f"/api/dashboards/{made.head.id}"}
        return _shown(made, HTTPStatus.CREATED, location)

    def read_dashboard(self, request: Request) -> Reply:
        """One dashboard. Looking at it is looking at its metrics."""
        tenant, dashboard_id = request.identity.tenant, request.path["id"]
        number = _version(request)
        if number is not None:
            return _shown(self._service.read_version(tenant, dashboard_id, number))
        found = self._service.read(tenant, dashboard_id)
        self._touches.shown(tenant, metrics_of(found.document))
        return _shown(found)

    def change_dashboard(self, request: Request) -> Reply:
        """The dashboard at its next version."""
        version = if_match(request)
        who, dashboard_id = request.identity, request.path["id"]
        changed = self._service.change(
            who.tenant, who.subject, dashboard_id, version, _document(request)
        )
        return _shown(changed)

    def delete_dashboard(self, request: Request) -> Reply:
        """It is in no list any more; its versions stay for a while."""
        who = request.identity
        version = if_match(request) if request.headers.get("if-match") else None
        self._service.delete(who.tenant, who.subject, request.path["id"], version)
        return Reply(status=HTTPStatus.NO_CONTENT)

    def list_dashboard_versions(self, request: Request) -> Reply:
        """A page of versions; its ETag is what restoring needs."""
        tenant, dashboard_id = request.identity.tenant, request.path["id"]
        limit = limit_of(request, MAX_VERSIONS, MAX_VERSIONS)
        position = position_of(VERSIONS, request)
        found = self._service.versions(tenant, dashboard_id, limit, position)
        return Reply(
            {
                "versions": [views.version_view(each) for each in found.versions],
                "deleted": found.deleted,
                "gone_at": found.gone_at,
                "cursor": cursor_for(VERSIONS, request, found.after),
            },
            headers={"ETag": etag(found.last)},
        )

    def restore_dashboard(self, request: Request) -> Reply:
        """The dashboard at its next version."""
        # pylint: disable=import-outside-toplevel # pydantic costs a cold start
        from skafu.shared.validation import parse
        from skafu.workspace.dashboards.schemas import DashboardRestoreIn

        version = if_match(request)
        wanted = parse(DashboardRestoreIn, request.body).version
        who, dashboard_id = request.identity, request.path["id"]
        restored = self._service.restore(who.tenant, who.subject, dashboard_id, wanted, version)
        return _shown(restored)


def _document(request: Request) -> Document:
    # pylint: disable=import-outside-toplevel # pydantic costs a cold start; reading needs none
    from skafu.shared.validation import parse
    from skafu.workspace.dashboards.schemas import DashboardIn

    return parse(DashboardIn, request.body).document()


def _version(request: Request) -> int | None:
    text = single(request, "version")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 8 and int(text) >= 1):
        wrong = FieldError("version", "must be a whole number from 1 on")
        raise BadRequest("the query string cannot be read", [wrong])
    return int(text)


def _shown(
    dashboard: Dashboard,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Reply:
    tag = {"ETag": etag(dashboard.head.version)}
    return Reply(views.dashboard_view(dashboard), status, {**tag, **(headers or {})})


def build(parts: Parts) -> DashboardEndpoints:
    """The endpoints over a table."""
    service = DashboardService(DashboardStore(parts.table), parts.clock, parts.new_id)
    return DashboardEndpoints(service, parts.table, Touches(parts.table, parts.clock))
