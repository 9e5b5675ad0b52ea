"""What is collected before it is reduced: points and hours, in order of arrival."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import le

from skafu.metrics.demands import HourRun, Run
from skafu.metrics.hours import Hour
from skafu.metrics.model import Sample, Summary
from skafu.metrics.query.units import Scale
from skafu.metrics.sketch import Sketch


@dataclass
class Pile:
    """Points and hours of one unit that are reduced together; `summaries` by place."""

    timestamps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    summaries: dict[int, Summary] = field(default_factory=dict)
    hours: list[Hour] = field(default_factory=list)

    def add(self, run: Run | HourRun) -> int:
        """Take what a reader delivers; how much it was."""
        if isinstance(run, HourRun):
            self.hours += run.hours
            return len(run.hours)
        before = len(self.timestamps)
        self.timestamps.extend(run.timestamps)
        self.values.extend(run.values)
        for place, summary in run.summaries.items():
            self.summaries[before + place] = summary
        return len(run.timestamps)

    def scaled(self, scale: Scale) -> "Pile":
        """The same in another unit."""
        return Pile(
            self.timestamps,
            array("d", (scale.of(value) for value in self.values)),
            {place: _scaled_summary(each, scale) for place, each in self.summaries.items()},
            [_scaled_hour(hour, scale) for hour in self.hours],
        )

    def ordered(self) -> "Pile":
        """The same, its points in order of time."""
        times = self.timestamps
        if all(map(le, times, islice(times, 1, None))):
            return self
        # Runs are in order, and a sort that finds runs is quick.
        order = sorted(range(len(times)), key=times.__getitem__)
        summaries = self.summaries
        return Pile(
            array("q", map(times.__getitem__, order)),
            array("d", map(self.values.__getitem__, order)),
            {n: summaries[m] for n, m in enumerate(order) if m in summaries} if summaries else {},
            self.hours,
        )

    def samples(self, low: int = 0, high: int | None = None) -> list[Sample]:
        """Its points from one place to before another."""
        times, values = self.timestamps[low:high], self.values[low:high]
        if not self.summaries:
            return list(zip(times, values, strict=True))
        rows = enumerate(zip(times, values, strict=True), low)
        return [(at, self.summaries.get(place, value)) for place, (at, value) in rows]


def joined(piles: Sequence[Pile]) -> Pile:
    """Several piles of one unit as one."""
    if len(piles) == 1:
        return piles[0]
    whole = Pile()
    for pile in piles:
        before = len(whole.timestamps)
        whole.timestamps.extend(pile.timestamps)
        whole.values.extend(pile.values)
        whole.summaries |= {before + place: each for place, each in pile.summaries.items()}
        whole.hours += pile.hours
    return whole


def _scaled_summary(summary: Summary, scale: Scale) -> Summary:
    return Summary(
        summary.count,
        scale.of(summary.sum),
        scale.of(summary.minimum),
        scale.of(summary.maximum),
        tuple((scale.of(value), count) for value, count in summary.bins),
    )


def _scaled_hour(hour: Hour, scale: Scale) -> Hour:
    return replace(
        hour,
        sum=scale.of(hour.sum),
        minimum=scale.of(hour.minimum),
        maximum=scale.of(hour.maximum),
        squares=None if hour.squares is None else scale.of(scale.of(hour.squares)),
        first=scale.of(hour.first),
        last=scale.of(hour.last),
        increase=None if hour.increase is None else scale.of(hour.increase),
        sketch=None if hour.sketch is None else _scaled_sketch(hour.sketch.bins(), scale),
    )


def _scaled_sketch(bins: Iterable[tuple[float, int]], scale: Scale) -> Sketch:
    """Within 2 % instead of 1 %: what stands for a bin falls anywhere in a bin of the new unit."""
    sketch = Sketch()
    for value, count in bins:
        sketch.add(scale.of(value), count)
    return sketch
