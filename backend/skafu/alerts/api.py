"""The alerts' part of the API: alerts with their instances and history.

Lists, histories and `?state=` are read through an index that is a little behind the table (usually
well under a second); an alert by its id is read as it is now.
"""

from functools import partial
from http import HTTPStatus

from skafu.alerts import views
from skafu.alerts.directory import Directory, Wanted
from skafu.alerts.engagement.present import PresentEngagements
from skafu.alerts.groups import GROUPS
from skafu.alerts.history import HistoryReader
from skafu.alerts.model import Alert, Draft, Severity, State
from skafu.alerts.parts import Parts
from skafu.alerts.senders.sns import Sns
from skafu.alerts.service import AlertService
from skafu.alerts.states import Instances, StateReader
from skafu.alerts.store import AlertStore
from skafu.alerts.switches import Switched
from skafu.shared import paging
from skafu.shared.api import build_app
from skafu.shared.authentication import authenticator
from skafu.shared.clock import Clock
from skafu.shared.deferred import Deferred
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.etag import etag, if_match
from skafu.shared.flags import Defaults, Flags
from skafu.shared.identity import Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Handler
from skafu.shared.queues import Queue
from skafu.shared.routes import Parameter, Reply, Request, Route, Scope
from skafu.shared.settings import AlertsApiSettings
from skafu.shared.table import Table

ALERTS_PER_PAGE = 100  # each alert's instances are a query of their own

READ = (Scope.ALERTS_READ, Scope.PERSON)
WRITE = (Scope.ALERTS_WRITE, Scope.PERSON)

PAGING = (paging.limit_parameter(), paging.CURSOR)
STATE = Parameter(
    "state",
    "OK, ALARM or INSUFFICIENT_DATA: alerts with instances in this state, and of their instances "
    "only those, the longest in it first. `limit` then counts instances.",
)
SEVERITY = Parameter("severity", "critical, high, medium, low or info: alerts of this severity.")
NAME = Parameter("name", "Alerts with this somewhere in their names, in any case.")
LABEL = Parameter(
    "label", "name=value: alerts with this label; if repeated, with all of them.", repeated=True
)

OWN_ROUTES = (
    Route(
        method="GET",
        path="/api/alerts",
        endpoint="list_alerts",
        summary="Alerts with their instances",
        role=Role.VIEWER,
        scopes=READ,
        response="AlertList",
        parameters=(
            STATE,
            SEVERITY,
            NAME,
            LABEL,
            paging.limit_parameter(ALERTS_PER_PAGE),
            paging.CURSOR,
        ),
    ),
    Route(
        method="POST",
        path="/api/alerts",
        endpoint="create_alert",
        summary="Make an alert",
        role=Role.EDITOR,
        scopes=WRITE,
        request="AlertIn",
        response="AlertOut",
        success=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path="/api/alerts/{id}",
        endpoint="read_alert",
        summary="One alert with its instances",
        role=Role.VIEWER,
        scopes=READ,
        response="AlertOut",
    ),
    Route(
        method="PUT",
        path="/api/alerts/{id}",
        endpoint="change_alert",
        summary="Replace an alert; If-Match names the version that is meant",
        role=Role.EDITOR,
        scopes=WRITE,
        request="AlertIn",
        response="AlertOut",
    ),
    Route(
        method="DELETE",
        path="/api/alerts/{id}",
        endpoint="delete_alert",
        summary="Remove an alert; with If-Match only at that version",
        role=Role.EDITOR,
        scopes=WRITE,
        success=HTTPStatus.NO_CONTENT,
    ),
    Route(
        method="GET",
        path="/api/alerts/{id}/history",
        endpoint="alert_history",
        summary="Transitions of an alert's instances, newest first, corrections included",
        role=Role.VIEWER,
        scopes=READ,
        response="History",
        parameters=PAGING,
    ),
)

ROUTES = (*OWN_ROUTES, *(route for routes, _ in GROUPS for route in routes))


class AlertsApi:
    """The endpoints of OWN_ROUTES."""

    def __init__(
        self, alerts: AlertService, directory: Directory, engagements: PresentEngagements
    ) -> None:
        self._alerts = alerts
        self._directory = directory
        self._engagements = engagements

    def list_alerts(self, request: Request) -> Reply:
        """Alerts in the order of their ids, or, with `state`, those with instances in it."""
        route = "alerts"
        state = paging.chosen(request, "state", State)
        wanted = _wanted(request)
        limit = paging.limit_of(request, ALERTS_PER_PAGE)
        position = paging.position_of(route, request)
        tenant = request.identity.tenant
        if state is not None:
            found = self._alerts.page_in(tenant, state, wanted, limit, position)
        elif wanted.everything:
            found = self._alerts.page(tenant, limit, position)
        else:
            some, after = self._directory.page(tenant, wanted, limit, position)
            found = self._alerts.listed(tenant, some, after)
        instances = (each for _, some in found.alerts for each in some.shown)
        engaged = self._engagements.of(tenant, instances)
        return Reply(
            {
                "alerts": [views.alert_view(alert, some, engaged) for alert, some in found.alerts],
                "cursor": paging.cursor_for(route, request, found.after),
            }
        )

    def create_alert(self, request: Request) -> Reply:
        """201, with the address and the version of the new alert."""
        who = request.identity
        alert = self._alerts.create(who.tenant, who.subject, _alert(request))
        headers = {"Location": f"/api/alerts/{alert.id}", "ETag": etag(alert.version)}
        return Reply(views.alert_view(alert, Instances()), HTTPStatus.CREATED, headers)

    def read_alert(self, request: Request) -> Reply:
        """One alert, as it is now."""
        alert, instances = self._alerts.read(request.identity.tenant, request.path["id"])
        return self._shown(request, alert, instances)

    def change_alert(self, request: Request) -> Reply:
        """The alert at its next version."""
        version = if_match(request)
        who, alert_id = request.identity, request.path["id"]
        alert, instances = self._alerts.change(
            who.tenant, who.subject, alert_id, version, _alert(request)
        )
        return self._shown(request, alert, instances)

    def _shown(self, request: Request, alert: Alert, instances: Instances) -> Reply:
        engaged = self._engagements.of(request.identity.tenant, instances.shown)
        view = views.alert_view(alert, instances, engaged)
        return Reply(view, headers={"ETag": etag(alert.version)})

    def delete_alert(self, request: Request) -> Reply:
        """Nothing is left of it but its history's log."""
        who = request.identity
        self._alerts.delete(who.tenant, who.subject, request.path["id"], _version(request))
        return Reply(status=HTTPStatus.NO_CONTENT)

    def alert_history(self, request: Request) -> Reply:
        """Events as history.py tells them: in the order of the log, newest entry first."""
        route = "history"
        limit = paging.limit_of(request)
        position = paging.position_of(route, request)
        found = self._alerts.history(request.identity.tenant, request.path["id"], limit, position)
        return Reply(
            {
                "events": [views.event_view(event) for event in found.events],
                "cursor": paging.cursor_for(route, request, found.after),
            }
        )


def build(  # pylint: disable=too-many-arguments # all that the function meets, each by its name
    settings: AlertsApiSettings,
    table: Table,
    sns: Sns,
    deliveries: Queue,
    clock: Clock,
    *,
    flags: Flags = Defaults(),
) -> Handler:
    """The whole function, given its settings, its table, its SNS client, the notifier's queue,
    its clock and its feature flags: what the handler file does with the real ones, a test does
    with others.
    """
    alerts = AlertService(
        AlertStore(table), StateReader(table), HistoryReader(table), clock, random_id
    )
    api = AlertsApi(alerts, Directory(table), PresentEngagements(table))
    members = Members(table, clock, random_id)
    parts = Parts(settings, table, sns, deliveries, clock, random_id)
    groups = [(routes, partial(make, parts)) for routes, make in GROUPS]
    endpoints = Switched(Deferred([(OWN_ROUTES, lambda: api), *groups]), flags)
    return build_app(ROUTES, endpoints, authenticator(settings, members, clock), settings, clock)


def _version(request: Request) -> int | None:
    """The version in If-Match, where a request may do without."""
    return if_match(request) if request.headers.get("if-match") else None


def _wanted(request: Request) -> Wanted:
    """What a list is narrowed to. Raises BadRequest naming the parameter at fault."""
    labels = [each.partition("=") for each in request.query.get("label", ())]
    if not all(name and sign for name, sign, _ in labels):
        wrong = FieldError("label", "is a label's name and its value: team=infra, for example")
        raise BadRequest("the query string cannot be read", [wrong])
    return Wanted(
        severity=paging.chosen(request, "severity", Severity),
        name=paging.single(request, "name") or "",
        labels=tuple((name, value) for name, _, value in labels),
    )


def _alert(request: Request) -> Draft:
    # pylint: disable=import-outside-toplevel # pydantic costs a cold start; reading needs none
    from skafu.alerts.schemas import AlertIn
    from skafu.shared.validation import parse

    return parse(AlertIn, request.body).draft()
