"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

from typing import Any

from skafu.alerts import audited
from skafu.alerts.history import HistoryReader
from skafu.alerts.parts import Parts
from skafu.alerts.service import AlertService
from skafu.alerts.states import MAX_INSTANCES, StateReader
from skafu.alerts.store import AlertStore
from skafu.alerts.versions.routes import MOST
from skafu.alerts.versions.service import Version, VersionService
from skafu.alerts.versions.store import VersionStore
from skafu.alerts.views import alert_view
from skafu.shared.etag import etag, if_match
from skafu.shared.paging import cursor_for, limit_of, position_of
from skafu.shared.routes import Reply, Request

ROUTE = "versions"


class VersionEndpoints:
    """Versions as people and machines ask for them."""

    def __init__(self, versions: VersionService, states: StateReader) -> None:
        self._versions = versions
        self._states = states

    def list_versions(self, request: Request) -> Reply:
        """A page of versions; its ETag is what restoring needs."""
        tenant, alert_id = request.identity.tenant, request.path["id"]
        limit, position = limit_of(request, MOST, MOST), position_of(ROUTE, request)
        found = self._versions.page(tenant, alert_id, limit, position)
        deletion = found.deletion
        return Reply(
            {
                "versions": [_view(each) for each in found.versions],
                "deleted": found.deleted,
                "deletion": deletion and {"at": deletion.at, "by": deletion.actor},
                "cursor": cursor_for(ROUTE, request, found.after),
            },
            headers={"ETag": etag(found.last)},
        )

    def restore_alert(self, request: Request) -> Reply:
        """The alert at its next version."""
        # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
        from skafu.alerts.versions.schemas import RestoreIn

        # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
        from skafu.shared.validation import parse

        version = if_match(request)
        wanted = parse(RestoreIn, request.body).version
        who, alert_id = request.identity, request.path["id"]
        alert = self._versions.restore(who.tenant, who.subject, alert_id, wanted, version)
        instances = self._states.of_alert(who.tenant, alert_id, MAX_INSTANCES)
        return Reply(alert_view(alert, instances), headers={"ETag": etag(alert.version)})


def _view(version: Version) -> dict[str, Any]:
    change = version.change
    return {
        "version": version.alert.version,
        "at": version.alert.edited_at,
        "by": None if change is None else change.actor,
        "action": None if change is None else change.action,
        "changes": version.differences,
        "alert": audited.document(version.alert),
    }


def build(parts: Parts) -> VersionEndpoints:
    """The endpoints over a table."""
    alerts, states = AlertStore(parts.table), StateReader(parts.table)
    service = AlertService(alerts, states, HistoryReader(parts.table), parts.clock, parts.new_id)
    versions = VersionService(VersionStore(parts.table), alerts, service, parts.clock)
    return VersionEndpoints(versions, states)
