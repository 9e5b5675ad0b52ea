"""What rules an alert's open past: its versions, and the mark up to which all is final."""

from dataclasses import dataclass

from skafu.alerts.codec import alert_from
from skafu.alerts.model import Alert, Definition
from skafu.alerts.points import SECOND_MS
from skafu.alerts.scribe import WRITE_DEADLINE_MS
from skafu.shared import keys
from skafu.shared.table import AnyOf, Below, ConditionFailed, Missing, Query, Table, Update

REQUEST_LIFE_MS = 28 * SECOND_MS
"""So long after its receipt a request's points may still become visible (DESIGN 3, rule 2)."""

WRITE_LIFE_MS = 15 * SECOND_MS
"""How long a write that has begun may take, the client's own retries included (shared/aws.py)."""

SKEW_MS = 2 * SECOND_MS
"""Servers' clocks may differ by less than this."""


def final_delay(definition: Definition) -> int:
    """How long after a bucket's end nothing can concern it any more, in milliseconds: no point can
    count for it, and nobody can write from a view in which one was not visible yet.
    """
    open_for = max(definition.lateness, definition.grace) * SECOND_MS
    return open_for + REQUEST_LIFE_MS + WRITE_DEADLINE_MS + WRITE_LIFE_MS + SKEW_MS


@dataclass(frozen=True)
class Scope:
    """The versions of an alert, oldest first, the one being evaluated last, and its mark.

    The versions are those since the alert was made: an alert of the same id that was deleted
    before has nothing to do with it. Without a mark, `after` is when the alert was made.
    """

    versions: tuple[Alert, ...]
    after: int

    @property
    def head(self) -> Alert:
        return self.versions[-1]

    def ruling(self, after: int) -> tuple[Alert, ...]:
        """The versions that rule buckets that end after `after`."""
        ends = [version.edited_at for version in self.versions[1:]]
        dropped = sum(1 for end in ends if end <= after)
        return self.versions[dropped:]

    def final(self, now: int) -> int:
        """Buckets that end at this moment or earlier are final at `now`."""
        return now - max(final_delay(each.definition) for each in self.ruling(self.after))


def read_scope(table: Table, tenant: str, head: Alert) -> Scope:
    """The scope of an alert whose current version was read. Raises Unavailable."""
    item = table.get(keys.mark(tenant, head.id), consistent=True)
    after = head.created_at if item is None else max(head.created_at, int(item["end"]))
    return Scope((*_earlier(table, tenant, head), head), after)


def _earlier(table: Table, tenant: str, head: Alert) -> list[Alert]:
    if head.version == 1:
        return []
    parts = keys.alert_parts(tenant, head.id)
    query = Query(parts, begins="version", consistent=True)
    versions = [alert_from(str(item["body"])) for item in table.query_all(query)]
    mine = (v for v in versions if v.version < head.version and v.edited_at >= head.created_at)
    return sorted(mine, key=lambda each: each.version)


def advance_mark(table: Table, tenant: str, alert_id: str, end: int) -> None:
    """Move the mark to `end`, unless another sweep has moved it further. Raises Unavailable."""
    further = AnyOf((Missing("end"), Below("end", end)))
    update = Update(keys.mark(tenant, alert_id), set={"k": "mark", "end": end}, when=further)
    try:
        table.write(update)
    except ConditionFailed:
        pass  # it is further on already
