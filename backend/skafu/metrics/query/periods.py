"""Periods: which one, and where buckets begin."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from skafu.metrics.query.question import refused
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS

SECOND_MS = 1000
WEEK_MS = 7 * DAY_MS
NICE_MS = (
    *(n * SECOND_MS for n in (1, 5, 10, 15, 30)),
    *(n * MINUTE_MS for n in (1, 5, 10, 15, 30)),
    *(n * HOUR_MS for n in (1, 3, 6, 12)),
    DAY_MS,
    WEEK_MS,
)
"""The periods that `max_points` chooses from; beyond the last its multiples."""

_MONDAY = 4 * DAY_MS  # 5 January 1970
_EPOCH = datetime(1970, 1, 1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Grid:
    """The buckets that a range meets: where each begins, in order, and where the last one ends."""

    period: int
    starts: Sequence[int]
    end: int

    def __len__(self) -> int:
        return len(self.starts)

    def place(self, at: int) -> int:
        """The place of the bucket that a moment of the range is in."""
        if isinstance(self.starts, range):
            return (at - self.starts.start) // self.period
        return bisect_right(self.starts, at) - 1

    def after(self, place: int) -> int:
        """Where a bucket ends."""
        return self.starts[place + 1] if place + 1 < len(self.starts) else self.end

    @cached_property
    def on_hours(self) -> bool:
        """Whether every bucket begins and ends with an hour (of UTC), as rollups do."""
        if isinstance(self.starts, range):
            return self.period % HOUR_MS == 0
        return not any(at % HOUR_MS for at in (*self.starts, self.end))


def grid(period: int, start: int, end: int, zone: ZoneInfo | None = None) -> Grid:
    """The buckets of [start, end).

    They begin at multiples of the period since the epoch. With a time zone, and a period that is a
    multiple of an hour, they begin whenever local clocks show, or leap over, such a multiple: at
    local midnight for days, on Monday for weeks. A day then has 23 or 25 hours when clocks change.
    """
    if zone is None or period % HOUR_MS:
        starts = range(start // period * period, end, period)
        return Grid(period, starts, starts[-1] + period)
    edges = sorted(set(_local_edges(period, start, end, zone)))
    first = bisect_right(edges, start) - 1
    last = bisect_right(edges, end - 1)
    return Grid(period, tuple(edges[first:last]), edges[last])


def count(period: int, start: int, end: int) -> int:
    """About how many buckets [start, end) meets: exactly those of a grid without a time zone."""
    return (end - 1) // period - start // period + 1


def chosen(
    most: int, start: int, end: int, zone: ZoneInfo | None = None, least: int = SECOND_MS
) -> int:
    """The smallest nice period, and not below `least`, with which [start, end) meets at most `most`
    buckets (2 or more).
    """
    for period in _candidates():
        # Clocks that change add one bucket for each change at most.
        if period >= least and count(period, start, end) <= most + 2:
            if len(grid(period, start, end, zone)) <= most:
                return period
    raise AssertionError("candidates have no end")


def _candidates() -> Iterator[int]:
    yield from NICE_MS
    period = WEEK_MS
    while True:
        period += WEEK_MS
        yield period


def zone_of(name: str | None) -> ZoneInfo | None:
    """A time zone by its IANA name. Raises Unprocessable naming it where there is none."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    # Names that are paths, folders or too long for a file fail in ways of their own.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        reason = f"there is no time zone {name!r}; IANA names are like Europe/Berlin"
        raise refused("time_zone", reason) from error


def _local_edges(period: int, start: int, end: int, zone: ZoneInfo) -> Iterator[int]:
    """Where buckets begin, from before `start` to after `end`."""
    origin = _MONDAY if period % WEEK_MS == 0 else 0
    # Of the hours that are shown twice each is one; of longer stretches only the first begins.
    once = period > HOUR_MS
    low, high = (_wall(at, zone) for at in (start, end))
    # Clocks are changed by hours, and once a whole day was left out.
    first = (low - 2 * DAY_MS - origin) // period * period + origin
    for wall in range(first, high + 2 * DAY_MS + period + 1, period):
        yield from _instants(wall, zone, once=once)


def _wall(at: int, zone: ZoneInfo) -> int:
    """What local clocks show at a moment, as milliseconds since 1970-01-01T00:00."""
    local = datetime.fromtimestamp(at // 1000, UTC).astimezone(zone)
    return (local.replace(tzinfo=None) - _EPOCH) // _MILLISECOND


def _instants(wall: int, zone: ZoneInfo, *, once: bool) -> Iterator[int]:
    """When local clocks show this (a whole second): twice where they are set back, but for `once`;
    where they leap over it, the moment at which they do.
    """
    local = _EPOCH + timedelta(milliseconds=wall)
    first, second = (_utc(local.replace(tzinfo=zone, fold=fold), wall) for fold in (0, 1))
    if first == second:
        yield first
    elif first < second:  # shown twice
        yield first
        if not once:
            yield second
    else:  # never shown: between these two moments the offset changes
        before = _wall(second, zone) - second
        while first - second > 1000:
            middle = (first + second) // 2000 * 1000
            if _wall(middle, zone) - middle == before:
                second = middle
            else:
                first = middle
        yield first


def _utc(local: datetime, wall: int) -> int:
    offset = local.utcoffset()
    return wall - (offset // _MILLISECOND if offset else 0)
