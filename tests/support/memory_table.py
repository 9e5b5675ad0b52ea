"""The table in memory: the same port, the same answers, no network. Kept honest by tests/contract."""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence

from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Item,
    Missing,
    Page,
    Present,
    Put,
    Query,
    Update,
    Value,
    Write,
)

INDEXES = {None: ("pk", "sk"), "GSI1": ("gsi1pk", "gsi1sk")}


def holds(condition: Condition | None, item: Item | None) -> bool:
    """Whether a condition holds for the stored item (None: there is none)."""
    stored = item or {}
    match condition:
        case None:
            return True
        case Absent():
            return item is None
        case Present():
            return item is not None
        case Missing(attribute):
            return attribute not in stored
        case Equals(attribute, value):
            return attribute in stored and stored[attribute] == value
        case Below(attribute, value):
            mine = stored.get(attribute)
            return type(mine) is type(value) and mine < value  # type: ignore[operator]
        case AllOf(conditions):
            return all(holds(each, item) for each in conditions)
        case AnyOf(conditions):
            return any(holds(each, item) for each in conditions)


class InMemoryTable:
    """`page_size` makes short pages, so that paging is exercised; `down` makes every call fail as a throttled table."""

    def __init__(self, page_size: int = 1000) -> None:
        self.items: dict[Key, dict[str, Value]] = {}
        self.page_size = page_size
        self.down = False
        self._order: dict[str, list[str]] = {}

    # --- reads ---

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        del consistent
        self._reach()
        found = self.items.get(key)
        return None if found is None else dict(found)

    def get_many(
        self, keys: Iterable[Key], *, consistent: bool = False
    ) -> dict[Key, dict[str, Value]]:
        return {
            key: item
            for key in dict.fromkeys(keys)
            if (item := self.get(key, consistent=consistent)) is not None
        }

    def query(self, query: Query) -> Page:
        self._reach()
        if query.index and query.consistent:
            raise ValueError("DynamoDB refuses consistent reads on an index")
        pk_name, sk_name = INDEXES[query.index]
        found = sorted(
            (
                (str(item[sk_name]), key)
                for key, item in self._candidates(query)
                if item.get(pk_name) == query.pk and self._in_range(query, str(item[sk_name]))
            ),
            reverse=not query.ascending,
        )
        if query.after:
            last = (query.after[sk_name], Key(query.after["pk"], query.after["sk"]))
            found = [x for x in found if (x > last if query.ascending else x < last)]
        size = min(self.page_size, query.limit or self.page_size)
        chosen = [self.items[key] for _, key in found[:size]]
        after = None
        if len(found) > size:
            names = dict.fromkeys(("pk", "sk", pk_name, sk_name))
            after = {name: str(chosen[-1][name]) for name in names}
        return Page([dict(item) for item in chosen], after)

    def query_all(self, query: Query) -> Iterator[dict[str, Value]]:
        left, position = query.limit, query.after
        while True:
            page = self.query(
                Query(
                    query.pk,
                    query.index,
                    query.begins,
                    query.between,
                    query.ascending,
                    left,
                    position,
                    query.consistent,
                )
            )
            yield from page.items
            position = page.after
            if left is not None:
                left -= len(page.items)
            if position is None or left == 0:
                return

    # --- writes ---

    def write(self, write: Write) -> None:
        self._reach()
        key = self._key(write)
        if not holds(write.when, self.items.get(key)):
            raise ConditionFailed()
        self._apply(key, write)

    def write_many(self, writes: Sequence[Write]) -> list[ConditionFailed | None]:
        results: list[ConditionFailed | None] = []
        for write in writes:
            try:
                self.write(write)
                results.append(None)
            except ConditionFailed as failure:
                results.append(failure)
        return results

    def transact(self, writes: Sequence[Write | Check]) -> None:
        self._reach()
        keys = [self._key(write) for write in writes]
        if len(writes) > 100 or len(set(keys)) < len(keys):
            raise ValueError("a transaction has at most 100 writes, each to an item of its own")
        failed = tuple(
            i
            for i, (key, write) in enumerate(zip(keys, writes, strict=True))
            if not holds(write.when, self.items.get(key))
        )
        if failed:
            raise ConditionFailed(failed)
        for key, write in zip(keys, writes, strict=True):
            if not isinstance(write, Check):
                self._apply(key, write)

    # --- inside ---

    def _reach(self) -> None:
        if self.down:
            raise Unavailable("the table is not answering; try again")

    def _candidates(self, query: Query) -> Iterator[tuple[Key, Mapping[str, Value]]]:
        if query.index:
            yield from self.items.items()
        else:
            for sk in self._order.get(query.pk, ()):
                key = Key(query.pk, sk)
                yield key, self.items[key]

    @staticmethod
    def _in_range(query: Query, sk: str) -> bool:
        if query.begins is not None and not sk.startswith(query.begins):
            return False
        return query.between is None or query.between[0] <= sk <= query.between[1]

    @staticmethod
    def _key(write: Write | Check) -> Key:
        if isinstance(write, Put):
            return Key(str(write.item["pk"]), str(write.item["sk"]))
        return write.key

    def _apply(self, key: Key, write: Write) -> None:
        match write:
            case Delete():
                if self.items.pop(key, None) is not None:
                    self._order[key.pk].remove(key.sk)
                return
            case Put(item):
                changed = dict(item)
            case Update():
                changed = {"pk": key.pk, "sk": key.sk, **self.items.get(key, {}), **write.set}
                for name, amount in write.add.items():
                    changed[name] = int(changed.get(name, 0)) + amount
                for name in write.remove:
                    changed.pop(name, None)
        if key not in self.items:
            insort(self._order.setdefault(key.pk, []), key.sk)
        self.items[key] = changed
