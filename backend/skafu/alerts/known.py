"""What all alerts of a tenant are, read as cheaply as can be: the packed copy and what changed
since it was made, or else the alerts one by one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from skafu.alerts.changes import Change, applied, read_changes, read_changes_around
from skafu.alerts.codec import alert_from
from skafu.alerts.model import Alert
from skafu.alerts.packed import read_packed
from skafu.shared import keys
from skafu.shared.observability import logger
from skafu.shared.table import Query, Table, Value

MOST_CHANGES = 1_000
"""With more changes than this the packed copy is cheaper to read."""

LOOK_BACK = 20
"""So many changes before the version that was read are applied to the alerts that were read after
it: a transaction's items need not become visible to queries all at once."""


class Known(NamedTuple):
    """All alerts, by id, at a version of the rules, or newer ones."""

    version: int
    alerts: Mapping[str, Alert]


def read_since(table: Table, tenant: str, known: int, version: int) -> Sequence[Change] | None:
    """What changed between two versions of the rules, and since; None where the log does not tell.
    Raises Unavailable.
    """
    if version - known > MOST_CHANGES:
        return None
    changes = read_changes(table, tenant, known)
    return changes if changes and changes[-1].version >= version else None


def read_known(table: Table, tenant: str, version: int) -> tuple[Known, bool]:
    """The alerts at `version`, which was read before, or later; and whether they had to be read one
    by one. Raises Unavailable.
    """
    packed = read_packed(table, tenant)
    if packed is not None:
        changes = read_changes(table, tenant, packed.version)
        reached = changes[-1].version if changes else packed.version
        if reached >= version:
            return Known(reached, applied(packed.alerts, changes)), False
    return read_in_full(table, tenant, version), True


def read_in_full(table: Table, tenant: str, version: int) -> Known:
    """All alerts as they are (read consistently), and what the log says around and after `version`,
    which was read before. Raises Unavailable.
    """
    items = table.query_all(Query(keys.alerts(tenant), consistent=True))
    alerts = {alert.id: alert for item in items if (alert := _readable(item)) is not None}
    changes = read_changes_around(table, tenant, version, LOOK_BACK)
    reached = max((change.version for change in changes), default=version)
    return Known(max(reached, version), applied(alerts, changes))


def _readable(item: Mapping[str, Value]) -> Alert | None:
    """The alert in an item; None where that cannot be read: it must not stop all others."""
    try:
        return alert_from(str(item["body"]))
    except (ValueError, KeyError, TypeError):
        logger.exception("alert cannot be read", alert_id=str(item["sk"]))
        return None
