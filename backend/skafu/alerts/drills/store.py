"""Drills in the table."""

from dataclasses import replace

from skafu.alerts.drills.model import Drill, drill_from, drill_text
from skafu.shared import keys
from skafu.shared.table import Absent, Condition, Equals, Put, Table

KEEP_S = 90 * 86_400
"""As long as notifications can be looked at (deliveries.KEEP_S)."""


class DrillStore:
    """One item for each drill."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, drill_id: str) -> Drill | None:
        """A drill (read consistently)."""
        item = self._table.get(keys.drill(tenant, drill_id), consistent=True)
        return None if item is None else drill_from(str(item["body"]))

    def advance(self, tenant: str, before: Drill, after: Drill) -> None:
        """Store a drill that has come further. Raises ConditionFailed when it is not where it was
        `before`.
        """
        self._table.write(_put(tenant, after, Equals("stage", before.stage.value)))


def first(tenant: str, drill: Drill) -> Put:
    """The item of a new drill, to be written with its stand-in."""
    return _put(tenant, drill, Absent())


def _put(tenant: str, drill: Drill, condition: Condition) -> Put:
    key = keys.drill(tenant, drill.id)
    item = {
        **key._asdict(),
        "k": "drill",
        "stage": drill.stage.value,
        "body": drill_text(drill),
        "ttl": drill.started_at // 1000 + KEEP_S,
    }
    return Put(item, condition)


def sooner(drill: Drill, now: int) -> Drill:
    """The drill with its end brought forward to now."""
    return replace(drill, resolve_at=min(drill.resolve_at, max(now, drill.fire_at + 1)))
