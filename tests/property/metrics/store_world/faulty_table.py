"""The table as a process sees it that may be slowed down, stopped or told old news at any call."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import (
    Check,
    ConditionFailed,
    Page,
    Put,
    Query,
    Value,
    Write,
    paged,
)

from tests.property.metrics.store_world.fate import SECOND, Crash, Fate, Plan
from tests.support.memory_table import InMemoryTable

STALE_MS = (2 * SECOND, 20 * SECOND, 600 * SECOND)
"""So old an eventually consistent read may be: mostly a second, but DynamoDB promises no limit."""

type Stored = dict[str, Value] | None


class Watched(InMemoryTable):
    """The one table. Remembers what has changed lately, and tells of every change."""

    def __init__(self, fate: Fate, page_size: int) -> None:
        super().__init__(page_size)
        self._fate = fate
        self._recent: dict[str, deque[tuple[int, Key, Stored]]] = defaultdict(deque)
        self.changed: Callable[[Key, Stored, Stored], None] = lambda key, old, new: None

    def _apply(self, key: Key, write: Write) -> None:
        old = self.items.get(key)
        super()._apply(key, write)
        self._news(key.pk).append((self._fate.stage.now, key, old))
        self.changed(key, old, self.items.get(key))

    def _news(self, pk: str) -> deque[tuple[int, Key, Stored]]:
        news = self._recent[pk]
        while news and news[0][0] < self._fate.stage.now - max(STALE_MS):
            news.popleft()
        return news

    def earlier(self, key: Key) -> Stored:
        """The item, or what it was some time ago."""
        r = self._fate.random
        since = self._fate.stage.now - r.randrange(r.choice(STALE_MS))
        for at, other, old in self._news(key.pk):
            if other == key and at > since:
                return old
        return self.items.get(key)

    def earlier_partition(self, pk: str) -> InMemoryTable | None:
        """A partition in which each item is, or is what it was some time ago; None where nothing
        has changed lately.
        """
        lately = dict.fromkeys(key for _, key, _ in self._news(pk))
        if not lately:
            return None
        found = InMemoryTable(self.page_size)
        for key, item in self.items.items():
            if key.pk == pk and key not in lately:
                found.write(Put(item))
        for key in lately:
            if (earlier := self.earlier(key)) is not None:
                found.write(Put(earlier))
        return found


class Connection:
    """A process' own way to the table (a Table). `begin` tells what shall happen to it."""

    def __init__(self, table: Watched, fate: Fate) -> None:
        self._table = table
        self._fate = fate
        self._plan = Plan()
        self.calls = 0

    def begin(self, plan: Plan) -> None:
        """A process starts that uses this connection."""
        self._plan = plan

    def _reach(self) -> None:
        """Before every call: others may get in, and this may have been the last that was heard."""
        fate, plan = self._fate, self._plan
        if plan.over:
            raise Crash  # it is gone, and so is what it would have done at its end
        self.calls += 1
        if not fate.stage.playing:
            return
        plan.calls += 1
        fate.stage.pause(fate.frozen() if plan.calls in plan.freezes else fate.latency())
        if plan.calls == plan.end and fate.random.random() < 0.5:
            plan.over = True
            raise Crash
        if fate.chance(0.001):
            raise Unavailable("throttled")

    def _written(self) -> None:
        if self._plan.end and self._plan.calls >= self._plan.end:
            self._plan.over = True
            raise Crash

    # --- reads ---

    def get(self, key: Key, *, consistent: bool = False) -> Stored:
        self._reach()
        return self._get(key, consistent)

    def _get(self, key: Key, consistent: bool) -> Stored:
        stale = not consistent and self._fate.chance(0.3)
        found = self._table.earlier(key) if stale else self._table.items.get(key)
        return None if found is None else dict(found)

    def get_many(
        self, keys: Iterable[Key], *, consistent: bool = False
    ) -> dict[Key, dict[str, Value]]:
        self._reach()
        found: dict[Key, dict[str, Value]] = {}
        for key in dict.fromkeys(keys):
            if self._fate.chance(0.05):
                self._fate.stage.pause(self._fate.latency())
            if (item := self._get(key, consistent)) is not None:
                found[key] = item
        return found

    def query(self, query: Query) -> Page:
        self._reach()
        if not query.consistent and self._fate.chance(0.3):
            earlier = self._table.earlier_partition(query.pk)
            if earlier is not None and query.index is None:
                return earlier.query(query)
        return self._table.query(query)

    def query_all(self, query: Query) -> Iterator[dict[str, Value]]:
        return paged(self.query, query)

    # --- writes ---

    def write(self, write: Write) -> None:
        self._reach()
        if isinstance(write, Put) and write.item["k"] == self._plan.lingers:
            if self._fate.stage.playing:
                self._fate.stage.pause(self._fate.lingered(self._plan.lingers))
        self._table.write(write)
        self._written()

    def write_many(self, writes: Sequence[Write]) -> list[ConditionFailed | None]:
        """They are under way together: any may be the first or the last to land."""
        order = list(range(len(writes)))
        if self._fate.stage.playing:
            self._fate.random.shuffle(order)
        found: list[ConditionFailed | None] = [None] * len(writes)
        for place in order:
            try:
                self.write(writes[place])
            except ConditionFailed as failure:
                found[place] = failure
        return found

    def later(self, write: Write) -> None:
        """Let a write land when nobody waits for it any more, or never: what a mutant does."""
        if self._fate.random.random() < 0.9:
            self._fate.stage.at(self._fate.frozen(), self._land, write)

    def _land(self, write: Write) -> None:
        try:
            self._table.write(write)
        except ConditionFailed:
            pass

    def transact(self, writes: Sequence[Write | Check]) -> None:
        self._reach()
        self._table.transact(writes)
        self._written()
