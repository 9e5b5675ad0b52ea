"""A summary with bins is as good as all its observations, each written down."""

import math
import statistics
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.metrics.model import Sample, Statistic, Summary, percentile, reduce

values = st.integers(-1000, 1000).map(lambda n: n / 8)
bins = st.dictionaries(values, st.integers(1, 40), min_size=1, max_size=8)
samples = st.lists(st.tuples(st.integers(0, 5), st.one_of(values, bins)), min_size=1, max_size=8)


def summary_of(counts: dict[float, int]) -> Summary:
    """What a client that counted exactly these values sends."""
    total = math.fsum(value * times for value, times in counts.items())
    ordered = tuple(sorted(counts.items()))
    return Summary(sum(counts.values()), total, ordered[0][0], ordered[-1][0], ordered)


def expanded(found: Sequence[tuple[int, float | dict[float, int]]]) -> list[float]:
    return [
        each
        for _, some in found
        for value, times in (some.items() if isinstance(some, dict) else [(some, 1)])
        for each in [value] * times
    ]


@given(samples, st.randoms(), st.integers(0, 1000))
@settings(max_examples=500)
def test_every_statistic_is_that_of_the_observations(
    found: list[tuple[int, float | dict[float, int]]], order: object, rank: int
) -> None:
    mixed: list[Sample] = [
        (at, summary_of(some) if isinstance(some, dict) else some) for at, some in found
    ]
    order.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis's Random
    every = sorted(expanded(found))
    assert reduce(Statistic.COUNT, mixed) == len(every)
    assert reduce(Statistic.SUM, mixed) == sum(every)  # eighths: exact
    assert reduce(Statistic.AVG, mixed) == sum(every) / len(every)
    assert reduce(Statistic.MIN, mixed) == every[0]
    assert reduce(Statistic.MAX, mixed) == every[-1]
    p = rank / 10
    assert reduce(Statistic(f"p{p}"), mixed) == percentile(every, p)
    deviation = reduce(Statistic.STDDEV, mixed)
    assert deviation is not None
    assert math.isclose(deviation, statistics.pstdev(every), rel_tol=1e-9, abs_tol=1e-9)
