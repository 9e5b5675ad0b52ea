"""Counters: what they grew by, bucket by bucket.

A counter only grows, and begins anew from zero when what counts is started again: between two
points it grew by their difference, or by the later value where that is the smaller one. The growth
belongs to the bucket of the later point, so that the increases of all buckets add up to the whole.
Nothing is known of what was before the very first point: it has no growth. Unlike PromQL's
increase() nothing is extrapolated to a bucket's edges, and unlike there the growth from the last
point before a bucket to the first one in it counts.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from skafu.metrics.hours import Hour, growth, hours_of, merge_hours
from skafu.metrics.model import Sample, Summary
from skafu.metrics.query.periods import Grid
from skafu.metrics.query.piles import Pile
from skafu.metrics.query.reducing import Values
from skafu.shared.keys import HOUR_MS


class _Span(NamedTuple):
    """A stretch of one series: its ends, how many observations it has, and what it grew by between
    them.
    """

    first_at: int
    first: float
    last: float
    observations: int
    increase: float


def increases(pile: Pile, grid: Grid, start: int) -> Values:
    """What one series grew by in each bucket. What the pile has from before `start` only tells from
    where it grew.
    """
    steps: dict[int, list[float]] = {}
    before: float | None = None
    place, after = -1, start
    for first_at, first, last, observations, increase in _spans(pile):
        if first_at >= after:
            place = grid.place(first_at)
            after = grid.after(place)
        if place >= 0:
            if before is not None:
                steps.setdefault(place, []).append(growth(before, first))
            if observations > 1:
                steps.setdefault(place, []).append(increase)
        before = last
    values: Values = [None] * len(grid)
    for place, growths in steps.items():
        values[place] = _total(growths)
    return values


def added(series: Sequence[Values]) -> Values:
    """The increases of several series together; those without a value do not count."""
    if len(series) == 1:
        return series[0]
    values: Values = []
    for column in zip(*series, strict=True):
        known = [value for value in column if value is not None]
        values.append(_total(known) if known else None)
    return values


def rates(values: Values, grid: Grid) -> Values:
    """Increases per second of their buckets."""
    return [
        None if value is None else value * 1000 / (grid.after(place) - grid.starts[place])
        for place, value in enumerate(values)
    ]


def uncertain(pile: Pile) -> int:
    """How many hours' increases are estimates, because late points lie between others."""
    return sum(not hour.exact_increase for hour in _merged(pile).values()) if pile.hours else 0


def _spans(pile: Pile) -> Iterator[_Span]:
    """The series in order of time; points of an hour that has been rolled up join it."""
    if not pile.hours:
        yield from _points(pile.samples())
        return
    hours = _merged(pile)
    samples = [sample for sample in pile.samples() if _hour(sample) not in hours]
    spans = [
        _Span(
            hour.first_at,
            hour.first,
            hour.last,
            hour.count,
            math.nan if hour.increase is None else hour.increase,
        )
        for hour in hours.values()
    ]
    yield from sorted([*spans, *_points(samples)], key=lambda span: span.first_at)


def _merged(pile: Pile) -> dict[int, Hour]:
    """Its hours by their starts, each with all that is known of it."""
    parts: dict[int, list[Hour]] = {}
    for hour in pile.hours:
        parts.setdefault(hour.start, []).append(hour)
    for hour in hours_of([sample for sample in pile.samples() if _hour(sample) in parts]):
        parts[hour.start].append(hour)
    return {start: merge_hours(some) for start, some in parts.items()}


def _points(samples: Sequence[Sample]) -> Iterator[_Span]:
    """Points, those of equal time in order of their values: their order of arrival says nothing."""
    plain = [(at, v.mean if isinstance(v, Summary) else v) for at, v in samples]
    for at, value in sorted(plain):
        yield _Span(at, value, value, 1, 0.0)


def _hour(sample: Sample) -> int:
    return sample[0] // HOUR_MS * HOUR_MS


def _total(growths: Sequence[float]) -> float:
    """Infinite where no double is large enough."""
    try:
        return math.fsum(growths)
    except OverflowError:
        return math.inf
