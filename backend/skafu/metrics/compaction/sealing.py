"""Sealing: from a bucket's segments to chunks and the seal that makes them count (DESIGN 3, 5, 6).

Chunks first, then what the manifest needs beside it, the manifest last and only if there is none.
Late items go when the seal that is stored names them: whoever wrote it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from skafu.metrics.blocks import chunk_items
from skafu.metrics.compaction.directories import Grouping, nothing
from skafu.metrics.compaction.gathering import (
    by_group,
    gathered,
    layout_of_item,
    leave_out,
    placed,
    tally_points,
)
from skafu.metrics.compaction.lives import CHUNK_LIFE_MS, SEAL_MS
from skafu.metrics.compaction.means import Batch, Means, Tally, marks_of
from skafu.metrics.compaction.place import Blocked, Bucket, Place, report
from skafu.metrics.compaction.points import Runs, columns_of
from skafu.metrics.compaction.publishing import publish
from skafu.metrics.compaction.stored import Stored, part_at
from skafu.metrics.manifests import Manifest, bits, tag_of
from skafu.metrics.quotas import count_series
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.observability import logger
from skafu.shared.table import Delete


@dataclass(frozen=True)
class Sealed:
    """What sealing came to: which buckets have a seal now, which cannot be sealed, and which
    directories were used last.
    """

    done: frozenset[int]
    blocked: frozenset[int]
    directories: tuple[str, ...]


class Sealing:
    """Seals buckets, and writes their chunks again where they are missing."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def seal(
        self, place: Place, buckets: Sequence[Bucket], at: int, directories: tuple[str, ...]
    ) -> Sealed:
        """Seal those of an hour's buckets that are due at `at`, epoch milliseconds; `directories`
        are those to go on with. Raises Unavailable.
        """
        due = [bucket for bucket in buckets if at >= bucket[1] + SEAL_MS]
        if not due:
            return Sealed(frozenset(), frozenset(), directories)
        start, end = due[0][0], due[-1][1]
        try:
            stored = self._means.manifests.seals(place, start, end)
        except Blocked as reason:
            report("seal", start, reason)
            return Sealed(frozenset(), frozenset(bucket[0] for bucket in due), directories)
        wanted = [bucket for bucket in due if bucket[0] not in stored]
        blocked, directories = self._seal_all(place, wanted, directories)
        self._drop_late(place, start, end)
        done = frozenset(bucket[0] for bucket in due) - blocked
        return Sealed(done, blocked, directories)

    def _seal_all(
        self, place: Place, buckets: Sequence[Bucket], directories: tuple[str, ...]
    ) -> tuple[frozenset[int], tuple[str, ...]]:
        """Seal buckets of one hour that have no seal; returns those that cannot be sealed, and the
        directories to go on with.
        """
        if not buckets:
            return frozenset(), directories
        blocked: set[int] = set()
        starts = {bucket[0] for bucket in buckets}
        hour = buckets[0][0] // HOUR_MS * HOUR_MS
        segments = self._means.sources.segments(place, hour, starts)
        for bucket in buckets:
            try:
                directories = self._seal(place, bucket, segments.pop(bucket[0], []), directories)
            except Blocked as reason:
                report("seal", bucket[0], reason)
                blocked.add(bucket[0])
        return frozenset(blocked), directories

    def _seal(
        self, place: Place, bucket: Bucket, items: list[Stored], directories: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Seal one bucket; returns the directories that were used, or else those given."""
        if not items:
            empty = Manifest(place.shard, bucket[0], 0, tag_of((), ()), (), b"", 0)
            expires = self._means.lives(place.tenant).manifest(bucket[1], self._means.clock())
            publish(self._means, place.tenant, empty, (), expires, Tally())
            return directories
        grouping = self._placed(place, items, directories)
        self._seal_points(place, bucket, items, grouping)
        return grouping.hashes

    def _seal_points(  # pylint: disable=too-many-locals # one step after another
        self, place: Place, bucket: Bucket, items: list[Stored], grouping: Grouping
    ) -> None:
        means, tally = self._means, Tally()
        start, end = bucket
        parts = sorted({part_at(keys.segment_name(str(item["sk"]))) for item in items})
        deleted = means.deletions.of(place.tenant)
        tag = tag_of(grouping.hashes, [*parts, *marks_of(deleted, start)])
        for item in items:
            tally.receive(item)
        runs = gathered(items, grouping)
        leave_out(runs, grouping, deleted)
        points = tally_points(runs, grouping, tally)
        active = [grouping.series(number) for number in runs]  # writing takes the runs out
        present = bits(self._write_chunks(place, start, grouping, runs, tag, tally))
        seal = Manifest(place.shard, start, 0, tag, grouping.hashes, present, points, tuple(parts))
        lives = means.lives(place.tenant)
        expires = lives.manifest(end, means.clock())
        means.directories.keep(place.tenant, grouping, expires, lives)
        if start // DAY_MS == means.clock() // DAY_MS:
            # Of the day that a quota is about: small tenants' processes do not count together.
            count_series(means.table, place.tenant, start, active)
        publish(means, place.tenant, seal, parts, expires, tally)

    def _placed(self, place: Place, items: list[Stored], directories: tuple[str, ...]) -> Grouping:
        means = self._means
        lives = means.lives(place.tenant)
        base = nothing()
        if directories:
            try:
                base = means.directories.load(place.tenant, directories)
            except Blocked as reason:
                # They are only where to go on: without them, series are grouped afresh.
                logger.warning("directories cannot be gone on with", reason=str(reason))
        return placed(place.tenant, items, base, means.sources, means.directories, lives)

    def _write_chunks(
        self, place: Place, bucket: int, grouping: Grouping, runs: Runs, tag: str, tally: Tally
    ) -> list[int]:
        """Write the chunks of all groups with points; returns the groups' numbers."""
        present = []
        expires = self._means.clock() + CHUNK_LIFE_MS
        batch = Batch(self._means.table, tally)
        for number, some in by_group(runs):
            name = grouping.names[number].hash
            columns = columns_of(some)
            batch.add(chunk_items(place.tenant, place.shard, bucket, name, tag, columns, expires))
            present.append(number)
        batch.close()
        return present

    def _drop_late(self, place: Place, start: int, end: int) -> None:
        """Delete the late items that the stored seals of their buckets name."""
        late = list(self._means.sources.late(place, start, end))
        if not late:
            return
        try:
            seals = self._means.manifests.seals(place, start, end)
            drop_named(self._means, place, late, seals.values())
        except Blocked as reason:
            report("drop copies", start, reason)

    # --- chunks that are missing ------------------------------------------------------------------

    def restore(self, place: Place, seal: Manifest) -> None:
        """Write the chunks of a sealed bucket again, from the segments that its seal names.

        Raises Blocked where not all of them are there any more.
        """
        means = self._means
        parts = means.manifests.parts(place, seal)
        hour = means.sources.segments(place, seal.start // HOUR_MS * HOUR_MS, {seal.start})
        items = [
            item
            for item in hour[seal.start]
            if part_at(keys.segment_name(str(item["sk"]))) in parts
        ]
        if len(items) < len(parts):
            raise Blocked(f"bucket {seal.start} has {len(items)} of {len(parts)} segments left")
        grouping = means.directories.load(place.tenant, seal.directories)
        layouts = means.sources.layouts(place.tenant, {layout_of_item(item) for item in items})
        for layout in layouts.values():
            if not all(each in grouping.numbers for each in layout.series):
                raise Blocked(f"directories of bucket {seal.start} lack series of its layouts")
        grouping = means.directories.place(
            place.tenant, grouping, layouts, means.lives(place.tenant)
        )
        # Deleted points are left out when the day is merged: what the seal names shall be there.
        runs = gathered(items, grouping)
        self._write_chunks(place, seal.start, grouping, runs, seal.tag, Tally())
        logger.warning("chunks were written again", bucket=seal.start)


def drop_named(
    means: Means, place: Place, late: Iterable[Stored], stored: Collection[Manifest]
) -> list[Stored]:
    """Delete the late items that one of these stored manifests names; returns the others. A seal
    names those of its own bucket alone.
    """
    named = means.manifests.named(place, stored)
    rest, drops = [], []
    for item in late:
        name = keys.late_name(str(item["sk"]))
        if part_at(name) in named:
            drops.append(Delete(keys.late(place.tenant, place.shard, name)))
        else:
            rest.append(item)
    for start in range(0, len(drops), 64):
        means.table.write_many(drops[start : start + 64])
    return rest
