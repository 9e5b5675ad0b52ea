"""What a tenant uses and no longer wants. Imported when the first such request comes: sending
points must not pay for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from http import HTTPStatus
from itertools import islice
from urllib.parse import quote, unquote

from skafu.metrics.accounts import Account, Accounts, MetricUse
from skafu.metrics.deletions import Deletion, Deletions
from skafu.metrics.items import SEGMENT_LIFE_MS
from skafu.metrics.points import NAME
from skafu.metrics.store import MetricsStore
from skafu.metrics.times import instant_from
from skafu.shared import keys, showings
from skafu.shared.clock import Clock
from skafu.shared.errors import BadRequest, FieldError, NotFound
from skafu.shared.keys import DAY_MS
from skafu.shared.observability import logger
from skafu.shared.paging import chosen, cursor_for, limit_of, position_of, single
from skafu.shared.routes import Reply, Request
from skafu.shared.showings import Showing
from skafu.shared.table import Table

USUAL_MS = 30 * DAY_MS
LONGEST_MS = 460 * DAY_MS
"""Fifteen months: so long bills are kept in the default environment for production."""


class AccountEndpoints:
    """The endpoints of routes.ROUTES."""

    def __init__(
        self, table: Table, store: MetricsStore, clock: Clock, deletions: Deletions
    ) -> None:
        self._table = table
        self._store = store
        self._accounts = Accounts(table, clock, store.tenancies)
        self._deletions = deletions

    # --- usage ------------------------------------------------------------------------------------

    def usage(self, request: Request) -> Reply:
        """What was used in a range of days."""
        start, end = _range(request)
        tenant, limit = request.identity.tenant, limit_of(request)
        position = position_of("usage", request)
        account = self._accounts.account(tenant, start, end)
        if chosen(request, "unused", ("true", "false")) == "true":
            unused = self._accounts.unused(tenant)
            rows = _only(account, unused)
        else:
            unused = {}
            rows = account.metrics
        if position is not None:
            after = -int(position["points"]), position["metric"]
            rows = [row for row in rows if _place(row) > after]
        page = rows[:limit]
        if not unused:
            unused = self._accounts.unused_among(tenant, [row.name for row in page])
        more = {"points": str(page[-1].points), "metric": page[-1].name} if page else None
        return Reply(
            {
                "days": account.days,
                "metrics": [replace(row, unused_since=unused.get(row.name)) for row in page],
                "quotas": account.quotas,
                "counted_until": account.counted_until,
                "cursor": cursor_for("usage", request, more if len(rows) > limit else None),
            }
        )

    # --- deletions --------------------------------------------------------------------------------

    def delete(self, request: Request) -> Reply:
        """Delete a metric's points up to now. Raises NotFound for a metric that has none."""
        tenant, metric = request.identity.tenant, _metric(request)
        known = self._table.get(keys.metric_record(tenant, metric))
        if known is None and not self._store.entries(tenant, metric):
            raise NotFound("there is no such metric")
        deletion = self._deletions.delete(tenant, metric, request.identity.subject)
        logger.info("metric deleted", by=deletion.requested_by, until=deletion.until)
        where = f"/api/metrics/deletions/{quote(metric, safe='')}"
        return Reply(self._shown(tenant, deletion), HTTPStatus.ACCEPTED, {"Location": where})

    def deletion(self, request: Request) -> Reply:
        """One deletion. Raises NotFound."""
        tenant = request.identity.tenant
        deletion = self._deletions.get(tenant, _metric(request))
        if deletion is None:
            raise NotFound("there is no deletion of such a metric")
        return Reply(self._shown(tenant, deletion))

    def deletions(self, request: Request) -> Reply:
        """A page of deletions."""
        limit = limit_of(request)
        after = (position_of("deletions", request) or {}).get("metric", "")
        tenant = request.identity.tenant
        everything = self._deletions.all(tenant)
        rows = list(islice((each for each in everything if each.metric > after), limit + 1))
        page = rows[:limit]
        more = {"metric": page[-1].metric} if len(rows) > limit else None
        shown = showings.of_each(self._table, tenant, (each.metric for each in page))
        return Reply(
            {
                "deletions": [_document(each, shown[each.metric]) for each in page],
                "cursor": cursor_for("deletions", request, more),
            }
        )

    def _shown(self, tenant: str, deletion: Deletion) -> dict[str, object]:
        return _document(deletion, showings.of(self._table, tenant, deletion.metric))


def _only(account: Account, names: Mapping[str, str]) -> list[MetricUse]:
    """What these metrics have used, in order; some may have no points in the range."""
    found = {row.name: row for row in account.metrics if row.name in names}
    rows = [found.get(name, MetricUse(name, 0, 0, 0.0, 0.0)) for name in names]
    return sorted(rows, key=_place)


def _place(row: MetricUse) -> tuple[int, str]:
    return -row.points, row.name


def _document(deletion: Deletion, dashboards: Iterable[Showing]) -> dict[str, object]:
    shown = asdict(deletion)
    del shown["again"], shown["place"]
    return {
        **shown,
        "gone_by": deletion.until + SEGMENT_LIFE_MS + DAY_MS,
        "dashboards": [asdict(each) for each in dashboards],
    }


def _metric(request: Request) -> str:
    """The name in the path; the gateway hands it over as it was written, with %2F for a slash."""
    name = unquote(request.path["name"])
    if not NAME.fullmatch(name):
        raise NotFound("there is no such metric")
    return name


def _range(request: Request) -> tuple[int, int]:
    """Start and end. Raises BadRequest naming the parameter at fault."""
    end = _instant(request, "end")
    end = request.now if end is None else end
    start = _instant(request, "start")
    start = end - USUAL_MS if start is None else start
    if not 0 <= start < end:
        raise _unreadable("start", "must be before end")
    if end - start > LONGEST_MS:
        raise _unreadable("start", f"may be at most {LONGEST_MS // DAY_MS} days before end")
    if end > request.now + DAY_MS:
        raise _unreadable("end", "must not be in the future")
    return start, end


def _instant(request: Request, name: str) -> int | None:
    text = single(request, name)
    if text is None:
        return None
    try:
        return instant_from(int(text) if text.isascii() and text.isdigit() else text)
    except ValueError as error:
        raise _unreadable(name, str(error)) from error


def _unreadable(name: str, reason: str) -> BadRequest:
    return BadRequest("the query string cannot be read", [FieldError(name, reason)])
