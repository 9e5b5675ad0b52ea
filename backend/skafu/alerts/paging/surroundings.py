"""What has to be known for looking at groups, read from the table, all of it consistently."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from skafu.alerts.codec import alert_from
from skafu.alerts.engagement.store import EngagementStore
from skafu.alerts.paging.group import Group, Who
from skafu.alerts.paging.grouping import Around
from skafu.alerts.paging.model import Policy, Route
from skafu.alerts.routing.choosing import OWN
from skafu.alerts.routing.store import policy_from
from skafu.alerts.silences.store import SilenceStore
from skafu.shared import keys
from skafu.shared.table import Table, Value


class Surroundings:
    """Silences, acknowledgements, routes and whether alerts still exist."""

    def __init__(self, table: Table, console: str) -> None:
        self._table = table
        self._silences = SilenceStore(table)
        self._engagement = EngagementStore(table)
        self._console = console

    def around(
        self, tenant: str, now: int, routes: Iterable[Route], groups: Iterable[Group]
    ) -> Around:
        """For applying a transition. Who has acknowledged is read where a route asks for it."""
        known = list(groups)
        asked = any(x.steps or x.repeat for x in (*routes, *(group.route for group in known)))
        return self._around(tenant, now, known if asked else [])

    def for_look(self, tenant: str, now: int, group: Group) -> tuple[Group, Around]:
        """The group with its route as it is now, and all that counts for looking at it."""
        heads = self._heads(tenant, group)
        around = self._around(tenant, now, [group])
        return replace(group, route=heads.route(group)), replace(around, gone=heads.gone)

    def _around(self, tenant: str, now: int, groups: Iterable[Group]) -> Around:
        open_ones = [who for x in groups for who, member in x.members.items() if member.open]
        found = self._engagement.of_many(tenant, open_ones) if open_ones else {}
        engaged = {Who(*who): each for who, each in found.items()}
        return Around(tenant, self._console, now, self._silences.all(tenant), engaged)

    def _heads(self, tenant: str, group: Group) -> "Heads":
        """The routes, and the members' alerts as they are now."""
        alerts = {who.alert: keys.alert(tenant, who.alert) for who in group.members}
        found = self._table.get_many([keys.policy(tenant), *alerts.values()], consistent=True)
        return Heads(
            policy_of(found.get(keys.policy(tenant))),
            {
                name: alert_from(str(found[key]["body"])).channels
                for name, key in alerts.items()
                if key in found
            },
            frozenset(name for name, key in alerts.items() if key not in found),
        )


@dataclass(frozen=True)
class Heads:
    """Routes and alerts now; `channels` are the alerts' own, by alert."""

    policy: Policy
    channels: dict[str, tuple[str, ...]]
    gone: frozenset[str]

    def route(self, group: Group) -> Route:
        """The group's route as it is now; one that was removed goes on as it was."""
        kind, _, name = group.identity.partition(":")
        if kind == OWN:
            channels = self.channels.get(name) or group.route.channels
            return replace(group.route, channels=channels)
        if not name:
            return group.route
        return next((x for x in self.policy.routes if x.name == name), group.route)


def policy_of(item: dict[str, Value] | None) -> Policy:
    """A tenant's routes, from their item."""
    return Policy() if item is None else policy_from(str(item["body"]))
