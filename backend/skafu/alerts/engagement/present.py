"""What people do about what fires now, for showing it beside the instances."""

from collections.abc import Iterable

from skafu.alerts.engagement.store import EngagementStore, Named
from skafu.alerts.model import InstanceState, State
from skafu.alerts.paging.model import Engagement
from skafu.shared.table import Table


class PresentEngagements:
    """Reads engagements of firings that are not over."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._engagements = EngagementStore(table)

    def of(self, tenant: str, instances: Iterable[InstanceState]) -> dict[Named, Engagement]:
        """By alert and instance, of those in ALARM that somebody has done something about."""
        firing = {(x.alert, x.instance): x for x in instances if x.state is State.ALARM}
        if not firing:
            return {}
        found = self._engagements.of_many(tenant, firing)
        return {
            name: each for name, each in found.items() if self._holds(tenant, firing[name], each)
        }

    def _holds(self, tenant: str, state: InstanceState, engagement: Engagement) -> bool:
        """Whether an engagement is of the present firing, and not of one before."""
        if engagement.began >= state.since:
            return True
        # pylint: disable-next=import-outside-toplevel # few have to look further, and pay for it
        from skafu.alerts.engagement.firing import Firings

        # Data may have stopped and come back since it began to fire: its log tells.
        firing = Firings(self._table).of(tenant, state)
        return firing is not None and engagement.began >= firing.began
