"""Merging: from the chunks of a day's buckets to its first generation (DESIGN 3, rule 6).

Group by group, so that memory holds one group's day; where the time is up, the next run goes on
with the group after the last. Only what seals name is merged; a chunk that is missing is written
again from the segments that its seal names.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import Enum

from skafu.metrics.compaction.chunks import Chunks
from skafu.metrics.compaction.directories import Grouping
from skafu.metrics.compaction.lives import SEAL_MS
from skafu.metrics.compaction.means import Batch, Means, Tally, marks_of
from skafu.metrics.compaction.parts import Generation, write_group
from skafu.metrics.compaction.place import Blocked, Budget, Place, report
from skafu.metrics.compaction.publishing import publish
from skafu.metrics.compaction.records import record_metrics
from skafu.metrics.compaction.sealing import Sealing
from skafu.metrics.manifests import Manifest, part_bits, tag_of
from skafu.metrics.model import Layout
from skafu.metrics.usage import bills_of, sum_bills
from skafu.shared.keys import DAY_MS

_GROUPS = 32  # groups whose lists are read together
_GROUP_WORK = 20  # reads and writes that a group takes


class Outcome(Enum):
    """What became of a day."""

    DONE = "done"
    NOT_DUE = "not due"
    BLOCKED = "blocked"
    LEFT = "left"
    """The time was up: the next run goes on."""


@dataclass(frozen=True)
class Progress:
    """How far the merge of a day has come: the groups before `next` are written under `tag`.

    `present` are those that have points: their number, and a bit for each series with points.
    """

    day: int
    tag: str
    next: int = 0
    present: tuple[tuple[int, int], ...] = ()
    points: int = 0
    wru: float = 0
    rru: float = 0

    def text(self) -> str:
        """To be kept in the mark."""
        return json.dumps(asdict(self))

    @staticmethod
    def read(text: str) -> "Progress":
        """What `text` wrote."""
        found = json.loads(text)
        present = tuple((int(number), int(series)) for number, series in found["present"])
        return Progress(**found | {"present": present})


class Merging:
    """Makes first generations."""

    def __init__(self, means: Means, sealing: Sealing) -> None:
        self._means = means
        self._sealing = sealing

    def missing(self, place: Place, day: int) -> list[tuple[int, int]]:
        """The buckets of a day that have no seal."""
        sealed = self._means.manifests.seals(place, day, day + DAY_MS)
        bucketing = self._means.tenancies.of(place.tenant).bucketing
        return [bucket for bucket in bucketing.all(day, day + DAY_MS) if bucket[0] not in sealed]

    def merge(
        self, place: Place, day: int, at: int, progress: Progress | None, budget: Budget
    ) -> tuple[Outcome, Progress | None]:
        """Make a day's first generation if it has none, and all its buckets are sealed; goes on
        where `progress` says. Raises Unavailable.
        """
        if at < day + DAY_MS + SEAL_MS:
            return Outcome.NOT_DUE, progress
        try:
            if self._means.manifests.generations(place, day):
                return Outcome.DONE, None
            if self.missing(place, day):
                return Outcome.BLOCKED, progress
            return self._merge(place, day, progress, budget)
        except Blocked as reason:
            report("merge", day, reason)
            return Outcome.BLOCKED, progress

    def _merge(
        self, place: Place, day: int, progress: Progress | None, budget: Budget
    ) -> tuple[Outcome, Progress | None]:
        means = self._means
        seals = means.manifests.seals(place, day, day + DAY_MS)
        grouping = means.directories.joined(
            place.tenant, (seals[start].directories for start in sorted(seals))
        )
        deleted = means.deletions.of(place.tenant)
        content = [seals[start].tag for start in sorted(seals)]
        tag = tag_of(grouping.hashes, [*content, *marks_of(deleted, day)])
        if progress is None or (progress.day, progress.tag) != (day, tag):
            progress = Progress(day, tag)
        chunks = Chunks(means, self._sealing, place, day, seals, deleted)
        progress = self._groups(place, grouping, chunks, progress, budget)
        if progress.next < len(grouping.names):
            return Outcome.LEFT, progress
        self._finish(place, grouping, seals.values(), progress)
        return Outcome.DONE, None

    def _finish(
        self, place: Place, grouping: Grouping, seals: Iterable[Manifest], progress: Progress
    ) -> None:
        """All groups are written: let them count."""
        means, day = self._means, progress.day
        lives = means.lives(place.tenant)
        manifest = Manifest(
            shard=place.shard,
            start=day,
            generation=1,
            tag=progress.tag,
            directories=grouping.hashes if progress.present else (),
            present=part_bits(dict(progress.present)),
            points=progress.points,
        )
        expires = lives.manifest(day + DAY_MS, means.clock())
        means.directories.keep(place.tenant, grouping, expires, lives)
        series = {grouping.names[number].hash: some for number, some in progress.present}
        record_metrics(means, place.tenant, day, series)
        bill = sum_bills(bills_of(means.table, place.tenant, seals).values())
        tally = Tally(
            points=Counter(bill.points),
            bytes=bill.bytes,
            wru=bill.wru + progress.wru,
            rru=bill.rru + progress.rru,
            requests=bill.requests,
        )
        publish(means, place.tenant, manifest, (), expires, tally)

    def _groups(  # pylint: disable=too-many-locals # what goes on and what came of it
        self,
        place: Place,
        grouping: Grouping,
        chunks: Chunks,
        progress: Progress,
        budget: Budget,
    ) -> Progress:
        """Write group after group, as far as the time allows."""
        means = self._means
        tally = Tally(wru=progress.wru, rru=progress.rru)
        generation = Generation(means, place, progress.day, 1, progress.tag)
        present, points, after = list(progress.present), progress.points, progress.next
        batch = Batch(means.table, tally)
        while after < len(grouping.names) and not budget.spent():
            names = [each.hash for each in grouping.names[after : after + _GROUPS]]
            wanted = [name for name in names if chunks.has(name)]
            found = means.directories.groups(place.tenant, wanted)
            groups: dict[str, Layout] = {group.hash: group for group in found}
            for name in names:
                if budget.spent():
                    break
                if name in groups:
                    runs = chunks.runs(groups[name], tally)
                    series = write_group(generation, groups[name], runs, batch)
                    budget.take(_GROUP_WORK)
                    if series:
                        present.append((after, series))
                        points += sum(map(len, runs.values()))
                after += 1
        batch.close()
        return replace(
            progress,
            next=after,
            present=tuple(present),
            points=points,
            wru=tally.wru,
            rru=tally.rru,
        )
