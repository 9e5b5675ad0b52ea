"""The points and hours of any range, from wherever they are: hours and points of merged days,
chunks of sealed buckets, segments of open ones, and what came late (DESIGN 3, rules 4 to 7).

The order is late items, manifests, data. Late items, manifests and open buckets are read
consistently, what manifests name is not: where it is missing it is read again consistently, and
made again from the requests that the manifest says are inside where it still is missing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from skafu.metrics.archive import Archive
from skafu.metrics.columns import CodecError
from skafu.metrics.demands import Demand, HourRun, Run, Sieve
from skafu.metrics.fetch import READERS, Fetch
from skafu.metrics.gathering import Content, Gathering, damaged, sought_again
from skafu.metrics.items import SEGMENT_LIFE_MS
from skafu.metrics.manifest_reader import ManifestReader, Standing
from skafu.metrics.manifests import Manifest, part_of
from skafu.metrics.model import Series
from skafu.metrics.plan import CHUNKS, Lost, Plan, Unit, day_windows
from skafu.metrics.population import Population
from skafu.metrics.restoration import Restoration
from skafu.metrics.sources import Bucket, Sources
from skafu.metrics.store import MetricsStore
from skafu.metrics.tenancy import Tenancy
from skafu.metrics.times import RAW_RETENTION_MS, accepted
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, DAYS, ROLLUPS
from skafu.shared.table import Query, Table

__all__ = ["Demand", "HourRun", "Reader", "Run"]

MOST_GROUPS = 1_000
"""Of so many groups, 64,000 series, a list tells."""

type Delivered = Iterator[tuple[int, Run | HourRun]]


class Deletions(Protocol):
    """Which metrics are deleted (`deletions.Deletions`)."""

    def of(self, tenant: str) -> Mapping[str, int]:
        """For each deleted metric the moment before which its points are."""


class Reader:
    """Safe to use from one invocation at a time; what it caches is content-addressed.

    `degree` is how many questions are under way at a time; with 1 all of it happens in the caller's
    thread. `retention_ms` is how long the environment keeps rollups: what is older and gone is
    nobody's fault.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock,
        *,
        store: MetricsStore | None = None,
        deletions: Deletions | None = None,
        degree: int = READERS,
        retention_ms: int | None = None,
    ) -> None:
        self._table = table
        self._clock = clock
        self._store = store or MetricsStore(table, clock, readers=degree)
        self._deletions = deletions
        self._fetch = Fetch(table, degree)
        self._archive = Archive(table)
        self._manifests = ManifestReader(table)
        self._retention = retention_ms

    def read(self, tenant: str, demands: Sequence[Demand], warnings: list[str]) -> Delivered:
        """Points and hours with the number of the demand that they are for, in no order; every
        acknowledged point exactly once for each demand that wants it, in a run or in an hour.

        A series may come in any number of runs. Without `hours` only runs come; of days older than
        raw retention (30 days) then only what is still there. Points of deleted metrics never come;
        where an hour began before the deletion, the points of its rest come instead of it.
        `warnings` is told of whatever is missing. Raises Unavailable.
        """
        deleted = self._deletions.of(tenant) if self._deletions else {}
        sieve = Sieve(demands, deleted)
        if not sieve.windows.all:
            return
        tenancy = self._store.tenancies.of(tenant)
        reading = _Reading(
            tenant=tenant,
            sieve=sieve,
            tenancy=tenancy,
            population=Population(self._archive, tenant, sieve),
            sources=Sources(self._fetch, self._store, tenant, tenancy, sieve, warnings),
            fetch=self._fetch,
            manifests=self._manifests,
            now=self._clock(),
            retention=self._retention_of(tenancy),
            warnings=warnings,
        )
        yield from reading.all()

    def series(
        self, tenant: str, metric: str, start: int, end: int, most: int = MOST_GROUPS
    ) -> "Seen":
        """The series of a metric in the groups that had points in [start, end) and are compacted,
        and until when each had some at most; of so many groups. Raises Unavailable.
        """
        sieve = Sieve([Demand(metric, start, end)], {})
        population = Population(self._archive, tenant, sieve)
        last = self._groups(tenant, sieve, population)
        newest = sorted(last, key=last.__getitem__, reverse=True)
        found: dict[Series, int] = {}
        for group, selection in population.selected(newest[:most]):
            for each in selection.series.values() if selection else ():
                found[each] = max(last[group], found.get(each, 0))
        return Seen(found, len(newest) <= most)

    def _groups(self, tenant: str, sieve: Sieve, population: Population) -> dict[str, int]:
        """The groups with points in what is asked for, and until when at most."""
        bucketing = self._store.tenancies.of(tenant).bucketing
        plan = Plan(tenant, sieve, population, bucketing)
        last: dict[str, int] = {}
        if not sieve.windows.all:
            return last
        start, end = sieve.bounds()
        for shard in self._store.tenancies.of(tenant).sharding.all(start, end):
            standing = self._manifests.standing(tenant, shard, sieve, bucketing, [])
            for manifest in plan.surveyed(standing):
                until = min(end, plan.end_of(manifest)) - 1
                for _, group in population.present(manifest) or ():
                    last[group] = max(until, last.get(group, 0))
        return last

    def _retention_of(self, tenancy: Tenancy) -> int | None:
        own = tenancy.quotas.retention_days
        known = [each for each in (self._retention, own and own * DAY_MS) if each is not None]
        return min(known, default=None)


@dataclass(frozen=True)
class Seen:
    """Series, and when each was last seen at most; whether these are all."""

    series: Mapping[Series, int]
    complete: bool


@dataclass
class _Reading:
    """One call of `read`."""

    tenant: str
    sieve: Sieve
    tenancy: Tenancy
    population: Population
    sources: Sources
    fetch: Fetch
    manifests: ManifestReader
    now: int
    retention: int | None
    warnings: list[str]

    def all(self) -> Delivered:
        """Everything that is asked for."""
        start, end = self.sieve.bounds()
        standings = list(self.fetch.each(self._standing, self.tenancy.sharding.all(start, end)))
        for standing in standings:
            yield from self._compacted(standing)
        for standing in standings:
            yield from self._uncompacted(standing)
        self.sources.tell_nameless()

    def _standing(self, shard: int) -> Standing:
        return self.manifests.standing(
            self.tenant, shard, self.sieve, self.tenancy.bucketing, self.warnings
        )

    # --- what manifests name ----------------------------------------------------------------------

    def _compacted(self, standing: Standing) -> Delivered:
        plan = Plan(self.tenant, self.sieve, self.population, self.tenancy.bucketing)
        lost: list[Lost] = []
        for unit, manifest, content in self._contents(plan.units(standing, lost), lost):
            if isinstance(content, Mapping):
                yield from self.sieve.hour_runs(unit.selection, content)
                continue
            windows = (
                self.sieve.windows.all
                if unit.kind == CHUNKS
                else day_windows(self.sieve, standing, manifest.start, DAYS)
            )
            yield from self.sieve.runs(unit.selection, content, windows)
        if lost:
            yield from self._restoration().restored(standing, lost)

    def _restoration(self) -> Restoration:
        return Restoration(
            self.tenant,
            self.sieve,
            self.population,
            self.manifests,
            self.sources,
            self.tenancy.bucketing,
            self.now,
            self.warnings,
        )

    def _contents(
        self, units: Iterator[Unit], lost: list[Lost]
    ) -> Iterator[tuple[Unit, Manifest, Content]]:
        """What is stored of units; what cannot be read is added to `lost`."""
        under_way: dict[int, tuple[Gathering, int]] = {}

        def queries() -> Iterator[Query]:
            number = 0
            for unit in units:
                gathering = Gathering(unit)
                for place, query in enumerate(unit.queries):
                    under_way[number] = gathering, place
                    number += 1
                    yield query

        for got in self.fetch.pages(queries()):
            gathering, place = under_way.pop(got.number) if got.last else under_way[got.number]
            unit = gathering.unit
            for manifest in gathering.take(place, got.items, got.last):
                content = self._read(gathering, manifest, lost)
                if content is not None:
                    yield unit, manifest, content
            for manifest in gathering.missing if gathering.ended else ():
                content = self._sought(unit, manifest, lost)
                if content is not None:
                    yield unit, manifest, content

    def _read(self, gathering: Gathering, manifest: Manifest, lost: list[Lost]) -> Content | None:
        try:
            return gathering.content(manifest)
        except CodecError as error:
            gathering.give_up(manifest)
            self._lose(gathering.unit, manifest, lost, error)
            return None

    def _sought(self, unit: Unit, manifest: Manifest, lost: list[Lost]) -> Content | None:
        if self._over(unit, manifest):
            return None
        try:
            content = sought_again(self.fetch.table, unit, manifest)
        except CodecError as error:
            self._lose(unit, manifest, lost, error)
            return None
        if content is None:
            self._lose(unit, manifest, lost, None)
        return content

    def _over(self, unit: Unit, manifest: Manifest) -> bool:
        """Whether the life of what a manifest names is over."""
        if unit.kind == CHUNKS:
            return False
        life = RAW_RETENTION_MS if unit.kind == DAYS else self.retention
        return life is not None and manifest.start + DAY_MS + life <= self.now

    def _lose(
        self, unit: Unit, manifest: Manifest, lost: list[Lost], error: CodecError | None
    ) -> None:
        if error is not None:
            what = f"{unit.kind} of group {unit.group} in {manifest.roster}"
            self.warnings.append(damaged(what, error))
        series = frozenset(unit.selection.series.values())
        lost.append(Lost(manifest, unit.kind == ROLLUPS, unit.group, series))

    # --- what is not compacted yet ----------------------------------------------------------------

    def _uncompacted(self, standing: Standing) -> Delivered:
        lates = [late for late in standing.lates if self.sources.may_matter(late.name.layout)]
        fresh = list(self.manifests.unnamed(self.tenant, standing, lates, self.warnings))
        buckets = list(self._open(standing))
        doubtful = {late.part: late for late in fresh}
        for segment in self.sources.segments(standing.shard, buckets):
            if doubtful:
                doubtful.pop(part_of(segment), None)
            yield from self.sources.runs(segment, self.sieve.windows.all)
        for segment in self.sources.decoded(late.item for late in doubtful.values()):
            yield from self.sources.runs(segment, self.sieve.windows.all)

    def _open(self, standing: Standing) -> Iterator[Bucket]:
        """The buckets that are asked for, not compacted, and can have segments."""
        low, high = self.sieve.bounds()
        low = max(low, self.now - SEGMENT_LIFE_MS - DAY_MS)
        high = min(high, accepted(self.now).end + DAY_MS)
        for start, end in self.tenancy.bucketing.all(low, high):
            if (
                not standing.merged(start)
                and start not in standing.seals
                and self.sieve.asks(start, end)
            ):
                yield start, end
