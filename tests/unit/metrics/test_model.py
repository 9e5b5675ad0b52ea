import math
import statistics
from itertools import pairwise

import pytest

from skafu.metrics.model import (
    Operator,
    Sample,
    Statistic,
    Summary,
    TagFilter,
    columns_of,
    group_of,
    matches,
    percentile,
    reduce,
)
from tests.support.metrics import layout, series

HUGE = 1.7e308
SAMPLES = [(3, 0.1), (1, 0.2), (2, -0.3), (3, 0.05)]


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        (Statistic.COUNT, 4.0),
        (Statistic.SUM, 0.05),
        (Statistic.AVG, 0.0125),
        (Statistic.MIN, -0.3),
        (Statistic.MAX, 0.2),
        (Statistic.LAST, 0.1),
        (Statistic.P50, 0.075),
    ],
)
def test_a_bucket_is_reduced(statistic: Statistic, value: float) -> None:
    assert reduce(statistic, SAMPLES) == pytest.approx(value, abs=1e-15)
    assert reduce(statistic, SAMPLES[::-1]) == reduce(statistic, SAMPLES)


def test_sums_are_rounded_once() -> None:
    assert reduce(Statistic.SUM, [(0, 1e16), (0, 1.0), (0, -1e16)]) == 1.0


def test_sums_beyond_doubles_are_infinite_and_averages_are_not() -> None:
    high = [(0, HUGE), (1, HUGE)]
    assert reduce(Statistic.SUM, high) == math.inf
    assert reduce(Statistic.AVG, high) == HUGE
    assert reduce(Statistic.SUM, [(0, -HUGE), (1, -HUGE)]) == -math.inf
    assert reduce(Statistic.SUM, [*high, (2, -HUGE)]) == HUGE


def test_the_deviation_of_huge_values_is_no_error() -> None:
    apart = [(0, HUGE), (1, -HUGE)]
    assert reduce(Statistic.STDDEV, apart) == pytest.approx(HUGE)
    assert reduce(Statistic.STDDEV, [(0, 1e200), (1, 3e200)]) == pytest.approx(1e200)
    for far in (1e200, HUGE):
        summary = Summary(4, 0.0, -far, far, ((-far, 2), (far, 2)))
        assert reduce(Statistic.STDDEV, [(0, summary)]) == pytest.approx(far)


def test_percentiles_are_linear_between_ranks() -> None:
    values = [float(n * n) for n in range(11)]
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    for p in (1, 50, 90, 99):
        assert percentile(values, p) == pytest.approx(cuts[p - 1])
    assert percentile([5.0], 99) == 5.0
    assert percentile([-HUGE, HUGE], 50) == 0.0


def test_filters_take_a_missing_tag_for_no_value() -> None:
    tags = (("host", "a"),)
    assert matches([TagFilter("host", Operator.EQUAL, "a")], tags)
    assert not matches([TagFilter("host", Operator.NOT_EQUAL, "a")], tags)
    assert not matches([TagFilter("zone", Operator.EQUAL, "")], tags)
    assert matches([TagFilter("zone", Operator.NOT_EQUAL, "b")], tags)
    both = [TagFilter("host", Operator.EQUAL, "a"), TagFilter("zone", Operator.EQUAL, "b")]
    assert not matches(both, tags)
    assert matches([], tags)


def test_a_group_has_the_tags_that_its_series_has() -> None:
    tags = (("host", "a"), ("zone", "b"))
    assert group_of(["zone", "host", "rack", "zone"], tags) == tags
    assert not group_of(["rack"], tags)


def test_a_metrics_columns_stand_together() -> None:
    found = layout(series("a"), series("b", host="1"), series("b", host="2"), series("b.c"))
    for metric in ("a", "b", "b.c", "bb"):
        columns = columns_of(found, metric)
        assert [found.series[n].metric for n in columns] == [metric] * len(columns)
    assert [len(columns_of(found, m)) for m in ("a", "b", "b.c", "bb")] == [1, 2, 1, 0]
    assert all(low < high for low, high in pairwise(columns_of(found, "b")))


BINS = Summary(7, 33.0, 1.0, 9.0, ((1.0, 2), (5.0, 4), (11.0, 1)))
SET = Summary(4, 10.0, 1.0, 4.0)
EVERY = [Statistic(name) for name in ("count", "sum", "min", "max", "avg", "last", "stddev", "p50")]


def test_a_summary_counts_as_often_as_it_has_observations() -> None:
    samples: list[Sample] = [(1, 2.0), (2, BINS), (3, SET), (4, 3.0)]
    assert reduce(Statistic.COUNT, samples) == 13
    assert reduce(Statistic.SUM, samples) == 48.0
    assert reduce(Statistic.AVG, samples) == 48.0 / 13
    assert reduce(Statistic.MIN, samples) == 1.0
    # Not the last bin's value: that only stands for what is in the bin.
    assert reduce(Statistic.MAX, samples) == 9.0
    assert reduce(Statistic.LAST, samples) == 3.0
    assert reduce(Statistic.LAST, samples[:-1]) == 2.5


def test_percentiles_and_deviation_of_bins_are_those_of_all_observations() -> None:
    samples: list[Sample] = [(1, 6.0), (2, BINS)]
    expanded = sorted([6.0, 1.0, 1.0, 5.0, 5.0, 5.0, 5.0, 11.0])
    assert reduce(Statistic.STDDEV, samples) == pytest.approx(statistics.pstdev(expanded))
    for p in (0, 12.5, 50, 77, 90, 99, 100):
        assert reduce(Statistic(f"p{p}"), samples) == percentile(expanded, p)


@pytest.mark.parametrize("statistic", [Statistic.P50, Statistic("p0"), Statistic.STDDEV])
def test_of_a_statistic_set_without_bins_quantiles_and_deviation_are_unknown(
    statistic: Statistic,
) -> None:
    assert reduce(statistic, [(1, SET)]) is None
    assert reduce(statistic, [(1, 1.0), (2, SET), (3, BINS)]) is None


def test_a_statistic_set_of_one_value_has_all_statistics() -> None:
    same, single = Summary(3, 6.0, 2.0, 2.0), Summary(1, 8.0, 8.0, 8.0)
    assert reduce(Statistic.P50, [(1, same), (2, single)]) == 2.0
    assert reduce(Statistic.STDDEV, [(1, same)]) == 0.0
    assert reduce(Statistic("p100"), [(1, same), (2, single)]) == 8.0


@pytest.mark.parametrize("statistic", EVERY)
def test_a_single_summary_is_taken_for_what_it_is(statistic: Statistic) -> None:
    one = Summary(1, 3.0, 3.0, 3.0, ((3.0, 1),))
    assert reduce(statistic, [(1, one)]) == reduce(statistic, [(1, 3.0)])
    assert reduce(statistic, [(1, one), (1, one)]) == reduce(statistic, [(1, 3.0), (1, 3.0)])


@pytest.mark.parametrize("statistic", EVERY)
def test_what_is_no_number_is_not_taken_for_a_summary(statistic: Statistic) -> None:
    if statistic not in (Statistic.COUNT, Statistic.LAST):
        with pytest.raises(TypeError):
            reduce(statistic, [(1, 1.0), (2, "x")])  # type: ignore[list-item]  # it is refused


@pytest.mark.parametrize("statistic", [Statistic.RATE, Statistic.INCREASE])
@pytest.mark.parametrize("sample", [1.0, BINS])
def test_one_bucket_has_no_rate(statistic: Statistic, sample: float | Summary) -> None:
    with pytest.raises(ValueError, match="no statistic of one bucket"):
        reduce(statistic, [(1, sample)])


def test_a_mean_is_never_outside_its_observations() -> None:
    assert Summary(3, 0.1 + 0.1 + 0.1, 0.1, 0.1).mean == 0.1
