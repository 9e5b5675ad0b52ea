"""What a run looks after when the compacting is done."""

from dataclasses import replace

from skafu.metrics.compaction.keeping import clean_catalogue, keep_alive, strays
from skafu.metrics.compaction.mark import Marks
from skafu.metrics.compaction.means import Means
from skafu.metrics.compaction.pace import set_pace
from skafu.metrics.compaction.place import Blocked, Place
from skafu.metrics.compaction.work import Work
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.observability import logger

KEEP_FROM_MS = 24 * DAY_MS
"""From this age on what is not compacted is kept alive."""


class Care:
    """Looks after one place."""

    def __init__(self, means: Means, marks: Marks) -> None:
        self._means = means
        self._marks = marks

    def look_after(self, work: Work) -> None:
        """Look for strays, keep alive what waits; and once for all shards, in the first of them,
        clean the catalogue and set the pace.
        """
        self._look_for_strays(work)
        if work.at - work.mark.kept > DAY_MS and not work.budget.spent():
            self._keep_alive(work)
        if work.place.shard == 0 and not work.budget.spent():
            set_pace(self._means, work.place.tenant)
            if work.at - work.mark.cleaned > DAY_MS:
                through = self._merged_through(work)
                clean_catalogue(self._means, work.place.tenant, through, work.budget)
                work.mark = replace(work.mark, cleaned=work.at)

    def _look_for_strays(self, work: Work) -> None:
        hour = max(work.mark.looked, work.mark.sealed - DAY_MS) // HOUR_MS * HOUR_MS
        # An hour later, so that what is on its way still has landed.
        while hour + 2 * HOUR_MS <= work.mark.sealed and not work.budget.spent():
            work.done.strays += self._strays(work.place, hour)
            hour += HOUR_MS
            work.mark = replace(work.mark, looked=hour)

    def _strays(self, place: Place, hour: int) -> int:
        try:
            return strays(self._means, place, hour)
        except Blocked as reason:
            logger.error("strays cannot be looked for", hour=hour, reason=str(reason))
            return 0

    def _keep_alive(self, work: Work) -> None:
        old = work.at - KEEP_FROM_MS
        mark = work.mark
        waiting = {start // DAY_MS * DAY_MS for start in (*mark.open, *mark.unmerged)}
        waiting.update(range(mark.merged, min(old, mark.sealed + DAY_MS), DAY_MS))
        if (late := self._means.sources.first_late(work.place, 0)) is not None:
            waiting.add(late // DAY_MS * DAY_MS)  # what it names may end before it is folded
        for day in sorted(day for day in waiting if day < old):
            try:
                keep_alive(self._means, work.place, day)
            except Blocked as reason:
                logger.error("data cannot be kept alive", day=day, reason=str(reason))
        work.mark = replace(work.mark, kept=work.at)

    def _merged_through(self, work: Work) -> int:
        """Every day before this one is merged, in all shards."""
        sharding = self._means.tenancies.of(work.place.tenant).sharding
        days = [min((work.mark.merged, *work.mark.unmerged))]
        for shard in sharding.all(work.at - KEEP_FROM_MS, work.at):
            if shard != work.place.shard:
                mark = self._marks.read(Place(work.place.tenant, shard))
                days.append(0 if mark is None else min((mark.merged, *mark.unmerged)))
        return min(days)
