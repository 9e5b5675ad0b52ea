"""What counts of one shard in a range of time, as the table says it at one moment.

The order is what makes it right (DESIGN 3, rules 5 and 7): late items first, then the manifests of
days, both consistently, then those of buckets. What moves from late items into a generation
meanwhile is seen twice, never missed, and a late item that any manifest names is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from skafu.metrics.columns import CodecError
from skafu.metrics.demands import Sieve
from skafu.metrics.manifests import Manifest, manifest_from, part_named, roster_from
from skafu.metrics.tenancy import Bucketing
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, Key, SegmentName
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import Item, Query, Table


@dataclass(frozen=True)
class Late:
    """A late item, its name and its bucket's start."""

    item: Item
    name: SegmentName
    bucket: int

    @property
    def part(self) -> bytes:
        """The name under which manifests know it."""
        return part_named(self.name.layout, self.bucket, self.name.request)

    @property
    def day(self) -> int:
        """The day that it belongs to."""
        return self.bucket // DAY_MS * DAY_MS


@dataclass(frozen=True)
class Standing:
    """`generations` are those of each day, in order, also of days between those that are asked for;
    `seals` those of all buckets of days that are not merged, and of the buckets that late items are
    for; `lates` what was there before them.
    """

    shard: int
    lates: Sequence[Late]
    generations: Mapping[int, Sequence[Manifest]]
    seals: Mapping[int, Manifest]

    def merged(self, at: int) -> bool:
        """Whether the day of this moment has its first generation."""
        found = self.generations.get(at // DAY_MS * DAY_MS, ())
        return bool(found) and found[0].generation == 1


_MOST_SEALS = 5_000  # that are remembered, at up to 3 KB
_TOGETHER = 8  # seals of a day that are read by one query: each by itself costs a whole unit


class ManifestReader:
    """Reads standings and rosters; remembers seals."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._sealed: dict[tuple[str, int, int], Manifest] = {}

    def standing(
        self, tenant: str, shard: int, sieve: Sieve, bucketing: Bucketing, warnings: list[str]
    ) -> Standing:
        """Everything about the days that are asked for. A manifest that cannot be read is left out,
        as if it were not there, and told in `warnings`. Raises Unavailable.
        """
        days = sieve.days()
        if not days:
            return Standing(shard, (), {}, {})
        lates = [
            late
            for late in self._lates(tenant, shard, days)
            if sieve.asks(late.bucket, bucketing.end(late.bucket))
        ]
        generations = self._generations(tenant, shard, days, warnings)
        known = Standing(shard, lates, generations, {})
        unmerged = [day for day in days if not known.merged(day)]
        seals = self._seals(tenant, shard, _asked(unmerged, sieve), bucketing, warnings)
        seals |= self._seals_of(tenant, shard, lates, seals, warnings)
        return Standing(shard, lates, generations, seals)

    def _lates(self, tenant: str, shard: int, days: Sequence[int]) -> Iterator[Late]:
        between = keys.late_range(days[0], days[-1] + DAY_MS)
        query = Query(keys.lates(tenant, shard), between=between, consistent=True)
        for item in self._table.query_all(query):
            name = keys.late_name(str(item["sk"]))
            yield Late(item, name, keys.bucket_start(name.bucket))

    def _generations(
        self, tenant: str, shard: int, days: Sequence[int], warnings: list[str]
    ) -> dict[int, list[Manifest]]:
        between = keys.generation_range(days[0], days[-1] + DAY_MS)
        query = Query(keys.generations(tenant, shard), between=between, consistent=True)
        found: dict[int, list[Manifest]] = {}
        for manifest in _readable(self._table.query_all(query), warnings):
            found.setdefault(manifest.start, []).append(manifest)
        return found

    def _seals(
        self,
        tenant: str,
        shard: int,
        ranges: Iterable[tuple[int, int]],
        bucketing: Bucketing,
        warnings: list[str],
    ) -> dict[int, Manifest]:
        """By bucket: of all buckets that meet these ranges. A seal never changes: those that were
        seen are asked for again only where one before them was missing.
        """
        found: dict[int, Manifest] = {}
        for low, high in ranges:
            for start, _ in bucketing.all(low, high):
                known = self._sealed.get((tenant, shard, start))
                if known is None:
                    found |= self.seals_between(tenant, shard, start, high, warnings)
                    break
                found[start] = known
        self._remember(tenant, shard, found)
        return found

    def seals_between(
        self, tenant: str, shard: int, start: int, end: int, warnings: list[str]
    ) -> dict[int, Manifest]:
        """By bucket: the seals of all buckets that meet [start, end).

        Eventually consistent will do: a seal that is not seen yet costs a look at the segments,
        which are all there, and late items that it names are among them.
        """
        between = keys.seal_range(start, end)
        query = Query(keys.seals(tenant, shard), between=between)
        return {each.start: each for each in _readable(self._table.query_all(query), warnings)}

    def _seals_of(
        self,
        tenant: str,
        shard: int,
        lates: Iterable[Late],
        known: Mapping[int, Manifest],
        warnings: list[str],
    ) -> dict[int, Manifest]:
        """Of the buckets of merged days that late items are for, consistently: such days' segments
        are not looked at. Where a day has many of them they cost least together.
        """
        buckets = sorted({late.bucket for late in lates if late.bucket not in known})
        places = ((bucket, (tenant, shard, bucket)) for bucket in buckets)
        found = {bucket: self._sealed[x] for bucket, x in places if x in self._sealed}
        few: list[Key] = []
        unseen = (bucket for bucket in buckets if bucket not in found)
        for _, some in groupby(unseen, lambda bucket: bucket // DAY_MS):
            of_day = list(some)
            if len(of_day) < _TOGETHER:
                few += (keys.seal(tenant, shard, bucket) for bucket in of_day)
            else:
                found |= self._all_seals(tenant, shard, of_day, warnings)
        items = self._table.get_many(few, consistent=True) if few else {}
        found |= {each.start: each for each in _readable(items.values(), warnings)}
        self._remember(tenant, shard, found)
        return found

    def _all_seals(
        self, tenant: str, shard: int, buckets: Sequence[int], warnings: list[str]
    ) -> dict[int, Manifest]:
        """All seals from the first to the last of these buckets."""
        between = keys.seal_range(buckets[0], buckets[-1] + 1)
        query = Query(keys.seals(tenant, shard), between=between, consistent=True)
        return {each.start: each for each in _readable(self._table.query_all(query), warnings)}

    def _remember(self, tenant: str, shard: int, found: Mapping[int, Manifest]) -> None:
        if len(self._sealed) + len(found) > _MOST_SEALS:
            self._sealed.clear()
        self._sealed |= {(tenant, shard, start): seal for start, seal in found.items()}

    # --- which parts manifests name ---------------------------------------------------------------

    def unnamed(
        self, tenant: str, standing: Standing, lates: Iterable[Late], warnings: list[str]
    ) -> Iterator[Late]:
        """Those late items, in order of bucket, that neither their bucket's seal nor a generation
        of their day names; each part once.
        """
        for day, of_day in groupby(lates, attrgetter("day")):
            folded = self._named(tenant, standing.generations.get(day, ()), warnings)
            for bucket, some in groupby(of_day, attrgetter("bucket")):
                seal = standing.seals.get(bucket)
                seen = folded | self._named(tenant, [seal] if seal else [], warnings)
                for late in some:
                    if late.part not in seen:
                        seen.add(late.part)
                        yield late

    def _named(self, tenant: str, manifests: Iterable[Manifest], warnings: list[str]) -> set[bytes]:
        return {part for each in manifests for part in self.parts(tenant, each, warnings) or ()}

    def parts(
        self, tenant: str, manifest: Manifest, warnings: list[str]
    ) -> frozenset[bytes] | None:
        """The parts that a manifest names. None, counted and told, where its rosters cannot be
        read: they are written before it and live as long.
        """
        if not manifest.rosters:
            return frozenset(manifest.parts)
        partition = keys.roster(tenant, manifest.shard, manifest.roster)
        query = Query(partition, begins=manifest.tag, consistent=True)
        items = list(self._table.query_all(query))
        try:
            if len(items) != manifest.rosters:
                raise CodecError(f"{len(items)} of {manifest.rosters} rosters are there")
            return frozenset(part for item in items for part in roster_from(item))
        except CodecError as error:
            sentence = f"the requests inside {manifest.roster} cannot be told: {error}"
            warnings.append(sentence)
            logger.error("roster cannot be read", manifest=manifest.roster, reason=str(error))
            count(Count.DAMAGED_BLOCKS)
            return None


def _readable(items: Iterable[Item], warnings: list[str]) -> Iterator[Manifest]:
    for item in items:
        try:
            yield manifest_from(item)
        except CodecError as error:
            sk = str(item["sk"])
            logger.error("manifest cannot be read", sk=sk, reason=str(error))
            count(Count.DAMAGED_BLOCKS)
            warnings.append(f"stored manifest {sk} cannot be read: {error}")


def _asked(days: Sequence[int], sieve: Sieve) -> Iterator[tuple[int, int]]:
    """What is asked for of these days, in few ranges."""
    first, last = sieve.bounds()
    for start, end in stretches(days):
        yield max(start, first), min(end, last)


def stretches(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and end of each stretch of days, in order, that follow each other without a gap."""
    start = None
    for place, day in enumerate(days):
        start = day if start is None else start
        if place + 1 == len(days) or days[place + 1] != day + DAY_MS:
            yield start, day + DAY_MS
            start = None
