"""Taking transitions, and looking at groups when something is due: what is told is stored with the
groups' new state in one transaction, under the condition that nothing has changed since it was
read. Handing it over comes after.

A crash before the transaction has done nothing, one after it leaves pages that are pending; both
are healed by whoever is asked again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from skafu.alerts.deliveries import Delivery, DeliveryStore, new_page, taken
from skafu.alerts.model import Notification
from skafu.alerts.paging.codec import Whereabouts
from skafu.alerts.paging.group import (
    Fate,
    Group,
    Looked,
    Telling,
    Transition,
    Verdict,
    Who,
    Withheld,
)
from skafu.alerts.paging.grouping import Around, apply, is_news, look
from skafu.alerts.paging.groups import (
    GroupStore,
    first_part,
    group_id,
    is_full,
    kept_back,
    located,
    opened,
    part,
    stored,
    whereabouts_of,
)
from skafu.alerts.paging.model import Policy, labels_of
from skafu.alerts.paging.surroundings import Surroundings, policy_of
from skafu.alerts.paging.transitions import TransitionReader
from skafu.alerts.routing.choosing import Choice, choose
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.table import ConditionFailed, Table, TransactionConflict, Write

TRIES = 7
"""With pauses that double from 20 ms this takes about 5 s: others tell the same group."""

MOST_WRITES = 60
"""After so many writes no further transition is taken in the same transaction, which has 100."""


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
            plan = _Plan(tenant, now)
            plan.note(found, looked)
            plan.settle({found.id: found})
            try:
                self._table.transact(plan.writes)
                return Taken(tuple(plan.tellings), tuple(plan.dues.items()))
            except (ConditionFailed, TransactionConflict):
                self._pause(attempt)
        raise Crowded("others are telling the same group; try again")

    # --- planning ---

    def _plan(self, tenant: str, notification: Notification) -> "_Plan":
        now = self._clock()
        who = Who(notification.alert.id, notification.instance)
        place = keys.whereabouts(tenant, *who)
        heads = self._table.get_many([place, keys.policy(tenant)], consistent=True)
        known = whereabouts_of(heads.get(place))
        plan = _Plan(tenant, now)
        if (notification.bucket, notification.revision) <= known.position:
            plan.take(notification.id, [])  # with a later one, which found it unreadable
            return plan
        policy = policy_of(heads.get(keys.policy(tenant)))
        transitions = self._transitions.until(tenant, notification, known.position)
        asked = [(each, _choices(policy, each)) for each in transitions]
        ids = {group_id(choice, who) for _, choices in asked for choice in choices}
        book = _Book(self._groups, tenant, {*ids, *known.groups})
        routes = [choice.route for _, choices in asked for choice in choices]
        around = self._surroundings.around(tenant, now, routes, book.groups.values())
        for transition, choices in asked:
            fates = [
                self._tell(plan, book, around, transition, target)
                for target in book.targets(choices, transition, known, now)
            ]
            plan.take(transition.notification.id, fates)
            if len(plan.writes) + len(plan.tellings) > MOST_WRITES:
                break
        plan.settle(book.stored)
        if plan.changed or known.version:
            last = max(each.position for each in transitions if each.notification.id in plan.taken)
            where = known.after(book.holding(who), last)
            plan.writes.append(located(tenant, who, where, now))
        return plan

    @staticmethod
    def _tell(
        plan: "_Plan", book: "_Book", around: Around, transition: Transition, target: Group
    ) -> Fate:
        """Apply a transition to one group, and tell what that makes due."""
        applied = apply(target, transition, around.now)
        if applied is target:
            return Fate(target.id, target.route.name, Verdict.NOTHING, around.now)
        looked = look(applied, around)
        plan.note(target, looked)
        book.groups[target.id] = looked.group
        return _fate(transition.who, looked, around.now)


class _Book:
    """The groups that a transition may be told in, as they become while it is planned."""

    def __init__(self, store: GroupStore, tenant: str, ids: set[str]) -> None:
        self._store = store
        self._tenant = tenant
        self.stored = store.get_many(tenant, sorted(ids))
        self.groups = dict(self.stored)

    def holding(self, who: Who) -> list[str]:
        """The groups that an instance is in."""
        return [name for name, group in self.groups.items() if who in group.members]

    def targets(
        self, choices: Sequence[Choice], transition: Transition, known: Whereabouts, now: int
    ) -> list[Group]:
        """The groups that a transition belongs into: those that its routes choose, and those where
        the instance is already, for who was told that it fires must hear how it goes on.
        """
        who = transition.who
        held = {first_part(name): name for name in (*known.groups, *self.holding(who))}
        targets: dict[str, Group] = {}
        for choice in choices:
            name = group_id(choice, who)
            group = self._room(name, held.get(name), who)
            before = self.groups.get(group)
            if before is None or not before.members:
                targets[group] = opened(group, choice, who, now, before)
            else:
                targets[group] = replace(before, route=choice.route)
        for name in self.holding(who):
            targets.setdefault(name, self.groups[name])
        return list(targets.values())

    def _room(self, name: str, held: str | None, who: Who) -> str:
        """The part of a group that an instance is in, or the first one that has room."""
        mine = None if held is None else self._group(held)
        if mine is not None and who in mine.members:
            return mine.id
        number = 1
        while is_full(self._group(part(name, number))):
            number += 1
        return part(name, number)

    def _group(self, name: str) -> Group | None:
        if name not in self.groups:
            found = self._store.get_many(self._tenant, [name])
            self.stored |= found
            self.groups |= found
        return self.groups.get(name)


@dataclass
class _Plan:
    """What is written in one transaction, and what comes after it."""

    tenant: str
    now: int
    writes: list[Write] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    dues: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    changed: dict[str, Group] = field(default_factory=dict)
    withheld: dict[str, dict[Who, Withheld]] = field(default_factory=dict)

    def take(self, delivery: str, fates: Sequence[Fate]) -> None:
        """That a transition is taken."""
        self.writes.append(taken(self.tenant, delivery, fates, self.now))
        self.taken.add(delivery)

    def note(self, before: Group, looked: Looked) -> None:
        """What a look at a group has brought."""
        self.changed[before.id] = looked.group
        self.tellings += looked.tellings
        self.withheld.setdefault(before.id, {}).update(looked.withheld)

    def settle(self, before: dict[str, Group]) -> None:
        """Write the groups that are not what they were, and what they tell."""
        for name, group in self.changed.items():
            was = before.get(name)
            self.writes.append(stored(self.tenant, group, self.now))
            looked = Looked(group, (), tuple(self.withheld.get(name, {}).items()))
            self.writes += kept_back(self.tenant, looked, self.now)
            if group.members and (was is None or not was.members or was.due != group.due):
                self.dues[name] = group.due
        self.writes += [new_page(self.tenant, each) for each in self.tellings]


def _choices(policy: Policy, transition: Transition) -> tuple[Choice, ...]:
    notification = transition.notification
    labels = labels_of(notification.alert, notification.tags, notification.severity)
    return choose(policy, notification.alert, labels)


def _fate(who: Who, looked: Looked, now: int) -> Fate:
    """What became of a transition of this instance in a group."""
    group = looked.group
    told = [each for each in looked.tellings if who in each.about]
    if told:
        return Fate(group.id, group.route.name, Verdict.TOLD, now, page=told[0].page.id)
    member = group.members.get(who)
    if member is None or not is_news(member):
        return Fate(group.id, group.route.name, Verdict.NOTHING, now)
    if member.withheld is not None:
        return Fate(group.id, group.route.name, Verdict.WITHHELD, now, withheld=member.withheld)
    return Fate(group.id, group.route.name, Verdict.WAITS, now, until=group.due)
