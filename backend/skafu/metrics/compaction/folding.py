"""Folding: from a merged day's late items to its next generation (DESIGN 3, rules 5 and 7).

Only late items that no manifest names are folded, and only those go that a stored manifest names.
"""

from collections.abc import Iterable, Sequence

from skafu.metrics.compaction.directories import Grouping, nothing
from skafu.metrics.compaction.gathering import by_group, gathered, leave_out, placed, tally_points
from skafu.metrics.compaction.means import Batch, Means, Tally, marks_of
from skafu.metrics.compaction.merging import Outcome
from skafu.metrics.compaction.parts import Generation, write_group
from skafu.metrics.compaction.place import Blocked, Budget, Place, report
from skafu.metrics.compaction.points import Runs
from skafu.metrics.compaction.publishing import publish
from skafu.metrics.compaction.records import record_metrics
from skafu.metrics.compaction.sealing import drop_named
from skafu.metrics.compaction.stored import Stored, part_at
from skafu.metrics.items import SEGMENT_LIFE_MS
from skafu.metrics.manifests import Manifest, part_bits, tag_of
from skafu.shared import keys
from skafu.shared.capacity import item_size
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.observability import logger

FOLD_BYTES = 2 * 1024 * 1024
"""So many bytes of late items one generation takes, more than half a million points: what is folded
is in memory as a whole, and done within seconds.
"""

COUNTED_MS = 25 * HOUR_MS
"""Alerts count a late item by its receipt where that is so long after its bucket's end at most."""

_WORK = 200  # reads and writes that a fold takes


class Folding:
    """Makes further generations."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def fold(self, place: Place, day: int, directories: tuple[str, ...], budget: Budget) -> Outcome:
        """Fold all late items of a day that has its first generation. `directories` are used where
        the day has none of its own. Raises Unavailable.
        """
        try:
            while not budget.spent():
                generations = self._means.manifests.generations(place, day)
                if not generations:
                    return Outcome.NOT_DUE
                late, all_of_it = self._some(place, day)
                rest = self._drop_named(place, day, late, generations)
                if rest:
                    self._fold(place, day, rest, generations, directories)
                    stored = self._means.manifests.generations(place, day)
                    self._drop_named(place, day, rest, stored)
                budget.take(_WORK)
                if all_of_it:
                    return Outcome.DONE
            return Outcome.LEFT
        except Blocked as reason:
            report("fold", day, reason)
            return Outcome.BLOCKED

    def _some(self, place: Place, day: int) -> tuple[list[Stored], bool]:
        """The first late items of a day, and whether these are all of them."""
        some: list[Stored] = []
        size = 0
        for item in self._means.sources.late(place, day, day + DAY_MS):
            if size > FOLD_BYTES:
                return some, False
            some.append(item)
            size += item_size(item)
        return some, True

    def _drop_named(
        self, place: Place, day: int, late: Sequence[Stored], generations: Sequence[Manifest]
    ) -> list[Stored]:
        """Delete the late items that a stored manifest names; returns the others."""
        if not late:
            return []
        buckets = {keys.bucket_start(keys.late_name(str(item["sk"])).bucket) for item in late}
        seals = self._means.manifests.seals(place, day, day + DAY_MS)
        stored = [seal for start, seal in seals.items() if start in buckets]
        return drop_named(self._means, place, late, [*stored, *generations])

    def _fold(  # pylint: disable=too-many-locals # one step after another
        self,
        place: Place,
        day: int,
        late: Sequence[Stored],
        generations: Sequence[Manifest],
        directories: tuple[str, ...],
    ) -> None:
        """Make one generation of late items that none names."""
        means, tally = self._means, Tally()
        lives = means.lives(place.tenant)
        used = [each.directories for each in generations if each.directories] or [directories]
        base = self._base(place, used[-1])
        grouping = placed(place.tenant, late, base, means.sources, means.directories, lives)
        parts = sorted({part_at(keys.late_name(str(item["sk"]))) for item in late})
        deleted = means.deletions.of(place.tenant)
        tag = tag_of(grouping.hashes, [*parts, *marks_of(deleted, day)])
        generation = Generation(means, place, day, generations[-1].generation + 1, tag)
        self._copy(place, late, tally)
        runs = gathered(late, grouping)
        leave_out(runs, grouping, deleted)
        present = self._write(generation, runs, grouping, tally)
        manifest = Manifest(
            shard=place.shard,
            start=day,
            generation=generation.number,
            tag=tag,
            directories=grouping.hashes,
            present=part_bits(present),
            points=sum(tally.points.values()),
            parts=tuple(parts),
        )
        expires = lives.manifest(generation.end, means.clock())
        means.directories.keep(place.tenant, grouping, expires, lives)
        series = {grouping.names[group].hash: some for group, some in present.items()}
        record_metrics(means, place.tenant, day, series)
        publish(means, place.tenant, manifest, parts, expires, tally)

    def _write(
        self, generation: Generation, runs: Runs, grouping: Grouping, tally: Tally
    ) -> dict[int, int]:
        """Write what the generation is made of; returns, by group, a bit for each series with
        points.
        """
        tally_points(runs, grouping, tally)
        present: dict[int, int] = {}
        batch = Batch(self._means.table, tally)
        for group, some in by_group(runs):
            present[group] = write_group(generation, grouping.groups[group], some, batch)
        batch.close()
        return present

    def _base(self, place: Place, directories: tuple[str, ...]) -> Grouping:
        if not directories:
            return nothing()
        try:
            return self._means.directories.load(place.tenant, directories)
        except Blocked as reason:
            logger.warning("directories cannot be gone on with", reason=str(reason))
            return nothing()

    def _copy(self, place: Place, late: Iterable[Stored], tally: Tally) -> None:
        """Keep what alerts may still count, before any manifest tells that it may go."""
        bucketing = self._means.tenancies.of(place.tenant).bucketing
        batch = Batch(self._means.table, tally)
        for item in late:
            tally.receive(item)
            name = keys.late_name(str(item["sk"]))
            end = bucketing.end(keys.bucket_start(name.bucket))
            if int(item["r"]) <= end + COUNTED_MS:
                key = keys.folded(place.tenant, place.shard, name)
                ttl = (end + SEGMENT_LIFE_MS) // 1000
                batch.add([{**item, **key._asdict(), "k": "folded", "ttl": ttl}])
        batch.close()
