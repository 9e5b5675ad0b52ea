"""How far compaction of a place has come: where the next run goes on. A hint, and no more: whether
a bucket is sealed or a day merged is what manifests tell.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from skafu.metrics.compaction.merging import Progress
from skafu.metrics.compaction.place import Place
from skafu.metrics.times import WRITERS_STAY_MS
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS
from skafu.shared.table import Absent, ConditionFailed, Equals, Item, Put, Query, Table, Value


@dataclass(frozen=True)
class Mark:
    """Times are epoch milliseconds.

    Every bucket from the first one on that begins before `sealed` has a seal, except those in
    `open`; every day before `merged` has its first generation, except those in `unmerged`.
    `directories` are those to go on with; `regroup` is a day by whose series the next day shall be
    grouped afresh. `kept` is when lives were prolonged last, `cleaned` when the catalogue was
    cleaned last, `looked` up to which hour strays were looked for.
    """

    sealed: int
    merged: int
    open: tuple[int, ...] = ()
    unmerged: tuple[int, ...] = ()
    directories: tuple[str, ...] = ()
    regroup: int = 0
    progress: Progress | None = None
    kept: int = 0
    cleaned: int = 0
    looked: int = 0
    revision: int = 0

    @property
    def oldest(self) -> int:
        """The oldest moment that waits for compaction: everything before is sealed and merged."""
        return min((self.sealed, *self.open, *self.unmerged))


class Marks:
    """Reads and writes marks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, place: Place) -> Mark | None:
        """A place's mark; None before its compaction has begun."""
        key = keys.compaction_mark(place.tenant, place.shard)
        item = self._table.get(key, consistent=True)
        return None if item is None else _mark_from(item)

    def write(self, place: Place, mark: Mark) -> Mark | None:
        """Store a mark as the next revision; None if somebody else has moved it meanwhile."""
        after = replace(mark, revision=mark.revision + 1)
        item = {
            **keys.compaction_mark(place.tenant, place.shard)._asdict(),
            "k": "mark",
            **_attributes(after),
        }
        when = Equals("revision", mark.revision) if mark.revision else Absent()
        try:
            self._table.write(Put(item, when))
        except ConditionFailed:
            return None
        return after

    def begin(self, place: Place, created: int | None, now: int, shard_from: int) -> Mark:
        """The mark of a place whose compaction begins: at the first bucket that can hold a segment.

        A segment is written while its bucket is open, so nothing older than the tenant, or where
        nobody knows since when there is one, than its oldest layout; nor than the shard.
        """
        if created is None:
            created = min(self._firsts(place.tenant), default=now)
        first = max(created - BUCKET_MS - WRITERS_STAY_MS, shard_from) // BUCKET_MS * BUCKET_MS
        return Mark(sealed=first, merged=first // DAY_MS * DAY_MS, looked=first)

    def _firsts(self, tenant: str) -> Iterable[int]:
        for item in self._table.query_all(Query(keys.catalogue(tenant), consistent=True)):
            yield int(item["first"])


def _attributes(mark: Mark) -> dict[str, Value]:
    attributes: dict[str, Value] = {
        "sealed": mark.sealed,
        "merged": mark.merged,
        "open": json.dumps(mark.open),
        "unmerged": json.dumps(mark.unmerged),
        "directories": " ".join(mark.directories),
        "regroup": mark.regroup,
        "kept": mark.kept,
        "cleaned": mark.cleaned,
        "looked": mark.looked,
        "revision": mark.revision,
    }
    if mark.progress is not None:
        attributes["progress"] = mark.progress.text()
    return attributes


def _mark_from(item: Item) -> Mark:
    return Mark(
        sealed=int(item["sealed"]),
        merged=int(item["merged"]),
        open=tuple(json.loads(str(item["open"]))),
        unmerged=tuple(json.loads(str(item["unmerged"]))),
        directories=tuple(str(item["directories"]).split()),
        regroup=int(item["regroup"]),
        progress=Progress.read(str(item["progress"])) if "progress" in item else None,
        kept=int(item["kept"]),
        cleaned=int(item["cleaned"]),
        looked=int(item["looked"]),
        revision=int(item["revision"]),
    )
