"""Hours are what their points are, however these are spread over generations, and come back from
the table as they were.
"""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.metrics.hourly import kept
from skafu.metrics.model import Sample, Summary
from skafu.metrics.rollups import (
    Hour,
    hours_from,
    hours_of,
    merge_hours,
    rollup_items,
    sketch_items,
)
from skafu.shared.keys import HOUR_MS

DAY = 1_795_305_600_000

numbers = st.one_of(
    st.floats(-1e9, 1e9),
    st.integers(0, 10**6).map(float),
    st.decimals(-10_000, 10_000, places=2).map(float),
    st.sampled_from([0.0, -0.0, 3.0, 5e-324, 2.0**53, 0.1]),
)
times = st.integers(DAY, DAY + 3 * HOUR_MS - 1)


@st.composite
def summaries(draw: st.DrawFn) -> Summary:
    values = sorted(set(draw(st.lists(numbers, min_size=1, max_size=5))))
    bins = tuple((value, draw(st.integers(1, 9))) for value in values)
    count = sum(each for _, each in bins)
    total = math.fsum(value * each for value, each in bins)
    plain = draw(st.booleans())
    return Summary(count, total, values[0], values[-1], () if plain else bins)


samples = st.tuples(times, numbers)
mixed = st.tuples(times, st.one_of(numbers, summaries()))


def restored(hours: dict[int, list[Hour]]) -> dict[int, list[Hour]] | None:
    rollups = rollup_items("acme", 0, DAY, 1, "group", 0, "tag", hours, DAY)
    sketches = sketch_items("acme", 0, DAY, 1, "group", 0, "tag", hours, DAY)
    return hours_from(rollups, sketches)


def near(value: float | None) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-6)


def exactly(hour: Hour) -> Hour:
    """What no rounding touches."""
    return replace(hour, squares=None, sum=0.0, increase=None, exact_increase=True)


@given(st.dictionaries(st.integers(0, 15), st.lists(mixed, min_size=1), min_size=1, max_size=6))
@settings(max_examples=300)
def test_hours_come_back_bit_for_bit(series: dict[int, list[Sample]]) -> None:
    hours = {position: hours_of(found) for position, found in series.items()}
    expected = {
        position: [replace(hour, squares=kept(hour.squares or 0.0)) for hour in run]
        for position, run in hours.items()
    }
    found = restored(hours)
    assert found == expected
    assert repr(found) == repr(dict(sorted(expected.items())))  # tells 0.0 from -0.0


@given(st.lists(mixed, min_size=1, max_size=40), st.randoms())
def test_the_order_in_which_points_come_is_no_matter(found: list[Sample], chance: object) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's Random
    for one, other in zip(hours_of(found), hours_of(shuffled), strict=True):
        assert one.squares == near(other.squares)
        assert exactly(one) == exactly(other)


@given(st.lists(st.tuples(mixed, st.integers(0, 3)), min_size=1, max_size=40))
@settings(max_examples=300)
def test_generations_together_are_what_all_points_are(
    found: list[tuple[Sample, int]],
) -> None:
    whole = hours_of([sample for sample, _ in found])
    generations = [hours_of([s for s, own in found if own == n]) for n in range(4)]
    for expected in whole:
        parts = [h for hours in generations for h in hours if h.start == expected.start]
        together = merge_hours(parts)
        assert together.squares == near(expected.squares)
        assert together.sum == near(expected.sum)
        if together.exact_increase:
            assert together.increase == near(expected.increase)
        assert exactly(together) == exactly(expected)


@given(st.lists(st.tuples(times, st.integers(0, 100)), min_size=1, max_size=40))
def test_the_increase_of_a_counter_is_what_it_counted(events: list[tuple[int, int]]) -> None:
    events.sort()
    total, points = 0, []
    for at, count in events:
        total += count
        points.append((at, float(total)))
    hours = hours_of(points)
    for hour in hours:
        inside = [value for at, value in points if hour.start <= at < hour.start + HOUR_MS]
        assert hour.increase == inside[-1] - inside[0]
