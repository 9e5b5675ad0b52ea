"""Day chunks and rollups without one metric: under the same keys, so that the manifests that name
them stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from skafu.metrics.blocks import DAY_SERIES, columns_from, day_items
from skafu.metrics.codec import CodecError, Columns
from skafu.metrics.model import Layout, columns_of
from skafu.metrics.rollups import ROLLUP_SERIES, hours_from, rollup_items, sketch_items
from skafu.shared import keys
from skafu.shared.keys import DAYS, SKETCHES, Key
from skafu.shared.table import Delete, Item, Put, Query, Value, Write


class Step(NamedTuple):
    """One part of a group: its points (8 series) or its hours (16)."""

    shard: int
    group: str
    kind: str
    part: int


class Name(NamedTuple):
    """What the pieces of one item have in common."""

    day: int
    generation: int
    tag: str


@dataclass(frozen=True)
class Task:
    """A metric, and the part of a group that it shall be taken out of, in the days before
    `before`.
    """

    tenant: str
    metric: str
    before: int
    step: Step
    group: Layout

    @property
    def mine(self) -> range:
        """The metric's positions in the group."""
        return columns_of(self.group, self.metric)

    @property
    def alone(self) -> bool:
        """Whether the part has no other metric."""
        size = DAY_SERIES if self.step.kind == DAYS else ROLLUP_SERIES
        first = self.step.part * size
        return all(x in self.mine for x in range(first, min(first + size, len(self.group.series))))

    def items(self, kind: str) -> Query:
        """The part's items of a kind, of all those days."""
        return Query(
            self._partition(kind), between=keys.merged_range(0, self.before), consistent=True
        )

    def details(self, name: Name) -> Query:
        """What belongs to the hours of this name."""
        partition = self._partition(SKETCHES)
        first, last = (keys.merged_piece(partition, *name, piece).sk for piece in (0, 999))
        return Query(partition, between=(first, last), consistent=True)

    def _partition(self, kind: str) -> str:
        return keys.merged(self.tenant, self.step.shard, kind, self.step.group, self.step.part)


def points_without(task: Task, name: Name, items: Sequence[Item]) -> list[Write]:
    """How to take the metric's points out of an item that others share; none where it has none.
    Raises CodecError for an item that cannot be read.
    """
    columns = columns_from(items)
    if columns is None:
        raise CodecError("a piece is missing")
    rows = [row for row, position in enumerate(columns.series) if position not in task.mine]
    if len(rows) == len(columns.series):
        return []
    if not rows:
        return _replaced(items, [nothing_left(items[0])])
    kept = Columns(
        [columns.series[row] for row in rows],
        [columns.timestamps[row] for row in rows],
        [columns.values[row] for row in rows],
        {new: columns.summaries[row] for new, row in enumerate(rows) if row in columns.summaries},
    )
    where = (task.tenant, task.step.shard, name.day, name.generation)
    part = (task.step.group, task.step.part, name.tag)
    return _replaced(items, day_items(*where, *part, kept, _expires(items)))


def hours_without(
    task: Task, name: Name, items: Sequence[Item], details: Sequence[Item]
) -> list[Write]:
    """How to take the metric's hours out of items that others share, numbers and details; none
    where they have none. Raises CodecError for items that cannot be read.
    """
    numbers = hours_from(items, None)
    if numbers is None:
        raise CodecError("a piece is missing")
    if not any(position in task.mine for position in numbers):
        return []
    hours = hours_from(items, details)
    if hours is None:
        raise CodecError("details are missing")
    kept = {position: some for position, some in hours.items() if position not in task.mine}
    if not kept:
        return [*_replaced(items, [nothing_left(items[0])]), *_replaced(details, [])]
    where = (task.tenant, task.step.shard, name.day, name.generation)
    part = (task.step.group, task.step.part, name.tag)
    expires = _expires(items)
    return [
        *_replaced(items, rollup_items(*where, *part, kept, expires)),
        *_replaced(details, sketch_items(*where, *part, kept, expires)),
    ]


def nothing_left(first: Item) -> dict[str, Value]:
    """What stands in the place of an item's first piece when nothing is left of it: the manifest
    goes on naming it.
    """
    kept = {name: first[name] for name in ("pk", "sk", "k", "ttl")}
    return {**kept, "of": 1, "empty": True}


def key_in(item: Item) -> Key:
    """The key that stands in an item."""
    return Key(str(item["pk"]), str(item["sk"]))


def name_in(item: Item) -> Name:
    """What the item is a piece of."""
    day, generation, tag, _ = keys.merged_name(str(item["sk"]))
    return Name(day, generation, tag)


def _expires(items: Sequence[Item]) -> int:
    return int(items[0]["ttl"]) * 1000


def _replaced(before: Sequence[Item], after: Sequence[Item]) -> list[Write]:
    """How to put items in the place of others."""
    new = {key_in(item) for item in after}
    gone = [Delete(key_in(item)) for item in before if key_in(item) not in new]
    return [*map(Put, after), *gone]
