"""Points of series while they are put together: as arrays, because a bucket may have a million."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, pairwise

from skafu.metrics.codec import NO_SUMMARIES, Columns
from skafu.metrics.model import Sample, Summary


class Run:
    """The points of one series, 16 bytes each. Those of equal time keep the order in which they
    came.
    """

    __slots__ = ("summaries", "timestamps", "values")

    def __init__(self) -> None:
        self.timestamps = array("q")
        self.values = array("d")
        self.summaries: dict[int, Summary] = {}

    def __len__(self) -> int:
        return len(self.timestamps)

    def add(self, at: int, value: float, summary: Summary | None = None) -> None:
        """Add one point."""
        if summary is not None:
            self.summaries[len(self.timestamps)] = summary
        self.timestamps.append(at)
        self.values.append(value)

    def keep(self, since: int) -> None:
        """Leave out what is older."""
        if len(self) and min(self.timestamps) < since:
            self._pick(i for i, at in enumerate(self.timestamps) if at >= since)

    def sort(self) -> None:
        """Bring the points in order of time."""
        if any(a > b for a, b in pairwise(self.timestamps)):
            self._pick(sorted(range(len(self)), key=self.timestamps.__getitem__))

    def _pick(self, places: Iterable[int]) -> None:
        chosen = list(places)
        timestamps, values, summaries = self.timestamps, self.values, self.summaries
        self.timestamps = array("q", [timestamps[i] for i in chosen])
        self.values = array("d", [values[i] for i in chosen])
        if summaries:
            self.summaries = {n: summaries[i] for n, i in enumerate(chosen) if i in summaries}

    def samples(self) -> list[Sample]:
        """The points one by one."""
        found: list[Sample] = list(zip(self.timestamps, self.values, strict=True))
        for place, summary in self.summaries.items():
            found[place] = self.timestamps[place], summary
        return found


type Runs = dict[int, Run]
"""Points by their series' position in a group, or by any other number for a series."""


def add_columns(runs: Runs, columns: Columns) -> None:
    """Add what a block holds, whose points are sorted by series."""
    start = 0
    for position, some in groupby(columns.series):
        end = start + sum(1 for _ in some)
        run = runs.setdefault(position, Run())
        before = len(run)
        run.timestamps.extend(columns.timestamps[start:end])
        run.values.extend(columns.values[start:end])
        if columns.summaries:
            for place in range(start, end):
                if place in columns.summaries:
                    run.summaries[before + place - start] = columns.summaries[place]
        start = end


def columns_of(runs: Mapping[int, Run]) -> Columns:
    """All points, sorted by (position, timestamp), as a block wants them."""
    series: list[int] = []
    timestamps: list[int] = []
    values: list[float] = []
    summaries: dict[int, Summary] = {}
    for position in sorted(runs):
        run = runs[position]
        run.sort()
        summaries |= {len(series) + place: each for place, each in run.summaries.items()}
        series += [position] * len(run)
        timestamps += run.timestamps
        values += run.values
    return Columns(series, timestamps, values, summaries or NO_SUMMARIES)


def parts_of(runs: Mapping[int, Run], size: int) -> Iterator[tuple[int, dict[int, Run]]]:
    """The runs that have points by parts of a group: part n has the positions from n * size on."""
    full = sorted(position for position, run in runs.items() if len(run))
    for part, positions in groupby(full, key=lambda position: position // size):
        yield part, {position: runs[position] for position in positions}
