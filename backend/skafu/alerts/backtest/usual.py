"""What would have been usual on days of the past, learnt as the sweeper learns it."""

from collections.abc import Iterator
from dataclasses import replace

from skafu.alerts.backtest.stock import Stock
from skafu.alerts.baselines import learned
from skafu.alerts.model import Definition, TransformType
from skafu.alerts.points import end_after, period_ms, range_start
from skafu.alerts.samples import Samples
from skafu.alerts.transforms import Baseline, counter_buckets, season_days
from skafu.shared.keys import DAY_MS

type Span = tuple[int, int]
"""From the first moment up to, and without, the second."""


def deviates(definition: Definition) -> bool:
    """Whether it compares with what is usual."""
    transform = definition.transform
    return transform is not None and transform.type is TransformType.DEVIATION


def _days(definition: Definition, start: int, end: int) -> range:
    """The days that have a bucket which deciding those between `start` and `end` looks at."""
    first = range_start(definition, end_after(start, period_ms(definition)))
    return range(first // DAY_MS * DAY_MS, end, DAY_MS)


def lessons(definition: Definition, start: int, end: int) -> Iterator[Span]:
    """What must be read to learn what was usual; stretches may meet."""
    if definition.transform is None or not deviates(definition):
        return
    period = period_ms(definition)
    days = {
        each
        for day in _days(definition, start, end)
        for each in season_days(definition.transform, day)
    }
    for day in sorted(days):
        first = day // period * period - counter_buckets(definition) * period
        yield first, end_after(day + DAY_MS - 1, period)


def baselines(definition: Definition, stock: Stock, start: int, end: int) -> dict[int, Baseline]:
    """What was usual on each day that the decisions between `start` and `end` look at, by the days'
    starts; empty for a definition that does not ask.
    """
    spans = list(lessons(definition, start, end))
    if not spans:
        return {}
    plain = replace(definition, transform=None)
    samples = Samples(plain, min(low for low, _ in spans), max(high for _, high in spans))
    stock.fill(samples)
    return {day: learned(definition, day, samples.raw) for day in _days(definition, start, end)}
