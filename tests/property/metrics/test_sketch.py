"""A sketch is never further than 1 % from what it has counted, and merging loses nothing."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.metrics.columns import Reader
from skafu.metrics.model import percentile
from skafu.metrics.sketch import ACCURACY, Sketch, decode_sketches, encode_sketches, merged

SMALLEST = 2.3e-308  # below it doubles have fewer digits than 1 % needs

doubles = st.one_of(
    st.floats(min_value=SMALLEST, allow_infinity=False),
    st.floats(max_value=-SMALLEST, allow_infinity=False),
    st.just(0.0),
    st.integers(-1000, 1000).map(float),
    st.decimals(0, 10_000, places=3).map(float),
)
values = st.lists(doubles, min_size=1, max_size=60)
percents = st.one_of(st.integers(0, 100).map(float), st.floats(0, 100))


@given(values, percents)
@settings(max_examples=500)
def test_a_percentile_is_as_near_as_its_neighbours_are_known(found: list[float], p: float) -> None:
    ordered = sorted(found)
    rank = (len(ordered) - 1) * p / 100
    low = ordered[math.floor(rank)]
    high = ordered[min(math.floor(rank) + 1, len(ordered) - 1)]
    share = rank - math.floor(rank)
    away = ACCURACY * (abs(low) * (1 - share) + abs(high) * share)
    exact = percentile(ordered, p)
    assert abs(Sketch.of(found).quantile(p) - exact) <= away * (1 + 1e-9) + 1e-12 * abs(exact)


@given(st.lists(doubles, min_size=1, max_size=20))
def test_every_bin_is_near_its_observations(found: list[float]) -> None:
    for value in found:
        ((stands, count),) = Sketch.of([value]).bins()
        assert count == 1
        assert stands == pytest.approx(value, rel=ACCURACY * (1 + 1e-9))


@given(values, values)
@settings(max_examples=200)
def test_merging_is_adding_all_observations(left: list[float], right: list[float]) -> None:
    parts = [Sketch.of(left), Sketch.of(right)]
    assert merged(parts) == Sketch.of([*left, *right])
    assert parts == [Sketch.of(left), Sketch.of(right)]


@given(values, st.integers(1, 2**61))
@settings(max_examples=200)
def test_a_sketch_comes_back_from_its_bytes(found: list[float], count: int) -> None:
    sketch = Sketch.of(found)
    sketch.add(found[0], count)
    reader = Reader(encode_sketches([sketch, Sketch(), sketch]))
    assert decode_sketches(reader) == [sketch, Sketch(), sketch]
    reader.end()
    assert sketch.count == len(found) + count
