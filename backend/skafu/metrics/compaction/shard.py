"""One run at one place: seal what is due, merge, fold, look after the rest, as far as the time
allows.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from skafu.metrics.compaction.care import Care
from skafu.metrics.compaction.folding import Folding
from skafu.metrics.compaction.lives import SEAL_MS
from skafu.metrics.compaction.mark import Mark, Marks
from skafu.metrics.compaction.means import Means
from skafu.metrics.compaction.merging import Merging, Outcome
from skafu.metrics.compaction.place import Blocked, Bucket, Budget, Place, report
from skafu.metrics.compaction.regrouping import regrouped
from skafu.metrics.compaction.sealing import Sealing
from skafu.metrics.compaction.work import Done, Moved, Work
from skafu.shared.capacity import item_size
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.observability import logger

FOLD_AFTER_MS = HOUR_MS
FOLD_OVER_BYTES = 256 * 1024
"""A day's late items are folded when the oldest is an hour old or they have so many bytes: each
generation is one item more for whoever reads the day.
"""

RETRIES = 4
"""So many buckets, and days, that were blocked before are tried again in one run."""

_TURN_MS = 5 * MINUTE_MS
_BUCKET_WORK = 8  # reads and writes that a bucket takes


class ShardCompaction:
    """Compacts one place."""

    def __init__(
        self, means: Means, marks: Marks, sealing: Sealing, merging: Merging, folding: Folding
    ) -> None:
        self._means = means
        self._marks = marks
        self._sealing = sealing
        self._merging = merging
        self._folding = folding
        self._care = Care(means, marks)

    def is_due(self, place: Place, mark: Mark, at: int) -> bool:
        """Whether there is anything to do."""
        if mark.open or mark.unmerged or mark.progress is not None:
            return True
        if self._next_bucket(place, mark)[1] + SEAL_MS <= at:
            return True
        if mark.merged + DAY_MS + SEAL_MS <= at:
            return True
        late = self._means.sources.first_late(place, 0)
        return late is not None and late // DAY_MS * DAY_MS + DAY_MS + SEAL_MS <= at

    def run(self, place: Place, mark: Mark, at: int, budget: Budget) -> Done:
        """Do what is due at `at`. Raises Unavailable."""
        work = Work(place, at, mark, mark, budget)
        try:
            self._seal_due(work)
            self._seal_open(work)
            self._merge_due(work)
            self._merge_left(work)
            self._fold_due(work)
            self._care.look_after(work)
            self._save(work)
        except Moved:
            logger.info("compaction goes on elsewhere", shard=place.shard)
        work.done.left += work.budget.spent()
        work.done.blocked = len(work.mark.open) + len(work.mark.unmerged)
        work.done.overdue = self.overdue(place, work.mark, at)
        return work.done

    def overdue(self, place: Place, mark: Mark, at: int) -> int:
        """How many buckets are unsealed, and days unmerged, that should have been a day ago."""
        since = at - DAY_MS
        bucketing = self._means.tenancies.of(place.tenant).bucketing
        buckets = sum(bucketing.end(start) + SEAL_MS < since for start in mark.open)
        buckets += max(0, since - SEAL_MS - mark.sealed) // bucketing.length(mark.sealed)
        days = sum(day + DAY_MS + SEAL_MS < since for day in mark.unmerged)
        days += max(0, since - SEAL_MS - mark.merged) // DAY_MS
        return int(buckets + days)

    def _save(self, work: Work) -> None:
        if work.mark == work.saved:
            return
        saved = self._marks.write(work.place, work.mark)
        if saved is None:
            raise Moved()
        work.mark = work.saved = saved

    def _next_bucket(self, place: Place, mark: Mark) -> Bucket:
        bucketing = self._means.tenancies.of(place.tenant).bucketing
        return bucketing.start(mark.sealed), bucketing.end(mark.sealed)

    def _concerned(self, place: Place, day: int) -> bool:
        """Whether the shard can hold points of a day."""
        sharding = self._means.tenancies.of(place.tenant).sharding
        return place.shard in sharding.all(day, day + DAY_MS)

    # --- sealing ----------------------------------------------------------------------------------

    def _due_hours(self, work: Work) -> Iterator[list[Bucket]]:
        """The buckets from the mark on that are due, by hour, oldest first."""
        bucketing = self._means.tenancies.of(work.place.tenant).bucketing
        end = work.at - SEAL_MS
        if work.mark.sealed >= end:
            return
        due = (x for x in bucketing.all(work.mark.sealed, end) if x[1] <= end)
        for _, buckets in groupby(due, key=lambda bucket: bucket[0] // HOUR_MS):
            yield list(buckets)

    def _seal_due(self, work: Work) -> None:
        """Catch up, oldest first."""
        for buckets in self._due_hours(work):
            if work.budget.spent():
                return
            start, end = buckets[0][0], buckets[-1][1]
            if start % DAY_MS == 0 and work.mark.regroup:
                found = regrouped(self._means, work.place, work.mark.regroup, work.mark.directories)
                work.mark = replace(work.mark, directories=found, regroup=0)
            if self._concerned(work.place, start // DAY_MS * DAY_MS):
                self._seal(work, buckets)
            work.mark = replace(work.mark, sealed=end)
            if end % DAY_MS == 0:
                self._save(work)

    def _seal(self, work: Work, buckets: list[Bucket]) -> None:
        """Seal buckets of one hour; those that are blocked stay in the mark."""
        directories = work.mark.directories
        sealed = self._sealing.seal(work.place, buckets, work.at, directories)
        still = (set(work.mark.open) | sealed.blocked) - sealed.done
        work.mark = replace(work.mark, directories=sealed.directories, open=tuple(sorted(still)))
        work.done.sealed += len(sealed.done)
        work.budget.take(_BUCKET_WORK * len(buckets))

    def _seal_open(self, work: Work) -> None:
        """Try again what was blocked before."""
        bucketing = self._means.tenancies.of(work.place.tenant).bucketing
        for start in _in_turn(work.mark.open, work.at):
            if work.budget.spent():
                return
            self._seal(work, [(start, bucketing.end(start))])

    # --- merging ----------------------------------------------------------------------------------

    def _merge_due(self, work: Work) -> None:
        """Merge the days from the mark on whose buckets were all looked at."""
        while work.mark.merged + DAY_MS <= work.mark.sealed and not work.budget.spent():
            day = work.mark.merged
            outcome = Outcome.DONE
            if self._concerned(work.place, day):
                outcome = self._merge(work, day)
            if outcome in (Outcome.LEFT, Outcome.NOT_DUE):
                return
            work.mark = replace(work.mark, merged=day + DAY_MS)
            if outcome is Outcome.BLOCKED:
                left = sorted({*work.mark.unmerged, day})
                work.mark = replace(work.mark, unmerged=tuple(left))
            self._save(work)

    def _merge_left(self, work: Work) -> None:
        """Try again what was blocked before."""
        for day in _in_turn(work.mark.unmerged, work.at):
            if work.budget.spent():
                return
            if self._merge(work, day) is Outcome.DONE:
                left = tuple(each for each in work.mark.unmerged if each != day)
                work.mark = replace(work.mark, unmerged=left)

    def _merge(self, work: Work, day: int) -> Outcome:
        """Seal what a day lacks, and merge it."""
        try:
            missing = self._merging.missing(work.place, day)
        except Blocked as reason:
            report("merge", day, reason)
            return Outcome.BLOCKED
        for _, buckets in groupby(missing, key=lambda bucket: bucket[0] // HOUR_MS):
            if work.budget.spent():
                return Outcome.LEFT
            self._seal(work, list(buckets))
        outcome, progress = self._merging.merge(
            work.place, day, work.at, work.mark.progress, work.budget
        )
        work.mark = replace(work.mark, progress=progress)
        if outcome is Outcome.DONE:
            work.done.merged += 1
            work.mark = replace(work.mark, regroup=max(day, work.mark.regroup))
        return outcome

    # --- folding ----------------------------------------------------------------------------------

    def _fold_due(self, work: Work) -> None:
        """Fold the late items of merged days; days before the mark's first are merged first."""
        after = 0
        while not work.budget.spent():
            first = self._means.sources.first_late(work.place, after)
            if first is None:
                return
            day = first // DAY_MS * DAY_MS
            if work.at < day + DAY_MS + SEAL_MS:
                return  # neither this day is over, nor those behind it
            after = day + DAY_MS
            work.budget.take(1)
            if day not in work.mark.unmerged and self._is_fold_due(work, day):
                self._fold(work, day)

    def _is_fold_due(self, work: Work, day: int) -> bool:
        size = 0
        for item in self._means.sources.late(work.place, day, day + DAY_MS):
            size += item_size(item)
            if size > FOLD_OVER_BYTES or int(item["r"]) < work.at - FOLD_AFTER_MS:
                return True
        return False

    def _fold(self, work: Work, day: int) -> None:
        try:
            merged = bool(self._means.manifests.generations(work.place, day))
        except Blocked as reason:
            report("fold", day, reason)
            return
        if not merged and self._merge(work, day) is not Outcome.DONE:
            return
        directories = work.mark.directories
        if self._folding.fold(work.place, day, directories, work.budget) is Outcome.DONE:
            work.done.folded += 1


def _in_turn(waiting: tuple[int, ...], at: int) -> tuple[int, ...]:
    """Some of what waits, others in the next run."""
    if not waiting:
        return ()
    first = at // _TURN_MS * RETRIES % len(waiting)
    return (waiting[first:] + waiting[:first])[:RETRIES]
