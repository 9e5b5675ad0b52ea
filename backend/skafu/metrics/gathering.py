"""From pages of stored items to what they hold: pieces are put together, what no manifest names is
left aside, what is missing is looked for again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from skafu.metrics.blocks import columns_from
from skafu.metrics.columns import CodecError
from skafu.metrics.demands import Columns
from skafu.metrics.hours import Hour
from skafu.metrics.manifests import Manifest
from skafu.metrics.plan import Unit, name_in
from skafu.metrics.rollups import hours_from
from skafu.shared.keys import ROLLUPS
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import Item, Table

type Hours = Mapping[int, Sequence[Hour]]

type Content = Columns | Hours
"""What one manifest's items of a unit hold: points, or hours by position."""


class Gathering:
    """Takes a unit's items page by page. What is complete is given at once and kept no longer,
    unless two queries have to meet.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._left = dict(unit.named)
        self._going_on = len(unit.queries)
        self._items: dict[tuple[int, int], list[list[Item]]] = defaultdict(
            lambda: [[] for _ in unit.queries]
        )

    def take(self, place: int, items: Sequence[Item], last: bool) -> Iterator[Manifest]:
        """Add a page of the query with this place; gives the manifests whose items are complete."""
        self._going_on -= last
        for item in items:
            name, tag = name_in(self.unit.kind, str(item["sk"]))
            manifest = self._left.get(name)
            if manifest is None or not _names(manifest, tag):
                continue
            pieces = self._items[name]
            pieces[place].append(item)
            if len(pieces) == 1 and len(pieces[0]) == item.get("of"):
                yield manifest
        if not self._going_on and len(self.unit.queries) > 1:
            yield from [self._left[name] for name in self._items]

    @property
    def ended(self) -> bool:
        """Whether every page has come."""
        return not self._going_on

    @property
    def missing(self) -> list[Manifest]:
        """The manifests whose items were not given yet."""
        return list(self._left.values())

    def content(self, manifest: Manifest) -> Content | None:
        """What a manifest's items hold; None where one is missing. Raises CodecError."""
        name = manifest.start, manifest.generation
        found = self._items.pop(name, [[] for _ in self.unit.queries])
        made = content_of(self.unit, found)
        if made is not None:
            del self._left[name]
        return made

    def give_up(self, manifest: Manifest) -> None:
        """Its items cannot be read."""
        del self._left[manifest.start, manifest.generation]


def _names(manifest: Manifest, tag: str) -> bool:
    """Whether a manifest names the items with this tag: only then do they count."""
    return manifest.tag == tag


def content_of(unit: Unit, items: Sequence[Sequence[Item]]) -> Content | None:
    """What items hold that are from the unit's queries; None where one is missing. Raises
    CodecError.
    """
    if not items[0]:
        return None
    if unit.kind != ROLLUPS:
        return columns_from(items[0])
    return hours_from(items[0], items[1] if len(items) > 1 else None)


def sought_again(table: Table, unit: Unit, manifest: Manifest) -> Content | None:
    """What an eventually consistent read has missed: the same, consistently. Raises CodecError."""
    return content_of(unit, [list(table.query_all(query)) for query in unit.again(manifest)])


def damaged(what: str, error: CodecError) -> str:
    """Log and count something damaged that compaction wrote; the sentence is for whoever asked."""
    logger.error("compacted points are damaged", what=what, reason=str(error))
    count(Count.DAMAGED_BLOCKS)
    return f"stored {what} is damaged: {error}"
