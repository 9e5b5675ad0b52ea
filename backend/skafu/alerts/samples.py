"""One instance's share of the points, bucket by bucket."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from skafu.alerts.machine import Bucket
from skafu.alerts.model import Definition
from skafu.alerts.points import SECOND_MS, period_ms, points_of, range_start
from skafu.metrics.model import Sample, Segment, reduce


@dataclass
class _Cell:
    """What one bucket has: points that count, and the layouts they came with."""

    points: list[Sample] = field(default_factory=list)
    layouts: set[str] = field(default_factory=set)


class Past(NamedTuple):
    """A bucket that can no longer change: its value, and the layouts that fed it."""

    value: float | None
    layouts: frozenset[str]


class Read(Protocol):
    """What was read: a snapshot, or what a backtest has of the past."""

    def advanced(self, layout: str) -> int:
        """How far a layout has come, by what was read of it."""

    def segments(self, layout: str, start: int, end: int) -> Iterable[Segment]:
        """The segments of what was read that may have points in [start, end)."""


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

    def add(self, snapshot: Read, layout: str, positions: Sequence[int]) -> None:
        """Take these series of a layout from what the snapshot has read."""
        self._advanced[layout] = snapshot.advanced(layout)
        for segment in snapshot.segments(layout, self._start, self._end):
            for position in positions:
                self._take(segment, position)

    def _take(self, segment: Segment, position: int) -> None:
        # What everything else waits for, so without a call for each point.
        timestamps, values, period = segment.timestamps, segment.values, self._period
        summaries = segment.summaries
        first_in_time = segment.receipt - self._definition.lateness * SECOND_MS
        for i in points_of(segment, position):
            at = timestamps[i]
            end = (at // period + 1) * period
            if self._start <= at < self._end and end >= first_in_time:
                cell = self._cells.get(end)
                if cell is None:
                    cell = self._cells[end] = _Cell()
                cell.points.append((at, summaries[i] if i in summaries else values[i]))
                cell.layouts.add(segment.layout)

    def value(self, end: int) -> float | None:
        """The statistic of the bucket that ends at `end`; None when no point counts for it, or
        when it is unknown: of a statistic set's percentiles. Both are missing data.

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
