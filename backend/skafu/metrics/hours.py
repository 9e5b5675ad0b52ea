"""Hours: what is left of a series' points once they are old (DESIGN 3, rollups).

Hours of one series can be joined to longer periods: counts and sums add, squares by the formula of
`merge_hours`, sketches merge. What a counter has grown by in several hours is the sum of their
increases and of `growth` from the last value of each to the first of the next; `first_at` and
`last_at` tell whether the two are near enough to each other to be called neighbours.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter
from typing import cast

from skafu.metrics.model import Sample, Summary
from skafu.metrics.sketch import Sketch, merged
from skafu.shared.keys import HOUR_MS


@dataclass(frozen=True, slots=True)
class Hour:  # pylint: disable=too-many-instance-attributes # these are what an hour is
    """One series in one hour, which begins at `start`; times are epoch milliseconds.

    `count`, `sum`, `minimum`, `maximum` are of the observations, at least one: a point is one of
    them, a summary as many as it counts. `first` and `last` are the values of the first and the
    last point; a summary's is its mean.

    Details, which stand apart and are None where they were not read: `squares` is the sum of the
    squares of the observations' distances from their mean, and too small where `exact` is False; at
    rest it keeps 12 bits of its mantissa (within 1/8192 of itself). `increase` is what
    a counter has grown by from the first to the last point. `sketch` is None too where `exact` is
    False: a statistic set inside has no quantiles.

    `exact_increase` is False where points of several generations lie between each other, so that
    `increase` is an estimate (`merge_hours`).
    """

    start: int
    count: int
    sum: float
    minimum: float
    maximum: float
    squares: float | None
    first_at: int
    first: float
    last_at: int
    last: float
    increase: float | None
    sketch: Sketch | None
    exact: bool = True
    exact_increase: bool = True


def growth(before: float, after: float) -> float:
    """What a counter grew by from one value to the next: it began anew, from zero, if it fell."""
    return after - before if after >= before else after


def hours_of(samples: Sequence[Sample]) -> list[Hour]:
    """The hours of one series' points, in order of time. Points at the same time are taken in order
    of their values, so that the result does not depend on the order in which they come.
    """
    parts: dict[int, list[Hour]] = {}
    # Asking each value by itself what it is would take a sixth of all the time.
    if Summary in set(map(type, map(_value_of, samples))):
        points = sorted([(at, v.mean if isinstance(v, Summary) else v) for at, v in samples])
        parts = _parts(samples)
    else:
        points = sorted(cast(Sequence[tuple[int, float]], samples))
    times = [at for at, _ in points]
    values = [value for _, value in points]
    hours, place = [], 0
    while place < len(points):
        start = times[place] // HOUR_MS * HOUR_MS
        end = bisect_left(times, start + HOUR_MS, place)
        own = values[place:end]
        hour = _hour(start, own) if start not in parts else pooled(parts[start])
        hours.append(
            replace(
                hour,
                first_at=times[place],
                first=own[0],
                last_at=times[end - 1],
                last=own[-1],
                increase=_increase(own),
            )
        )
        place = end
    return hours


_value_of = itemgetter(1)


def _parts(samples: Sequence[Sample]) -> dict[int, list[Hour]]:
    """For each hour with summaries: each of them, and all other points, as if it were the hour."""
    summaries = [(at, value) for at, value in samples if isinstance(value, Summary)]
    parts: dict[int, list[Hour]] = {at // HOUR_MS * HOUR_MS: [] for at, _ in summaries}
    for at, summary in summaries:
        start = at // HOUR_MS * HOUR_MS
        parts[start].append(_hour_of_summary(start, summary))
    plain: dict[int, list[float]] = {}
    for at, value in samples:
        start = at // HOUR_MS * HOUR_MS
        if start in parts and not isinstance(value, Summary):
            plain.setdefault(start, []).append(value)
    for start, values in plain.items():
        parts[start].append(_hour(start, values))
    return parts


def _hour(start: int, values: Sequence[float]) -> Hour:
    """The hour of some values; what depends on times is not said yet."""
    total, low, high = _total(values), min(values), max(values)
    return Hour(
        start=start,
        count=len(values),
        sum=total,
        minimum=low,
        maximum=high,
        squares=_squares(values, total / len(values)) if low < high else 0.0,
        first_at=start,
        first=low,
        last_at=start,
        last=low,
        increase=0.0,
        sketch=Sketch.of(values) if low < high else constant_sketch(low, len(values)),
    )


def _hour_of_summary(start: int, summary: Summary) -> Hour:
    """The hour in which nothing but this summary was seen."""
    low, high = summary.minimum, summary.maximum
    sketch = None
    if summary.bins:
        sketch = Sketch()
        for value, count in summary.bins:
            sketch.add(value, count)
    elif low == high or summary.count == 1:
        sketch = constant_sketch(summary.mean, summary.count)
    mean = summary.mean
    return Hour(
        start=start,
        count=summary.count,
        sum=summary.sum,
        minimum=low,
        maximum=high,
        squares=_total([count * _square(value - mean) for value, count in summary.bins]),
        first_at=start,
        first=mean,
        last_at=start,
        last=mean,
        increase=0.0,
        sketch=sketch,
        exact=sketch is not None,
    )


def constant_sketch(value: float, count: int) -> Sketch:
    """The sketch of as many observations of one value."""
    sketch = Sketch()
    sketch.add(value, count)
    return sketch


def _increase(values: Sequence[float]) -> float:
    """What a counter grew by over its values, in order of time."""
    return _total([b - a if b >= a else b for a, b in pairwise(values)])


def pooled(hours: Sequence[Hour]) -> Hour:
    """The observations of several hours as one, which begins with the first of them; `first`,
    `last` and `increase` are the first one's.

    Squares are joined by the formula of Chan, Golub and LeVeque (1979): those of the parts, and
    those of the distances of their means from the common one.
    """
    if len(hours) == 1:
        return hours[0]
    count, total = sum(hour.count for hour in hours), _total([hour.sum for hour in hours])
    mean = total / count
    apart = [hour.count * _square(hour.sum / hour.count - mean) for hour in hours]
    minimum, maximum = min(h.minimum for h in hours), max(h.maximum for h in hours)
    sketches = [hour.sketch for hour in hours if hour.sketch is not None]
    return replace(
        hours[0],
        count=count,
        sum=total,
        minimum=minimum,
        maximum=maximum,
        # A constant's means may differ in their last bit.
        squares=_sum_of([h.squares for h in hours], apart) if minimum < maximum else 0.0,
        sketch=merged(sketches) if len(sketches) == len(hours) else None,
        exact=all(hour.exact for hour in hours),
    )


def merge_hours(hours: Sequence[Hour]) -> Hour:
    """The same hour of one series from several generations as one.

    Everything but the increase is what the points together would give, apart from rounding. The
    increase is so too, where each generation's points lie before all of the next one's. Where they
    lie between each other it cannot be known: points inside the span of those before count as if
    the counter had passed through them, and from the last of these to the end of what goes on
    beyond it is one step. That is exact for a counter that did not begin anew there, and
    `exact_increase` is False. Raises ValueError for hours that are not the same, or none.
    """
    if len({hour.start for hour in hours}) != 1:
        raise ValueError("only one and the same hour can be merged")
    if len(hours) == 1:
        return hours[0]
    ordered = sorted(hours, key=lambda hour: (hour.first_at, hour.first, hour.last_at))
    newest = max(hours, key=lambda hour: (hour.last_at, hour.last))
    whole = pooled(ordered)
    increase, exact = _joined(ordered)
    constant = whole.minimum == whole.maximum
    return replace(
        whole,
        last_at=newest.last_at,
        last=newest.last,
        increase=0.0 if constant else increase,
        exact_increase=exact or constant,
    )


def _joined(ordered: Sequence[Hour]) -> tuple[float | None, bool]:
    """The increase over hours in order of their first points, and whether it is certain."""
    end = ordered[0]
    steps, between, exact = [end.increase], [], end.exact_increase
    for hour in ordered[1:]:
        if end.last_at < hour.first_at:
            steps.append(hour.increase)
            between.append(growth(end.last, hour.first))
            exact = exact and hour.exact_increase
        else:
            exact = False
            if hour.last_at <= end.last_at:
                continue
            between.append(growth(end.last, hour.last))
        end = hour
    return _sum_of(steps, between), exact


def _sum_of(details: Sequence[float | None], more: Sequence[float]) -> float | None:
    """The sum of what was read and more; None where something was not read."""
    known = [each for each in details if each is not None]
    return _total([*known, *more]) if len(known) == len(details) else None


def _square(distance: float) -> float:
    """Infinite rather than an error, where no double is large enough."""
    return distance * distance


def _squares(values: Sequence[float], mean: float) -> float:
    return _total([_square(value - mean) for value in values])


def _total(values: Sequence[float]) -> float:
    """The sum, rounded once; infinite only if no double is large enough, and NaN if it would have
    to be infinite in both directions.
    """
    try:
        return math.fsum(values)
    except OverflowError:  # a sum on the way was too large, if not the last
        return math.fsum([value * 2.0**-64 for value in values]) * 2.0**64
    except ValueError:
        return math.nan
