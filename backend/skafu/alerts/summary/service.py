"""How things stand: counted through the index of states, so that it costs what is in ALARM or
lacks data, and nothing for what is OK. Where nothing is, that is half a read unit for each of both;
beside that one item tells whether the alerts have changed since this process read them, and a query
which silences there are. Five thousand instances are some 250 read units.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from skafu.alerts.directory import Directory
from skafu.alerts.model import Alert, InstanceState, Severity, State
from skafu.alerts.paging.model import Silence, labels_of
from skafu.alerts.silences.store import SilenceStore
from skafu.alerts.silences.windows import mutes
from skafu.alerts.states import StateReader
from skafu.alerts.views import severity_of
from skafu.shared.clock import Clock
from skafu.shared.table import Table

MOST = 5_000
"""Instances that are counted of a state."""

type Position = Mapping[str, str] | None


class Summary:
    """Counts of a tenant. The index is a little behind the table."""

    def __init__(self, table: Table, directory: Directory, clock: Clock, most: int = MOST) -> None:
        self._directory = directory
        self._states = StateReader(table)
        self._silences = SilenceStore(table)
        self._clock = clock
        self._most = most

    def of(self, tenant: str) -> dict[str, Any]:
        """The answer of the route."""
        alerts = self._directory.alerts(tenant)
        firing, more_firing = self._in(tenant, State.ALARM, alerts)
        lacking, more_lacking = self._in(tenant, State.INSUFFICIENT_DATA, alerts)
        in_alarm = {each.alert for each in firing}
        counts = Counter(severity_of(alerts[each.alert], each.level) for each in firing)
        return {
            "alarm": {severity.value: counts[severity] for severity in Severity},
            "silenced": self._muted(tenant, alerts, firing),
            "since": min((each.since for each in firing), default=None),
            "insufficient_data": len(lacking),
            "alerts": {
                "all": len(alerts),
                "alarm": len(in_alarm),
                "insufficient_data": len({each.alert for each in lacking} - in_alarm),
            },
            "more": more_firing or more_lacking,
        }

    def _in(
        self, tenant: str, state: State, alerts: Mapping[str, Alert]
    ) -> tuple[list[InstanceState], bool]:
        """The first instances in a state, and whether there are more. What is left of an alert that
        was removed is nobody's any more.
        """
        found: list[InstanceState] = []
        after: Position = None
        while len(found) < self._most:
            some, after = self._states.in_state(tenant, state, self._most - len(found), after)
            found += some
            if after is None:
                break
        return [each for each in found if each.alert in alerts], after is not None

    def _muted(self, tenant: str, alerts: Mapping[str, Alert], firing: list[InstanceState]) -> int:
        if not firing:
            return 0
        silences, now = self._silences.all(tenant), self._clock()
        return sum(_is_muted(alerts[each.alert], each, silences, now) for each in firing)


def _is_muted(alert: Alert, instance: InstanceState, silences: list[Silence], now: int) -> bool:
    labels = labels_of(alert, instance.tags, severity_of(alert, instance.level))
    return any(mutes(each, labels, instance.since, now) is not None for each in silences)
