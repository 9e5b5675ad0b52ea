"""The chunks of one day, as its seals name them."""

from collections.abc import Iterable, Mapping, Sequence

from skafu.metrics.blocks import columns_from
from skafu.metrics.codec import CodecError, Columns
from skafu.metrics.compaction.means import Means, Tally
from skafu.metrics.compaction.place import Blocked, Place
from skafu.metrics.compaction.points import Runs, add_columns
from skafu.metrics.compaction.sealing import Sealing
from skafu.metrics.compaction.stored import Stored
from skafu.metrics.manifests import Manifest
from skafu.metrics.model import Layout
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import Query


class Chunks:
    """The chunks of a day that its seals name."""

    def __init__(
        self,
        means: Means,
        sealing: Sealing,
        place: Place,
        day: int,
        seals: Mapping[int, Manifest],
        deleted: Mapping[str, int],
    ) -> None:
        self._means = means
        self._sealing = sealing
        self._place = place
        self._day = day
        self._seals = seals
        self._deleted = deleted
        self._buckets = self._by_group()

    def _by_group(self) -> dict[str, list[int]]:
        """The buckets, in order, in which each group has points."""
        found: dict[str, list[int]] = {}
        names: dict[tuple[str, ...], Sequence[str]] = {}
        for start in sorted(self._seals):
            seal = self._seals[start]
            if seal.directories not in names:
                listed, _ = self._means.directories.names(self._place.tenant, seal.directories)
                names[seal.directories] = [each.hash for each in listed]
            for number, name in enumerate(names[seal.directories]):
                if seal.has(number):
                    found.setdefault(name, []).append(start)
        return found

    def has(self, group: str) -> bool:
        """Whether a group has points in any bucket."""
        return group in self._buckets

    def runs(self, group: Layout, tally: Tally) -> Runs:
        """The points of a group, by position, without those of deleted metrics. Raises Blocked
        where a named chunk is missing and cannot be written again, unless all that it could hold is
        deleted.
        """
        # Up to then all points of all its series are deleted.
        gone = min(self._deleted.get(series.metric, 0) for series in group.series)
        runs, missing = self._read(group.hash, gone, tally, consistent=False)
        if missing:
            runs, missing = self._read(group.hash, gone, tally, consistent=True)
        if missing:
            for start in missing:
                self._sealing.restore(self._place, self._seals[start])
            runs, missing = self._read(group.hash, gone, tally, consistent=True)
        if missing:
            raise Blocked(f"chunks of group {group.hash} are missing in {len(missing)} buckets")
        for position, run in runs.items():
            run.keep(self._deleted.get(group.series[position].metric, 0))
        return runs

    def _read(
        self, group: str, gone: int, tally: Tally, *, consistent: bool
    ) -> tuple[Runs, list[int]]:
        """The group's points, and the buckets whose chunk is missing or damaged; what is before
        `gone` need not be there.
        """
        pieces: dict[int, list[Stored]] = {}
        pk = keys.chunks(self._place.tenant, self._place.shard, self._day, group)
        for item in self._means.table.query_all(Query(pk, consistent=consistent)):
            start, tag, _ = keys.chunk_name(str(item["sk"]))
            if start in self._seals and self._seals[start].tag == tag:
                pieces.setdefault(start, []).append(item)
                tally.read(item)
        runs: Runs = {}
        missing: list[int] = []
        for start in self._buckets[group]:
            # Bucket by bucket: unpacked, points take many times the room.
            columns = _columns(pieces.pop(start, ()))
            if columns is not None:
                add_columns(runs, columns)
            elif gone < start + BUCKET_MS:
                missing.append(start)
        return runs, missing


def _columns(items: Iterable[Stored]) -> Columns | None:
    try:
        return columns_from(items)
    except CodecError as error:
        logger.error("chunk is damaged", reason=str(error))
        count(Count.DAMAGED_BLOCKS)
        return None
