"""Points that are many observations: each form's rules, on their own."""

import math
from typing import Any

import pytest

from skafu.metrics.model import Series, Statistic, Summary, reduce
from skafu.metrics.observations import Refused, observations
from skafu.metrics.points import SeriesBook, read_points
from skafu.metrics.times import accepted
from tests.support.clocks import NOON
from tests.support.metrics import point


def summary(**raw: Any) -> Summary:
    found = observations(raw)
    assert isinstance(found, Summary)
    return found


def refusal(**raw: Any) -> str:
    """The field at fault."""
    with pytest.raises(Refused) as caught:
        observations(raw)
    return caught.value.field


def test_values_count_once_each_where_no_counts_are_told() -> None:
    assert summary(values=[2, 1.5, 2]) == Summary(3, 5.5, 1.5, 2.0, ((1.5, 1), (2.0, 2)))


def test_values_count_as_often_as_their_counts_say() -> None:
    assert summary(values=[2.0, 1.0], counts=[3.0, 1]) == Summary(
        4, 7.0, 1.0, 2.0, ((1.0, 1), (2.0, 3))
    )


def test_one_observation_is_a_plain_value() -> None:
    assert observations({"values": [2.5]}) == 2.5
    single = {"sample_count": 1, "sum": 2.5, "minimum": 2.5, "maximum": 2.5}
    assert observations({"statistics": single}) == 2.5
    assert observations({"value": 3, "statistics": None}) == 3.0


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"values": []}, "values"),
        ({"values": 5}, "values"),
        ({"values": [1.0] * 151}, "values"),
        ({"values": [1.0, "2"]}, "values.1"),
        ({"values": [math.inf]}, "values.0"),
        ({"values": [1.0], "counts": [1, 1]}, "counts"),
        ({"values": [1.0], "counts": 1}, "counts"),
        ({"values": [1.0], "counts": [0]}, "counts.0"),
        ({"values": [1.0], "counts": [-1]}, "counts.0"),
        ({"values": [1.0], "counts": [1.5]}, "counts.0"),
        ({"values": [1.0], "counts": [True]}, "counts.0"),
        ({"values": [1.0], "counts": [math.nan]}, "counts.0"),
        ({"values": [1.0, 2.0], "counts": [2**53, 1]}, "counts"),
        ({"values": [1.7e308, 1.7e308]}, "values"),
        ({"values": [1e308, -1e308], "counts": [9, 9]}, "values"),
        ({"counts": [1]}, "value"),
        ({"value": 1.0, "counts": [1]}, "counts"),
        ({"value": 1.0, "values": [1.0]}, "values"),
        ({"statistics": {}, "sketch": {}}, "sketch"),
        ({}, "value"),
    ],
)
def test_values_and_counts_outside_the_rule_are_refused(raw: dict[str, Any], field: str) -> None:
    assert refusal(**raw) == field


SET = {"sample_count": 4, "sum": 10.0, "minimum": 1.0, "maximum": 4.0}


def test_a_statistic_set_says_nothing_of_quantiles() -> None:
    found = summary(statistics=SET)
    assert found == Summary(4, 10.0, 1.0, 4.0)
    assert reduce(Statistic.P50, [(0, found)]) is None
    assert reduce(Statistic.AVG, [(0, found)]) == 2.5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sample_count": 0}, "sample_count"),
        ({"sample_count": None}, "sample_count"),
        ({"sum": None}, "sum"),
        ({"minimum": "1"}, "minimum"),
        ({"maximum": math.nan}, "maximum"),
        ({"maximum": 0.5}, "maximum"),
        ({"sum": 3.9}, "sum"),
        ({"sum": 16.1}, "sum"),
        ({"sample_count": 1, "sum": 2.0}, "maximum"),
        ({"mean": 2.5}, "mean"),
    ],
)
def test_a_statistic_set_that_cannot_be_is_refused(change: dict[str, Any], field: str) -> None:
    assert refusal(statistics=SET | change) == f"statistics.{field}"


def test_a_sum_of_floats_may_be_a_little_beside_the_truth() -> None:
    of_floats = {"sample_count": 3, "sum": 0.30000001192, "minimum": 0.1, "maximum": 0.1}
    assert summary(statistics=of_floats).mean == 0.1
    assert refusal(statistics=[1]) == "statistics"


def test_what_stands_for_a_histograms_bin_is_its_middle() -> None:
    found = summary(histogram={"bounds": [10, 20, 40], "counts": [2, 0, 3, 1]})
    assert found == Summary(6, 140.0, 5.0, 40.0, ((5.0, 2), (30.0, 3), (40.0, 1)))


def test_a_histogram_begins_and_ends_where_its_extremes_are() -> None:
    bins = {"bounds": [10.0, 20.0], "counts": [1, 1, 1], "minimum": 8.0, "maximum": 30.0}
    assert summary(histogram=bins).bins == ((9.0, 1), (15.0, 1), (25.0, 1))
    # No bin stands outside of what is known.
    narrow = {"bounds": [10.0, 20.0], "counts": [0, 5, 0], "minimum": 16.0, "maximum": 17.0}
    found = summary(histogram=narrow | {"sum": 82.0})
    assert found == Summary(5, 82.0, 16.0, 17.0, ((16.0, 5),))


def test_a_histogram_of_negative_values_begins_at_its_first_bound() -> None:
    assert summary(histogram={"bounds": [-5.0, 5.0], "counts": [2, 2, 0]}).bins == (
        (-5.0, 2),
        (0.0, 2),
    )


def test_extremes_that_are_not_told_do_not_contradict_the_sum() -> None:
    found = summary(histogram={"bounds": [10.0], "counts": [4, 0], "sum": 36.0})
    assert found == Summary(4, 36.0, 5.0, 9.0, ((5.0, 4),))


HISTOGRAM = {"bounds": [10.0, 20.0], "counts": [1, 1, 1]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bounds": None}, "bounds"),
        ({"bounds": []}, "bounds"),
        ({"bounds": [1.0] * 501}, "bounds"),
        ({"bounds": [10.0, 10.0]}, "bounds.1"),
        ({"bounds": [10.0, None]}, "bounds.1"),
        ({"counts": [1, 1]}, "counts"),
        ({"counts": [0, 0, 0]}, "counts"),
        ({"counts": [1, 1, -1]}, "counts.2"),
        ({"counts": [2**53, 2**53, 0]}, "counts"),
        ({"minimum": 11.0}, "minimum"),
        ({"maximum": 19.0}, "maximum"),
        ({"minimum": 5.0, "maximum": 4.0}, "maximum"),
        ({"minimum": 0.0, "maximum": 30.0, "sum": 91.0}, "sum"),
        ({"buckets": []}, "buckets"),
    ],
)
def test_a_histogram_that_cannot_be_is_refused(change: dict[str, Any], field: str) -> None:
    assert refusal(histogram=HISTOGRAM | change) == f"histogram.{field}"


def test_a_sketchs_bins_are_ddsketchs() -> None:
    gamma = 1.01 / 0.99
    found = summary(
        sketch={
            "relative_accuracy": 0.01,
            "zero_count": 2,
            "positive": {"100": 3, "-7": 1},
            "negative": {"5": 4},
        }
    )
    values = [value for value, _ in found.bins]
    assert values == sorted(values)
    assert [count for _, count in found.bins] == [4, 2, 1, 3]
    for value, index in zip((-values[0], values[2], values[3]), (5, -7, 100), strict=True):
        # No value of the bin is farther from it than the accuracy says.
        assert abs(value - gamma**index) <= 0.01 * gamma**index * (1 + 1e-9)
        assert abs(value - gamma ** (index - 1)) <= 0.01 * gamma ** (index - 1) * (1 + 1e-9)
    assert (found.count, found.minimum, found.maximum) == (10, values[0], values[3])


def test_a_sketch_stays_within_its_extremes() -> None:
    index = {"relative_accuracy": 0.01, "positive": {"100": 3}}
    found = summary(sketch=index | {"minimum": 7.3, "maximum": 7.3, "sum": 21.9})
    assert found == Summary(3, 21.9, 7.3, 7.3, ((7.3, 3),))


SKETCH = {"relative_accuracy": 0.01, "positive": {"100": 3}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"relative_accuracy": None}, "relative_accuracy"),
        ({"relative_accuracy": 0.0}, "relative_accuracy"),
        ({"relative_accuracy": 0.6}, "relative_accuracy"),
        ({"positive": {}}, ""),
        ({"positive": []}, "positive"),
        ({"positive": {"x": 1}}, "positive"),
        ({"positive": {"1.5": 1}}, "positive"),
        ({"positive": {"1": -1}}, "positive.1"),
        ({"positive": {"999999": 1}}, "positive.999999"),
        ({"negative": {"-999999": 1}}, "negative.-999999"),
        ({"positive": {str(n): 1 for n in range(4097)}}, "positive"),
        ({"zero_count": -1}, "zero_count"),
        ({"bins": {}}, "bins"),
        ({"minimum": 8.0, "maximum": 7.0}, "maximum"),
        ({"minimum": 7.0, "maximum": 8.0, "sum": 30.0}, "sum"),
    ],
)
def test_a_sketch_that_cannot_be_is_refused(change: dict[str, Any], field: str) -> None:
    assert refusal(sketch=SKETCH | change) == f"sketch.{field}".rstrip(".")


def test_a_batch_tells_the_field_and_keeps_the_others() -> None:
    book = SeriesBook()
    raws = [
        point(value=None, timestamp=NOON, statistics=SET),
        point(value=None, timestamp=NOON, statistics=SET | {"sum": 99.0}),
        point(value=1.0, timestamp=NOON, type="counter"),
        point(value=1.0, timestamp=NOON, type="gauge"),
        point(value=1.0, timestamp=NOON, type="histogram"),
    ]
    batch = read_points(list(raws), book, accepted(NOON), NOON, keyed=False)
    assert [(each.index, each.field) for each in batch.rejected] == [
        (1, "statistics.sum"),
        (4, "type"),
    ]
    assert batch.summaries == {0: Summary(4, 10.0, 1.0, 4.0)}
    assert batch.values == [2.5, 1.0, 1.0]
    assert [book.series[n] for n in batch.series] == [
        Series("cpu.load"),
        Series("cpu.load", kind="counter"),
        Series("cpu.load"),
    ]
