import math
import statistics
from itertools import pairwise

import pytest

from skafu.metrics.model import (
    Operator,
    Statistic,
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
