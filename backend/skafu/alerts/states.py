"""Where the instances of alerts are, for readers. The engine writes them (with their decisions)."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from skafu.alerts.codec import instance_state_from
from skafu.alerts.model import InstanceState, State
from skafu.shared import keys
from skafu.shared.table import Query, Table

# An answer of many series stops at 500 (DESIGN 4); twice that is read before anything is left out.
MAX_INSTANCES = 1_000
THREADS = 8

URGENCY = {State.ALARM: 0, State.INSUFFICIENT_DATA: 1, State.OK: 2}


@dataclass(frozen=True)
class Instances:
    """Some of an alert's instances, ALARM first and of it the highest level; `more` tells that
    there are others.
    """

    shown: tuple[InstanceState, ...] = ()
    more: bool = False


class StateReader:
    """Reads instances: of given alerts from the table, in a given state from the index.

    The index is a little behind the table (eventually consistent, usually well under a second).
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def of_alert(self, tenant: str, alert_id: str, at_most: int) -> Instances:
        """An alert's instances. Those in ALARM are shown before any other is."""
        query = Query(
            keys.alert_parts(tenant, alert_id), begins="instance", limit=MAX_INSTANCES + 1
        )
        found = [instance_state_from(str(x["body"])) for x in self._table.query_all(query)]
        found.sort(key=lambda each: (URGENCY[each.state], -each.level, each.tags))
        return Instances(tuple(found[:at_most]), len(found) > at_most)

    def of_alerts(
        self, tenant: str, alert_ids: Iterable[str], at_most: int
    ) -> dict[str, Instances]:
        """The same for several alerts, by id; `at_most` is for each."""
        wanted = list(dict.fromkeys(alert_ids))
        if not wanted:
            return {}
        with ThreadPoolExecutor(min(THREADS, len(wanted))) as pool:
            found = pool.map(lambda each: self.of_alert(tenant, each, at_most), wanted)
            return dict(zip(wanted, found, strict=True))

    def in_state(
        self, tenant: str, state: State, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[InstanceState], Mapping[str, str] | None]:
        """Instances that are in a state, the longest first, and the position after them."""
        query = Query(keys.states(tenant, state), index="GSI1", limit=limit, after=after)
        page = self._table.query(query)
        return [instance_state_from(str(item["body"])) for item in page.items], page.after
