"""The metrics' part of the API."""

from http import HTTPStatus

from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.store import MetricsStore
from skafu.shared.api import build_app
from skafu.shared.authentication import authenticator
from skafu.shared.clock import Clock
from skafu.shared.identity import Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Count, Handler, count
from skafu.shared.routes import Reply, Request, Route, Scope
from skafu.shared.settings import ApiSettings
from skafu.shared.table import Table

WRITERS = (Scope.METRICS_WRITE, Scope.PERSON)
READERS = (Scope.METRICS_READ, Scope.PERSON)

ROUTES = (
    Route(
        method="POST",
        path="/api/metrics",
        endpoint="ingest",
        summary="Send 1 to 10,000 points; a bad point never costs the good ones",
        role=Role.EDITOR,
        scopes=WRITERS,
        request="IngestRequest",
        response="IngestAnswer",
        success=HTTPStatus.ACCEPTED,
    ),
)


class MetricsApi:
    """The endpoints of ROUTES."""

    def __init__(self, store: MetricsStore) -> None:
        self._ingest = Ingest(store)

    def ingest(self, request: Request) -> Reply:
        """Take points in. A request with an Idempotency-Key may be sent again whatever came of it,
        and so may one whose points carry their timestamps.
        """
        outcome = self._ingest.take(
            Delivery(
                tenant=request.identity.tenant,
                body=request.body,
                gateway_id=request.id,
                receipt=request.now,
                key=request.headers.get("idempotency-key") or None,
            )
        )
        count(Count.POINTS_ACCEPTED, outcome.accepted)
        count(Count.POINTS_REJECTED, len(outcome.rejected))
        return Reply(
            {"accepted": outcome.accepted, "rejected": outcome.rejected}, HTTPStatus.ACCEPTED
        )


def build(settings: ApiSettings, table: Table, clock: Clock) -> Handler:
    """The whole function, given its settings, its table and its clock."""
    members = Members(table, clock, random_id)
    api = MetricsApi(MetricsStore(table, clock))
    return build_app(ROUTES, api, authenticator(settings, members, clock), settings, clock)
