"""What is over and still there: instances of alerts that were deleted, and stand-ins of drills."""

from skafu.alerts.model import Alert, State
from skafu.alerts.rules import RuleBook
from skafu.alerts.store import AlertStore
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.observability import logger
from skafu.shared.table import (
    Absent,
    Check,
    ConditionFailed,
    Delete,
    Query,
    Table,
    TransactionConflict,
)

LEFTOVER_LOOKS = 3
"""The index of states lags behind the table: after a change of the rules it is looked through
again in the next sweeps."""


class Leftovers:
    """Removes them. All methods raise Unavailable."""

    def __init__(self, table: Table, rules: RuleBook, clock: Clock) -> None:
        self._table = table
        self._rules = rules
        self._clock = clock
        self._alerts = AlertStore(table, clock=clock)
        self._looked: dict[str, tuple[int, int]] = {}

    def expire(self, tenant: str, alert: Alert) -> None:
        """Remove a stand-in whose time is over."""
        if alert.expires_at is None or alert.expires_at > self._clock():
            return
        try:
            self._alerts.delete(tenant, alert.id, alert.version)
        except ConditionFailed:
            pass  # somebody else has, or has given it more time
        except Unavailable:
            logger.warning("expired alert is left to the next sweep", alert_id=alert.id)

    def clear(self, tenant: str) -> None:
        """Remove the instances of alerts that were deleted: deleting may have been cut short."""
        rules = self._rules.rules(tenant)
        version, looks = self._looked.get(tenant, (-1, 0))
        looks = looks + 1 if version == rules.version else 1
        self._looked[tenant] = rules.version, looks
        if looks > LEFTOVER_LOOKS:
            return
        for state in State:
            query = Query(keys.states(tenant, state.value), index="GSI1")
            for item in self._table.query_all(query):
                key = Key(str(item["pk"]), str(item["sk"]))
                alert_id = keys.alert_of(key)
                if alert_id not in rules.alerts:
                    self._clear(tenant, alert_id, key)

    def _clear(self, tenant: str, alert_id: str, instance: Key) -> None:
        gone = Check(keys.alert(tenant, alert_id), Absent())
        try:
            self._table.transact([gone, Delete(instance)])
        except (ConditionFailed, TransactionConflict):
            return  # there is such an alert after all, or somebody is at it: the next sweep looks
        self._table.write(Delete(keys.mark(tenant, alert_id)))
