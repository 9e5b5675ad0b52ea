"""A tenant whose points are compacted, and a plain reading of what is stored: by the rules of
DESIGN 3 in their simplest form, so that it can judge the compactor.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from skafu.metrics.blocks import columns_from
from skafu.metrics.compaction import Compactor
from skafu.metrics.groups import directory_from, group_from
from skafu.metrics.items import segment_from, segment_item
from skafu.metrics.layout import layout_of
from skafu.metrics.manifests import Manifest, manifest_from, part_of, roster_from
from skafu.metrics.model import Layout, Segment, Series, Summary
from skafu.metrics.rollups import Hour, hours_from
from skafu.metrics.store import MetricsStore
from skafu.metrics.tenancy import Tenancy, tenancy_attributes
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, MINUTE_MS, Key
from skafu.shared.table import Put, Query, Value
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT

DAY = 19_675 * DAY_MS
"""2023-11-14T00:00:00Z."""

RETENTION_MS = 90 * DAY_MS
SEALED_AFTER = 20 * MINUTE_MS
"""From a quarter's start until its seal is due."""

type Point = tuple[Series, int, float | Summary]
type Points = Counter[Point]


class Works:
    """A table with one tenant, its store and compactor; `created` is the tenant's."""

    def __init__(self, created: int | None = DAY, tenancy: Tenancy | None = None) -> None:
        self.table = InMemoryTable()
        self.clock = FakeClock(DAY)
        self.tenancy = tenancy or Tenancy()
        entry = {**keys.registry(TENANT)._asdict(), "k": "registry", "tenant": TENANT}
        self.table.write(Put(entry if created is None else {**entry, "created": created}))
        record = {**keys.tenant_settings(TENANT)._asdict(), "k": "tenant"}
        self.table.write(Put({**record, **tenancy_attributes(self.tenancy)}))
        self.store = MetricsStore(self.table, self.clock)
        self.compactor = self.another()
        self.sent: Points = Counter()
        self._requests = 0

    def another(self) -> Compactor:
        """A further compactor over the same table."""
        return Compactor(self.table, self.clock, retention_ms=RETENTION_MS)

    # --- writing ---

    def send(
        self,
        *points: Point,
        late: bool = False,
        request: str | None = None,
        layout: Layout | None = None,
    ) -> Segment:
        """Store the points of one request, all in one bucket."""
        self._requests += 1
        request = request or f"request{self._requests}"
        layout = layout or layout_of({series for series, _, _ in points})
        rows = sorted(points, key=lambda each: (layout.series.index(each[0]), each[1]))
        values = [value for _, _, value in rows]
        summaries = {n: value for n, value in enumerate(values) if isinstance(value, Summary)}
        segment = Segment(
            layout=layout.hash,
            bucket=self.tenancy.bucketing.start(rows[0][1]),
            request=request,
            receipt=self.clock(),
            late=late,
            series=[layout.series.index(series) for series, _, _ in rows],
            timestamps=[at for _, at, _ in rows],
            values=[value.mean if isinstance(value, Summary) else value for value in values],
            summaries=summaries,
        )
        self.store.write(TENANT, [layout], [segment])
        self.sent.update(points)
        return segment

    def put(self, segment: Segment) -> None:
        """Store a segment or late item whenever it is."""
        shard = self.tenancy.sharding.shard(segment.layout, segment.bucket)
        self.table.write(Put(segment_item(TENANT, shard, segment)))

    def at(self, moment: int) -> None:
        """Set the clock, and let everything expire that is past its life."""
        self.clock.now = moment
        for key, item in list(self.table.items.items()):
            if int(item.get("ttl", 1 << 40)) * 1000 < moment:
                self.remove(key)

    def remove(self, key: Key) -> None:
        """Take one item away."""
        # pylint: disable-next=protected-access # as expiry does: no write that anyone sees
        self.table._unlist(key, self.table.items.pop(key))

    def run(self, moment: int | None = None) -> None:
        """Compact until nothing is left, at a moment."""
        if moment is not None:
            self.at(moment)
        while self.compactor.run().left:
            pass

    # --- what is stored ---

    def kinds(self, kind: str) -> list[dict[str, Value]]:
        """All items of a kind, in order of key."""
        items = self.table.items
        return [items[key] for key in sorted(items) if items[key]["k"] == kind]

    def seals(self, shard: int = 0) -> dict[int, Manifest]:
        """The stored seals, by bucket."""
        found = self.table.query_all(Query(keys.seals(TENANT, shard)))
        return {seal.start: seal for seal in map(manifest_from, found)}

    def generations(self, day: int = DAY, shard: int = 0) -> list[Manifest]:
        """A day's stored generations."""
        between = keys.generation_range(day, day + DAY_MS)
        found = self.table.query_all(Query(keys.generations(TENANT, shard), between=between))
        return list(map(manifest_from, found))

    def parts(self, manifest: Manifest) -> set[bytes]:
        """The parts that a manifest names."""
        partition = keys.roster(TENANT, manifest.shard, manifest.roster)
        rosters = self.table.query_all(Query(partition, begins=manifest.tag))
        return {*manifest.parts, *(part for item in rosters for part in roster_from(item))}

    def groups(self, manifest: Manifest) -> Iterator[tuple[int, Layout]]:
        """The groups with points of a manifest, by number."""
        number = 0
        for name in manifest.directories:
            item = self.table.items[keys.directory(TENANT, name)]
            for each in directory_from(item).groups:
                if manifest.has(number):
                    yield number, group_from(self.table.items[keys.group(TENANT, each.hash)])
                number += 1

    # --- reading ---

    def points(self, day: int = DAY, shard: int = 0) -> Points:
        """The points of a day, as a reader shall see them."""
        found: Points = Counter()
        generations, seals = self.generations(day, shard), self.seals(shard)
        named = {part for each in (*generations, *seals.values()) for part in self.parts(each)}
        opened: set[bytes] = set()
        for generation in generations:
            found.update(self._merged(generation))
        if not generations:
            for start, _ in self.tenancy.bucketing.all(day, day + DAY_MS):
                if start in seals:
                    found.update(self._chunks(seals[start]))
                else:
                    for segment in self._segments(start, shard):
                        opened.add(part_of(segment))
                        found.update(self._points_of(segment))
        for item in self.table.query_all(Query(keys.lates(TENANT, shard))):
            segment = segment_from(item)
            part = part_of(segment)
            inside = day <= segment.bucket < day + DAY_MS
            if inside and part not in named and part not in opened:
                found.update(self._points_of(segment))
        return found

    def hours(self, manifest: Manifest) -> dict[Series, list[Hour]]:
        """The hours of a generation, with their sketches."""
        found: dict[Series, list[Hour]] = {}
        for _, group in self.groups(manifest):
            for part in range(-(-len(group.series) // 16)):
                items = [
                    list(self._pieces(kind, group.hash, part, manifest))
                    for kind in (keys.ROLLUPS, keys.SKETCHES)
                ]
                if items[0]:
                    for position, some in (hours_from(*items) or {}).items():
                        found[group.series[position]] = some
        return found

    def _segments(self, start: int, shard: int) -> Iterator[Segment]:
        pk = keys.segments(TENANT, shard, keys.hour_of(start))
        for item in self.table.query_all(Query(pk)):
            segment = segment_from(item)
            if segment.bucket == start:
                yield segment

    def _points_of(self, segment: Segment) -> Iterable[Point]:
        layout = self.store.layout(TENANT, segment.layout)
        assert layout is not None
        rows = zip(segment.series, segment.timestamps, segment.values, strict=True)
        for row, (position, at, value) in enumerate(rows):
            yield layout.series[position], at, segment.summaries.get(row, value)

    def _chunks(self, seal: Manifest) -> Iterable[Point]:
        for _, group in self.groups(seal):
            pk = keys.chunks(TENANT, seal.shard, seal.start, group.hash)
            items = [
                item
                for item in self.table.query_all(Query(pk))
                if keys.chunk_name(str(item["sk"]))[:2] == (seal.start, seal.tag)
            ]
            if not items:  # expired: the segments that the seal names
                parts = self.parts(seal)
                for segment in self._segments(seal.start, seal.shard):
                    if part_of(segment) in parts:
                        yield from (x for x in self._points_of(segment) if x[0] in group.series)
            else:
                yield from _points(items, group.series)

    def _merged(self, manifest: Manifest) -> Iterable[Point]:
        for number, group in self.groups(manifest):
            for part in range(-(-len(group.series) // 8)):
                items = list(self._pieces(keys.DAYS, group.hash, part, manifest))
                assert bool(items) == manifest.has_series(number, part * 8, 8)
                if items:
                    yield from _points(items, group.series)

    def _pieces(
        self, kind: str, group: str, part: int, manifest: Manifest
    ) -> Iterator[dict[str, Value]]:
        pk = keys.merged(TENANT, manifest.shard, kind, group, part)
        for item in self.table.query_all(Query(pk)):
            day, number, tag, _ = keys.merged_name(str(item["sk"]))
            if (day, number, tag) == (manifest.start, manifest.generation, manifest.tag):
                yield item


def _points(items: Sequence[dict[str, Value]], series: Sequence[Series]) -> Iterable[Point]:
    columns = columns_from(items)
    assert columns is not None
    rows = zip(columns.series, columns.timestamps, columns.values, strict=True)
    for row, (position, at, value) in enumerate(rows):
        yield series[position], at, columns.summaries.get(row, value)
