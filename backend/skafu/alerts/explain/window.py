"""The points that a decision looked at, as they are stored: with the moment of their receipt, also
those that came too late to count.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skafu.alerts.machine import Bucket
from skafu.alerts.model import Cause, Definition
from skafu.alerts.points import (
    SECOND_MS,
    PointSource,
    advance,
    members,
    period_ms,
    points_of,
    range_start,
    read_start,
)
from skafu.alerts.samples import Samples
from skafu.alerts.snapshot import Snapshot
from skafu.alerts.transforms import Baseline, far_ms
from skafu.metrics.model import Segment, Tags
from skafu.shared.keys import BUCKET_MS

MOST_QUARTERS = 4_000
"""Quarters of an hour of layouts that are read for one explanation."""

SAMPLES_SHOWN = 2_000
SHOWN_IN_BUCKET = 50
LATE_SHOWN = 50

ANY_TIME_S = 10**9
"""A lateness that lets every point count."""


@dataclass(frozen=True)
class Seen:
    """A stored point: when it was, its value (a summary's mean), when it was received."""

    at: int
    value: float
    received: int


@dataclass(frozen=True)
class Look:
    """One bucket that the decision looked at: `value` is what is compared, `raw` the statistic.

    `samples` are the first of `count` points that count, `late` the first of `late_count` that came
    too late to.
    """

    end: int
    value: float | None
    raw: float | None
    samples: tuple[Seen, ...]
    count: int
    late: tuple[Seen, ...]
    late_count: int


@dataclass(frozen=True)
class Close:
    """When the bucket was closed, and why; `at` is None where it is not yet, `due` is when its
    grace runs out. `waiting` counts the senders that had not sent beyond its end by `at`.
    """

    at: int | None
    cause: Cause | None
    due: int
    senders: int
    waiting: int


@dataclass(frozen=True)
class Window:
    """What was read for one bucket, oldest first, this bucket last. `with_late` are the values as
    they would be if nothing had come too late; None where nothing has.
    """

    looks: tuple[Look, ...]
    buckets: tuple[Bucket, ...]
    with_late: tuple[Bucket, ...] | None
    close: Close
    series: int

    @property
    def late_count(self) -> int:
        """How many points came too late to count."""
        return sum(each.late_count for each in self.looks)


def without_deleted(window: Window, until: int) -> Window:
    """The same without points from before a moment: they were deleted, and are shown to nobody.
    What was made of them stands in the history.
    """

    def kept(some: Sequence[Seen]) -> tuple[Seen, ...]:
        return tuple(each for each in some if each.at >= until)

    looks = (replace(x, samples=kept(x.samples), late=kept(x.late)) for x in window.looks)
    return replace(window, looks=tuple(looks))


class TooMany(Exception):
    """More would have to be read than an explanation may."""


def read_window(
    source: PointSource,
    tenant: str,
    definition: Definition,
    tags: Tags,
    end: int,
    now: int,
    usual: Mapping[int, Baseline],
) -> Window:
    """The evaluation range of the bucket that ends at `end`, from stored points; `usual` are the
    baselines of its days, where the definition asks for any. Raises TooMany and Unavailable.
    """
    snapshot = Snapshot(source, tenant, now)
    feeds = {
        known.layout.hash: positions
        for known in snapshot.layouts_of(definition.metric)
        if (positions := members(definition, known.layout).get(tags))
    }
    spans = list(_spans(definition, end))
    quarters = sum((high - low) // BUCKET_MS + 1 for low, high in spans)
    if quarters * len(feeds) > MOST_QUARTERS:
        raise TooMany
    for low, high in spans:
        snapshot.read(feeds.keys(), low, high)
    return _Range(snapshot, definition, feeds, end).window(usual)


def _spans(definition: Definition, end: int) -> Iterator[tuple[int, int]]:
    """From when to when points are read, up to where the bucket's close can be seen."""
    start = read_start(definition, end)
    if far := far_ms(definition):
        yield start - far, min(end - far, start)
    yield start, end + _beyond(definition)


def _beyond(definition: Definition) -> int:
    """How long after its end a bucket is still being closed."""
    return definition.grace * SECOND_MS + period_ms(definition)


@dataclass(frozen=True)
class _Range:
    """What was read for the bucket that ends at `end`; `feeds` are positions in layouts."""

    snapshot: Snapshot
    definition: Definition
    feeds: Mapping[str, Sequence[int]]
    end: int

    def window(self, usual: Mapping[int, Baseline]) -> Window:
        """All of it."""
        samples = self._samples(self.definition, usual)
        buckets = tuple(samples.window(self.end))
        looks = tuple(self._looks(samples, buckets))
        with_late = None
        if any(look.late_count for look in looks):
            forgiving = replace(self.definition, lateness=ANY_TIME_S)
            with_late = tuple(self._samples(forgiving, usual).window(self.end))
        series = sum(map(len, self.feeds.values()))
        return Window(looks, buckets, with_late, self._close(samples), series)

    def _samples(self, definition: Definition, usual: Mapping[int, Baseline]) -> Samples:
        start = read_start(definition, self.end)
        samples = Samples(definition, start, self.end, baselines=usual)
        for layout, positions in self.feeds.items():
            samples.add(self.snapshot, layout, positions)
        return samples

    def _looks(self, samples: Samples, buckets: Sequence[Bucket]) -> Iterator[Look]:
        shown = min(SHOWN_IN_BUCKET, max(1, SAMPLES_SHOWN // len(buckets)))
        points = self._points()
        for bucket in buckets:
            found = points.get(bucket.end, [])
            last = bucket.end + self.definition.lateness * SECOND_MS
            timely = [each for each in found if each.received <= last]
            late = [each for each in found if each.received > last]
            yield Look(
                end=bucket.end,
                value=bucket.value,
                raw=samples.raw(bucket.end),
                samples=tuple(timely[:shown]),
                count=len(timely),
                late=tuple(late[:LATE_SHOWN]),
                late_count=len(late),
            )

    def _points(self) -> dict[int, list[Seen]]:
        """All points of the evaluation range, by the ends of their buckets, in order of time."""
        start, period = range_start(self.definition, self.end), period_ms(self.definition)
        found: dict[int, list[Seen]] = {}
        for layout, positions in self.feeds.items():
            for segment in self.snapshot.segments(layout, start, self.end):
                for each in _of(segment, positions, start, self.end):
                    found.setdefault((each.at // period + 1) * period, []).append(each)
        for some in found.values():
            some.sort(key=lambda each: (each.at, each.value))
        return found

    def _close(self, samples: Samples) -> Close:
        """When the bucket closed: when the last of those that feed it, or the N before it, sent
        beyond its end, or when its grace ran out.
        """
        definition, end = self.definition, self.end
        due = end + definition.grace * SECOND_MS
        first = end - definition.evaluation_periods * period_ms(definition)
        ends = (x for x in range(first, end + 1, period_ms(definition)) if samples.covers(x))
        feeding = {layout for each in ends for layout in samples.layouts(each)}
        passed = [self._passed(layout) for layout in sorted(feeding & self.feeds.keys())]
        timely = [at for at in passed if at is not None and at <= due]
        behind = len(feeding) - len(timely)
        if timely and not behind:
            return Close(max([end, *timely]), Cause.DATA, due, len(feeding), 0)
        if due > self.snapshot.taken_at:
            return Close(None, None, due, len(feeding), behind)
        return Close(due, Cause.CLOCK, due, len(feeding), behind)

    def _passed(self, layout: str) -> int | None:
        """When a layout first sent something from beyond the bucket."""
        until = self.end + _beyond(self.definition)
        beyond = self.snapshot.segments(layout, self.end, until)
        return min((each.receipt for each in beyond if advance(each) >= self.end), default=None)


def _of(segment: Segment, positions: Sequence[int], start: int, end: int) -> Iterator[Seen]:
    for position in positions:
        rows = points_of(segment, position)
        first = bisect_left(segment.timestamps, start, rows.start, rows.stop)
        for row in range(first, rows.stop):
            if segment.timestamps[row] >= end:
                break
            yield Seen(segment.timestamps[row], segment.values[row], segment.receipt)
