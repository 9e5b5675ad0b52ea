"""The compactor: every few minutes, over all tenants and their shards."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from uuid import uuid4

from skafu.metrics.compaction.directories import Directories
from skafu.metrics.compaction.folding import Folding
from skafu.metrics.compaction.lease import Lease
from skafu.metrics.compaction.mark import Mark, Marks
from skafu.metrics.compaction.means import Deleted, Means
from skafu.metrics.compaction.merging import Merging, Outcome
from skafu.metrics.compaction.place import Budget, Place, endless
from skafu.metrics.compaction.sealing import Sealing
from skafu.metrics.compaction.shard import ShardCompaction
from skafu.metrics.compaction.stored import Manifests, Sources
from skafu.metrics.compaction.work import Done
from skafu.metrics.deletions import Deletions
from skafu.metrics.removal import Removal
from skafu.metrics.tenancy import Tenancies
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import Query, Table

WORK = 200_000
"""So many reads and writes, roughly, one run begins for one shard: then others have their turn."""

_SHARDS_BACK_MS = 40 * DAY_MS
_TURN_MS = 5 * MINUTE_MS


@dataclass(frozen=True)
class Report:
    """What a run did: buckets sealed, days merged and folded; what is blocked, and for over a day
    unsealed or unmerged; segments that came after their seal; shards that were not finished, and
    tenants that cannot be compacted.
    """

    tenants: int
    sealed: int
    merged: int
    folded: int
    blocked: int
    overdue: int
    strays: int
    left: int
    failed: int


class Compactor:
    """Compacts all tenants, as far as the time allows; the next run goes on from there.

    `retention_ms` is how long the environment keeps rollups. `owner` names this process in leases.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock,
        tenancies: Tenancies | None = None,
        *,
        retention_ms: int,
        deletions: Deleted | None = None,
        owner: str | None = None,
    ) -> None:
        self._table = table
        self._clock = clock
        self._means = Means(
            table=table,
            clock=clock,
            tenancies=tenancies or Tenancies(table, clock),
            deletions=deletions or Deletions(table, clock),
            retention_ms=retention_ms,
            sources=Sources(table),
            manifests=Manifests(table),
            directories=Directories(table, clock),
        )
        self._marks = Marks(table)
        self._lease = Lease(table, clock, owner or uuid4().hex)
        self._sealing = Sealing(self._means)
        self._merging = Merging(self._means, self._sealing)
        self._folding = Folding(self._means)
        self._shards = ShardCompaction(
            self._means, self._marks, self._sealing, self._merging, self._folding
        )
        self._removal = Removal(table, clock, self._means.tenancies)
        self._last: str | None = None  # the tenant that was compacted last, when the time was up

    def _moment(self, at: int | None) -> int:
        """The time to go by: an event's, so that time can be played, but never ahead of one's own
        (DESIGN 3, rule 3): writers do not leave a bucket earlier because an event says so.
        """
        now = self._clock()
        return now if at is None else min(at, now)

    # --- single steps -----------------------------------------------------------------------------

    def seal(self, tenant: str, shard: int, bucket: int, at: int | None = None) -> bool:
        """Seal the bucket that begins at `bucket`, if it is due; whether it has a seal now."""
        place = Place(tenant, shard)
        end = self._means.tenancies.of(tenant).bucketing.end(bucket)
        sealed = self._sealing.seal(
            place, [(bucket, end)], self._moment(at), self._directories(place)
        )
        return bucket in sealed.done

    def merge(self, tenant: str, shard: int, day: int, at: int | None = None) -> bool:
        """Seal what a day that is over lacks, and make its first generation; whether it has one
        now.
        """
        place, moment = Place(tenant, shard), self._moment(at)
        for bucket in self._merging.missing(place, day):
            self._sealing.seal(place, [bucket], moment, self._directories(place))
        outcome, _ = self._merging.merge(place, day, moment, None, Budget())
        return outcome is Outcome.DONE

    def fold(self, tenant: str, shard: int, day: int, at: int | None = None) -> bool:
        """Fold all late items of a day that has its first generation; whether none is left."""
        del at  # what is late has no time at which it is due
        place = Place(tenant, shard)
        outcome = self._folding.fold(place, day, self._directories(place), Budget())
        return outcome is Outcome.DONE

    def _directories(self, place: Place) -> tuple[str, ...]:
        mark = self._marks.read(place)
        return () if mark is None else mark.directories

    # --- a run ------------------------------------------------------------------------------------

    def run(
        self,
        at: int | None = None,
        remaining: Callable[[], int] = endless,
        tenant: str | None = None,
    ) -> Report:
        """Do what is due at `at`, for all tenants or one; `remaining` tells how many milliseconds
        are left. Raises Unavailable when the table is.
        """
        moment = self._moment(at)
        created = self._created()
        turn = [tenant] if tenant is not None else self._in_turn(created)
        total, failed, seen = Done(), 0, 0
        for number, each in enumerate(turn):
            if Budget(remaining).spent():
                total.left += len(turn) - number
                break
            try:
                with logger.append_context_keys(tenant=each):
                    done = self._tenant(each, created.get(each), moment, remaining)
            except Unavailable:
                raise
            except Exception:  # pylint: disable=broad-exception-caught # one tenant's is not all's
                logger.exception("tenant cannot be compacted", tenant=each)
                failed += 1
            else:
                total.add(done)
                seen += 1
            if tenant is None:
                self._last = each
        else:
            self._last = None
        if total.overdue or failed:
            count(Count.OVERDUE_COMPACTIONS, total.overdue + failed)
        return Report(tenants=seen, failed=failed, **vars(total))

    def _created(self) -> dict[str, int | None]:
        """All tenants, and when each was created as far as it is known."""
        return {
            str(item["tenant"]): int(item["created"]) if "created" in item else None
            for item in self._table.query_all(Query(keys.TENANTS))
        }

    def _in_turn(self, tenants: Iterable[str]) -> list[str]:
        """In an order in which none is always last: by a hash, going on after the one that was
        compacted last, or from a place that changes with time.
        """
        ordered = sorted(tenants, key=_turn)
        start = _turn(self._last or str(self._clock() // _TURN_MS))
        first = sum(1 for each in ordered if _turn(each) <= start)
        return ordered[first:] + ordered[:first]

    def _tenant(
        self, tenant: str, created: int | None, at: int, remaining: Callable[[], int]
    ) -> Done:
        sharding = self._means.tenancies.of(tenant).sharding
        done = Done()
        for shard in sharding.all(at - _SHARDS_BACK_MS, at + 1):
            begins = min((step for step, number in sharding.steps if number > shard), default=0)
            place = Place(tenant, shard)
            mark = self._mark(place, created, at, begins if shard else 0)
            if mark is None or not self._shards.is_due(place, mark, at):
                continue
            budget = Budget(remaining, WORK)
            if budget.spent():
                done.left += 1
            elif self._lease.take(place):
                try:
                    # What the mark said before the lease was taken may be old.
                    mark = self._marks.read(place) or mark
                    with logger.append_context_keys(shard=shard):
                        done.add(self._shards.run(place, mark, at, budget))
                finally:
                    self._lease.give_back(place)
        # What is deleted goes last: it is hidden already.
        done.left += not self._removal.work(tenant, remaining)
        return done

    def _mark(self, place: Place, created: int | None, at: int, begins: int) -> Mark | None:
        """A place's mark, made where there is none."""
        mark = self._marks.read(place)
        if mark is None:
            mark = self._marks.write(place, self._marks.begin(place, created, at, begins))
        return mark


def _turn(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
