"""The one table, as the domains see it: a port, its questions and its conditions.

`DynamoTable` (dynamo.py) and the in-memory table of the tests pass one and the same contract suite.
Values are strings, integers, bytes and booleans; whatever is nested or fractional is JSON in a
string, because DynamoDB's numbers cannot hold every double.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Protocol

from skafu.shared.errors import SkafuError
from skafu.shared.keys import Key

type Value = str | int | bytes | bool
type Item = Mapping[str, Value]


# --- conditions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Absent:
    """There is no item with this key."""


@dataclass(frozen=True)
class Present:
    """There is an item with this key."""


@dataclass(frozen=True)
class Missing:
    """The item lacks this attribute (so does an item that does not exist)."""

    attribute: str


@dataclass(frozen=True)
class Equals:
    """The item has this attribute with this value."""

    attribute: str
    value: Value


@dataclass(frozen=True)
class Below:
    """The item has this attribute, of the same type, with a smaller value."""

    attribute: str
    value: Value


@dataclass(frozen=True)
class AllOf:
    """Every one of these holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of these holds."""

    conditions: tuple["Condition", ...]


type Condition = Absent | Present | Missing | Equals | Below | AllOf | AnyOf


# --- writes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Put:
    """Write the whole item; its `pk` and `sk` are among its attributes."""

    item: Item
    when: Condition | None = None


@dataclass(frozen=True)
class Update:
    """Change some attributes; the item is created when it does not exist, unless `when` says
    otherwise. Raises ValueError when it names nothing, an attribute twice, or the key's own.
    """

    key: Key
    set: Item = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    when: Condition | None = None

    def __post_init__(self) -> None:
        names = [*self.set, *self.add, *self.remove]
        if not names or len(names) > len({*names} - {"pk", "sk"}):
            raise ValueError("an update names attributes, each once, and never the key's")


@dataclass(frozen=True)
class Delete:
    """Remove the item; removing what is not there succeeds."""

    key: Key
    when: Condition | None = None


@dataclass(frozen=True)
class Check:
    """In a transaction: write nothing, but let it fail unless this holds."""

    key: Key
    when: Condition


type Write = Put | Update | Delete


def key_of(write: Write | Check) -> Key:
    """The key of the item that a write is about."""
    if isinstance(write, Put):
        return Key(str(write.item["pk"]), str(write.item["sk"]))
    return write.key


# --- reads ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Query:
    """Items of one partition, in order of sort key.

    `begins` and `between` exclude each other; `between` is inclusive at both ends. `after` is a
    position that an earlier Page gave (never made by hand). Raises ValueError for what DynamoDB
    would refuse: both ranges at once, a range that ends before it begins, a limit below 1, a
    consistent read on an index.
    """

    pk: str
    index: str | None = None
    begins: str | None = None
    between: tuple[str, str] | None = None
    ascending: bool = True
    limit: int | None = None
    after: Mapping[str, str] | None = None
    consistent: bool = False

    def __post_init__(self) -> None:
        if self.begins is not None and self.between is not None:
            raise ValueError("a query has one range: begins or between")
        if self.between is not None and self.between[0] > self.between[1]:
            raise ValueError("a range must not end before it begins")
        if self.limit is not None and self.limit < 1:
            raise ValueError("a limit is at least 1")
        if self.index and self.consistent:
            raise ValueError("an index cannot be read consistently")


@dataclass(frozen=True)
class Page:
    """One answer. `after` is None when there is nothing more."""

    items: Sequence[dict[str, Value]]
    after: Mapping[str, str] | None = None


def paged(ask: Callable[[Query], Page], query: Query) -> Iterator[dict[str, Value]]:
    """All items of a query that `ask` answers page by page; `limit` bounds the total."""
    left = query.limit
    while True:
        page = ask(replace(query, limit=left))
        yield from page.items
        if left is not None:
            left -= len(page.items)
        if page.after is None or left == 0:
            return
        query = replace(query, after=page.after)


# --- errors ---------------------------------------------------------------------------------------


class ConditionFailed(SkafuError):
    """A write's condition did not hold. In a transaction, `failed` are the positions of the writes
    that said no.
    """

    status = HTTPStatus.CONFLICT
    slug = "conflict"

    def __init__(self, failed: tuple[int, ...] = (0,)) -> None:
        super().__init__("the item has changed meanwhile")
        self.failed = failed


class TransactionConflict(SkafuError):
    """Another transaction holds one of the items: the same call may succeed at once."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "unavailable"

    def __init__(self) -> None:
        super().__init__(
            "another change to the same item is under way; try again", headers={"Retry-After": "1"}
        )


class Table(Protocol):
    """What the domains may ask of the table.

    Every method raises `Unavailable` (503, with Retry-After) when DynamoDB throttles or cannot be
    reached after the client's own retries.
    """

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        """The item, or None."""

    def get_many(
        self, keys: Iterable[Key], *, consistent: bool = False
    ) -> dict[Key, dict[str, Value]]:
        """The items that exist among any number of keys."""

    def query(self, query: Query) -> Page:
        """One page. DynamoDB ends a page at 1 MB, whatever `limit` says."""

    def query_all(self, query: Query) -> Iterator[dict[str, Value]]:
        """All items, page by page; `limit` bounds the total."""

    def write(self, write: Write) -> None:
        """One write. Raises ConditionFailed or TransactionConflict.

        When an answer is lost and the client tries again, a conditional write can fail against its
        own first try: where that matters use `transact`, whose retries are recognised.
        """

    def write_many(self, writes: Sequence[Write]) -> list[ConditionFailed | None]:
        """Independent writes, in parallel, all finished on return; for each, None or its failed
        condition.
        """

    def transact(self, writes: Sequence[Write | Check]) -> None:
        """All or nothing, 1 to 100 writes, each to an item of its own (ValueError otherwise).

        Raises ConditionFailed or TransactionConflict.
        """
