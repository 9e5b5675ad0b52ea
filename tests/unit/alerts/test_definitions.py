from typing import Any

import pytest

from hypothesis import given
from hypothesis import strategies as st

from skafu.alerts.definitions import (
    DAY_S,
    MAX_EVALUATION_PERIODS,
    MAX_OFFSET_S,
    period_allowed,
    problems,
    silence_periods,
)
from skafu.alerts.model import (
    Comparison,
    Kind,
    Level,
    Season,
    Severity,
    Transform,
    TransformType,
)
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


# --- levels ---------------------------------------------------------------------------------------


def high(**limits: float) -> Level:
    return Level(Severity.HIGH, **limits)


@pytest.mark.parametrize(
    ("comparison", "limits", "wrong"),
    [
        (">", {"threshold": 11.0}, []),
        (">", {"threshold": 10.0}, ["levels.0.threshold"]),
        (">=", {"threshold": 9.0}, ["levels.0.threshold"]),
        ("<", {"threshold": 9.0}, []),
        ("<=", {"threshold": 10.0}, ["levels.0.threshold"]),
        (">", {}, ["levels.0.threshold"]),
        (">", {"threshold": 11.0, "lower": 1.0}, ["levels.0.lower"]),
        (">", {"threshold": 11.0, "recovery": 12.0}, ["levels.0.recovery"]),
        (">", {"threshold": 11.0, "recovery": 10.5}, []),
        ("outside", {"lower": 0.0, "upper": 25.0}, []),
        ("outside", {"lower": 5.0, "upper": 20.0}, []),
        ("outside", {"lower": 5.0, "upper": 19.0}, ["levels.0.lower"]),
        ("outside", {"lower": 10.0, "upper": 20.0}, ["levels.0.lower"]),
        ("inside", {"lower": 12.0, "upper": 20.0}, []),
        ("inside", {"lower": 9.0, "upper": 20.0}, ["levels.0.lower"]),
        ("inside", {"lower": 12.0}, ["levels.0.upper"]),
        ("inside", {"threshold": 12.0}, ["levels.0.lower", "levels.0.upper", "levels.0.threshold"]),
    ],
)
def test_each_level_is_stricter_than_the_one_before(
    comparison: str, limits: dict[str, float], wrong: list[str]
) -> None:
    ranged = comparison in ("outside", "inside")
    base: dict[str, Any] = {"threshold": 10.0}
    if ranged:
        base = {"threshold": None, "lower": 10.0, "upper": 20.0}

    assert fields(comparison=Comparison(comparison), levels=(high(**limits),), **base) == wrong


def test_each_level_matters_more_than_the_one_before() -> None:
    levels = (Level(Severity.HIGH, 20.0), Level(Severity.HIGH, 30.0))

    [problem] = problems(definition(levels=levels))

    assert problem.field == "levels.1.severity"
    assert problem.reason == "must be greater than the one before, high: one of critical"
    assert not fields(levels=(Level(Severity.LOW, 20.0), Level(Severity.CRITICAL, 30.0)))


# --- what looks farther back ----------------------------------------------------------------------


def test_an_alert_keeps_firing_for_so_many_periods_at_most() -> None:
    assert fields(keep_firing=MAX_EVALUATION_PERIODS * 60) == []
    [problem] = problems(definition(keep_firing=MAX_EVALUATION_PERIODS * 60 + 1))
    assert problem.field == "keep_firing"
    assert "17280 seconds with this period" in problem.reason


def transformed(kind: TransformType, period: int = 60, **given_fields: Any) -> list[str]:
    return fields(period=period, transform=Transform(kind, **given_fields))


@pytest.mark.parametrize(
    "kind", [TransformType.CHANGE, TransformType.CHANGE_PERCENT, TransformType.CHANGE_RATE]
)
def test_a_change_is_from_a_whole_number_of_periods_before_at_most_four_weeks(
    kind: TransformType,
) -> None:
    for offset in (60, 3_600, 7 * DAY_S, MAX_OFFSET_S):
        assert transformed(kind, offset=offset) == []
    for offset in (0, 59, 90, MAX_OFFSET_S + 60):
        assert transformed(kind, offset=offset) == ["transform.offset"]


def test_a_forecast_rests_on_three_periods_and_so_many_at_most() -> None:
    kind = TransformType.FORECAST

    assert transformed(kind, lookback=180, horizon=14_400) == []
    assert transformed(kind, lookback=43_200, horizon=14_400) == []
    assert transformed(kind, period=3_600, lookback=7 * DAY_S, horizon=1) == []
    for lookback in (120, 200, 43_260):
        assert transformed(kind, lookback=lookback, horizon=60) == ["transform.lookback"]
    assert transformed(kind, period=3_600, lookback=8 * DAY_S, horizon=1) == ["transform.lookback"]
    for horizon in (0, 90 * DAY_S + 1):
        assert transformed(kind, lookback=600, horizon=horizon) == ["transform.horizon"]


def test_a_deviation_is_learnt_from_as_many_seasons_as_there_are_points_of() -> None:
    kind = TransformType.DEVIATION

    assert transformed(kind, season=Season.DAY, seasons=28) == []
    assert transformed(kind, season=Season.WEEK, seasons=4) == []
    for season, seasons in ((Season.DAY, 29), (Season.DAY, 1), (Season.WEEK, 5)):
        assert transformed(kind, season=season, seasons=seasons) == ["transform.seasons"]
    assert transformed(kind, period=30, season=Season.DAY, seasons=7) == ["transform.type"]


def test_what_points_are_kept_for_bounds_what_is_looked_at() -> None:
    raw_retention_days, segment_days = 30, 32

    assert MAX_OFFSET_S + DAY_S + 2 * 3_600 < segment_days * DAY_S
    assert (28 + 1) * DAY_S < raw_retention_days * DAY_S, "the day before is left out"


# --- heartbeats and composites --------------------------------------------------------------------


@given(st.integers(5, DAY_S))
def test_a_silence_is_cut_into_the_longest_periods_of_which_five_fit(seconds: int) -> None:
    found = silence_periods(seconds)
    fitting = [
        period
        for period in range(1, seconds // 5 + 1)
        if seconds % period == 0 and period_allowed(period) and seconds // period <= 288
    ]
    assert found == ((max(fitting), seconds // max(fitting)) if fitting else None)


def test_five_minutes_of_silence_are_five_minutes() -> None:
    assert silence_periods(300) == (60, 5)
    assert silence_periods(60) == (12, 5)
    assert silence_periods(301) is None


def test_of_heartbeats_and_composites_no_threshold_is_asked() -> None:
    assert not fields(kind=Kind.HEARTBEAT, threshold=None)
    assert fields(kind=Kind.HEARTBEAT, threshold=None, period=7) == ["period"]
    assert not fields(kind=Kind.COMPOSITE, threshold=None, metric="")
