"""One instance's share of the points, bucket by bucket."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from skafu.alerts.counters import Reading, increase, readings, total
from skafu.alerts.machine import Bucket
from skafu.alerts.model import Definition
from skafu.alerts.points import SECOND_MS, period_ms, points_of, range_start
from skafu.alerts.transforms import (
    Baseline,
    compared,
    counter_buckets,
    counts_growth,
    far_ms,
)
from skafu.metrics.model import Sample, Segment, Series, Statistic, Tags, reduce


@dataclass
class _Cell:
    """What one bucket has: points that count, and the layouts they came with. Of counters each
    series' points stand apart.
    """

    points: list[Sample] = field(default_factory=list)
    layouts: set[str] = field(default_factory=set)
    series: dict[Tags, list[Sample]] = field(default_factory=dict)


FOREVER = 1 << 62

type Lasts = Mapping[Tags, Reading]
"""The last point of each counter in a bucket."""


class Past(NamedTuple):
    """A bucket that can no longer change: its own value, the layouts that fed it, and of counters
    their last points.
    """

    value: float | None
    layouts: frozenset[str]
    lasts: Lasts | None = None


class Source(Protocol):
    """Where points are taken from (`snapshot.Snapshot`)."""

    def advanced(self, layout: str) -> int:
        """How far a layout has come."""

    def series(self, layout: str) -> Sequence[Series]:
        """The series of a layout; asked for where an alert looks at counters only."""

    def segments(self, layout: str, start: int, end: int) -> Iterable[Segment]:
        """The layout's segments that may have points in [start, end), which was read."""


class Samples:
    """The points of one instance under one definition, in [start, end): what a walk reads
    (`walk.Readings`).

    `past` are buckets before `start`, by their ends. An alert that compares with long ago
    (`transforms.far_ms`) has the points of the same length of time so far back too. `baselines` say
    what is usual, by the starts of days; they are needed where deviations are compared.
    """

    def __init__(
        self,
        definition: Definition,
        start: int,
        end: int,
        past: Mapping[int, Past] | None = None,
        *,
        baselines: Mapping[int, Baseline] | None = None,
    ) -> None:
        self._definition = definition
        self._period = period_ms(definition)
        self._start = start
        self._end = end
        self._far = far_ms(definition)
        self._growing = counts_growth(definition)
        self._past = past or {}
        self._baselines = baselines or {}
        self._cells: dict[int, _Cell] = {}
        self._values: dict[int, float | None] = {}
        self._compared: dict[int, float | None] = {}
        self._advanced: dict[str, int] = {}

    @property
    def present(self) -> bool:
        """Whether any point counts, in what was read or in what is past."""
        return bool(self._cells) or any(each.layouts for each in self._past.values())

    # --- taking points ----------------------------------------------------------------------------

    def add(
        self, source: Source, layout: str, positions: Sequence[int], until: int = FOREVER
    ) -> None:
        """Take these series of a layout from what was read; it was not read where that begins at
        `until` or later.
        """
        self._advanced[layout] = source.advanced(layout)
        for start, end in self._spans():
            for segment in source.segments(layout, start, end) if start < until else ():
                for position in positions:
                    if self._growing:
                        tags = source.series(layout)[position].tags
                        self._take_counter(segment, position, tags, start, end)
                    else:
                        self._take(segment, position, start, end)

    def feed(self, tags: Tags, samples: Iterable[Sample], layout: str = "") -> None:
        """Take points of one series that come from elsewhere: none of them is late, and the layout
        never advances, so that every bucket closes by its grace.
        """
        spans = self._spans()
        for sample in samples:
            if any(start <= sample[0] < end for start, end in spans):
                cell = self._cell(self._bucket(sample[0]))
                points = cell.series.setdefault(tags, []) if self._growing else cell.points
                points.append(sample)
                cell.layouts.add(layout)

    def _spans(self) -> list[tuple[int, int]]:
        """Where points are taken from; these do not meet."""
        span = self._start, self._end
        if not self._far:
            return [span]
        return [(span[0] - self._far, min(span[1] - self._far, span[0])), span]

    def _bucket(self, at: int) -> int:
        return (at // self._period + 1) * self._period

    def _cell(self, end: int) -> _Cell:
        cell = self._cells.get(end)
        if cell is None:
            cell = self._cells[end] = _Cell()
        return cell

    def _first_in_time(self, segment: Segment) -> int:
        """The end of the oldest bucket that the segment's points came in time for."""
        return segment.receipt - self._definition.lateness * SECOND_MS

    def _take(self, segment: Segment, position: int, start: int, until: int) -> None:
        # What everything else waits for, so without a call for each point.
        timestamps, values, period = segment.timestamps, segment.values, self._period
        summaries, cells = segment.summaries, self._cells
        first_in_time = self._first_in_time(segment)
        for i in points_of(segment, position):
            at = timestamps[i]
            end = (at // period + 1) * period
            if start <= at < until and end >= first_in_time:
                cell = cells.get(end)
                if cell is None:
                    cell = cells[end] = _Cell()
                cell.points.append((at, summaries[i] if i in summaries else values[i]))
                cell.layouts.add(segment.layout)

    def _take_counter(
        self, segment: Segment, position: int, tags: Tags, start: int, until: int
    ) -> None:
        first_in_time = self._first_in_time(segment)
        for i in points_of(segment, position):
            at = segment.timestamps[i]
            end = self._bucket(at)
            if start <= at < until and end >= first_in_time:
                cell = self._cell(end)
                value = segment.summaries.get(i, segment.values[i])
                cell.series.setdefault(tags, []).append((at, value))
                cell.layouts.add(segment.layout)

    # --- what a walk reads ------------------------------------------------------------------------

    def value(self, end: int) -> float | None:
        """What is compared of the bucket that ends at `end`; None when no point counts for it, or
        when it is unknown: of a statistic set's percentiles, of a transform without what it needs.
        All of these are missing data.

        Raises LookupError for a bucket that was neither read nor is past: unread is not empty.
        """
        if self._definition.transform is None:
            return self.raw(end)
        if end not in self._compared:
            self._compared[end] = compared(
                self._definition, end, self.raw, self._baselines.__getitem__
            )
        return self._compared[end]

    def raw(self, end: int) -> float | None:
        """The statistic of the bucket that ends at `end`, whatever is compared in its place."""
        if end in self._past:
            return self._past[end].value
        if end not in self._values:
            if not self.covers(end):
                raise LookupError(f"the bucket that ends at {end} was not read")
            self._values[end] = self._reduced(end)
        return self._values[end]

    def covers(self, end: int) -> bool:
        """Whether the bucket that ends at `end` was read, or is past."""
        if end in self._past:
            return True
        start = end - self._period
        return self._start <= start < self._end or (
            self._far > 0 and self._start <= start + self._far < self._end
        )

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
        """The buckets that the decision of the one that ends at `end` looks at, oldest first."""
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
        lasts = self._lasts(end) if self._growing else None
        return Past(self.raw(end), frozenset(self.layouts(end)), lasts)

    # --- reducing ---------------------------------------------------------------------------------

    def _reduced(self, end: int) -> float | None:
        cell = self._cells.get(end)
        if cell is None:
            return None
        if self._growing:
            return self._grown(end, cell)
        return reduce(self._definition.statistic, cell.points)

    def _grown(self, end: int, cell: _Cell) -> float | None:
        """What the bucket's counters have grown by together; those that are new say nothing."""
        before = self._before(end, cell.series)
        steps = [increase(before.get(tags), readings(x)) for tags, x in cell.series.items()]
        known = [step for step in steps if step is not None]
        if not known:
            return None
        grown = total(known)
        is_rate = self._definition.statistic == Statistic.RATE
        return grown / self._definition.period if is_rate else grown

    def _before(self, end: int, wanted: Iterable[Tags]) -> dict[Tags, Reading]:
        """The last point of each of these counters in the buckets before, so far as it is looked
        for.
        """
        missing = set(wanted)
        found: dict[Tags, Reading] = {}
        for back in range(1, counter_buckets(self._definition) + 1):
            lasts = self._lasts(end - back * self._period)
            here = missing & lasts.keys()
            found.update((tags, lasts[tags]) for tags in here)
            missing -= here
            if not missing:
                break
        return found

    def _lasts(self, end: int) -> Lasts:
        if end in self._past:
            return self._past[end].lasts or {}
        cell = self._cells.get(end)
        return {tags: readings(x)[-1] for tags, x in cell.series.items()} if cell else {}
