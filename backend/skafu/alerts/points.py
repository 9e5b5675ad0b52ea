"""The points that decisions look at: consistent reads of segments, and an instance's share of them.

What counts. A segment carries the server's receipt time; a point counts for its bucket when it was
received at most `lateness` after the bucket's end, and then for ever: so whoever decides the bucket
again, at whatever time, sees the same.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, Protocol

from skafu.alerts.machine import Bucket, range_length
from skafu.alerts.model import Alert, Definition
from skafu.metrics.items import REFRESH_MS, Entry
from skafu.metrics.model import Layout, Segment, Series, Tags, group_of, matches, reduce
from skafu.shared.keys import BUCKET_MS, HOUR_MS

SECOND_MS = 1000

AHEAD_MS = 60 * SECOND_MS
"""A sender's clock may be so far ahead of the server's: then its points count as received now, for
how far its layout has come. What is further ahead says nothing about that."""


QUIET_MS = REFRESH_MS + 3 * HOUR_MS
"""A layout that was refreshed longer ago has no points after that: it is refreshed when a request
names it a day later, and points are at most two hours ahead of their request."""


class PointSource(Protocol):
    """Where points come from (`metrics.store.MetricsStore`). All raise `Unavailable`."""

    def entries(self, tenant: str, metric: str) -> Sequence[Entry]:
        """In which layouts a metric occurs (read consistently)."""

    def layouts(self, tenant: str, hashes: Iterable[str]) -> Mapping[str, Layout]:
        """The layouts among these that exist."""

    def segments(
        self,
        tenant: str,
        layouts: Iterable[str],
        start: int,
        end: int,
        *,
        consistent: bool = False,
    ) -> Sequence[Segment]:
        """Every segment and late item of these layouts that may have points in [start, end)."""


def period_ms(definition: Definition) -> int:
    return definition.period * SECOND_MS


def end_after(at: int, period: int) -> int:
    """The end of the first bucket that ends after `at`; all in milliseconds."""
    return (at // period + 1) * period


def range_start(definition: Definition, end: int) -> int:
    """The start of the evaluation range of the bucket that ends at `end`."""
    return end - range_length(definition) * period_ms(definition)


def advance(segment: Segment) -> int:
    """How far this segment takes its layout: to its newest timestamp, or its receipt if that is
    earlier; 0 when all of it is far in the future.
    """
    limit = segment.receipt + AHEAD_MS
    newest = max(segment.timestamps)
    if newest > limit:
        newest = max((at for at in segment.timestamps if at <= limit), default=0)
    return min(newest, segment.receipt)


def points_of(segment: Segment, position: int) -> range:
    """Where in a segment's columns the points of one series are: they are sorted by series."""
    first = bisect_left(segment.series, position)
    return range(first, bisect_right(segment.series, position, first))


def members(definition: Definition, layout: Layout) -> dict[Tags, tuple[int, ...]]:
    """The instances that a layout feeds: tag set -> positions of its series in the layout."""
    found: dict[Tags, list[int]] = defaultdict(list)
    # The series of a layout are sorted by metric.
    position = bisect_left(layout.series, definition.metric, key=_metric)
    for series in islice(layout.series, position, None):
        if series.metric != definition.metric:
            break
        if matches(definition.filters, series.tags):
            found[group_of(definition.group_by, series.tags)].append(position)
        position += 1
    return {tags: tuple(positions) for tags, positions in found.items()}


class Memberships:
    """Remembers what `members` says of versions of alerts and layouts; neither ever changes."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._capacity = capacity
        self._known: dict[tuple[str, int, str], dict[Tags, tuple[int, ...]]] = {}

    def of(self, alert: Alert, layout: Layout) -> dict[Tags, tuple[int, ...]]:
        """The instances of this version of the alert that the layout feeds."""
        key = alert.id, alert.version, layout.hash
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= self._capacity:
                self._known.clear()
            found = self._known[key] = members(alert.definition, layout)
        return found


def _metric(series: Series) -> str:
    return series.metric


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
        self._segments: dict[str, dict[int, list[tuple[int, Segment]]]] = defaultdict(dict)
        self._advanced: dict[str, int] = defaultdict(int)

    def layouts_of(self, metric: str) -> Sequence[Known]:
        """The layouts that have series of this metric."""
        if metric not in self._layouts:
            entries = self._source.entries(self.tenant, metric)
            found = self._source.layouts(self.tenant, [entry.layout for entry in entries])
            self._layouts[metric] = [
                Known(found[entry.layout], entry.seen + QUIET_MS)
                for entry in entries
                if entry.layout in found
            ]
        return self._layouts[metric]

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
            if (segment.layout, segment.bucket) in missing:
                self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        newest = max(segment.timestamps)
        self._segments[segment.layout][segment.bucket].append((newest, segment))
        if min(newest, segment.receipt) > self._advanced[segment.layout]:
            self._advanced[segment.layout] = max(self._advanced[segment.layout], advance(segment))


@dataclass
class _Cell:
    """What one bucket has: points that count, and the layouts they came with."""

    points: list[tuple[int, float]] = field(default_factory=list)
    layouts: set[str] = field(default_factory=set)


class Past(NamedTuple):
    """A bucket that can no longer change: its value, and the layouts that fed it."""

    value: float | None
    layouts: frozenset[str]


class Samples:
    """The points of one instance under one definition, in [start, end).

    `past` are buckets before `start`, by their ends.
    """

    def __init__(
        self,
        definition: Definition,
        start: int,
        end: int,
        past: Mapping[int, Past] | None = None,
    ) -> None:
        self._definition = definition
        self._period = period_ms(definition)
        self._start = start
        self._end = end
        self._past = past or {}
        self._cells: dict[int, _Cell] = {}
        self._values: dict[int, float | None] = {}
        self._advanced: dict[str, int] = {}

    @property
    def present(self) -> bool:
        """Whether any point counts, in what was read or in what is past."""
        return bool(self._cells) or any(each.layouts for each in self._past.values())

    def add(self, snapshot: Snapshot, layout: str, positions: Sequence[int]) -> None:
        """Take these series of a layout from what the snapshot has read."""
        self._advanced[layout] = snapshot.advanced(layout)
        for segment in snapshot.segments(layout, self._start, self._end):
            for position in positions:
                self._take(segment, position)

    def _take(self, segment: Segment, position: int) -> None:
        # What everything else waits for, so without a call for each point.
        timestamps, values, period = segment.timestamps, segment.values, self._period
        first_in_time = segment.receipt - self._definition.lateness * SECOND_MS
        for i in points_of(segment, position):
            at = timestamps[i]
            end = (at // period + 1) * period
            if self._start <= at < self._end and end >= first_in_time:
                cell = self._cells.get(end)
                if cell is None:
                    cell = self._cells[end] = _Cell()
                cell.points.append((at, values[i]))
                cell.layouts.add(segment.layout)

    def value(self, end: int) -> float | None:
        """The statistic of the bucket that ends at `end`; None when no point counts for it.

        Raises LookupError for a bucket that was neither read nor is past: unread is not empty.
        """
        if end in self._past:
            return self._past[end].value
        if end not in self._values:
            if not self.covers(end):
                raise LookupError(f"the bucket that ends at {end} was not read")
            cell = self._cells.get(end)
            self._values[end] = (
                None if cell is None else reduce(self._definition.statistic, cell.points)
            )
        return self._values[end]

    def covers(self, end: int) -> bool:
        """Whether the bucket that ends at `end` was read, or is past."""
        return end in self._past or self._start <= end - self._period < self._end

    def stirs(self, end: int) -> bool:
        """Whether the close of the bucket that ends at `end` may change the state: there are points
        in its evaluation range, or there were in the range before it, as far as these were read.
        """
        first = range_start(self._definition, end)
        return any(self.layouts(each) for each in range(first, end + 1, self._period))

    def layouts(self, end: int) -> Set[str]:
        """The layouts whose points count for the bucket that ends at `end`."""
        if end in self._past:
            return self._past[end].layouts
        return self._cells[end].layouts if end in self._cells else frozenset()

    def window(self, end: int) -> list[Bucket]:
        """The evaluation range of the bucket that ends at `end`, oldest first."""
        first = range_start(self._definition, end) + self._period
        return [Bucket(each, self.value(each)) for each in range(first, end + 1, self._period)]

    def complete(self, end: int) -> bool:
        """Whether every layout that fed the bucket or the N before it has sent data beyond its end.

        False when no layout did: then only the clock can tell.
        """
        first = end - self._definition.evaluation_periods * self._period
        buckets = range(first, end + 1, self._period)
        feeding = {layout for each in buckets for layout in self.layouts(each)}
        return bool(feeding) and all(self._advanced.get(layout, 0) >= end for layout in feeding)

    def past(self, end: int) -> Past:
        """The bucket that ends at `end`, to be remembered when it can no longer change."""
        return Past(self.value(end), frozenset(self.layouts(end)))
