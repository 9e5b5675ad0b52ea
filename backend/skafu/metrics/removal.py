"""Taking a deleted metric out of the table, bit by bit; until then, and after, deletions hide it.

What lives long is taken out: of every generation of the days before the one of the request the
metric's points, hours and sketches. Items of that metric alone are deleted; those that it shares
with others are written again under the same key without it, and where nothing would be left a mark
that nothing is there, because the manifest names the item. Of the day of the request itself, and of
whatever arrives later, compaction leaves out what is deleted (compaction/points.py). Requests as
they were stored die within 32 days, chunks within 7, by themselves.

A look ends with the metric's record, and leaves catalogue entries to the second one, a day later:
layouts that are in use were renewed meanwhile, and what a compaction that was under way at the
moment of the request has written is found then too. Every step may be done again, by several at a
time: what is done already is left as it is.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import batched, groupby

from skafu.metrics.archive import Archive
from skafu.metrics.blocks import DAY_SERIES
from skafu.metrics.columns import CodecError
from skafu.metrics.deletions import DONE, RUNNING, Deletion, Deletions
from skafu.metrics.manifests import manifest_from
from skafu.metrics.model import Layout, columns_of
from skafu.metrics.rewriting import (
    Name,
    Step,
    Task,
    hours_without,
    key_in,
    name_in,
    points_without,
)
from skafu.metrics.rollups import ROLLUP_SERIES
from skafu.metrics.tenancy import Tenancies
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, DAYS, HOUR_MS, ROLLUPS, SKETCHES
from skafu.shared.observability import logger
from skafu.shared.table import (
    Below,
    ConditionFailed,
    Delete,
    Equals,
    Item,
    Query,
    Table,
    TransactionConflict,
    Update,
    Value,
    Write,
)

RESERVE_MS = 8_000
"""With less time than this left no further item is begun."""

SECOND_LOOK_MS = DAY_MS + 2 * HOUR_MS
"""Layouts in use are renewed once a day; two hours for processes that remember it."""

_BATCH = 25
_MOST_TOGETHER = 100  # writes of one transaction


class _Interrupted(Exception):
    """The time is up, or the deletion has moved on: the next run goes on."""


class Removal:
    """What the compactor does for deletions: some of it in every run."""

    def __init__(self, table: Table, clock: Clock, tenancies: Tenancies) -> None:
        self._table = table
        self._clock = clock
        self._tenancies = tenancies
        self._deletions = Deletions(table, clock)
        self._archive = Archive(table, cached_series=10_000, cached_groups=20_000)

    def work(self, tenant: str, remaining: Callable[[], int]) -> bool:
        """Go on with a tenant's deletions while more than some seconds are left of the time that
        `remaining` tells, in milliseconds; whether everything that was due is done. Raises
        Unavailable.
        """
        for deletion in list(self._deletions.all(tenant)):
            again = deletion.again is not None and deletion.again <= self._clock()
            if deletion.state != RUNNING and not again:
                continue
            if remaining() < RESERVE_MS:
                return False
            try:
                self._look(tenant, deletion, remaining)
            except (_Interrupted, TransactionConflict):
                return False
        return True

    def _look(self, tenant: str, deletion: Deletion, remaining: Callable[[], int]) -> None:
        """Take out what there is, from where the look before has come to."""
        before = deletion.until // DAY_MS * DAY_MS
        place = None if deletion.place is None else Step(*json.loads(deletion.place))
        groups: dict[tuple[int, str], Layout] = {}
        for step in self._steps(tenant, deletion.metric, before, groups):
            if place is not None and step <= place:
                continue
            task = Task(tenant, deletion.metric, before, step, groups[step.shard, step.group])
            done = 0
            for changed in self._take_out(task):
                done += changed
                # Only after a change: the next run finds this one done, and gets further.
                if changed and remaining() < RESERVE_MS:
                    self._note(tenant, deletion, done, {})
                    raise _Interrupted
            self._note(tenant, deletion, done, {"place": json.dumps(step)})
            if remaining() < RESERVE_MS:
                raise _Interrupted
        self._end(tenant, deletion)

    # --- what there is to do ----------------------------------------------------------------------

    def _steps(
        self, tenant: str, metric: str, before: int, groups: dict[tuple[int, str], Layout]
    ) -> Iterator[Step]:
        """All steps, always in the same order; `groups` learns the groups that they are about."""
        for shard in self._tenancies.of(tenant).sharding.all(0, before + DAY_MS):
            holding = sorted(self._holding(tenant, shard, metric, before), key=lambda x: x.hash)
            for group in holding:
                groups[shard, group.hash] = group
                mine = columns_of(group, metric)
                for kind, size in ((DAYS, DAY_SERIES), (ROLLUPS, ROLLUP_SERIES)):
                    for part in range(mine.start // size, (mine.stop - 1) // size + 1):
                        yield Step(shard, group.hash, kind, part)

    def _holding(self, tenant: str, shard: int, metric: str, before: int) -> Iterator[Layout]:
        """The groups that hold the metric, of all generations of the days before."""
        names: set[str] = set()
        between = keys.generation_range(0, before)
        partition = keys.generations(tenant, shard)
        for item in self._table.query_all(Query(partition, between=between, consistent=True)):
            try:
                names.update(manifest_from(item).directories)
            except CodecError:
                logger.error("manifest cannot be read", sk=item["sk"], exc_info=True)
        directories = self._archive.directories(tenant, sorted(names)).values()
        wanted = {x.hash for each in directories for x in each.groups if x.may_hold(metric)}
        for _, group in self._archive.groups(tenant, sorted(wanted)):
            if group is not None and columns_of(group, metric):
                yield group

    # --- taking out -------------------------------------------------------------------------------

    def _take_out(self, task: Task) -> Iterator[int]:
        """Work on one part, item by item; tells after each how many were deleted or rewritten."""
        return self._deleted(task) if task.alone else self._rewritten(task)

    def _deleted(self, task: Task) -> Iterator[int]:
        for kind in (DAYS,) if task.step.kind == DAYS else (ROLLUPS, SKETCHES):
            for some in batched(self._table.query_all(task.items(kind)), _BATCH):
                self._table.write_many([Delete(key_in(item)) for item in some])
                yield len(some)

    def _rewritten(self, task: Task) -> Iterator[int]:
        for name, some in groupby(self._table.query_all(task.items(task.step.kind)), name_in):
            items = list(some)
            try:
                writes = self._without(task, name, items)
            except CodecError:
                # It stays as it is: hidden, and told of to whoever asks for the others in it.
                logger.error("item cannot be rewritten", sk=items[0]["sk"], exc_info=True)
                continue
            if writes:
                self._write_together(writes)
            yield len(writes)

    def _without(self, task: Task, name: Name, items: Sequence[Item]) -> list[Write]:
        if task.step.kind == DAYS:
            return points_without(task, name, items)
        details = list(self._table.query_all(task.details(name)))
        return hours_without(task, name, items, details)

    def _write_together(self, writes: Sequence[Write]) -> None:
        """All or nothing, because pieces that do not fit together cannot be read."""
        if len(writes) <= _MOST_TOGETHER:
            self._table.transact(writes)
            return
        logger.error("item has too many pieces to be rewritten", pieces=len(writes))

    # --- how far it has come ----------------------------------------------------------------------

    def _note(
        self, tenant: str, deletion: Deletion, done: int, more: dict[str, Value], *gone: str
    ) -> None:
        """Note how far it has come. Raises _Interrupted when the metric was deleted again."""
        if not done and not more:
            return
        update = Update(
            keys.deletion(tenant, deletion.metric),
            set=more,
            add={"removed": done},
            remove=gone,
            when=Equals("until", deletion.until),
        )
        try:
            self._table.write(update)
        except ConditionFailed as error:
            raise _Interrupted from error

    def _end(self, tenant: str, deletion: Deletion) -> None:
        """All steps are done: what is known of the metric goes too."""
        first = deletion.state == RUNNING
        if not first:
            self._forget_entries(tenant, deletion)
        self._forget_record(tenant, deletion)
        if first:
            now = self._clock()
            again = max(now, deletion.until + SECOND_LOOK_MS)
            ended: dict[str, Value] = {"state": DONE, "finished": now, "again": again}
            self._note(tenant, deletion, 0, ended, "place")
        else:
            self._note(tenant, deletion, 0, {"state": DONE}, "place", "again")
        logger.info("metric removed", until=deletion.until, second=not first)

    def _forget_record(self, tenant: str, deletion: Deletion) -> None:
        """The record goes, unless the metric has points since: then it begins with their day."""
        day = deletion.until // DAY_MS * DAY_MS
        key = keys.metric_record(tenant, deletion.metric)
        item = self._table.get(key, consistent=True)
        if item is None:
            return
        last = int(item.get("last_day", 0))
        when = Equals("last_day", last)
        write: Write = Delete(key, when)
        if last >= day:
            if int(item["first_day"]) >= day:
                return
            write = Update(key, set={"first_day": day}, when=when)
        try:
            self._table.write(write)
        except ConditionFailed:
            pass  # a day was merged meanwhile: the record is of points that are there

    def _forget_entries(self, tenant: str, deletion: Deletion) -> None:
        """Catalogue entries go that were not renewed since the request."""
        prefix = keys.catalogue_prefix(deletion.metric)
        entries = Query(keys.catalogue(tenant), begins=prefix, consistent=True)
        old = Below("seen", deletion.until)
        for some in batched(self._table.query_all(entries), _BATCH):
            stale = [item for item in some if int(item["seen"]) < deletion.until]
            self._table.write_many([Delete(key_in(item), old) for item in stale])
