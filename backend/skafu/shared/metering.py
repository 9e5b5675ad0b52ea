"""A table that counts what its use costs, by the rules of capacity.py."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from skafu.shared.capacity import item_size, read_units, write_units
from skafu.shared.keys import Key, kind_of
from skafu.shared.table import (
    Check,
    ConditionFailed,
    Delete,
    Item,
    Page,
    Put,
    Query,
    Table,
    Update,
    Value,
    Write,
    key_of,
    paged,
)

__all__ = ["Meter", "MeteredTable", "item_size", "read_units", "write_units"]

BATCH_GET_KEYS = 100
"""So many keys one call of BatchGetItem takes."""

_MOST_REMEMBERED = 20_000

type Stored = Callable[[Key], Item | None]
"""Tells what is stored under a key, without reading the table."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What was used: write and read units, calls (a transaction is one), bytes written and read;
    and units by what was written or read, as `keys.kind_of` names a partition's content.
    """

    wru: float = 0.0
    rru: float = 0.0
    calls: int = 0
    written: int = 0
    read: int = 0
    wru_by_kind: Mapping[str, float] = field(default_factory=dict)
    rru_by_kind: Mapping[str, float] = field(default_factory=dict)


class MeteredTable:
    """A table that counts what its use costs; it may be used from several threads.

    What a write costs depends on what it replaces. `stored` tells exactly, where somebody knows it
    without reading (the in-memory table does: `items.get`). Otherwise the sizes of the last 20,000
    items that went through here are remembered, and what never did counts as not larger than what
    is written: then `wru` is a lower bound for updates and deletions.
    """

    def __init__(self, table: Table, stored: Stored | None = None) -> None:
        self._table = table
        self._stored = stored
        self._lock = Lock()
        self._sizes: OrderedDict[Key, tuple[int, bool]] = OrderedDict()
        self._calls = self._written = self._read = 0
        self._wru: dict[str, float] = {}
        self._rru: dict[str, float] = {}

    # --- what was counted ---

    @property
    def used(self) -> Meter:
        """What was used since counting began."""
        with self._lock:
            return self._meter()

    @property
    def wru(self) -> float:
        """Write units since counting began."""
        return self.used.wru

    @property
    def rru(self) -> float:
        """Read units since counting began."""
        return self.used.rru

    @property
    def calls(self) -> int:
        """Calls since counting began."""
        return self.used.calls

    def rru_of(self, kind: str) -> float:
        """Read units that went to what `keys.kind_of` names so."""
        return self.used.rru_by_kind.get(kind, 0.0)

    def forget(self) -> Meter:
        """Begin counting anew; returns what was counted."""
        with self._lock:
            used = self._meter()
            self._calls = self._written = self._read = 0
            self._wru, self._rru = {}, {}
            return used

    def _meter(self) -> Meter:
        return Meter(
            wru=sum(self._wru.values()),
            rru=sum(self._rru.values()),
            calls=self._calls,
            written=self._written,
            read=self._read,
            wru_by_kind=dict(self._wru),
            rru_by_kind=dict(self._rru),
        )

    # --- reads ---

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        item = self._table.get(key, consistent=consistent)
        self._count_reads({key: item}, consistent, 1)
        return item

    def get_many(
        self, keys: Iterable[Key], *, consistent: bool = False
    ) -> dict[Key, dict[str, Value]]:
        wanted = list(dict.fromkeys(keys))
        found = self._table.get_many(wanted, consistent=consistent)
        calls = math.ceil(len(wanted) / BATCH_GET_KEYS)
        self._count_reads({key: found.get(key) for key in wanted}, consistent, calls)
        return found

    def query(self, query: Query) -> Page:
        page = self._table.query(query)
        size = 0
        with self._lock:
            for item in page.items:
                size += self._remember(item)
            _add(self._rru, query.pk, read_units(size, query.consistent))
            self._calls += 1
            self._read += size
        return page

    def query_all(self, query: Query) -> Iterator[dict[str, Value]]:
        return paged(self.query, query)

    # --- writes ---

    def write(self, write: Write) -> None:
        before = self._before(write)
        try:
            self._table.write(write)
        except ConditionFailed:
            self._count_writes([(write, before, True)])
            raise
        self._count_writes([(write, before, False)])

    def write_many(self, writes: Sequence[Write]) -> list[ConditionFailed | None]:
        befores = [self._before(write) for write in writes]
        results = self._table.write_many(writes)
        failed = [result is not None for result in results]
        self._count_writes(list(zip(writes, befores, failed, strict=True)), len(writes))
        return results

    def transact(self, writes: Sequence[Write | Check]) -> None:
        befores = [self._before(write) for write in writes]
        try:
            self._table.transact(writes)
        except ConditionFailed:
            tried = [(w, b, True) for w, b in zip(writes, befores, strict=True)]
            self._count_writes(tried, transactional=True)
            raise
        done = [(w, b, False) for w, b in zip(writes, befores, strict=True)]
        self._count_writes(done, transactional=True)

    # --- inside ---

    def _count_reads(self, items: Mapping[Key, Item | None], consistent: bool, calls: int) -> None:
        with self._lock:
            for key, item in items.items():
                size = self._remember(item) if item is not None else 0
                _add(self._rru, key.pk, read_units(size, consistent))
                self._read += size
            self._calls += calls

    def _before(self, write: Write | Check) -> "_Before":
        key = key_of(write)
        if self._stored is None:
            with self._lock:
                size, indexed = self._sizes.get(key, (0, False))
            return _Before(size, indexed, None)
        item = self._stored(key)
        # A copy: what is stored may change under the caller's hands.
        return _Before(*_measured(item), dict(item) if item is not None else {})

    def _count_writes(
        self,
        done: Sequence[tuple[Write | Check, "_Before", bool]],
        calls: int = 1,
        transactional: bool = False,
    ) -> None:
        with self._lock:
            self._calls += calls
            for write, before, failed in done:
                key = key_of(write)
                if failed or isinstance(write, Check):
                    _add(self._wru, key.pk, write_units(before.size, transactional))
                    continue
                size, indexed = before.after(write)
                units = write_units(max(before.size, size), transactional)
                _add(self._wru, key.pk, units + before.index_units(write, size, indexed))
                self._written += size
                self._keep(key, size, indexed)

    def _remember(self, item: Item) -> int:
        size, indexed = _measured(item)
        if "pk" in item and "sk" in item:
            self._keep(Key(str(item["pk"]), str(item["sk"])), size, indexed)
        return size

    def _keep(self, key: Key, size: int, indexed: bool) -> None:
        if self._stored is not None:
            return
        self._sizes[key] = size, indexed
        self._sizes.move_to_end(key)
        if len(self._sizes) > _MOST_REMEMBERED:
            self._sizes.popitem(last=False)


def _add(units: dict[str, float], pk: str, more: float) -> None:
    kind = kind_of(pk)
    units[kind] = units.get(kind, 0.0) + more


def _measured(item: Item | None) -> tuple[int, bool]:
    """Size, and whether the index has it."""
    return (0, False) if item is None else (item_size(item), "gsi1pk" in item)


@dataclass(frozen=True, slots=True)
class _Before:
    """What a write found: its size, whether the index had it, and the item where it is known."""

    size: int
    indexed: bool
    item: Item | None

    def after(self, write: Write) -> tuple[int, bool]:
        """The size that the item has after the write, and whether the index has it then."""
        match write:
            case Delete():
                return 0, False
            case Put(item):
                return _measured(item)
            case Update(key):
                if self.item is None:  # at least this; what else the item has was not seen
                    named = item_size({**key._asdict(), **write.set, **write.add})
                    return max(self.size, named), self.indexed or "gsi1pk" in write.set
                changed = {**self.item, **key._asdict(), **write.set}
                for name, number in write.add.items():
                    changed[name] = int(self.item.get(name, 0)) + number
                for name in write.remove:
                    changed.pop(name, None)
                return _measured(changed)

    def index_units(self, write: Write, size: int, indexed: bool) -> int:
        """What the index costs beside the table."""
        if not indexed and not self.indexed:
            return 0
        units = write_units(max(self.size if self.indexed else 0, size if indexed else 0))
        moved = self.indexed and indexed and self._moves(write)
        return units * 2 if moved else units

    def _moves(self, write: Write) -> bool:
        if isinstance(write, Delete):
            return False
        new = write.item if isinstance(write, Put) else write.set
        if self.item is None:
            return isinstance(write, Update) and bool({"gsi1pk", "gsi1sk"} & {*new})
        return any(name in new and new[name] != self.item[name] for name in ("gsi1pk", "gsi1sk"))
