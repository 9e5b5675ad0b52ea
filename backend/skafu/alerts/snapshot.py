"""Consistent reads of segments, shared by all that is evaluated from the same moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from skafu.alerts.points import QUIET_MS, PointSource, advance
from skafu.metrics.model import Layout, Segment, Series
from skafu.shared.keys import BUCKET_MS


class Known(NamedTuple):
    """A layout, and up to when it may have been written to at most."""

    layout: Layout
    until: int


class Snapshot:
    """What consistent reads gave from `taken_at` on; each (layout, quarter hour) is read once.

    Whatever was visible at `taken_at` is in it; some later points may be too.
    """

    def __init__(self, source: PointSource, tenant: str, taken_at: int) -> None:
        self.tenant = tenant
        self.taken_at = taken_at
        self._source = source
        self._layouts: dict[str, Sequence[Known]] = {}
        self._series: dict[str, tuple[Series, ...]] = {}
        self._segments: dict[str, dict[int, list[tuple[int, Segment]]]] = defaultdict(dict)
        self._advanced: dict[str, int] = defaultdict(int)
        self._newest: dict[str, Segment | None] = {}

    def layouts_of(self, metric: str) -> Sequence[Known]:
        """The layouts that have series of this metric."""
        if metric not in self._layouts:
            entries = self._source.entries(self.tenant, metric)
            found = self._source.layouts(self.tenant, [entry.layout for entry in entries])
            self._series.update((name, layout.series) for name, layout in found.items())
            self._layouts[metric] = [
                Known(found[entry.layout], entry.seen + QUIET_MS)
                for entry in entries
                if entry.layout in found
            ]
        return self._layouts[metric]

    def series(self, layout: str) -> tuple[Series, ...]:
        """The series of a layout that exists."""
        if layout not in self._series:
            self._series[layout] = self._source.layouts(self.tenant, [layout])[layout].series
        return self._series[layout]

    def newest(self, layouts: Iterable[str]) -> dict[str, Segment]:
        """The newest segment of each layout that has sent anything in the last hours."""
        asked = list(dict.fromkeys(layouts))
        if unknown := [layout for layout in asked if layout not in self._newest]:
            found = self._source.newest(self.tenant, unknown)
            self._newest.update((layout, found.get(layout)) for layout in unknown)
        return {x: segment for x in asked if (segment := self._newest[x]) is not None}

    def read(self, layouts: Collection[str], start: int, end: int) -> None:
        """Make sure that the points of these layouts in [start, end) are here."""
        wanted = range(start // BUCKET_MS * BUCKET_MS, end, BUCKET_MS)
        gaps: dict[tuple[int, ...], list[str]] = defaultdict(list)
        for layout in layouts:
            if gap := tuple(each for each in wanted if each not in self._segments[layout]):
                gaps[gap].append(layout)
        for gap, those in gaps.items():
            self._fetch(those, gap)

    def segments(self, layout: str, start: int, end: int) -> Iterable[Segment]:
        """The segments of what was read that may have points in [start, end)."""
        mine = self._segments[layout]
        for bucket in range(start // BUCKET_MS * BUCKET_MS, end, BUCKET_MS):
            for newest, segment in mine[bucket]:
                if newest >= start:
                    yield segment

    def advanced(self, layout: str) -> int:
        """How far a layout has come, by what was read of it."""
        return self._advanced[layout]

    def _fetch(self, layouts: Sequence[str], buckets: Sequence[int]) -> None:
        start, end = buckets[0], buckets[-1] + BUCKET_MS
        found = self._source.segments(self.tenant, layouts, start, end, consistent=True)
        for layout in layouts:
            self._segments[layout].update((bucket, []) for bucket in buckets)
        missing = {(layout, bucket) for layout in layouts for bucket in buckets}
        for segment in found:
            # A tenant's buckets may be shorter than the quarters that are read together.
            quarter = segment.bucket // BUCKET_MS * BUCKET_MS
            if (segment.layout, quarter) in missing:
                self._keep(segment, quarter)

    def _keep(self, segment: Segment, quarter: int) -> None:
        newest = max(segment.timestamps)
        self._segments[segment.layout][quarter].append((newest, segment))
        if min(newest, segment.receipt) > self._advanced[segment.layout]:
            self._advanced[segment.layout] = max(self._advanced[segment.layout], advance(segment))
