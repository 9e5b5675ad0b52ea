"""Columns of points as chunks have them."""

import random
from array import array
from collections.abc import Iterable, Sequence

from skafu.metrics.codec import Columns
from skafu.metrics.model import Summary

from benchmarks.population import Fleet

T0 = 1_795_341_600_000
"""The start of a bucket."""


def columns_of(points: Iterable[tuple[int, int, float | Summary]]) -> Columns:
    """Points, (position, timestamp, value), as sorted columns; a summary's value is its mean."""
    rows = sorted(points, key=lambda point: point[:2])
    return Columns(
        [series for series, _, _ in rows],
        [at for _, at, _ in rows],
        [each.mean if isinstance(each, Summary) else each for _, _, each in rows],
        {row: each for row, (_, _, each) in enumerate(rows) if isinstance(each, Summary)},
    )


def bits(values: Sequence[float]) -> bytes:
    """Doubles as they are in memory: what equal numbers may differ in."""
    return array("d", values).tobytes()


def same(left: Columns, right: Columns) -> bool:
    """Whether columns are the same, bit for bit."""
    return (
        list(left.series) == list(right.series)
        and list(left.timestamps) == list(right.timestamps)
        and bits(left.values) == bits(right.values)
        and {row: _exact(each) for row, each in left.summaries.items()}
        == {row: _exact(each) for row, each in right.summaries.items()}
    )


def _exact(summary: Summary) -> tuple[object, ...]:
    numbers = [summary.sum, summary.minimum, summary.maximum]
    counts = [count for _, count in summary.bins]
    return summary.count, bits([*numbers, *(value for value, _ in summary.bins)]), counts


def realistic(series: int, minutes: int, *, seed: int = 3, spread: int = 0) -> Columns:
    """Some series of a larger fleet, one point a minute."""
    size = 6 * series
    fleet = Fleet(size, seed=seed)
    chosen = random.Random(seed).sample(range(size), series)  # nosec B311 # the same every time
    batches = [fleet.batch(T0 + 60_000 * minute, spread) for minute in range(minutes)]
    return columns_of(
        (position, batch[number]["timestamp"], batch[number]["value"])
        for batch in batches
        for position, number in enumerate(chosen)
    )
