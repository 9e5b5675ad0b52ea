"""The query routes. Imported when the first query comes: sending points must not pay for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from skafu.metrics.deletions import Deletions
from skafu.metrics.model import TagFilter, Tags
from skafu.metrics.query.question import Inquiry, Slice
from skafu.metrics.query.service import Queries
from skafu.metrics.query.stored import Stored
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.metrics.touches import Touches
from skafu.shared.clock import Clock
from skafu.shared.cursor import open_cursor, seal
from skafu.shared.errors import BadRequest, FieldError, Unprocessable
from skafu.shared.paging import single
from skafu.shared.routes import Reply, Request
from skafu.shared.table import Table

if TYPE_CHECKING:
    from skafu.metrics.query.schemas import QueryRequest

ONLY = "a"
"""The id of the one query that a query string holds."""

_TEXTS = ("metric", "statistic", "unit", "fill")
_NUMBERS = ("start", "end", "max_points", "limit")
_PLAIN: Mapping[str, str] = {"filters": "filter"}


class QueryEndpoints:
    """GET and POST /api/metrics/query."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def several(self, request: Request) -> Reply:
        """Several queries, from the body."""
        # Importing pydantic is for the first query, not for every cold start (tests/architecture).
        # pylint: disable-next=import-outside-toplevel # as said above
        from skafu.metrics.query.schemas import QueryRequest

        # pylint: disable-next=import-outside-toplevel # the same
        from skafu.shared.validation import parse

        return self._answer(request, parse(QueryRequest, request.body))

    def one(self, request: Request, filters: Sequence[TagFilter]) -> Reply:
        """One query, from the query string. Errors name its parameters."""
        # pylint: disable-next=import-outside-toplevel # as in `several`
        from skafu.metrics.query.schemas import QueryRequest

        # pylint: disable-next=import-outside-toplevel # the same
        from skafu.shared.validation import validate

        try:
            asked = validate(QueryRequest, _asked(request, filters))
        except Unprocessable as error:
            raise BadRequest("the query string cannot be read", _renamed(error.errors)) from error
        try:
            return self._answer(request, asked)
        except Unprocessable as error:
            raise Unprocessable(str(error), _renamed(error.errors)) from error

    def _answer(self, request: Request, asked: "QueryRequest") -> Reply:
        tenant = request.identity.tenant
        inquiry = Inquiry(
            start=asked.start,
            end=asked.end,
            queries=tuple(query.asked() for query in asked.queries),
            max_points=asked.max_points,
            time_zone=asked.time_zone,
        )
        # What is asked is bound to a cursor, how much of it a page shall have is not.
        scope = f"metrics/query {inquiry}"
        if asked.limit is not None:
            page = Slice(asked.limit, _after(tenant, scope, asked.cursor))
            inquiry = replace(inquiry, page=page)
        answer = self._queries.answer(tenant, inquiry)
        cursor = None
        if answer.after is not None:
            cursor = seal(tenant, scope, {"after": orjson.dumps(answer.after).decode()})
        return Reply({"results": answer.results, "warnings": answer.warnings, "cursor": cursor})


def _after(tenant: str, scope: str, cursor: str | None) -> Tags | None:
    if cursor is None:
        return None
    position = open_cursor(tenant, scope, cursor)
    return tuple((key, value) for key, value in orjson.loads(position["after"]))


def _asked(request: Request, filters: Sequence[TagFilter]) -> dict[str, Any]:
    """What a body would say."""
    query: dict[str, Any] = {"id": ONLY, "group_by": request.query.get("group_by", [])}
    query["filters"] = [{"tag": each.tag, "op": each.op, "value": each.value} for each in filters]
    query |= {name: text for name in _TEXTS if (text := single(request, name)) is not None}
    if (period := single(request, "period")) is not None:
        query["period"] = _number(period)
    whole: dict[str, Any] = {
        name: _number(text) for name in _NUMBERS if (text := single(request, name)) is not None
    }
    whole |= {
        name: text
        for name in ("time_zone", "cursor")
        if (text := single(request, name)) is not None
    }
    return {**whole, "queries": [query]}


def _number(text: str) -> int | str:
    """Numbers in a query string are texts; whatever is no whole number stays one."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else text


def _renamed(errors: Sequence[FieldError]) -> list[FieldError]:
    """A query string knows `period`, where a body has `queries.0.period`."""
    found = []
    for error in errors:
        name = error.field.removeprefix("queries.0.").split(".")[0]
        found.append(FieldError(_PLAIN.get(name, name), error.reason))
    return found


def build(
    table: Table,
    store: MetricsStore,
    clock: Clock,
    deletions: Deletions,
    retention_ms: int | None = None,
) -> QueryEndpoints:
    """The routes over what is stored; `retention_ms` is how long the environment keeps rollups."""
    reader = Reader(table, clock, store=store, deletions=deletions, retention_ms=retention_ms)
    stored = Stored(store, reader, retention_ms)
    return QueryEndpoints(Queries(stored, clock, touched=Touches(table, clock).queried))
