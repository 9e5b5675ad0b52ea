"""Which group a series' points go to, and how long groups and directories live (groups.py).

A directory is written after its groups and lives no longer than any of them: one that lives long
enough proves that they do. All of it is content-addressed, so that two compactors that write the
same never harm each other.
"""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched

from skafu.metrics.codec import CodecError
from skafu.metrics.compaction.lives import Lives
from skafu.metrics.compaction.place import Blocked
from skafu.metrics.groups import (
    GROUP_SERIES,
    GroupName,
    directories_of,
    directory_from,
    directory_item,
    group_from,
    group_item,
    grouped,
    name_of,
)
from skafu.metrics.model import Layout, Series
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.table import Absent, AnyOf, Below, Item, Put, Table

_BATCH = 64
_MOST_CACHED = 250_000  # series, together

NOWHERE = -1
"""The number of a series that no group has."""


def number_of(group: int, position: int) -> int:
    """A series' number in a grouping: which group of the directories in order, which place."""
    return group * GROUP_SERIES + position


@dataclass
class Grouping:
    """Directories and all that they list, as far as it was asked for.

    `expires` is until when all of it lives, epoch milliseconds. `numbers` are those of every series
    that a group has; `by_layout` has the same for the series of layouts, in the layout's order.
    """

    hashes: tuple[str, ...]
    names: tuple[GroupName, ...]
    expires: int
    groups: list[Layout] = field(default_factory=list)
    numbers: dict[Series, int] = field(default_factory=dict)
    by_layout: dict[str, "array[int]"] = field(default_factory=dict)

    def series(self, number: int) -> Series:
        """The series with this number."""
        group, position = divmod(number, GROUP_SERIES)
        return self.groups[group].series[position]


def nothing() -> Grouping:
    """The grouping that lists nothing."""
    return Grouping((), (), 1 << 60)


class Directories:
    """Reads and writes directories and groups; remembers those that were used last."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._known: OrderedDict[tuple[str, tuple[str, ...]], Grouping] = OrderedDict()

    # --- reading ----------------------------------------------------------------------------------

    def names(self, tenant: str, hashes: Sequence[str]) -> tuple[tuple[GroupName, ...], int]:
        """The groups that directories list, in order, and until when all of it lives.

        Raises Blocked where one is missing or damaged.
        """
        items = self._items(keys.directory(tenant, each) for each in hashes)
        names: list[GroupName] = []
        expires = [1 << 60]
        for each in hashes:
            try:
                item = items[each]
                names += directory_from(item).groups
                expires.append(int(item["ttl"]) * 1000)
            except (KeyError, CodecError) as error:
                raise Blocked(f"directory {each} is missing or damaged") from error
        return tuple(names), min(expires)

    def groups(self, tenant: str, hashes: Iterable[str]) -> list[Layout]:
        """Groups, in this order. Raises Blocked where one is missing or damaged."""
        found: list[Layout] = []
        for some in batched(hashes, _BATCH):
            items = self._items(keys.group(tenant, each) for each in some)
            for each in some:
                try:
                    found.append(group_from(items[each]))
                except (KeyError, CodecError) as error:
                    raise Blocked(f"group {each} is missing or damaged") from error
        return found

    def _items(self, wanted: Iterable[keys.Key]) -> dict[str, Item]:
        found = self._table.get_many(wanted, consistent=True)
        return {key.sk: item for key, item in found.items()}

    def load(self, tenant: str, hashes: Sequence[str]) -> Grouping:
        """Directories with all their groups. Raises Blocked where something is missing."""
        key = tenant, tuple(hashes)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        names, expires = self.names(tenant, hashes)
        grouping = Grouping(tuple(hashes), names, expires)
        for group in self.groups(tenant, (each.hash for each in names)):
            _add(grouping, group)
        return self._remember(tenant, grouping)

    def _remember(self, tenant: str, grouping: Grouping) -> Grouping:
        self._known[tenant, grouping.hashes] = grouping
        self._known.move_to_end((tenant, grouping.hashes))
        total = sum(len(each.numbers) for each in self._known.values())
        while total > _MOST_CACHED and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            total -= len(oldest.numbers)
        return grouping

    # --- writing ----------------------------------------------------------------------------------

    def place(
        self, tenant: str, base: Grouping, layouts: Mapping[str, Layout], lives: Lives
    ) -> Grouping:
        """The grouping, extended by new groups for what it lacks of these layouts' series, with
        their numbers. What is new is stored on return.
        """
        unplaced: set[Series] = set()
        for layout in layouts.values():
            unplaced.update(each for each in layout.series if each not in base.numbers)
        grouping = self.extend(tenant, base, unplaced, lives) if unplaced else base
        for name, layout in layouts.items():
            numbers = grouping.numbers
            grouping.by_layout[name] = array("q", [numbers[each] for each in layout.series])
        return grouping

    def extend(
        self, tenant: str, base: Grouping, series: Iterable[Series], lives: Lives
    ) -> Grouping:
        """A grouping with all groups of `base`, and further ones for these series."""
        added = grouped(series)
        names = (*base.names, *map(name_of, added))
        now = self._clock()
        expires = min(base.expires, lives.named(now)) // 1000 * 1000
        made = directories_of(names)
        extended = Grouping(
            tuple(each.hash for each in made),
            names,
            expires,
            list(base.groups),
            dict(base.numbers),
            dict(base.by_layout),
        )
        for group in added:
            _add(extended, group)
        life = lives.named(now) - now
        self._put(group_item(tenant, group, now, life) for group in added)
        new = [each for each in made if each.hash not in base.hashes]
        self._put(directory_item(tenant, each, now, expires - now) for each in new)
        return self._remember(tenant, extended)

    def keep(self, tenant: str, grouping: Grouping, until: int, lives: Lives) -> None:
        """Let directories and groups live longer than `until`, epoch milliseconds: before a
        manifest that lives until then names them.
        """
        if grouping.expires > until:
            return
        now = self._clock()
        life = max(lives.named(now), until + 1000) - now
        groups = self.groups(tenant, (each.hash for each in grouping.names))
        self._put(group_item(tenant, group, now, life) for group in groups)
        made = directories_of(grouping.names)
        self._put(directory_item(tenant, each, now, life) for each in made)
        grouping.expires = (now + life) // 1000 * 1000

    def joined(self, tenant: str, several: Iterable[tuple[str, ...]]) -> Grouping:
        """The grouping of a day: every group that any of its buckets' directories lists, which is
        what the last of them lists, unless two compactors extended the same directories. Groups
        themselves are not loaded.
        """
        distinct = [each for each in dict.fromkeys(several) if each]
        listed = [self.names(tenant, each) for each in distinct]
        if not listed:
            return nothing()
        hashes, (last, expires) = distinct[-1], listed[-1]
        names = dict.fromkeys((*last, *(each for some, _ in listed for each in some)))
        if len(names) == len(last):
            return Grouping(hashes, last, expires)
        expires = min(until for _, until in listed) // 1000 * 1000
        now = self._clock()
        made = directories_of(tuple(names))
        self._put(directory_item(tenant, each, now, expires - now) for each in made)
        return Grouping(tuple(each.hash for each in made), tuple(names), expires)

    def _put(self, items: Iterable[Item]) -> None:
        """Write what is not there, or would not live as long."""
        for some in batched(items, _BATCH):
            self._table.write_many(
                [Put(item, AnyOf((Absent(), Below("ttl", int(item["ttl"]))))) for item in some]
            )


def _add(grouping: Grouping, group: Layout) -> None:
    place = len(grouping.groups)
    grouping.groups.append(group)
    for position, each in enumerate(group.series):
        grouping.numbers.setdefault(each, number_of(place, position))
