"""Taking transitions, and looking at groups when something is due: what is told is stored with the
groups' new state in one transaction, under the condition that nothing has changed since it was
read. Handing it over comes after.

A crash before the transaction has done nothing, one after it leaves pages that are pending; both
are healed by whoever is asked again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skafu.alerts.deliveries import Delivery, DeliveryStore
from skafu.alerts.model import Notification
from skafu.alerts.paging.codec import Whereabouts
from skafu.alerts.paging.group import Fate, Group, Looked, Telling, Transition, Verdict, Who
from skafu.alerts.paging.grouping import Around, apply, look
from skafu.alerts.paging.groups import GroupStore, group_id, located, whereabouts_of
from skafu.alerts.paging.members import is_news
from skafu.alerts.paging.model import PageCause, Policy, labels_of
from skafu.alerts.paging.planning import Book, Plan
from skafu.alerts.paging.surroundings import Surroundings, policy_of
from skafu.alerts.paging.transitions import TransitionReader
from skafu.alerts.routing.choosing import Choice, choose
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.table import ConditionFailed, Table, TransactionConflict

TRIES = 7
"""With pauses that double from 20 ms this takes about 5 s: others tell the same group."""

MOST_WRITES = 60
"""After so many writes no further transition is taken in the same transaction, which has 100."""


type Asked = Sequence[tuple[Transition, Sequence[Choice]]]
"""Transitions, oldest first, and the routes that each takes."""


NEWS = (PageCause.FIRST, PageCause.UPDATE)


class Crowded(Unavailable):
    """Others keep changing the same group. The table is well."""


@dataclass(frozen=True)
class Taken:
    """What is to be handed over now, in this order, and the groups with the moments at which they
    have to be looked at: those that are new.
    """

    tellings: tuple[Telling, ...] = ()
    dues: tuple[tuple[str, int], ...] = ()


class Taker:
    """Applies transitions to groups. `pause` is called with the number of the try before a
    transaction that met another one is planned again.
    """

    def __init__(
        self,
        table: Table,
        deliveries: DeliveryStore,
        clock: Clock,
        console: str,
        pause: Callable[[int], None],
    ) -> None:
        self._table = table
        self._deliveries = deliveries
        self._transitions = TransitionReader(table, deliveries)
        self._groups = GroupStore(table)
        self._surroundings = Surroundings(table, console)
        self._clock = clock
        self._pause = pause

    def take(self, tenant: str, delivery: Delivery) -> Taken:
        """Take a transition, and with it those before it that nobody has taken.

        Pages of a transition that others took meanwhile are theirs. Raises Crowded and Unavailable.
        """
        name = delivery.notification.id
        tellings: list[Telling] = []
        dues: dict[str, int] = {}
        attempt = 0
        while attempt < TRIES:
            plan = self._plan(tenant, delivery.notification)
            try:
                self._table.transact(plan.writes)
            except (ConditionFailed, TransactionConflict):
                attempt += 1
                self._pause(attempt)
                found = self._deliveries.get(tenant, name)
                if not isinstance(found, Delivery) or found.fates is not None:
                    return Taken(tuple(tellings), tuple(dues.items()))
                continue
            tellings += plan.tellings
            dues |= plan.dues
            if name in plan.taken:
                return Taken(tuple(tellings), tuple(dues.items()))
        raise Crowded("others are telling the same group; try again")

    def look(self, tenant: str, group: str) -> Taken:
        """Look at a group now. Raises Crowded and Unavailable."""
        for attempt in range(1, TRIES + 1):
            found = self._groups.get_many(tenant, [group]).get(group)
            if found is None or not found.members:
                return Taken()
            now = self._clock()
            known, around = self._surroundings.for_look(tenant, now, found)
            looked = look(known, around)
            if looked.group == found and not looked.tellings:
                return Taken()
            plan = Plan(tenant, now, Book(self._groups, tenant))
            plan.book.stored[group] = found
            plan.note(found, looked)
            plan.settle()
            try:
                self._table.transact(plan.writes)
                return Taken(tuple(plan.tellings), tuple(plan.dues.items()))
            except (ConditionFailed, TransactionConflict):
                self._pause(attempt)
        raise Crowded("others are telling the same group; try again")

    # --- planning ---

    def _plan(self, tenant: str, notification: Notification) -> Plan:
        now = self._clock()
        who = Who(notification.alert.id, notification.instance)
        place = keys.whereabouts(tenant, *who)
        heads = self._table.get_many([place, keys.policy(tenant)], consistent=True)
        known = whereabouts_of(heads.get(place))
        plan = Plan(tenant, now, Book(self._groups, tenant))
        if (notification.bucket, notification.revision) <= known.position:
            plan.take(notification.id, [])  # with a later one, which found it unreadable
            return plan
        transitions = self._transitions.until(tenant, notification, known.position)
        policy = policy_of(heads.get(keys.policy(tenant)))
        position = self._apply(plan, known, [(x, _choices(policy, x)) for x in transitions])
        if plan.changed or known.version:
            where = known.after(plan.book.holding(who), position)
            plan.writes.append(located(tenant, who, where, now))
        return plan

    def _apply(self, plan: Plan, known: Whereabouts, asked: Asked) -> tuple[int, int]:
        """Apply transitions, as many as one transaction has room for; the last one's position."""
        chosen = [(x.who, choice) for x, choices in asked for choice in choices]
        book = plan.book
        book.open([*known.groups, *(group_id(choice, who) for who, choice in chosen)])
        routes = [choice.route for _, choice in chosen]
        around = self._surroundings.around(plan.tenant, plan.now, routes, book.groups.values())
        position = known.position
        for transition, choices in asked:
            fates = [
                self._tell(plan, around, transition, target)
                for target in book.targets(choices, transition, known, plan.now)
            ]
            plan.take(transition.notification.id, fates)
            position = transition.position
            if len(plan.writes) + len(plan.tellings) > MOST_WRITES:
                break
        plan.settle()
        return position

    @staticmethod
    def _tell(plan: Plan, around: Around, transition: Transition, target: Group) -> Fate:
        """Apply a transition to one group, and tell what that makes due."""
        applied = apply(target, transition, around.now)
        if applied is target:
            return Fate(target.id, target.route.name, Verdict.NOTHING, around.now)
        looked = look(applied, around)
        plan.note(target, looked)
        plan.book.groups[target.id] = looked.group
        return _fate(transition.who, looked, around.now)


def _choices(policy: Policy, transition: Transition) -> tuple[Choice, ...]:
    notification = transition.notification
    labels = labels_of(notification.alert, notification.tags, notification.severity)
    return choose(policy, notification.alert, labels)


def _fate(who: Who, looked: Looked, now: int) -> Fate:
    """What became of a transition of this instance in a group."""
    group = looked.group
    for telling in looked.tellings:
        if telling.page.cause in NEWS and who in telling.about:
            return Fate(group.id, group.route.name, Verdict.TOLD, now, page=telling.page.id)
    member = group.members.get(who)
    if member is None or not is_news(member):
        return Fate(group.id, group.route.name, Verdict.NOTHING, now)
    if member.withheld is not None:
        return Fate(group.id, group.route.name, Verdict.WITHHELD, now, withheld=member.withheld)
    return Fate(group.id, group.route.name, Verdict.WAITS, now, until=group.due)
