"""A table that remembers what it was asked."""

from collections.abc import Iterable

from skafu.shared.keys import Key
from skafu.shared.table import Page, Query, Value
from tests.support.memory_table import InMemoryTable


class CountingTable(InMemoryTable):
    """`asked` are the reads since `forget`: partitions of queries, sort keys of single items."""

    def __init__(self, page_size: int = 1_000_000) -> None:
        super().__init__(page_size)
        self.asked: list[str] = []

    def forget(self) -> None:
        self.asked = []

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        self.asked.append(f"get {key.pk} {key.sk}")
        return super().get(key, consistent=consistent)

    def get_many(
        self, keys: Iterable[Key], *, consistent: bool = False
    ) -> dict[Key, dict[str, Value]]:
        wanted = list(keys)
        self.asked.append(f"get {len(wanted)}")
        return {key: dict(self.items[key]) for key in wanted if key in self.items}

    def query(self, query: Query) -> Page:
        of = query.begins or (query.between or ("", ""))[0].split("#")[0]
        self.asked.append(f"query {query.pk} {of}".rstrip())
        return super().query(query)
