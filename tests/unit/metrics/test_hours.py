import math
from dataclasses import replace

import pytest

from skafu.metrics.hours import Hour, growth, hours_of, merge_hours
from skafu.metrics.model import Sample, Summary
from skafu.metrics.sketch import Sketch
from skafu.shared.keys import HOUR_MS, MINUTE_MS

NOON = 1_795_305_600_000


def only(*samples: Sample) -> Hour:
    """The one hour of these."""
    hours = hours_of(samples)
    assert len(hours) == 1
    return hours[0]


def counter(*values: float, after: int = 0) -> Hour:
    """The hour of a counter's values, one a minute from so many minutes after noon."""
    return only(*((NOON + (after + n) * MINUTE_MS, value) for n, value in enumerate(values)))


def test_an_hour_has_the_statistics_of_its_points() -> None:
    hour = only((NOON + 3, 4.0), (NOON + 1, 1.0), (NOON + 2, 1.0))
    assert hour == Hour(
        start=NOON,
        count=3,
        sum=6.0,
        minimum=1.0,
        maximum=4.0,
        squares=6.0,
        first_at=NOON + 1,
        first=1.0,
        last_at=NOON + 3,
        last=4.0,
        increase=3.0,
        sketch=Sketch.of([1.0, 1.0, 4.0]),
    )


def test_points_belong_to_the_hour_that_they_are_in() -> None:
    hours = hours_of([(NOON + HOUR_MS, 2.0), (NOON + HOUR_MS - 1, 1.0), (NOON, 0.0)])
    assert [(hour.start, hour.count) for hour in hours] == [(NOON, 2), (NOON + HOUR_MS, 1)]
    assert not hours_of([])


def test_a_counter_that_falls_has_begun_anew_from_zero() -> None:
    assert growth(5.0, 7.0) == 2.0
    assert growth(5.0, 3.0) == 3.0
    assert counter(5.0, 7.0, 3.0, 4.0).increase == 2.0 + 3.0 + 1.0


def test_at_the_same_time_the_greater_value_is_the_later_one() -> None:
    hour = only((NOON, 7.0), (NOON, 5.0))
    assert (hour.first, hour.last, hour.increase) == (5.0, 7.0, 2.0)


def test_a_summary_is_as_many_observations_as_it_counts() -> None:
    told = Summary(4, 10.0, 1.0, 4.0, ((1.0, 1), (2.0, 1), (3.0, 1), (4.0, 1)))
    hour = only((NOON, told), (NOON + 1, 10.0))
    plain = only(*((NOON, v) for v in (1.0, 2.0, 3.0, 4.0)), (NOON + 1, 10.0))
    assert (hour.count, hour.sum, hour.minimum, hour.maximum) == (5, 20.0, 1.0, 10.0)
    assert hour.squares == pytest.approx(plain.squares)
    assert hour.sketch == plain.sketch
    assert hour.exact
    assert (hour.first, hour.last, hour.increase) == (2.5, 10.0, 7.5)


def test_a_statistic_set_leaves_quantiles_unknown_unless_it_is_a_constant() -> None:
    wide, narrow = Summary(4, 10.0, 1.0, 4.0), Summary(3, 6.0, 2.0, 2.0)
    unknown = only((NOON, wide), (NOON + 1, 2.0))
    assert (unknown.exact, unknown.sketch) == (False, None)
    assert (unknown.count, unknown.sum, unknown.minimum, unknown.maximum) == (5, 12.0, 1.0, 4.0)
    known = only((NOON, narrow), (NOON + 1, 2.0))
    assert known.exact
    assert known.sketch == Sketch.of([2.0] * 4)


def test_numbers_beyond_all_doubles_are_infinite_and_raise_nothing() -> None:
    most = 1.7e308
    hour = only((NOON, most), (NOON + 1, most), (NOON + 2, -most))
    assert hour.sum == most
    assert hour.squares == math.inf
    up, down = (hours_of([(NOON, sign * most)] * 2)[0] for sign in (1, -1))
    assert math.isnan(merge_hours([up, down]).sum)


def test_one_generation_is_what_it_is() -> None:
    hour = counter(1.0, 2.0)
    assert merge_hours([hour]) is hour


def test_generations_one_after_the_other_have_a_certain_increase() -> None:
    early, late = counter(1.0, 4.0), counter(2.0, 9.0, after=10)
    merged = merge_hours([late, early])
    assert merged.increase == 3.0 + 2.0 + 7.0
    assert merged.exact_increase
    assert (merged.first, merged.last, merged.last_at) == (1.0, 9.0, late.last_at)


def test_generations_between_each_other_have_an_estimate_that_says_so() -> None:
    outer = hours_of([(NOON, 10.0), (NOON + 9 * MINUTE_MS, 30.0)])[0]
    inner = counter(15.0, 20.0, after=2)
    merged = merge_hours([inner, outer])
    assert (merged.increase, merged.exact_increase) == (20.0, False)
    beyond = hours_of([(NOON + 4 * MINUTE_MS, 20.0), (NOON + 12 * MINUTE_MS, 36.0)])[0]
    merged = merge_hours([outer, beyond])
    assert (merged.increase, merged.exact_increase) == (26.0, False)


def test_an_estimate_stays_one() -> None:
    estimate = replace(counter(1.0, 2.0), exact_increase=False)
    assert not merge_hours([estimate, counter(3.0, 4.0, after=9)]).exact_increase


def test_a_constant_grew_by_nothing_in_whatever_order_its_points_came() -> None:
    parts = [counter(5.0, 5.0, 5.0), counter(5.0, after=1)]
    merged = merge_hours(parts)
    assert (merged.increase, merged.exact_increase, merged.squares) == (0.0, True, 0.0)


def test_details_that_were_not_read_stay_unknown() -> None:
    numbers = [
        replace(counter(*values, after=after), squares=None, increase=None, sketch=None)
        for values, after in (((1.0, 2.0), 0), ((5.0, 6.0), 30))
    ]
    merged = merge_hours(numbers)
    assert (merged.squares, merged.increase, merged.sketch) == (None, None, None)
    assert (merged.exact, merged.sum) == (True, 14.0)


def test_only_the_same_hour_is_merged() -> None:
    with pytest.raises(ValueError, match="same hour"):
        merge_hours([counter(1.0), counter(1.0, after=60)])
    with pytest.raises(ValueError, match="same hour"):
        merge_hours([])
