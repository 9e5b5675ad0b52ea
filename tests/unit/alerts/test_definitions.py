from typing import Any

import pytest

from skafu.alerts.definitions import DAY_S, period_allowed, problems
from skafu.alerts.model import Comparison
from tests.support.definitions import definition


def fields(**changes: Any) -> list[str]:
    return [each.field for each in problems(definition(**changes))]


def test_a_plain_threshold_is_sound() -> None:
    assert problems(definition()) == []


@pytest.mark.parametrize("seconds", [1, 2, 5, 10, 12, 15, 20, 30, 60, 120, 300, 3600, DAY_S])
def test_a_period_divides_a_minute_or_is_whole_minutes(seconds: int) -> None:
    assert period_allowed(seconds)


@pytest.mark.parametrize("seconds", [-60, 0, 7, 25, 45, 61, 90, DAY_S + 60])
def test_other_periods_are_refused(seconds: int) -> None:
    assert not period_allowed(seconds)
    assert fields(period=seconds)[0] == "period"


def test_all_periods_together_are_at_most_a_day() -> None:
    assert fields(period=3600, evaluation_periods=24) == []
    assert fields(period=3600, evaluation_periods=25) == ["evaluation_periods"]


def test_no_more_points_can_be_needed_than_there_are_periods() -> None:
    assert fields(evaluation_periods=3, datapoints_to_alarm=3) == []
    assert fields(evaluation_periods=3, datapoints_to_alarm=4) == ["datapoints_to_alarm"]


@pytest.mark.parametrize("comparison", [">", ">=", "<", "<="])
def test_one_sided_comparisons_need_a_threshold_and_no_range(comparison: str) -> None:
    one_sided = Comparison(comparison)

    assert fields(comparison=one_sided) == []
    assert fields(comparison=one_sided, threshold=None) == ["threshold"]
    assert fields(comparison=one_sided, lower=1.0, upper=2.0) == ["lower", "upper"]


@pytest.mark.parametrize("comparison", ["outside", "inside"])
def test_ranges_need_both_bounds_in_order_and_no_threshold(comparison: str) -> None:
    both: dict[str, Any] = {"comparison": Comparison(comparison), "threshold": None}

    assert fields(**both, lower=1.0, upper=2.0) == []
    assert fields(**both, lower=1.0, upper=1.0) == []
    assert fields(**both) == ["lower", "upper"]
    assert fields(**both, lower=2.0, upper=1.0) == ["upper"]
    assert fields(**{**both, "threshold": 1.0}, lower=1.0, upper=2.0) == ["threshold"]
    assert fields(**both, lower=1.0, upper=2.0, recovery=1.5) == ["recovery"]


@pytest.mark.parametrize(
    ("comparison", "good", "bad"), [(">", 9.0, 11.0), (">=", 10.0, 10.5), ("<", 11.0, 9.0)]
)
def test_recovery_lies_on_the_healthy_side_of_the_threshold(
    comparison: str, good: float, bad: float
) -> None:
    one_sided = Comparison(comparison)

    assert fields(comparison=one_sided, recovery=good) == []
    assert fields(comparison=one_sided, recovery=bad) == ["recovery"]


def test_every_problem_comes_with_a_sentence_that_helps() -> None:
    [problem] = problems(definition(comparison=Comparison.BELOW, recovery=1.0))

    assert problem.reason == "must be at or above the threshold with the comparison <"
