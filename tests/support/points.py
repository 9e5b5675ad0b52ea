"""Stored points in memory: what the engine asks of `MetricsStore`, without encoding anything."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from skafu.metrics.items import Entry
from skafu.metrics.model import Layout, Segment, Series
from skafu.shared.errors import Unavailable
from skafu.shared.keys import BUCKET_MS

FOREVER = 1 << 50


class MemoryPoints:
    """A PointSource. `down` makes every read fail as a throttled table does; `seen` may say when a
    layout was refreshed last, by its hash.
    """

    def __init__(self) -> None:
        self.down = False
        self.reads = 0
        self.seen: dict[str, int] = {}
        self._layouts: dict[tuple[str, str], Layout] = {}
        self._by_metric: dict[tuple[str, str], dict[str, Layout]] = defaultdict(dict)
        self._newest: dict[tuple[str, str], Segment] = {}
        self._segments: dict[tuple[str, str, int], dict[str, Segment]] = defaultdict(dict)

    def put(self, tenant: str, layout: Layout, *segments: Segment) -> None:
        """Store segments; one that is there already stays as it is."""
        self._layouts[tenant, layout.hash] = layout
        for series in layout.series:
            self._by_metric[tenant, series.metric][layout.hash] = layout
        for segment in segments:
            assert list(segment.series) == sorted(segment.series)
            stored = self._segments[tenant, segment.layout, segment.bucket]
            stored.setdefault(segment.request, segment)
            newest = self._newest.setdefault((tenant, segment.layout), segment)
            if _place(segment) > _place(newest):
                self._newest[tenant, segment.layout] = segment

    def entries(self, tenant: str, metric: str) -> Sequence[Entry]:
        self._reach()
        return [
            Entry(metric, name, len(layout.series), None, 0, self.seen.get(name, FOREVER))
            for name, layout in self._by_metric[tenant, metric].items()
        ]

    def layouts(self, tenant: str, hashes: Iterable[str]) -> dict[str, Layout]:
        self._reach()
        return {x: self._layouts[tenant, x] for x in hashes if (tenant, x) in self._layouts}

    def newest(self, tenant: str, layouts: Sequence[str]) -> dict[str, Segment]:
        self._reach()
        return {x: self._newest[tenant, x] for x in layouts if (tenant, x) in self._newest}

    def segments(
        self,
        tenant: str,
        layouts: Iterable[str],
        start: int,
        end: int,
        *,
        consistent: bool = False,
    ) -> list[Segment]:
        assert consistent, "decisions rest on consistent reads"
        self._reach()
        self.reads += 1
        buckets = range(start // BUCKET_MS * BUCKET_MS, end, BUCKET_MS)
        return [
            segment
            for layout in layouts
            for bucket in buckets
            for segment in self._segments[tenant, layout, bucket].values()
        ]

    def _reach(self) -> None:
        if self.down:
            raise Unavailable("the table is not answering; try again")


def _place(segment: Segment) -> tuple[int, int]:
    return segment.bucket, min(segment.timestamps)


def layout_of(name: str, *series: Series) -> Layout:
    """A layout that is called by a name instead of a hash."""
    return Layout(name, tuple(sorted(series, key=lambda each: (each.metric, each.tags))))


def segment_of(
    layout: Layout,
    points: Iterable[tuple[int, float]],
    receipt: int,
    *,
    position: int = 0,
    request: str | None = None,
) -> Segment:
    """A request's points of one series of a layout, all in one quarter of an hour."""
    ordered = sorted(points)
    bucket = ordered[0][0] // BUCKET_MS * BUCKET_MS
    return Segment(
        layout=layout.hash,
        bucket=bucket,
        request=request or f"{receipt}-{ordered[0][0]}-{position}",
        receipt=receipt,
        late=False,
        series=[position] * len(ordered),
        timestamps=[at for at, _ in ordered],
        values=[value for _, value in ordered],
    )
