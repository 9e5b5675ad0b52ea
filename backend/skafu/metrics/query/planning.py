"""What must be read for a question: points, hours, and from when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from skafu.metrics.demands import Demand
from skafu.metrics.model import Series, Statistic
from skafu.metrics.query.limits import MAX_POINTS, too_many_points
from skafu.metrics.query.periods import Grid, chosen, count, grid, zone_of
from skafu.metrics.query.question import Inquiry, Question, beyond, refused
from skafu.metrics.times import MAX_RANGE_MS, RAW_RETENTION_MS
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS

_LATEST = 10**13  # the year 2286: what is beyond is no time in milliseconds
_LOOK_BACK_MS = 15 * MINUTE_MS
_COUNTERS = (Statistic.RATE, Statistic.INCREASE)
_DETAILS = (*_COUNTERS, Statistic.STDDEV)


@dataclass(frozen=True)
class Plan:
    """How a question is answered: its buckets, the first moment whose points count, and what is
    read. `grew` tells that it asks what a counter grew by.
    """

    question: Question
    grid: Grid
    start: int
    demands: tuple[Demand, ...]
    warnings: tuple[str, ...] = ()

    @property
    def grew(self) -> bool:
        """Whether each series must be known by itself."""
        return self.question.statistic in _COUNTERS


def raw_from(now: int) -> int:
    """From when on points are there one by one. They live for 30 days, those of a day as long as
    the last of them, and a day longer, so that a question about the last 30 days may take its time.
    """
    return (now - RAW_RETENTION_MS) // DAY_MS * DAY_MS - DAY_MS


class Planner:
    """Plans the questions of one inquiry."""

    def __init__(self, inquiry: Inquiry, now: int) -> None:
        """Raises Unprocessable for a range or a time zone that cannot be answered."""
        _check_range(inquiry.start, inquiry.end)
        self._inquiry = inquiry
        self._raw = raw_from(now)
        self._zone: ZoneInfo | None = zone_of(inquiry.time_zone)
        self._grids: dict[int, Grid] = {}

    def plan(self, place: int, question: Question, wants: Callable[[Series], bool]) -> Plan:
        """`place` is the question's among the inquiry's queries, `wants` says which series it asks
        for. Raises Unprocessable for a period that cannot be answered.
        """
        buckets = self._grid(place, question)
        start, end = self._bounds(place, buckets)
        warnings = (
            ()
            if (start, end) == (self._inquiry.start, self._inquiry.end)
            else (
                f"{question.id}: before {self._raw} only whole hours are kept; "
                f"it is answered from {start} to {end}",
            )
        )
        demands = tuple(
            Demand(question.metric, low, high, hours, details, wants)
            for low, high, hours, details in _stretches(
                question.statistic, buckets, start, end, self._raw
            )
            if low < high
        )
        return Plan(question, buckets, start, demands, warnings)

    def _grid(self, place: int, question: Question) -> Grid:
        start, end = self._inquiry.start, self._inquiry.end
        period = question.period
        if period is None:
            if self._inquiry.max_points is None:
                raise refused(f"queries.{place}.period", "is required where there is no max_points")
            least = HOUR_MS if start < self._raw else 1000
            period = chosen(self._inquiry.max_points, start, end, self._zone, least)
        # Time zones are computed bucket by bucket: not before it is clear that they are few.
        if (points := count(period, start, end)) > MAX_POINTS + 2:
            raise too_many_points(points)
        if period not in self._grids:
            self._grids[period] = grid(period, start, end, self._zone)
        return self._grids[period]

    def _bounds(self, place: int, buckets: Grid) -> tuple[int, int]:
        """From when to when there is an answer: only whole hours are left of what is old."""
        start, end = self._inquiry.start, self._inquiry.end
        if start >= self._raw:
            return start, end
        if buckets.on_hours:
            first = -(-start // HOUR_MS) * HOUR_MS
            return first, end if end >= self._raw else max(first, end // HOUR_MS * HOUR_MS)
        if buckets.period % HOUR_MS == 0:
            reason = (
                f"before {self._raw} only hours of UTC are kept, and hours of the time zone "
                f"{self._inquiry.time_zone} begin between them; ask without it, or from later"
            )
            raise refused("time_zone", reason)
        reason = (
            f"before {self._raw} points are kept by the hour only: the smallest possible period "
            "is 3600, and others are its multiples"
        )
        raise refused(f"queries.{place}.period", reason)


def _stretches(
    statistic: Statistic, buckets: Grid, start: int, end: int, raw: int
) -> Iterator[tuple[int, int, bool, bool]]:
    """From when to when points are read (or, third, hours; fourth, with their details)."""
    low = start
    if statistic in _COUNTERS:
        # From where a counter grew into the first bucket is told by the point before it.
        low -= min(max(buckets.period, _LOOK_BACK_MS), DAY_MS)
        # What hours answer begins with an hour.
        whole = buckets.on_hours and start % HOUR_MS == 0
        low = max(0, low // HOUR_MS * HOUR_MS if whole else low)
    until = end if buckets.on_hours else low
    if (statistic.percentile is not None or statistic == Statistic.STDDEV) and until > low:
        # These are exact as long as there are points; no bucket is half of both.
        edges = (at for at in (*buckets.starts, buckets.end) if at >= raw)
        until = low if low >= raw else min(next(edges, end), end)
    # No hour begins before the start and ends after it.
    first = low if low % HOUR_MS == 0 and start % HOUR_MS == 0 else -(-start // HOUR_MS) * HOUR_MS
    last = until // HOUR_MS * HOUR_MS
    if first >= last:
        yield low, end, False, False
        return
    yield low, first, False, False
    yield first, last, True, statistic.percentile is not None or statistic in _DETAILS
    yield last, end, False, False


def _check_range(start: int, end: int) -> None:
    if not 0 <= start < end:
        raise refused("end", "must be later than start")
    if end > _LATEST:
        raise refused("end", "must be a time in epoch milliseconds, before the year 2286")
    if end - start > MAX_RANGE_MS:
        days = -(-(end - start) // DAY_MS)
        reason = f"a range has at most 455 days; this has {days:,}: ask in parts"
        raise beyond("start", reason)
