"""Compacted points without a compactor: chunks, days, hours and manifests made straight from what
is stored, so that a reader's tests can have any mixture of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from skafu.metrics.blocks import DAY_SERIES, Columns, chunk_items, day_items
from skafu.metrics.demands import rows_of, samples_of
from skafu.metrics.groups import directories_of, directory_item, group_item, grouped, name_of
from skafu.metrics.items import layout_from, segment_from
from skafu.metrics.manifests import (
    INLINE_PARTS,
    Manifest,
    bits,
    manifest_item,
    part_bits,
    part_of,
    roster_items,
    tag_of,
)
from skafu.metrics.model import Layout, Sample, Segment, Series, Summary
from skafu.metrics.rollups import ROLLUP_SERIES, hours_of, rollup_items, sketch_items
from skafu.metrics.tenancy import Bucketing
from skafu.shared import keys
from skafu.shared.keys import DAY_MS
from skafu.shared.table import Delete, Item, Put, Query, Table
from tests.support.metrics import TENANT

EXPIRES = 4_000_000_000_000
"""Long after every test."""

type Points = Mapping[int, Sequence[Sample]]
"""By position in a group."""


class Compacting:
    """Compacts one shard of a tenant's points in a table at once, whatever the time is.

    `inline` is how many parts a manifest names itself, `population` series that are grouped
    together with those of each bucket or day. With `rivals` another compactor, which saw something
    else, has written chunks, days and hours too, and no manifest.
    """

    def __init__(
        self,
        table: Table,
        shard: int = 0,
        *,
        inline: int = INLINE_PARTS,
        population: Iterable[Series] = (),
        bucketing: Bucketing = Bucketing(),
        rivals: bool = False,
    ) -> None:
        self._table = table
        self._shard = shard
        self._inline = inline
        self._population = set(population)
        self._bucketing = bucketing
        self._sealed: dict[int, list[Segment]] = {}
        self._named: set[bytes] = set()
        self._tags = ("", "0" * 16, "f" * 16) if rivals else ("",)

    def seal(self, bucket: int, *, without: Iterable[str] = ()) -> Manifest:
        """Make chunks of a bucket's segments and seal it; `without` are requests that are left out,
        as if they had landed later.
        """
        found = self._segments(keys.segments(TENANT, self._shard, keys.hour_of(bucket)))
        inside = [x for x in found if x.bucket == bucket and x.request not in without]
        self._sealed[bucket] = inside
        return self._compact(bucket, 0, inside)

    def merge(self, day: int) -> Manifest:
        """Seal what is not sealed of a day, and make its first generation of what seals name."""
        for bucket, _ in self._bucketing.all(day, day + DAY_MS):
            if bucket not in self._sealed:
                self.seal(bucket)
        inside = [x for b, some in self._sealed.items() if day <= b < day + DAY_MS for x in some]
        return self._compact(day, 1, inside)

    def fold(self, day: int, number: int, *, keep: bool = False) -> Manifest:
        """Make those of a day's late items that no manifest names one more generation; delete all
        of them unless they are to be kept, as where the compactor dies before.
        """
        between = keys.late_range(day, day + DAY_MS)
        items = list(self._table.query_all(Query(keys.lates(TENANT, self._shard), between=between)))
        fresh = [item for item in items if part_of(segment_from(item)) not in self._named]
        for item in fresh:
            key = keys.folded(TENANT, self._shard, keys.late_name(str(item["sk"])))
            self._put([{**item, **key._asdict(), "k": "folded"}])
        manifest = self._compact(day, number, list(map(segment_from, fresh)))
        for item in () if keep else items:
            self._table.write(Delete(keys.Key(str(item["pk"]), str(item["sk"]))))
        return manifest

    # --- inside ---

    def _segments(self, pk: str) -> list[Segment]:
        return [segment_from(item) for item in self._table.query_all(Query(pk))]

    def _compact(self, start: int, generation: int, segments: Sequence[Segment]) -> Manifest:
        points = self._points(segments)
        groups = grouped(self._population | set(points))
        directories = self._put_directories(groups)
        parts = sorted(set(map(part_of, segments))) if generation != 1 else []
        self._named.update(parts)
        many = len(parts) > self._inline
        manifest = Manifest(
            shard=self._shard,
            start=start,
            generation=generation,
            tag=tag_of(directories, sorted(set(map(part_of, segments)))),
            directories=directories,
            present=_present(generation, groups, set(points)),
            points=sum(map(len, points.values())),
            parts=() if many else tuple(parts),
            rosters=1 if many else 0,
        )
        for group in groups:
            inside = {
                at: sorted(points[x], key=_order)
                for at, x in enumerate(group.series)
                if x in points
            }
            for tag in self._tags if inside else ():
                seen = {at: some[:1] for at, some in inside.items()} if tag else inside
                self._put(self._content(manifest, tag or manifest.tag, group, seen))
        if many:
            self._put(roster_items(TENANT, manifest, parts, EXPIRES))
        self._put([manifest_item(TENANT, manifest, EXPIRES)])
        return manifest

    def _put_directories(self, groups: Sequence[Layout]) -> tuple[str, ...]:
        names = directories_of([name_of(group) for group in groups])
        self._put(group_item(TENANT, group, 0, EXPIRES) for group in groups)
        self._put(directory_item(TENANT, each, 0, EXPIRES) for each in names)
        return tuple(each.hash for each in names)

    def _points(self, segments: Iterable[Segment]) -> dict[Series, list[Sample]]:
        found: dict[Series, list[Sample]] = defaultdict(list)
        for segment in segments:
            item = self._table.get(keys.layout(TENANT, segment.layout))
            assert item is not None
            for position, series in enumerate(layout_from(item).series):
                if samples := samples_of(segment, *rows_of(segment, position)):
                    found[series] += samples
        return found

    def _content(
        self, manifest: Manifest, tag: str, group: Layout, points: Points
    ) -> Iterable[Item]:
        where = TENANT, self._shard, manifest.start
        if not manifest.generation:
            yield from chunk_items(*where, group.hash, tag, columns_of(points), EXPIRES)
            return
        number = manifest.generation
        for part, some in _parts(points, DAY_SERIES):
            columns = columns_of(some)
            yield from day_items(*where, number, group.hash, part, tag, columns, EXPIRES)
        for part, some in _parts(points, ROLLUP_SERIES):
            hours = {position: hours_of(samples) for position, samples in some.items()}
            for items in (rollup_items, sketch_items):
                yield from items(*where, number, group.hash, part, tag, hours, EXPIRES)

    def _put(self, items: Iterable[Item]) -> None:
        for item in items:
            self._table.write(Put(item))


def _present(generation: int, groups: Sequence[Layout], found: set[Series]) -> bytes:
    places = {
        number: sum(1 << at for at, each in enumerate(group.series) if each in found)
        for number, group in enumerate(groups)
        if found & set(group.series)
    }
    return part_bits(places) if generation else bits(places)


def columns_of(points: Points) -> Columns:
    """Points by position as a block's columns."""
    series: list[int] = []
    timestamps: list[int] = []
    values: list[float] = []
    summaries: dict[int, Summary] = {}
    for position in sorted(points):
        for at, value in points[position]:
            if isinstance(value, Summary):
                summaries[len(series)] = value
            series.append(position)
            timestamps.append(at)
            values.append(value.mean if isinstance(value, Summary) else value)
    return Columns(series, timestamps, values, summaries)


def _order(sample: Sample) -> int:
    return sample[0]


def _parts(points: Points, size: int) -> Iterable[tuple[int, Points]]:
    parts: dict[int, dict[int, Sequence[Sample]]] = defaultdict(dict)
    for position, samples in points.items():
        parts[position // size][position] = samples
    return parts.items()
