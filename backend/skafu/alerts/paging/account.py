"""What became of the transitions of an instance: what was told, by whom it was heard, and what was
withheld by what.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from skafu.alerts.codec import decision_from
from skafu.alerts.deliveries import Attempt, Delivery, DeliveryStore, PageDelivery, Status
from skafu.alerts.engagement.store import EngagementStore
from skafu.alerts.model import delivery_id
from skafu.alerts.paging.courier import asked_of
from skafu.alerts.paging.group import Fate, Group, Who, Withheld
from skafu.alerts.paging.groups import GroupStore, whereabouts_of
from skafu.alerts.paging.model import Engagement, PageCause, Told
from skafu.shared import keys
from skafu.shared.table import Query, Table

BEFORE = 10
"""So many entries of the log are looked at for what was told before: it may be told on."""

LAST_REVISION = 999_999


@dataclass(frozen=True)
class Heard:
    """One page that this instance is part of. `told` is what it says of the instance; `step` is the
    escalation. `attempts` are in order of channel and time.
    """

    page: str
    group: str
    route: str
    at: int
    cause: PageCause
    step: int
    told: Told
    status: Status
    channels: tuple[str, ...]
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class Muted:
    """From `at` on a group did not tell of the instance what it would have told."""

    at: int
    group: str
    route: str
    withheld: Withheld


@dataclass(frozen=True)
class Taken:
    """A transition (the id of its notification), and what became of it when it was taken: one fate
    for each group; None while nobody has had it in hand.
    """

    notification: str
    bucket: int
    fates: tuple[Fate, ...] | None


@dataclass(frozen=True)
class Account:
    """Everything in order of time. `engagement` is what people do about the last firing."""

    taken: tuple[Taken, ...]
    heard: tuple[Heard, ...]
    muted: tuple[Muted, ...]
    engagement: Engagement | None


class Accounts:
    """Reads accounts."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._deliveries = DeliveryStore(table)
        self._groups = GroupStore(table)
        self._engagement = EngagementStore(table)

    def tellings(
        self,
        tenant: str,
        alert_id: str,
        instance_id: str,
        start: int,
        end: int,
        attempts: bool = True,
    ) -> Account:
        """What came of an instance's transitions of [start, end), and what was told or withheld in
        that time. Without `attempts` those are left out: they take a query for each page.
        """
        who = Who(alert_id, instance_id)
        earlier = self._taken(tenant, who, 0, start, BEFORE)
        taken = self._taken(tenant, who, start, end, None)
        groups = self._known(tenant, who, [*earlier, *taken])
        heard = [
            self._heard(tenant, who, each, attempts)
            for name in groups
            for each in self._deliveries.pages(tenant, name, start, end)
            if who in each.telling.about
        ]
        muted = [
            Muted(at, name, group.route.name, withheld[who])
            for name, group in groups.items()
            for at, withheld in self._groups.withheld(tenant, name, start, end)
            if who in withheld
        ]
        return Account(
            tuple(sorted(taken, key=lambda each: each.bucket)),
            tuple(sorted(heard, key=lambda each: (each.at, each.page))),
            tuple(sorted(muted, key=lambda each: each.at)),
            self._engagement.of_many(tenant, [who]).get(who),
        )

    def _taken(self, tenant: str, who: Who, start: int, end: int, limit: int | None) -> list[Taken]:
        """What became of the transitions of [start, end), or of the last ones of it."""
        if end <= start:
            return []
        low = keys.decision(tenant, *who, start, 0)
        high = keys.decision(tenant, *who, end - 1, LAST_REVISION)
        query = Query(low.pk, between=(low.sk, high.sk), ascending=False, limit=limit)
        decisions = (decision_from(str(x["body"])) for x in self._table.query_all(query))
        told = [each for each in decisions if each.told]
        names = {delivery_id(*who, each.bucket, each.revision): each.bucket for each in told}
        found = self._deliveries.get_many(tenant, names)
        return [
            Taken(name, bucket, item.fates)
            for name, bucket in names.items()
            if isinstance(item := found.get(name), Delivery)
        ]

    def _known(self, tenant: str, who: Who, taken: Sequence[Taken]) -> dict[str, Group]:
        """The groups that an instance is or was in."""
        where = whereabouts_of(self._table.get(keys.whereabouts(tenant, *who)))
        fates = (fate.group for each in taken for fate in each.fates or ())
        return self._groups.get_many(tenant, dict.fromkeys([*where.groups, *fates]))

    def _heard(self, tenant: str, who: Who, delivery: PageDelivery, attempts: bool) -> Heard:
        page = delivery.telling.page
        said = [
            item.told
            for item in page.items
            if (item.notification.alert.id, item.notification.instance) == who
        ]
        tried = self._deliveries.attempts(tenant, page.id) if attempts else []
        return Heard(
            page=page.id,
            group=page.group,
            route=page.route,
            at=page.sent_at,
            cause=page.cause,
            step=page.step,
            told=said[0] if said else page.told,
            status=delivery.status,
            channels=asked_of(delivery.telling),
            attempts=tuple(tried),
        )
