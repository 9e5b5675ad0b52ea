"""The table in memory: the same port, the same answers, no network.

Kept honest by tests/contract. Where DynamoDB is stricter or ruder than one would like, so is this:
a page that ends exactly at its limit says that there may be more, items have at most 400 KB, and
values of other types than the port's are refused.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence

from skafu.shared.errors import BadRequest, FieldError, Unavailable
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
    key_of,
    paged,
)

INDEXES = {None: ("pk", "sk"), "GSI1": ("gsi1pk", "gsi1sk")}
MAX_PK, MAX_SK, MAX_ITEM = 2048, 1024, 400 * 1024  # bytes: DynamoDB's limits

type Entry = tuple[str, Key]
"""An item's place in a partition or index partition: sort key first, then what makes it unique."""


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
            mine = stored.get(attribute)
            return type(mine) is type(plain(value)) and mine == value
        case Below(attribute, value):
            if isinstance(value, bool):
                raise ValueError("DynamoDB does not order booleans")
            mine = stored.get(attribute)
            return type(mine) is type(plain(value)) and mine < value  # type: ignore[operator]  # of one type
        case AllOf(conditions) | AnyOf(conditions):
            if not conditions:
                raise ValueError("a condition over nothing")
            every = isinstance(condition, AllOf)
            return (all if every else any)(holds(each, item) for each in conditions)


def plain(value: Value) -> Value:
    """The value as it would come back: members of enumerations are strings or numbers again."""
    if type(value) in (str, int, bytes, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"{type(value).__name__} cannot be stored in the table")


def _size(item: Item) -> int:
    return sum(len(name) + _length(value) for name, value in item.items())


def _length(value: Value) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    return len(value) if isinstance(value, bytes) else 8


def _after_prefix(prefix: str) -> str:
    """The smallest string that is greater than every string with this prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class InMemoryTable:
    """`page_size` makes short pages, so that paging is exercised; `down` makes every call fail as a
    throttled table does. `before_write` is called with the writes of every call before they are
    looked at: a test lets others get in between there, or raises what DynamoDB may raise.
    """

    def __init__(self, page_size: int = 1000) -> None:
        self.items: dict[Key, dict[str, Value]] = {}
        self.page_size = page_size
        self.down = False
        self.before_write: Callable[[Sequence[Write | Check]], None] = lambda writes: None
        self._order: dict[tuple[str | None, str], list[Entry]] = {}

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
        pk_name, sk_name = INDEXES[query.index]
        entries = self._order.get((query.index, query.pk), [])
        first, last = self._range(query, entries)
        if query.after:
            if query.after.get(pk_name) != query.pk:
                wrong = FieldError("cursor", "does not belong to this query")
                raise BadRequest("the cursor does not belong to this query", [wrong])
            mark = (query.after[sk_name], Key(query.after["pk"], query.after["sk"]))
            if query.ascending:
                first = max(first, bisect_right(entries, mark))
            else:
                last = min(last, bisect_left(entries, mark))
        size = min(self.page_size, query.limit or self.page_size)
        if query.ascending:
            chosen = entries[first : min(last, first + size)]
        else:
            chosen = entries[max(first, last - size) : last][::-1]
        after = None
        if len(chosen) == size:
            final = self.items[chosen[-1][1]]
            after = {name: str(final[name]) for name in ("pk", "sk", pk_name, sk_name)}
        return Page([dict(self.items[key]) for _, key in chosen], after)

    def query_all(self, query: Query) -> Iterator[dict[str, Value]]:
        return paged(self.query, query)

    # --- writes ---

    def write(self, write: Write) -> None:
        self._reach()
        self.before_write([write])
        key = key_of(write)
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
        keys = [key_of(write) for write in writes]
        if not 1 <= len(writes) <= 100 or len(set(keys)) < len(keys):
            raise ValueError("a transaction has 1 to 100 writes, each to an item of its own")
        self.before_write(writes)
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

    @staticmethod
    def _range(query: Query, entries: list[Entry]) -> tuple[int, int]:
        """The half-open range of positions that the query's sort keys are in."""
        if query.begins:
            low, end = query.begins, _after_prefix(query.begins)
        elif query.between is not None:
            low, end = query.between[0], query.between[1] + "\0"
        else:
            return 0, len(entries)
        # A tuple of one is smaller than any longer tuple that begins with it.
        return bisect_left(entries, (low,)), bisect_left(entries, (end,))

    def _apply(self, key: Key, write: Write) -> None:
        old = self.items.get(key)
        match write:
            case Delete():
                new = None
            case Put(item):
                new = {name: plain(value) for name, value in item.items()}
            case Update():
                new = _updated(key, old, write)
        if new is not None:
            _check(new)
        if old is not None:
            self._unlist(key, old)
            del self.items[key]
        if new is not None:
            self.items[key] = new
            self._list(key, new)

    def _list(self, key: Key, item: Item) -> None:
        for index, (pk, sk) in INDEXES.items():
            if pk in item and sk in item:
                insort(self._order.setdefault((index, str(item[pk])), []), (str(item[sk]), key))

    def _unlist(self, key: Key, item: Item) -> None:
        for index, (pk, sk) in INDEXES.items():
            if pk in item and sk in item:
                entries = self._order[(index, str(item[pk]))]
                del entries[bisect_left(entries, (str(item[sk]), key))]


def _updated(key: Key, old: Item | None, write: Update) -> dict[str, Value]:
    new = {"pk": key.pk, "sk": key.sk, **(old or {})}
    new.update((name, plain(value)) for name, value in write.set.items())
    for name, amount in write.add.items():
        stored = new.get(name, 0)
        if not isinstance(stored, int) or isinstance(stored, bool):
            raise ValueError(f"{name} is not a number")
        new[name] = stored + amount
    for name in write.remove:
        new.pop(name, None)
    return new


def _check(item: Item) -> None:
    """What DynamoDB refuses with a ValidationException. Raises ValueError."""
    for name, limit in (("pk", MAX_PK), ("sk", MAX_SK)):
        if not isinstance(item[name], str) or not 1 <= _length(item[name]) <= limit:
            raise ValueError(f"{name} is a string of 1 to {limit} bytes")
    for name in INDEXES["GSI1"]:
        if name in item and (not isinstance(item[name], str) or not item[name]):
            raise ValueError(f"{name} is a string that is not empty, or left out")
    if _size(item) > MAX_ITEM:
        raise ValueError("an item has at most 400 KB")
