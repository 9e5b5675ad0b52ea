"""Who changed what, before and after: one entry for every mutation, written with it or not at all.

An entry is a `Put` that belongs into the transaction of the change. Secrets never get in: whoever
makes an entry leaves them out.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from skafu.shared import keys
from skafu.shared.table import Absent, Put, Query, Table, Value

KEEP_S = 400 * 86_400
"""Longer than a year, so that the same month of last year can still be looked at."""

ROUNDS = 20  # a filter that lets little pass ends a page early rather than reading on and on
FIRST, LAST = 0, 10**13 - 1  # the times that keys can hold

type Position = Mapping[str, str] | None


@dataclass(frozen=True)
class Change:
    """One mutation. `actor` is the identity's subject, `kind` and `subject` name what was changed
    ("alert" and its id), `action` how ("create", "change", "delete", "restore", ...). `before` and
    `after` are as the API shows them, None where there was or is nothing.
    """

    actor: str
    at: int
    action: str
    kind: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def entry(tenant: str, change: Change) -> Put:
    """The item for a change, to be written in its transaction. It is put if absent, under a name
    that nobody had before.
    """
    name = secrets.token_hex(6)
    key = keys.audit_entry(tenant, change.at, name)
    index = keys.audit_index(tenant, change.kind, change.subject, change.at, name)
    item: dict[str, Value] = {
        **key._asdict(),
        **index._asdict(),
        "k": "audit",
        "body": orjson.dumps(change).decode(),
        "ttl": change.at // 1000 + KEEP_S,
    }
    return Put(item, Absent())


def change_from(text: str | bytes) -> Change:
    return Change(**orjson.loads(text))


@dataclass(frozen=True)
class Wanted:
    """Which changes are asked for: of a kind of thing, of one thing, in [start, end), in epoch
    milliseconds; None: of all.
    """

    kind: str | None = None
    subject: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Entries:
    """One page, and where the list goes on (None: it is at its end)."""

    changes: tuple[Change, ...]
    after: Position


class AuditReader:
    """What was changed, newest first. What has just been written may be missing for a moment."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(self, tenant: str, wanted: Wanted, limit: int, after: Position) -> Entries:
        """Up to `limit` changes. A page may be short, or even empty, and still not be the last."""
        query = _query(tenant, wanted)
        if query is None:
            return Entries((), None)
        found: list[Change] = []
        for _ in range(ROUNDS):
            left = limit - len(found)
            page = self._table.query(
                Query(
                    query.pk,
                    index=query.index,
                    between=query.between,
                    ascending=False,
                    limit=left,
                    after=after,
                )
            )
            changes = [change_from(str(item["body"])) for item in page.items]
            found += [each for each in changes if _is_wanted(each, wanted)]
            after = page.after
            if after is None or len(found) == limit:
                break
        return Entries(tuple(found), after)


def _query(tenant: str, wanted: Wanted) -> Query | None:
    """The partition to read: of one thing where both its names are known."""
    start = FIRST if wanted.start is None else wanted.start
    end = LAST if wanted.end is None else wanted.end
    if start >= end:
        return None
    between = keys.audit_range(start, end)
    if wanted.kind is not None and wanted.subject is not None:
        partition = keys.audit_of(tenant, wanted.kind, wanted.subject)
        return Query(partition, index="GSI1", between=between)
    return Query(keys.audit(tenant), between=between)


def _is_wanted(change: Change, wanted: Wanted) -> bool:
    return wanted.kind in (None, change.kind) and wanted.subject in (None, change.subject)
