from typing import Any

import pytest

from skafu.alerts.machine import Bucket, Closing, decide
from skafu.alerts.model import (
    Cause,
    Comparison,
    Effect,
    Kind,
    Level,
    MissingData,
    Severity,
    State,
    Transform,
    TransformType,
)
from skafu.alerts.reasons import corrected, reason
from skafu.metrics.model import Statistic
from tests.support.definitions import definition

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
BELOW_50: dict[str, Any] = {
    "comparison": Comparison.BELOW,
    "threshold": 50.0,
    "evaluation_periods": 3,
    "datapoints_to_alarm": 2,
}


def told(
    values: list[float | None],
    state: State = OK,
    cause: Cause = Cause.DATA,
    level: int = 0,
    **changes: Any,
) -> str:
    """The reason for what the machine makes of these buckets."""
    rules = definition(**changes)
    buckets = [Bucket(end, value) for end, value in enumerate(values, start=1)]
    _, effect = decide(rules, state, buckets, Closing(len(values), cause, 1), level)
    assert effect is not None
    return reason(rules, effect)


def test_an_alarm_tells_the_value_the_threshold_and_how_often() -> None:
    assert told([60, 60, 70, 30, 25.1], **BELOW_50) == (
        "avg of cpu.load was 25.1, below 50, in 2 of the last 3 periods"
    )


def test_an_alarm_falls_from_a_level_that_an_edit_has_taken_away() -> None:
    rules = definition()
    buckets = [Bucket(end, 20.0) for end in (1, 2, 3)]
    _, effect = decide(rules, ALARM, buckets, Closing(3, Cause.DATA, 2), level=2)

    assert effect is not None
    assert (effect.source_level, effect.target_level) == (2, 0)
    assert reason(rules, effect) == "avg of cpu.load was 20, above 10"


def test_an_alarm_that_the_newest_value_did_not_raise_says_so() -> None:
    assert told([60, 60, 30, 25.1, 61], **BELOW_50) == (
        "avg of cpu.load was 61; below 50 in 2 of the last 3 periods"
    )


def test_a_resolved_alarm_tells_how_many_were_needed() -> None:
    assert told([25, 25, 25, 60, 61], state=ALARM, **BELOW_50) == (
        "avg of cpu.load was 61; below 50 in 1 of the last 3 periods (2 needed)"
    )


def test_in_alarm_the_recovery_threshold_is_what_counts() -> None:
    assert told([99, 99, 4], state=ALARM, recovery=7.0) == ("avg of cpu.load was 4, not above 7")


def test_periods_without_data_are_told_of() -> None:
    several: dict[str, Any] = {"evaluation_periods": 3, "datapoints_to_alarm": 2}

    assert told([None, None, None, 3, None], missing_data=MissingData.BREACHING, **several) == (
        "avg of cpu.load had no data; above 10 in 0 of 1 period with data, and 2 without data "
        "count as breaching"
    )
    assert told([None, None, None, 30, 20], **several) == (
        "avg of cpu.load was 20, above 10, in 2 of 2 periods with data"
    )


def test_no_data_at_all_is_told_of() -> None:
    assert told([None, None, None]) == "cpu.load had no data in the last 3 periods"


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        (">", "above 10"),
        (">=", "at or above 10"),
        ("outside", "outside 1 to 10"),
        ("inside", "inside 1 to 10"),
    ],
)
def test_every_comparison_has_its_words(comparison: str, words: str) -> None:
    value = 5.0 if comparison == "inside" else 12.5
    ranged = comparison in ("outside", "inside")
    limits: dict[str, Any] = {
        "threshold": None if ranged else 10.0,
        "lower": 1.0,
        "upper": 10.0,
    }
    text = told([None, None, value], comparison=Comparison(comparison), **limits)

    assert text == f"avg of cpu.load was {value:g}, {words}"


def test_an_early_decision_says_so() -> None:
    text = told([1, 1, 12], cause=Cause.EARLY, statistic=Statistic.MAX)

    assert text == "max of cpu.load was 12, above 10, before the period's end"


def test_numbers_are_short() -> None:
    assert "was 33.3333," in told([None, None, 100 / 3])


def test_the_end_of_an_instance_has_its_own_words() -> None:
    over = Effect(1, ALARM, INSUFFICIENT, Cause.CLOCK, 1)

    assert reason(definition(), over) == "no series belongs to this instance any more"


def test_a_correction_tells_what_late_data_changed() -> None:
    assert corrected("so it is", True) == "late data changed what was decided: so it is"
    assert "not the state" in corrected("so it is", False)


LEVELS = (Level(Severity.HIGH, 20.0, recovery=18.0), Level(Severity.CRITICAL, 30.0))


@pytest.mark.parametrize(
    ("value", "state", "level", "sentence"),
    [
        (35, OK, 0, "avg of cpu.load was 35, above 30"),
        (25, ALARM, 0, "avg of cpu.load was 25, above 20"),
        (15, ALARM, 1, "avg of cpu.load was 15, not above 18"),
        (25, ALARM, 2, "avg of cpu.load was 25, not above 30"),
        (5, ALARM, 2, "avg of cpu.load was 5, not above 10"),
    ],
)
def test_of_levels_the_one_that_is_reached_or_left_tells_why(
    value: float, state: State, level: int, sentence: str
) -> None:
    assert told([0, 0, value], state, level=level, levels=LEVELS) == sentence


def test_a_level_counts_what_was_beyond_its_own_threshold() -> None:
    many: dict[str, Any] = {"evaluation_periods": 3, "datapoints_to_alarm": 2, "levels": LEVELS}

    assert told([0, 0, 15, 35, 35], ALARM, **many) == (
        "avg of cpu.load was 35, above 30, in 2 of the last 3 periods"
    )
    assert told([0, 0, 35, 25, 25], ALARM, level=2, **many) == (
        "avg of cpu.load was 25; above 30 in 1 of the last 3 periods (2 needed)"
    )


def test_a_calm_that_had_to_last_is_told_of() -> None:
    assert told([5, 5, 5, 5], ALARM, keep_firing=120) == (
        "avg of cpu.load was 5, not above 10, and so it was for 120 seconds"
    )


def test_a_heartbeat_is_told_of_as_data_that_came_or_not() -> None:
    beat: dict[str, Any] = {"kind": Kind.HEARTBEAT, "evaluation_periods": 3, "threshold": None}

    assert told([None, None, None], **beat) == "cpu.load had no data in 3 periods of 60 seconds"
    assert told([None, None, 1], ALARM, **beat) == "cpu.load has data"


@pytest.mark.parametrize(
    ("transform", "sentence"),
    [
        (Transform(TransformType.CHANGE, offset=60), "change of avg of cpu.load in 60 seconds"),
        (
            Transform(TransformType.CHANGE_PERCENT, offset=60),
            "change in percent of avg of cpu.load in 60 seconds",
        ),
        (
            Transform(TransformType.CHANGE_RATE, offset=60),
            "change a second of avg of cpu.load in 60 seconds",
        ),
        (
            Transform(TransformType.FORECAST, horizon=600),
            "forecast of avg of cpu.load for 600 seconds later",
        ),
        (
            Transform(TransformType.DEVIATION),
            "deviation of avg of cpu.load from what is usual",
        ),
    ],
)
def test_what_was_compared_is_named(transform: Transform, sentence: str) -> None:
    assert told([0, 0, 12], transform=transform) == f"{sentence} was 12, above 10"
    assert told([None] * 3, transform=transform) == (
        "cpu.load had nothing to compare in the last 3 periods"
    )
