"""The points that decisions look at: where they come from, and the arithmetic of their buckets.

What counts. A segment carries the server's receipt time; a point counts for its bucket when it was
received at most `lateness` after the bucket's end, and then for ever: so whoever decides the bucket
again, at whatever time, sees the same.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol

from skafu.alerts.machine import window_length
from skafu.alerts.model import Alert, Definition
from skafu.alerts.transforms import counter_buckets, near_buckets
from skafu.metrics.items import REFRESH_MS, Entry
from skafu.metrics.model import Layout, Segment, Series, Tags, group_of, matches
from skafu.shared.keys import HOUR_MS

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

    def newest(self, tenant: str, layouts: Sequence[str]) -> Mapping[str, Segment]:
        """For each layout its newest segment of the last hours, if there is one; cheaply."""

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
    """The start of the first bucket that the decision of the one that ends at `end` looks at."""
    return end - window_length(definition) * period_ms(definition)


def read_start(definition: Definition, end: int) -> int:
    """From where on points are needed for that: a transform, and a counter, rest on buckets before
    the compared one. What is farther back still is read by itself (`transforms.far_ms`).
    """
    further = near_buckets(definition) + counter_buckets(definition)
    return range_start(definition, end) - further * period_ms(definition)


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
