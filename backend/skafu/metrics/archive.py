"""Groups and directories as a reader needs them: named by their content, so that what was read once
need not be read again.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched

from skafu.metrics.columns import CodecError
from skafu.metrics.groups import Directory, directory_from, group_from
from skafu.metrics.model import Layout
from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import Item, Table

CACHED_SERIES = 100_000
"""How many series the cached groups may have together: about 100 MB."""

CACHED_GROUPS = 100_000
"""How many groups the cached directories may list together: about 30 MB."""

_BATCH = 100  # keys of one BatchGetItem


class _Cache[Thing]:
    """Remembers the things used last, so many that their weights stay within a limit."""

    def __init__(self, limit: int, weight: Callable[[Thing], int]) -> None:
        self._limit = limit
        self._weigh = weight
        self._weight = 0
        self._things: OrderedDict[Key, Thing] = OrderedDict()

    def get(self, key: Key) -> Thing | None:
        found = self._things.get(key)
        if found is not None:
            self._things.move_to_end(key)
        return found

    def put(self, key: Key, thing: Thing) -> None:
        self._things[key] = thing
        self._weight += self._weigh(thing)
        while self._weight > self._limit and len(self._things) > 1:
            _, oldest = self._things.popitem(last=False)
            self._weight -= self._weigh(oldest)


class Archive:
    """Both are written before the manifest that names them and live longer: what is missing in an
    eventually consistent read is looked for once more, consistently.
    """

    def __init__(
        self,
        table: Table,
        *,
        cached_series: int = CACHED_SERIES,
        cached_groups: int = CACHED_GROUPS,
    ) -> None:
        self._table = table
        self._groups = _Cache[Layout](cached_series, lambda group: len(group.series))
        self._directories = _Cache[Directory](cached_groups, lambda each: len(each.groups))

    def directories(self, tenant: str, names: Iterable[str]) -> dict[str, Directory]:
        """The directories among these that exist and can be read; others are counted and logged."""
        wanted = {name: keys.directory(tenant, name) for name in names}
        found = self._read(list(wanted.values()), self._directories, directory_from)
        return {name: found[key] for name, key in wanted.items() if key in found}

    def groups(self, tenant: str, names: Iterable[str]) -> Iterator[tuple[str, Layout | None]]:
        """Each group with its name, None where it cannot be read (counted and logged). Read a
        hundred at a time, as far as they are wanted.
        """
        for some in batched(dict.fromkeys(names), _BATCH):
            wanted = {name: keys.group(tenant, name) for name in some}
            found = self._read(list(wanted.values()), self._groups, group_from)
            yield from ((name, found.get(key)) for name, key in wanted.items())

    def _read[Thing](
        self, wanted: Sequence[Key], cache: _Cache[Thing], decode: Callable[[Item], Thing]
    ) -> dict[Key, Thing]:
        found = {key: thing for key in wanted if (thing := cache.get(key)) is not None}
        absent = [key for key in wanted if key not in found]
        items = self._table.get_many(absent) if absent else {}
        if lagging := [key for key in absent if key not in items]:
            items |= self._table.get_many(lagging, consistent=True)
        for key in absent:
            try:
                found[key] = decode(items[key])
            except (KeyError, CodecError):
                logger.warning("group or directory cannot be read", sk=key.sk, exc_info=True)
                count(Count.DAMAGED_BLOCKS)
                continue
            cache.put(key, found[key])
        return found
