"""Stored points as the machine looks at them: `Samples`, filled from what a reader delivers.

A reader tells no receipt times: every point counts for its bucket. Hours of merged days become one
point each that counts as many observations as the hour has.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence

from skafu.alerts.model import Definition
from skafu.alerts.samples import Samples
from skafu.metrics.demands import HourRun, Run
from skafu.metrics.hours import Hour
from skafu.metrics.model import Segment, Series, Statistic, Summary

FOREVER = 1 << 62


class Stock:
    """What was read for one instance. To `Samples` each series is a layout of its own, which has
    sent data for ever.
    """

    def __init__(self) -> None:
        self._names: dict[Series, str] = {}
        self._by_name: dict[str, Series] = {}
        self._segments: dict[str, list[Segment]] = {}
        self.points = 0

    def add(self, definition: Definition, run: Run | HourRun) -> int:
        """Take points or hours; how many these were."""
        name = self._names.setdefault(run.series, str(len(self._names)))
        self._by_name[name] = run.series
        if isinstance(run, HourRun):
            segment = _of_hours(name, definition, run.hours)
        else:
            segment = _of_points(name, run)
        self._segments.setdefault(name, []).append(segment)
        count = len(segment.timestamps)
        self.points += count
        return count

    def advanced(self, layout: str) -> int:
        """All that there is has come."""
        del layout
        return FOREVER

    def series(self, layout: str) -> tuple[Series, ...]:
        """The one series that is called so."""
        return (self._by_name[layout],)

    def segments(self, layout: str, start: int, end: int) -> Iterable[Segment]:
        """What may have points in [start, end) of the series that is called so."""
        for each in self._segments[layout]:
            if each.timestamps[-1] >= start and each.timestamps[0] < end:
                yield each

    def fill(self, samples: Samples) -> None:
        """Let an instance's samples take what they want of it."""
        for name in self._segments:
            samples.add(self, name, (0,))


def _of_points(name: str, run: Run) -> Segment:
    times, values = array("q", run.timestamps), array("d", run.values)
    return _segment(name, times, values, run.summaries)


def _of_hours(name: str, definition: Definition, hours: Sequence[Hour]) -> Segment:
    """Hours as summaries at their last points; `last` itself needs no more than these points."""
    times = array("q", [hour.last_at for hour in hours])
    if definition.statistic == Statistic.LAST:
        return _segment(name, times, array("d", [hour.last for hour in hours]), {})
    summaries = {number: _summary(hour) for number, hour in enumerate(hours)}
    return _segment(name, times, array("d", [x.mean for x in summaries.values()]), summaries)


def _summary(hour: Hour) -> Summary:
    bins: tuple[tuple[float, int], ...] = ()
    if hour.sketch is not None:
        # A sketch is within 1 % of a value, which may be beyond the extremes.
        low, high = hour.minimum, hour.maximum
        bins = tuple((min(max(value, low), high), count) for value, count in hour.sketch.bins())
    return Summary(hour.count, hour.sum, hour.minimum, hour.maximum, bins)


def _segment(
    name: str, times: Sequence[int], values: Sequence[float], summaries: Mapping[int, Summary]
) -> Segment:
    return Segment(
        layout=name,
        bucket=times[0],
        request="",
        receipt=0,
        late=False,
        series=bytes(len(times)),
        timestamps=times,
        values=values,
        summaries=summaries,
    )
