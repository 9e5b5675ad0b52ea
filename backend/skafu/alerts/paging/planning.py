"""Planning what one transaction stores: groups as they become while transitions are applied,
and the writes that this comes to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from skafu.alerts.deliveries import new_page, taken
from skafu.alerts.paging.codec import Whereabouts
from skafu.alerts.paging.group import Fate, Group, Looked, Telling, Transition, Who, Withheld
from skafu.alerts.paging.groups import (
    GroupStore,
    first_part,
    group_id,
    is_full,
    kept_back,
    opened,
    part,
    stored,
)
from skafu.alerts.routing.choosing import Choice
from skafu.shared.table import Write


class Book:
    """The groups that a transition may be told in, as they become while it is planned."""

    def __init__(self, store: GroupStore, tenant: str) -> None:
        self._store = store
        self._tenant = tenant
        self._asked: set[str] = set()
        self.stored: dict[str, Group] = {}
        self.groups: dict[str, Group] = {}

    def open(self, names: Iterable[str]) -> None:
        """Read groups that were not read yet."""
        wanted = sorted({*names} - self._asked)
        found = self._store.get_many(self._tenant, wanted)
        self._asked.update(wanted)
        self.stored |= found
        self.groups |= found

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
        self.open([name])
        return self.groups.get(name)


@dataclass
class Plan:
    """What is written in one transaction, and what comes after it."""

    tenant: str
    now: int
    book: Book
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

    def settle(self) -> None:
        """Write the groups that are not what they were, and what they tell."""
        for name, group in self.changed.items():
            was = self.book.stored.get(name)
            self.writes.append(stored(self.tenant, group, self.now))
            looked = Looked(group, (), tuple(self.withheld.get(name, {}).items()))
            self.writes += kept_back(self.tenant, looked, self.now)
            if group.members and (was is None or not was.members or was.due != group.due):
                self.dues[name] = group.due
        self.writes += [new_page(self.tenant, each) for each in self.tellings]
