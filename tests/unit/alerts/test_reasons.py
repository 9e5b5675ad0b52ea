from typing import Any

import pytest

from skafu.alerts.machine import Bucket, Closing, decide
from skafu.alerts.model import Cause, Comparison, Effect, MissingData, State
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
    values: list[float | None], state: State = OK, cause: Cause = Cause.DATA, **changes: Any
) -> str:
    """The reason for what the machine makes of these buckets."""
    rules = definition(**changes)
    buckets = [Bucket(end, value) for end, value in enumerate(values, start=1)]
    _, effect = decide(rules, state, buckets, Closing(len(values), cause, 1))
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
