"""Which firing an instance is in: the one that an acknowledgement is of."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from skafu.alerts.codec import decision_from, instance_state_from
from skafu.alerts.model import Decision, InstanceState, State, instance_id
from skafu.alerts.paging.transitions import DEPTH, began
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.table import Query, Table

LOG_PAGE = 8
"""Records read at a time, newest first: mostly one is enough, and a log may be long."""

MAX_FIRING = 1_000
THREADS = 8


@dataclass(frozen=True)
class Firing:
    """An instance in ALARM; `began` is the end of the bucket in which it began to fire, as
    those know it who are told.
    """

    instance: str
    tags: Tags
    began: int


class Firings:
    """Reads (consistently) what fires."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def state_of(self, tenant: str, alert: str, tags: Tags) -> InstanceState | None:
        """Where the instance with these tags is; None when there is none."""
        key = keys.instance(tenant, alert, instance_id(tags))
        item = self._table.get(key, consistent=True)
        return None if item is None else instance_state_from(str(item["body"]))

    def of(self, tenant: str, state: InstanceState) -> Firing | None:
        """The firing that an instance is in; None when it is not in ALARM."""
        if state.state is not State.ALARM:
            return None
        # As those know it who are told: what fired before its data stopped fires on.
        since = began(self._log(tenant, state))
        return Firing(state.instance, state.tags, state.since if since is None else since)

    def all(self, tenant: str, alert: str) -> tuple[list[Firing], bool]:
        """Up to a thousand firings of an alert, and whether there are more."""
        query = Query(keys.alert_parts(tenant, alert), begins="instance", consistent=True)
        firing: list[InstanceState] = []
        for item in self._table.query_all(query):
            state = instance_state_from(str(item["body"]))
            if state.state is State.ALARM:
                firing.append(state)
            if len(firing) > MAX_FIRING:
                break
        chosen = firing[:MAX_FIRING]
        if not chosen:
            return [], False
        with ThreadPoolExecutor(min(THREADS, len(chosen))) as pool:
            found = list(pool.map(lambda each: self.of(tenant, each), chosen))
        return [each for each in found if each is not None], len(firing) > MAX_FIRING

    def _log(self, tenant: str, state: InstanceState) -> Iterator[Decision]:
        query = Query(
            keys.decisions(tenant, state.alert, state.instance),
            begins="decision",
            ascending=False,
            limit=LOG_PAGE,
            consistent=True,
        )
        for _ in range(DEPTH // LOG_PAGE + 1):
            page = self._table.query(query)
            for item in page.items:
                yield decision_from(str(item["body"]))
            if page.after is None:
                return
            query = replace(query, after=page.after)
