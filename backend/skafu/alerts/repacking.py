"""When the packed copy of a tenant's alerts is made again: the sweeper sees to it.

A copy is an economy for whoever begins anew, so it may be behind: by what the log of changes still
holds, many times over.
"""

from skafu.alerts.known import read_in_full
from skafu.alerts.packed import Manifest, read_manifest, write_packed
from skafu.alerts.rules import RuleBook
from skafu.shared.clock import Clock
from skafu.shared.keys import HOUR_MS
from skafu.shared.observability import logger
from skafu.shared.table import Table

FEW = 20
"""So many alerts are read as they are nearly as cheaply."""

MANY_CHANGES = 100
OLD_MS = 6 * HOUR_MS
"""A copy is made again when so many changes have come since, or any and it is so old: a quarter of
the time that changes are kept (changes.py)."""


class Repacker:
    """Looks after the packed copies of tenants. The alerts are read as they are for it, so that
    whatever a copy might lack, the next one has.
    """

    def __init__(self, table: Table, rules: RuleBook, clock: Clock) -> None:
        self._table = table
        self._rules = rules
        self._clock = clock
        self._known: dict[str, Manifest | None] = {}

    def look(self, tenant: str) -> bool:
        """Pack the tenant's alerts if it is time; whether it was. Raises Unavailable."""
        rules = self._rules.rules(tenant)
        if tenant not in self._known:
            self._known[tenant] = read_manifest(self._table, tenant)
        if not self._due(tenant, rules.version, len(rules.alerts)):
            return False
        # Another sweeper may have been at it.
        self._known[tenant] = read_manifest(self._table, tenant)
        if not self._due(tenant, rules.version, len(rules.alerts)):
            return False
        known = read_in_full(self._table, tenant, rules.version)
        alerts = known.alerts.values()
        self._known[tenant] = write_packed(
            self._table, tenant, known.version, alerts, self._clock()
        )
        self._rules.read_in_full.discard(tenant)
        logger.info("rules are packed", alerts=len(alerts))
        return True

    def _due(self, tenant: str, version: int, alerts: int) -> bool:
        manifest = self._known[tenant]
        if manifest is None:
            return alerts >= FEW
        if tenant in self._rules.read_in_full:
            return True  # there is one, and it was of no use
        behind = version - manifest.version
        old = self._clock() - manifest.made_at > OLD_MS
        return behind > MANY_CHANGES or (behind > 0 and old)
