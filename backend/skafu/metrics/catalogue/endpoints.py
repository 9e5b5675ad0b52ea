"""The lists. Imported when the first of them is asked for: sending points must not pay for it."""

from collections.abc import Sequence
from urllib.parse import unquote

from skafu.metrics.catalogue.rows import Asked
from skafu.metrics.listing import Listing
from skafu.metrics.model import TagFilter
from skafu.metrics.points import NAME, NAME_HELP
from skafu.metrics.times import instant_from
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.paging import cursor_for, limit_of, position_of, single
from skafu.shared.routes import Reply, Request


class CatalogueEndpoints:
    """The endpoints of routes.ROUTES; `filters` are those of the request."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def metrics(self, request: Request, filters: Sequence[TagFilter]) -> Reply:
        """A page of metrics."""
        asked = _asked("metrics", request, filters)
        page = self._listing.metrics(asked, single(request, "prefix") or "")
        return Reply({"metrics": page.rows, "cursor": cursor_for("metrics", request, page.after)})

    def series(self, request: Request, filters: Sequence[TagFilter]) -> Reply:
        """A page of a metric's series."""
        page = self._listing.series(_asked("series", request, filters), _metric(request))
        cursor = cursor_for("series", request, page.after)
        return Reply({"series": page.rows, "complete": page.complete, "cursor": cursor})

    def tags(self, request: Request, filters: Sequence[TagFilter]) -> Reply:
        """A page of a metric's tag keys."""
        page = self._listing.tags(_asked("tags", request, filters), _metric(request))
        cursor = cursor_for("tags", request, page.after)
        return Reply({"tags": page.rows, "complete": page.complete, "cursor": cursor})

    def tag_values(self, request: Request, filters: Sequence[TagFilter]) -> Reply:
        """A page of the values of one tag."""
        page = self._listing.values(
            _asked("tag_values", request, filters),
            _metric(request),
            unquote(request.path["key"]),
            single(request, "prefix") or "",
        )
        cursor = cursor_for("tag_values", request, page.after)
        return Reply({"values": page.rows, "complete": page.complete, "cursor": cursor})


def _asked(route: str, request: Request, filters: Sequence[TagFilter]) -> Asked:
    """What a list is asked for. Raises BadRequest naming the parameter at fault."""
    start, end = _time(request, "start"), _time(request, "end")
    if start is not None and end is not None and start >= end:
        raise _unreadable("end", "must be later than start")
    return Asked(
        tenant=request.identity.tenant,
        filters=filters,
        limit=limit_of(request),
        position=position_of(route, request) or {},
        start=start,
        end=end,
    )


def _time(request: Request, name: str) -> int | None:
    text = single(request, name)
    if text is None:
        return None
    try:
        at = instant_from(int(text) if text.isascii() and text.isdigit() else text)
    except ValueError as error:
        raise _unreadable(name, str(error)) from error
    if not 0 <= at < 10**13:
        raise _unreadable(name, "must be a time from 1970 to 2286")
    return at


def _metric(request: Request) -> str:
    metric = single(request, "metric") or ""
    if not NAME.fullmatch(metric):
        raise _unreadable("metric", NAME_HELP)
    return metric


def _unreadable(name: str, reason: str) -> BadRequest:
    return BadRequest("the query string cannot be read", [FieldError(name, reason)])
