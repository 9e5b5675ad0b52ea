"""The metrics' part of the API."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from skafu.metrics.account.routes import ROUTES as ACCOUNT_ROUTES
from skafu.metrics.catalogue.routes import FILTER, ROUTES as CATALOGUE_ROUTES
from skafu.metrics.deletions import Deletions
from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.model import Operator, TagFilter
from skafu.metrics.reads import Counted, ReadCounter
from skafu.metrics.store import MetricsStore
from skafu.shared.api import build_app
from skafu.shared.authentication import authenticator
from skafu.shared.clock import Clock
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.identity import Role, random_id
from skafu.shared.keys import DAY_MS
from skafu.shared.membership import Members
from skafu.shared.metering import MeteredTable
from skafu.shared.observability import Count, Handler, count
from skafu.shared.paging import CURSOR
from skafu.shared.routes import Parameter, Reply, Request, Route, Scope
from skafu.shared.settings import ApiSettings
from skafu.shared.table import Table

if TYPE_CHECKING:
    from skafu.metrics.account.endpoints import AccountEndpoints
    from skafu.metrics.catalogue.endpoints import CatalogueEndpoints
    from skafu.metrics.query.endpoints import QueryEndpoints

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
        headers=(
            Parameter(
                "Idempotency-Key",
                "Chosen by the client: the same request with the same key may be sent again, and "
                "is stored once. Every point then needs its timestamp.",
            ),
        ),
    ),
    *CATALOGUE_ROUTES,
    Route(
        method="GET",
        path="/api/metrics/query",
        endpoint="query",
        summary="One query over a range of at most 455 days (docs/query-language.md)",
        role=Role.VIEWER,
        scopes=READERS,
        response="QueryAnswer",
        parameters=(
            Parameter("metric", "The metric's name.", required=True),
            Parameter(
                "statistic",
                "avg (if not given), sum, min, max, count, last, stddev, rate, increase, or a "
                "percentile: p99.9",
            ),
            Parameter("period", "Seconds. Required without max_points."),
            Parameter("max_points", "At most so many buckets: chooses the period."),
            Parameter("start", "Epoch milliseconds or RFC 3339; the first moment.", required=True),
            Parameter(
                "end", "Epoch milliseconds or RFC 3339; the moment after the last.", required=True
            ),
            FILTER,
            Parameter(
                "group_by",
                "A tag; one series for each of its values. Without it all series become one.",
                repeated=True,
            ),
            Parameter("unit", "Only series with this unit, or one that is converted into it."),
            Parameter("fill", "What stands in gaps: null (if not given), zero, previous, linear."),
            Parameter("time_zone", "IANA name: hours, days and weeks begin with local ones."),
            Parameter("limit", "Page through the series: so many at most, 1 to 500."),
            CURSOR,
        ),
    ),
    Route(
        method="POST",
        path="/api/metrics/query",
        endpoint="queries",
        summary="Several queries, and expressions over them (docs/query-language.md)",
        role=Role.VIEWER,
        scopes=READERS,
        request="QueryRequest",
        response="QueryAnswer",
    ),
    *ACCOUNT_ROUTES,
)
PATIENT = frozenset({"ingest"})
"""What these endpoints use is written down with what others do: sending points stays as cheap as
its own writes."""


class MetricsApi:
    """The endpoints of ROUTES."""

    def __init__(
        self, table: Table, store: MetricsStore, clock: Clock, retention_ms: int | None = None
    ) -> None:
        self._table = table
        self._store = store
        self._clock = clock
        self._retention = retention_ms
        # One for all: what was deleted here is hidden here at once.
        self._deletions = Deletions(table, clock)
        self._ingest = Ingest(store)
        self._catalogue: CatalogueEndpoints | None = None
        self._endpoints: QueryEndpoints | None = None
        self._account: AccountEndpoints | None = None

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
        answer = {
            "accepted": outcome.accepted,
            "rejected": outcome.rejected,
            "layout": outcome.layout,
        }
        return Reply(answer, HTTPStatus.ACCEPTED)

    def metrics(self, request: Request) -> Reply:
        """A page of metrics."""
        return self._listing().metrics(request, filters_of(request))

    def series(self, request: Request) -> Reply:
        """A page of a metric's series."""
        return self._listing().series(request, filters_of(request))

    def tags(self, request: Request) -> Reply:
        """A page of the keys of a metric's tags."""
        return self._listing().tags(request, filters_of(request))

    def tag_values(self, request: Request) -> Reply:
        """A page of the values of one tag."""
        return self._listing().tag_values(request, filters_of(request))

    def query(self, request: Request) -> Reply:
        """One query, from the query string."""
        return self._querying().one(request, filters_of(request))

    def queries(self, request: Request) -> Reply:
        """Several queries, from the body."""
        return self._querying().several(request)

    def usage(self, request: Request) -> Reply:
        """What was used, by day and by metric."""
        return self._accounting().usage(request)

    def delete(self, request: Request) -> Reply:
        """Delete a metric's points up to now."""
        return self._accounting().delete(request)

    def deletion(self, request: Request) -> Reply:
        """How far a metric's deletion is."""
        return self._accounting().deletion(request)

    def deletions(self, request: Request) -> Reply:
        """A page of deletions."""
        return self._accounting().deletions(request)

    def _listing(self) -> "CatalogueEndpoints":
        if self._catalogue is None:
            # pylint: disable-next=import-outside-toplevel # as in `_querying`
            from skafu.metrics.catalogue.endpoints import CatalogueEndpoints

            # pylint: disable-next=import-outside-toplevel # as in `_querying`
            from skafu.metrics.listing import Listing

            listing = Listing(self._table, self._store, self._clock, self._deletions)
            self._catalogue = CatalogueEndpoints(listing)
        return self._catalogue

    def _accounting(self) -> "AccountEndpoints":
        if self._account is None:
            # pylint: disable-next=import-outside-toplevel # as in `_querying`
            from skafu.metrics.account.endpoints import AccountEndpoints

            self._account = AccountEndpoints(self._table, self._store, self._clock, self._deletions)
        return self._account

    def _querying(self) -> "QueryEndpoints":
        if self._endpoints is None:
            # Sending points must not pay for what only queries need (tests/architecture looks).
            # pylint: disable-next=import-outside-toplevel # a cold start's time
            from skafu.metrics.query.endpoints import build as build_querying

            self._endpoints = build_querying(
                self._table, self._store, self._clock, self._deletions, self._retention
            )
        return self._endpoints


def filters_of(request: Request) -> list[TagFilter]:
    """The conditions of `filter`. Raises BadRequest naming it."""
    return [_filter(text) for text in request.query.get("filter", ())]


def _filter(text: str) -> TagFilter:
    """`host=a` or `zone!=b`; a value may contain anything, a key that ends in ! needs the body."""
    tag, equals, value = text.partition("=")
    operator = Operator.NOT_EQUAL if tag.endswith("!") else Operator.EQUAL
    tag = tag.removesuffix("!")
    if not equals or not tag:
        raise _unreadable("filter", "must be tag=value or tag!=value")
    return TagFilter(tag, operator, value)


def _unreadable(name: str, reason: str) -> BadRequest:
    return BadRequest("the query string cannot be read", [FieldError(name, reason)])


def build(settings: ApiSettings, table: Table, clock: Clock) -> Handler:
    """The whole function, given its settings, its table and its clock."""
    members = Members(table, clock, random_id)
    metered = MeteredTable(table)
    retention = settings.metric_retention_days * DAY_MS or None
    api = MetricsApi(metered, MetricsStore(metered, clock), clock, retention)
    counted = Counted(api, ReadCounter(metered, clock), PATIENT)
    return build_app(ROUTES, counted, authenticator(settings, members, clock), settings, clock)
