"""Which instances fire now that a silence is about."""

from collections.abc import Mapping

from skafu.alerts.model import Alert, InstanceState, State
from skafu.alerts.paging.model import Silence, labels_of
from skafu.alerts.silences.windows import matching
from skafu.alerts.states import StateReader
from skafu.alerts.store import AlertStore
from skafu.alerts.views import severity_of
from skafu.shared.table import Table

MAX_FIRING = 1_000


class FiringNow:
    """Reads instances in ALARM through the index, which is a little behind the table."""

    def __init__(self, table: Table) -> None:
        self._alerts = AlertStore(table)
        self._states = StateReader(table)

    def matching(self, tenant: str, silence: Silence) -> tuple[tuple[InstanceState, ...], bool]:
        """Those that the silence's matchers hold for, the longest first, of the first thousand of
        all; and whether there may be more.
        """
        found: list[InstanceState] = []
        after: Mapping[str, str] | None = None
        read = 0
        while read < MAX_FIRING:
            some, after = self._states.in_state(tenant, State.ALARM, MAX_FIRING - read, after)
            read += len(some)
            alerts = self._alerts.get_many(tenant, {each.alert for each in some})
            here = [each for each in some if each.alert in alerts]
            found += [x for x in here if _matches(silence, alerts[x.alert], x)]
            if after is None:
                break
        return tuple(found), after is not None


def _matches(silence: Silence, alert: Alert, instance: InstanceState) -> bool:
    severity = severity_of(alert, instance.level)
    return matching(silence, labels_of(alert, instance.tags, severity))
