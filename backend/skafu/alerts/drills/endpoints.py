"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

from http import HTTPStatus
from typing import Any

from skafu.alerts.drills.model import Drill
from skafu.alerts.drills.report import Report, Reporter
from skafu.alerts.drills.service import DrillService
from skafu.alerts.drills.store import DrillStore
from skafu.alerts.parts import Parts
from skafu.alerts.store import AlertStore
from skafu.shared.routes import Reply, Request


class DrillEndpoints:
    """Drills as people and machines ask for them."""

    def __init__(self, drills: DrillService, reporter: Reporter) -> None:
        self._drills = drills
        self._reporter = reporter

    def begin_drill(self, request: Request) -> Reply:
        """202, with the address at which the drill can be followed."""
        # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
        from skafu.alerts.drills.schemas import DrillIn

        # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
        from skafu.shared.validation import parse

        draft = parse(DrillIn, request.body or b"{}").draft()
        caller = request.identity
        drill = self._drills.begin(caller.tenant, caller.subject, request.path["id"], draft)
        headers = {"Location": f"/api/drills/{drill.id}"}
        return Reply(drill_view(drill, Report()), HTTPStatus.ACCEPTED, headers)

    def read_drill(self, request: Request) -> Reply:
        """How far it is."""
        tenant = request.identity.tenant
        drill = self._drills.read(tenant, request.path["id"])
        return Reply(drill_view(drill, self._reporter.report(tenant, drill)))

    def end_drill(self, request: Request) -> Reply:
        """202: what is told of its end is told in a few seconds."""
        tenant = request.identity.tenant
        drill = self._drills.end(tenant, request.path["id"])
        view = drill_view(drill, self._reporter.report(tenant, drill))
        return Reply(view, HTTPStatus.ACCEPTED)


def drill_view(drill: Drill, report: Report) -> dict[str, Any]:
    """A drill as schemas.DrillOut has it."""
    return {
        "id": drill.id,
        "alert": drill.alert,
        "tags": dict(drill.tags),
        "stage": drill.stage,
        "started_by": drill.actor,
        "started_at": drill.started_at,
        "fires_at": drill.fire_at,
        "fired_at": drill.fired_at,
        "resolves_at": drill.resolve_at,
        "resolved_at": drill.resolved_at,
        "decisions": report.decisions,
        "tellings": report.tellings,
    }


def build(parts: Parts) -> DrillEndpoints:
    """The endpoints over a table and the notifier's queue."""
    alerts = AlertStore(parts.table)
    store = DrillStore(parts.table)
    service = DrillService(store, alerts, parts.deliveries, parts.clock, parts.new_id)
    return DrillEndpoints(service, Reporter(parts.table))
