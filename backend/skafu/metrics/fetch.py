"""Several questions to the table under way at a time, and few answers waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import batched
from typing import NamedTuple

from skafu.shared.table import Page, Query, Table, Value

READERS = 8
"""So many questions are under way at a time."""

_WINDOW = 64  # answers of `each` that may wait for their turn


class Got(NamedTuple):
    """One page of the answer to the query with this number; `last` when it is the last one."""

    number: int
    items: Sequence[dict[str, Value]]
    last: bool


class Fetch:
    """Reads with `degree` threads; with one, in order and in the caller's own."""

    def __init__(self, table: Table, degree: int = READERS) -> None:
        self.table = table
        self._degree = degree

    def pages(self, queries: Iterable[Query]) -> Iterator[Got]:
        """All pages of all queries; the pages of one query in order, those of several as they
        come. At most `degree` pages, of 1 MB, are in memory at a time.
        """
        numbered = enumerate(queries)
        if self._degree == 1:
            for number, query in numbered:
                yield from self._serially(number, query)
            return
        first = next(numbered, None)
        second = next(numbered, None)
        if first is None:
            return
        if second is None:  # one question alone needs no threads
            yield from self._serially(*first)
            return
        with ThreadPoolExecutor(self._degree) as pool:
            under_way: deque[tuple[int, Query, Future[Page]]] = deque()

            def ask(number: int, query: Query) -> None:
                under_way.append((number, query, pool.submit(self.table.query, query)))

            ask(*first)
            ask(*second)
            for number, query in numbered:
                ask(number, query)
                if len(under_way) >= self._degree:
                    break
            while under_way:
                number, query, answer = under_way.popleft()
                page = answer.result()
                if page.after is not None:
                    ask(number, replace(query, after=page.after))
                elif (following := next(numbered, None)) is not None:
                    ask(*following)
                yield Got(number, page.items, page.after is None)

    def _serially(self, number: int, query: Query) -> Iterator[Got]:
        while True:
            page = self.table.query(query)
            yield Got(number, page.items, page.after is None)
            if page.after is None:
                return
            query = replace(query, after=page.after)

    def items(self, queries: Iterable[Query]) -> Iterator[dict[str, Value]]:
        """All items of all queries; the items of one query in order."""
        for got in self.pages(queries):
            yield from got.items

    def each[Task, Answer](
        self, ask: Callable[[Task], Answer], tasks: Iterable[Task]
    ) -> Iterator[Answer]:
        """The answers to all tasks, in order."""
        if self._degree == 1:
            yield from map(ask, tasks)
            return
        with ThreadPoolExecutor(self._degree) as pool:
            for some in batched(tasks, _WINDOW):
                yield from pool.map(ask, some) if len(some) > 1 else map(ask, some)
