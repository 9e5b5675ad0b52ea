"""All alerts of a tenant, kept by this process between requests: what lists search and count.

Ten thousand alerts come from their packed copy with three calls (20 read units) once, then one item
tells each request whether any has changed, and the log what.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from skafu.alerts.changes import applied
from skafu.alerts.known import Known, read_known, read_since
from skafu.alerts.model import Alert, Severity
from skafu.shared import keys
from skafu.shared.table import Table

MOST_TENANTS = 8
"""Whose alerts are kept; ten thousand are some 20 MB."""


@dataclass(frozen=True)
class Wanted:
    """Which alerts are asked for: of this severity, whose names have this in them, in any case, and
    with all these labels.
    """

    severity: Severity | None = None
    name: str = ""
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing is asked for in particular."""
        return self == Wanted()

    def matches(self, alert: Alert) -> bool:
        """Whether an alert is asked for, severity included."""
        return self.severity in (None, alert.severity) and self.describes(alert)

    def describes(self, alert: Alert) -> bool:
        """The same by name and labels alone: an instance has a severity of its own."""
        return self.name.casefold() in alert.name.casefold() and all(
            alert.labels.get(label) == value for label, value in self.labels
        )


class Directory:
    """Whoever has changed an alert finds it so at once: the version of the rules is read
    consistently.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: OrderedDict[str, Known] = OrderedDict()

    def alerts(self, tenant: str) -> Mapping[str, Alert]:
        """All alerts of a tenant, by id. Raises Unavailable."""
        item = self._table.get(keys.rules_version(tenant), consistent=True)
        version = 0 if item is None else int(item["version"])
        known = self._known.get(tenant)
        if known is None or known.version < version:
            known = self._newer(tenant, known, version)
        self._known[tenant] = known
        self._known.move_to_end(tenant)
        if len(self._known) > MOST_TENANTS:
            self._known.popitem(last=False)
        return known.alerts

    def page(
        self, tenant: str, wanted: Wanted, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[Alert], Mapping[str, str] | None]:
        """Alerts that are wanted, in the order of their ids, and the position after them."""
        last = "" if after is None else after["id"]
        alerts = self.alerts(tenant)
        found = sorted(x for x, alert in alerts.items() if x > last and wanted.matches(alert))
        page = [alerts[each] for each in found[:limit]]
        return page, {"id": page[-1].id} if len(found) > limit else None

    def _newer(self, tenant: str, known: Known | None, version: int) -> Known:
        if known is not None:
            changes = read_since(self._table, tenant, known.version, version)
            if changes is not None:
                return Known(changes[-1].version, applied(known.alerts, changes))
        return read_known(self._table, tenant, version)[0]
