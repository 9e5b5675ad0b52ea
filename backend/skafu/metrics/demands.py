"""What a reader is asked for and what it delivers: values, and the choice of what is wanted."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from skafu.metrics.hours import Hour
from skafu.metrics.model import Layout, Sample, Series, Summary, columns_of
from skafu.shared.keys import DAY_MS, HOUR_MS

type Window = tuple[int, int]
"""From the first moment up to, and without, the second; epoch milliseconds."""


@dataclass(frozen=True)
class Demand:
    """The points of a metric's series in [start, end), those that `wants` says yes to.

    With `hours` whole hours may come instead of points, where a day has been merged; `start` and
    `end` then are multiples of an hour. `sketches` asks for these hours' quantiles too.
    """

    metric: str
    start: int
    end: int
    hours: bool = False
    sketches: bool = False
    wants: Callable[[Series], bool] = lambda series: True


@dataclass(frozen=True, slots=True)
class Run:
    """Points of one series from one stored item, in order of time, as columns of equal length.
    `summaries` tells, by place in the columns, which points are many observations.
    """

    series: Series
    timestamps: Sequence[int]
    values: Sequence[float]
    summaries: Mapping[int, Summary] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HourRun:
    """Whole hours of one series from one generation of a day. Hours of the same start, from
    several generations, add up.
    """

    series: Series
    hours: Sequence[Hour]


class Columns(Protocol):
    """Points sorted by (position of the series, timestamp), however they are stored."""

    @property
    def series(self) -> Sequence[int]:
        """Positions in a layout or group."""

    @property
    def timestamps(self) -> Sequence[int]:
        """Epoch milliseconds."""

    @property
    def values(self) -> Sequence[float]:
        """A summary's mean, where it is one."""

    @property
    def summaries(self) -> Mapping[int, Summary]:
        """By row, which points are summaries."""


@dataclass(frozen=True)
class Selection:
    """Which series of one layout or group are wanted, by position, and by which demands."""

    series: Mapping[int, Series]
    demands: Mapping[int, tuple[int, ...]]

    def __bool__(self) -> bool:
        return bool(self.series)


@dataclass(frozen=True)
class Windows:
    """For each demand, by its number, the time that it is answered in: by points where nothing is
    merged (`all`), by points of merged days (`raw`), and by hours of them (`hours`).
    """

    all: Mapping[int, Window]
    raw: Mapping[int, Window]
    hours: Mapping[int, Window]


def windows_of(demands: Sequence[Demand], deleted: Mapping[str, int]) -> Windows:
    """`deleted` are metrics whose points before a moment are deleted: an hour that began before it
    is no answer any more, its remaining points are.
    """
    every, raw, hours = {}, {}, {}
    for number, demand in enumerate(demands):
        until = deleted.get(demand.metric, 0)
        start = max(demand.start, until)
        if start >= demand.end:
            continue
        every[number] = start, demand.end
        if not demand.hours:
            raw[number] = every[number]
            continue
        first = -(-start // HOUR_MS) * HOUR_MS
        if start < min(first, demand.end):
            raw[number] = start, min(first, demand.end)
        if first < demand.end:
            hours[number] = first, demand.end
    return Windows(every, raw, hours)


class Sieve:
    """Takes what is wanted from what is stored. What it says of a layout it remembers."""

    def __init__(self, demands: Sequence[Demand], deleted: Mapping[str, int]) -> None:
        self.demands = demands
        self.windows = windows_of(demands, deleted)
        self.metrics = list(dict.fromkeys(demands[n].metric for n in self.windows.all))
        self._known: dict[str, Selection] = {}

    def days(self) -> list[int]:
        """The starts of all days that are asked for, in order."""
        return sorted(
            {
                day
                for start, end in self.windows.all.values()
                for day in range(start // DAY_MS * DAY_MS, end, DAY_MS)
            }
        )

    def bounds(self) -> Window:
        """The first moment that anything is asked of, and the end of the last."""
        starts, ends = zip(*self.windows.all.values(), strict=True)
        return min(starts), max(ends)

    def asks(self, start: int, end: int) -> bool:
        """Whether anything of [start, end) is asked for."""
        return meets(self.windows.all, start, end)

    def select(self, layout: Layout) -> Selection:
        """What is wanted of a layout or group."""
        found = self._known.get(layout.hash)
        if found is None:
            found = self._known[layout.hash] = self._select(layout)
        return found

    def _select(self, layout: Layout) -> Selection:
        wanted: dict[int, tuple[int, ...]] = {}
        for number in self.windows.all:
            demand = self.demands[number]
            for position in columns_of(layout, demand.metric):
                if demand.wants(layout.series[position]):
                    wanted[position] = (*wanted.get(position, ()), number)
        return Selection({at: layout.series[at] for at in sorted(wanted)}, wanted)

    def runs(
        self, selection: Selection, columns: Columns, windows: Mapping[int, Window]
    ) -> Iterator[tuple[int, Run]]:
        """The wanted points, for each demand those inside its window."""
        summaries = sorted(columns.summaries)
        for position, series in selection.series.items():
            low, high = rows_of(columns, position)
            if low == high:
                continue
            made: dict[Window, Run | None] = {}
            for number in selection.demands[position]:
                window = windows.get(number)
                if window is None:
                    continue
                if window not in made:
                    first = bisect_left(columns.timestamps, window[0], low, high)
                    last = bisect_left(columns.timestamps, window[1], first, high)
                    made[window] = _run(series, columns, first, last, summaries)
                if (run := made[window]) is not None:
                    yield number, run

    def hour_runs(
        self, selection: Selection, hours: Mapping[int, Sequence[Hour]]
    ) -> Iterator[tuple[int, HourRun]]:
        """The wanted hours, for each demand those inside its window."""
        for position, series in selection.series.items():
            for number in selection.demands[position]:
                start, end = self.windows.hours.get(number, (0, 0))
                inside = [h for h in hours.get(position, ()) if start <= h.start <= end - HOUR_MS]
                if inside:
                    yield number, HourRun(series, inside)


def rows_of(columns: Columns, position: int) -> tuple[int, int]:
    """The first of a series' rows, and the one after its last."""
    low = bisect_left(columns.series, position)
    return low, bisect_right(columns.series, position, low)


def samples_of(columns: Columns, low: int, high: int) -> list[Sample]:
    """Some rows, one by one."""
    found: list[Sample] = list(
        zip(columns.timestamps[low:high], columns.values[low:high], strict=True)
    )
    for row, summary in columns.summaries.items():
        if low <= row < high:
            found[row - low] = columns.timestamps[row], summary
    return found


def _run(
    series: Series, columns: Columns, first: int, last: int, summaries: Sequence[int]
) -> Run | None:
    if first == last:
        return None
    rows = summaries[bisect_left(summaries, first) : bisect_left(summaries, last)]
    return Run(
        series,
        columns.timestamps[first:last],
        columns.values[first:last],
        {row - first: columns.summaries[row] for row in rows},
    )


def meets(windows: Mapping[int, Window], start: int, end: int) -> bool:
    """Whether any of these windows has a moment of [start, end)."""
    return any(low < end and start < high for low, high in windows.values())
