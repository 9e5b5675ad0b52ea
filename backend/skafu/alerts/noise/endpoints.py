"""The endpoint of the noise report."""

from typing import Any

from skafu.alerts.noise.hours import FIRST, LAST, Hours, hours_from
from skafu.alerts.noise.model import Row
from skafu.alerts.noise.routes import ROWS, USUAL_ROWS
from skafu.alerts.noise.service import Asked, NoiseReports
from skafu.alerts.paging.account import Accounts
from skafu.alerts.parts import Parts
from skafu.alerts.silences.recurrence import zone_of
from skafu.metrics.prices import AS_OF, REGION
from skafu.metrics.store import MetricsStore
from skafu.metrics.times import instant_from
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.keys import DAY_MS
from skafu.shared.paging import cursor_for, limit_of, position_of, single
from skafu.shared.routes import Reply, Request

USUAL_MS = 30 * DAY_MS
LONGEST_MS = 400 * DAY_MS
"""Logs are kept for ever; what was told and said is kept for 90 and 400 days."""

ROUTE = "noise"


def build(parts: Parts) -> "NoiseEndpoints":
    """Over the table."""
    store = MetricsStore(parts.table, parts.clock, readers=1)
    accounts = Accounts(parts.table)
    return NoiseEndpoints(NoiseReports(parts.table, store, accounts, parts.clock))


class NoiseEndpoints:
    """The endpoint of routes.ROUTES."""

    def __init__(self, reports: NoiseReports) -> None:
        self._reports = reports

    def alert_noise(self, request: Request) -> Reply:
        """One page of the report."""
        start, end = _range(request)
        hours, zone = _hours(request)
        position = position_of(ROUTE, request)
        after = None if position is None else (int(position["pages"]), position["alert"])
        limit = limit_of(request, ROWS, USUAL_ROWS)
        found = self._reports.report(
            request.identity.tenant, Asked(start, end, hours, limit, after)
        )
        more = (
            None if found.after is None else {"pages": str(found.after[0]), "alert": found.after[1]}
        )
        return Reply(
            {
                "start": start,
                "end": end,
                "time_zone": zone,
                "hours": str(hours),
                "alerts": [row_view(each) for each in found.rows],
                "looked_at": found.alerts,
                "complete": found.complete,
                "prices": f"list prices of {REGION}, {AS_OF}",
                "cursor": cursor_for(ROUTE, request, more),
            }
        )


def row_view(row: Row) -> dict[str, Any]:
    """One alert of the report."""
    found = row.counted
    return {
        "id": found.alert.id,
        "name": found.alert.name,
        "severity": found.alert.severity,
        "pages": found.pages,
        "firings": len(found.firings),
        "transitions": found.transitions,
        "flaps": found.flaps,
        "open_seconds": found.open_seconds,
        "median_open_seconds": found.median_open_seconds,
        "told": row.told,
        "withheld": row.withheld,
        "acknowledged_share": row.acknowledged_share,
        "out_of_hours_share": found.out_of_hours_share,
        "estimated_dollars_a_month": row.dollars,
        "suggestion": None if row.suggestion is None else row.suggestion[1],
        "truncated": found.truncated,
    }


def _range(request: Request) -> tuple[int, int]:
    end = _instant(request, "end")
    end = request.now if end is None else end
    start = _instant(request, "start")
    start = end - USUAL_MS if start is None else start
    if not 0 <= start < end:
        raise _unreadable("start", "must be before end")
    if end - start > LONGEST_MS:
        raise _unreadable("start", f"may be at most {LONGEST_MS // DAY_MS} days before end")
    if end > request.now:
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


def _hours(request: Request) -> tuple[Hours, str]:
    """Working hours, and the name of their time zone."""
    name, text = single(request, "time_zone") or "UTC", single(request, "hours")
    try:
        zone = zone_of(name)
    except ValueError as error:
        raise _unreadable("time_zone", str(error)) from error
    try:
        first, last = (FIRST, LAST) if text is None else hours_from(text)
    except ValueError as error:
        raise _unreadable("hours", str(error)) from error
    return Hours(first, last, zone), name


def _unreadable(name: str, reason: str) -> BadRequest:
    return BadRequest("the query string cannot be read", [FieldError(name, reason)])
