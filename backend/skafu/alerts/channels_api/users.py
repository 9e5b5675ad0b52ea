"""Who would lose their way to people if a channel went."""

from collections.abc import Sequence

from skafu.alerts.paging.model import Policy
from skafu.alerts.routing.store import PolicyStore, routes_naming, unchanged
from skafu.alerts.store import AlertStore
from skafu.shared import keys
from skafu.shared.errors import Conflict
from skafu.shared.table import Absent, Check, Condition, Equals

MAX_NAMED = 20  # alerts that an answer names


class Users:
    """Alerts and routes that name a channel."""

    def __init__(self, alerts: AlertStore, policies: PolicyStore) -> None:
        self._alerts = alerts
        self._policies = policies

    def refuse_used(self, tenant: str, channel_id: str) -> Sequence[Check]:
        """What must still be so when the channel is removed. Raises Conflict naming its users."""
        rules = self._alerts.rules_version(tenant)
        policy = self._policies.get(tenant)
        self._refuse_alerts(tenant, channel_id)
        _refuse_routes(policy, channel_id)
        same: Condition = Equals("version", rules) if rules else Absent()
        return [Check(keys.rules_version(tenant), same), unchanged(tenant, policy)]

    def _refuse_alerts(self, tenant: str, channel_id: str) -> None:
        users = [x for x in self._alerts.all(tenant) if channel_id in x.channels]
        if users:
            named = [{"id": each.id, "name": each.name} for each in users[:MAX_NAMED]]
            count = "1 alert names" if len(users) == 1 else f"{len(users)} alerts name"
            raise Conflict(
                f"{count} this channel: give them another one first", extra={"alerts": named}
            )


def _refuse_routes(policy: Policy, channel_id: str) -> None:
    names = routes_naming(policy, channel_id)
    if names:
        count = "1 route names" if len(names) == 1 else f"{len(names)} routes name"
        raise Conflict(
            f"{count} this channel: give them another one first",
            extra={"routes": list(names[:MAX_NAMED])},
        )
