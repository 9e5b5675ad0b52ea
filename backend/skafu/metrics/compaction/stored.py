"""What is stored, for decisions: read consistently, always."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from skafu.metrics.codec import CodecError
from skafu.metrics.compaction.place import Blocked, Place
from skafu.metrics.items import layout_from
from skafu.metrics.manifests import Manifest, manifest_from, part_named, roster_from
from skafu.metrics.model import Layout
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS, SegmentName
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import Item, Query, Table, Value

type Stored = dict[str, Value]


def part_at(name: SegmentName) -> bytes:
    """The name of the part that a segment or late item holds."""
    return part_named(name.layout, keys.bucket_start(name.bucket), name.request)


class Manifests:
    """Seals, generations, and the parts that they name."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def seal(self, place: Place, bucket: int) -> Manifest | None:
        """A bucket's seal. Raises Blocked for one that cannot be read."""
        item = self._table.get(keys.seal(place.tenant, place.shard, bucket), consistent=True)
        return None if item is None else _manifest(item)

    def seals(self, place: Place, start: int, end: int) -> dict[int, Manifest]:
        """The seals of all buckets that begin in [start, end), by their start."""
        between = keys.seal_range(start, end)
        query = Query(keys.seals(place.tenant, place.shard), between=between, consistent=True)
        found = [_manifest(item) for item in self._table.query_all(query)]
        return {seal.start: seal for seal in found if start <= seal.start < end}

    def generations(self, place: Place, day: int) -> list[Manifest]:
        """A day's generations, in order."""
        query = Query(
            keys.generations(place.tenant, place.shard),
            between=keys.generation_range(day, day + DAY_MS),
            consistent=True,
        )
        return [_manifest(item) for item in self._table.query_all(query)]

    def parts(self, place: Place, manifest: Manifest) -> frozenset[bytes]:
        """The parts that a manifest names. Raises Blocked where some of its roster is missing."""
        if not manifest.rosters:
            return frozenset(manifest.parts)
        query = Query(
            keys.roster(place.tenant, place.shard, manifest.roster),
            begins=manifest.tag + keys.SEPARATOR,
            consistent=True,
        )
        found = list(self._table.query_all(query))
        if len(found) < manifest.rosters:
            raise Blocked(f"{manifest.roster} has {len(found)} of {manifest.rosters} rosters")
        try:
            return frozenset(part for item in found for part in roster_from(item))
        except CodecError as error:
            raise Blocked(f"a roster of {manifest.roster} is damaged: {error}") from error

    def named(self, place: Place, manifests: Iterable[Manifest]) -> frozenset[bytes]:
        """The parts that any of these manifests names."""
        return frozenset().union(*(self.parts(place, each) for each in manifests))


def _manifest(item: Item) -> Manifest:
    try:
        return manifest_from(item)
    except CodecError as error:
        raise Blocked(f"manifest {item['pk']!r} {item['sk']!r} cannot be read: {error}") from error


class Sources:
    """Segments, late items, and the layouts that they name."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def segments(
        self, place: Place, hour: int, wanted: Collection[int] | None = None
    ) -> dict[int, list[Stored]]:
        """The segments of an hour, by bucket, in order of key; of all its buckets, or of those that
        are wanted. One hour is one partition, in order of layout: it is read as a whole.
        """
        pk = keys.segments(place.tenant, place.shard, keys.hour_of(hour))
        found: dict[int, list[Stored]] = defaultdict(list)
        for item in self._table.query_all(Query(pk, consistent=True)):
            name = keys.segment_name(str(item["sk"]))
            start = keys.bucket_start(name.bucket)
            if wanted is None or start in wanted:
                found[start].append(item)
        return found

    def late(self, place: Place, start: int, end: int) -> Iterator[Stored]:
        """The late items of the buckets that begin in [start, end), in order of bucket."""
        query = Query(
            keys.lates(place.tenant, place.shard),
            between=keys.late_range(start, end),
            consistent=True,
        )
        for item in self._table.query_all(query):
            if start <= keys.bucket_start(keys.late_name(str(item["sk"])).bucket) < end:
                yield item

    def first_late(self, place: Place, since: int) -> int | None:
        """The bucket of the first late item from a moment on."""
        pk = keys.lates(place.tenant, place.shard)
        query = Query(pk, between=keys.late_since(since), limit=1, consistent=True)
        for item in self._table.query_all(query):
            return keys.bucket_start(keys.late_name(str(item["sk"])).bucket)
        return None

    def layouts(self, tenant: str, names: Iterable[str]) -> dict[str, Layout]:
        """Layouts by name. Raises Blocked where one is missing or damaged: what names it would be
        lost.
        """
        wanted = list(dict.fromkeys(names))
        items = self._table.get_many((keys.layout(tenant, x) for x in wanted), consistent=True)
        found: dict[str, Layout] = {}
        for name in wanted:
            try:
                found[name] = layout_from(items[keys.layout(tenant, name)])
            except (KeyError, CodecError) as error:
                logger.error("layout cannot be read", layout=name, reason=str(error))
                count(Count.MISSING_LAYOUTS)
                raise Blocked(f"layout {name} is missing or damaged") from error
        return found


def hours(start: int, end: int) -> range:
    """The hours that meet [start, end)."""
    return range(start // HOUR_MS * HOUR_MS, end, HOUR_MS)
