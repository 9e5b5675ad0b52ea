"""Several severities in one alert, keep-firing and heartbeats: the machine beyond the tables."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skafu.alerts.machine import (
    Bucket,
    Closing,
    can_settle,
    decide,
    early,
    may_settle,
    ranges,
    range_length,
    settles,
    window_length,
)
from skafu.alerts.model import (
    Cause,
    Comparison,
    Definition,
    Effect,
    Kind,
    Level,
    MissingData,
    Severity,
    State,
    Transform,
    TransformType,
)
from skafu.metrics.model import Statistic
from tests.support.definitions import definition

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
CLOSING = Closing(9, Cause.DATA, 1)
WARNS = (Level(Severity.HIGH, 20.0, recovery=18.0), Level(Severity.CRITICAL, 30.0))


def window(rules: Definition, *values: float | None) -> list[Bucket]:
    """As many buckets as a decision looks at, these newest."""
    padded = [None] * window_length(rules) + list(values)
    return [Bucket(end, value) for end, value in enumerate(padded[-window_length(rules) :])]


def after(rules: Definition, state: State, level: int, *values: float | None) -> tuple[State, int]:
    """Where an instance is after a decision."""
    target, effect = decide(rules, state, window(rules, *values), CLOSING, level)
    return (target, effect.target_level) if effect else (state, level)


# --- levels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "level"), [(10.5, 0), (20.0, 0), (20.5, 1), (30.0, 1), (30.5, 2)]
)
def test_an_alarm_begins_at_the_highest_level_that_holds(value: float, level: int) -> None:
    assert after(definition(levels=WARNS), OK, 0, 5, 5, value) == (ALARM, level)


def test_a_level_changes_within_alarm_and_the_effect_tells_both() -> None:
    rules = definition(levels=WARNS)

    target, effect = decide(rules, ALARM, window(rules, 15, 15, 35), CLOSING, 0)

    assert target is ALARM and effect is not None
    assert (effect.source, effect.source_level) == (ALARM, 0)
    assert (effect.target, effect.target_level) == (ALARM, 2)
    assert after(rules, ALARM, 2, 35, 35, 15) == (ALARM, 0)
    assert after(rules, ALARM, 2, 35, 35, 35) == (ALARM, 2)


def test_a_level_is_left_by_its_own_recovery_and_entered_by_its_threshold() -> None:
    rules = definition(levels=WARNS)

    assert after(rules, ALARM, 1, 19) == (ALARM, 1)
    assert after(rules, ALARM, 2, 19) == (ALARM, 1), "who was above it has been at it"
    assert after(rules, ALARM, 0, 19) == (ALARM, 0)
    assert after(rules, ALARM, 1, 18) == (ALARM, 0)


def test_no_level_is_left_by_silence() -> None:
    rules = definition(levels=WARNS, evaluation_periods=2, datapoints_to_alarm=2)

    assert after(rules, ALARM, 2, 5, 35, None, None) == (ALARM, 2)
    assert after(replace(rules, hold=False), ALARM, 2, 5, 35, None, None) == (OK, 0)


def test_an_alarm_that_ends_takes_its_level_along() -> None:
    assert after(definition(levels=WARNS), ALARM, 2, 5) == (OK, 0)


def test_m_of_n_holds_for_each_level_by_itself() -> None:
    rules = definition(levels=WARNS, evaluation_periods=3, datapoints_to_alarm=2)

    assert after(rules, OK, 0, 0, 0, 15, 5, 35) == (ALARM, 0)
    assert after(rules, OK, 0, 0, 0, 25, 5, 35) == (ALARM, 1)
    assert after(rules, OK, 0, 0, 0, 35, 5, 35) == (ALARM, 2)


@pytest.mark.parametrize(
    ("comparison", "limits", "value", "level"),
    [
        (Comparison.BELOW, {"threshold": 5.0}, 4.0, 1),
        (Comparison.AT_MOST, {"threshold": 5.0}, 5.0, 1),
        (Comparison.AT_LEAST, {"threshold": 15.0}, 15.0, 1),
        (Comparison.OUTSIDE, {"lower": -10.0, "upper": 40.0}, 41.0, 1),
        (Comparison.OUTSIDE, {"lower": -10.0, "upper": 40.0}, 21.0, 0),
        (Comparison.INSIDE, {"lower": 12.0, "upper": 14.0}, 13.0, 1),
        (Comparison.INSIDE, {"lower": 12.0, "upper": 14.0}, 15.0, 0),
    ],
)
def test_levels_go_with_every_comparison(
    comparison: Comparison, limits: dict[str, float], value: float, level: int
) -> None:
    rules = definition(
        comparison=comparison, lower=10.0, upper=20.0, levels=(Level(Severity.HIGH, **limits),)
    )

    assert after(rules, OK, 0, value) == (ALARM, level)


VALUES = st.lists(
    st.one_of(st.none(), st.sampled_from([5.0, 9.0, 12.0, 19.0, 21.0, 29.0, 31.0])), max_size=30
)
RULES = st.builds(
    lambda n, m, missing, hold, keep: definition(
        levels=WARNS,
        recovery=8.0,
        evaluation_periods=n,
        datapoints_to_alarm=min(m, n),
        missing_data=missing,
        hold=hold,
        keep_firing=keep,
    ),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(MissingData),
    st.booleans(),
    st.sampled_from([0, 60, 150]),
)


def folded(rules: Definition, values: Sequence[float | None]) -> list[tuple[State, int]]:
    """Where an instance is after each of its buckets."""
    state, level, found = INSUFFICIENT, 0, []
    for end in range(1, len(values) + 1):
        state, level = after(rules, state, level, *values[:end])
        found.append((state, level))
    return found


@given(RULES, VALUES)
def test_levels_never_change_whether_it_fires(
    rules: Definition, values: list[float | None]
) -> None:
    plain = [state for state, _ in folded(replace(rules, levels=()), values)]

    assert [state for state, _ in folded(rules, values)] == plain


@given(RULES, VALUES)
def test_each_level_is_an_alert_of_its_own_inside_the_first(
    rules: Definition, values: list[float | None]
) -> None:
    """The level is the highest whose own threshold, recovery and M of N hold, where an instance
    that is above a level is at it.
    """
    state, level = INSUFFICIENT, 0
    for end, (found, at) in enumerate(folded(rules, values), start=1):
        holding = [0]
        for number, each in enumerate(WARNS, start=1):
            alone = replace(
                rules,
                levels=(),
                keep_firing=0,
                threshold=each.threshold,
                recovery=each.recovery,
            )
            there = ALARM if state is ALARM and level >= number else OK
            if after(alone, there, 0, *values[:end])[0] is ALARM:
                holding.append(number)
        assert at == (max(holding) if found is ALARM else 0)
        state, level = found, at


@given(RULES, VALUES)
def test_an_effect_is_decided_again_from_its_own_inputs(
    rules: Definition, values: list[float | None]
) -> None:
    state, level = INSUFFICIENT, 0
    for end in range(1, len(values) + 1):
        _, effect = decide(rules, state, window(rules, *values[:end]), CLOSING, level)
        if effect is None:
            continue
        again = [Bucket(point.timestamp, point.value) for point in effect.datapoints]
        closing = Closing(effect.bucket, effect.cause, effect.version)
        assert decide(rules, effect.source, again, closing, effect.source_level)[1] == effect
        state, level = effect.target, effect.target_level


@given(RULES, VALUES)
def test_deciding_again_from_the_result_changes_nothing(
    rules: Definition, values: list[float | None]
) -> None:
    state, level = INSUFFICIENT, 0
    for end in range(1, len(values) + 1):
        state, level = after(rules, state, level, *values[:end])
        assert after(rules, state, level, *values[:end]) == (state, level)


# --- before the period's end ----------------------------------------------------------------------


def raised(rules: Definition, state: State, level: int, value: float) -> Effect | None:
    return early(rules, state, window(rules, 0, value), CLOSING, level)


def test_a_level_is_reached_early_where_the_value_can_only_grow() -> None:
    rules = definition(levels=WARNS, statistic=Statistic.MAX)

    for state, level, value, risen in (
        (OK, 0, 15.0, 0),
        (OK, 0, 25.0, 1),
        (INSUFFICIENT, 0, 35.0, 2),
        (ALARM, 0, 25.0, 1),
        (ALARM, 1, 35.0, 2),
    ):
        effect = raised(rules, state, level, value)
        assert effect is not None
        assert (effect.target, effect.target_level) == (ALARM, risen)
    for state, level, value in ((OK, 0, 9.0), (ALARM, 1, 25.0), (ALARM, 2, 99.0), (ALARM, 1, 1.0)):
        assert raised(rules, state, level, value) is None


def test_a_level_beyond_the_side_that_can_be_left_again_is_not_reached_early() -> None:
    rules = definition(
        statistic=Statistic.MAX,
        comparison=Comparison.OUTSIDE,
        lower=10.0,
        upper=20.0,
        levels=(Level(Severity.HIGH, lower=5.0, upper=40.0),),
    )

    assert raised(rules, OK, 0, 1.0) is None, "the maximum may still grow into the range"
    effect = raised(rules, OK, 0, 25.0)
    assert effect is not None and effect.target_level == 0


def test_an_alarm_at_its_highest_level_waits_for_nothing_early() -> None:
    rules = definition(levels=WARNS, statistic=Statistic.MAX)

    assert [may_settle(rules, ALARM, level) for level in (0, 1, 2)] == [True, True, False]
    assert may_settle(rules, OK)
    assert not may_settle(definition(levels=WARNS), OK)
    assert settles(rules, ALARM, 1, 31.0) and not settles(rules, ALARM, 1, 29.0)


@pytest.mark.parametrize("kind", list(TransformType))
def test_what_is_transformed_is_never_decided_early(kind: TransformType) -> None:
    rules = definition(statistic=Statistic.MAX, transform=Transform(kind, offset=60))

    assert not can_settle(rules)
    assert raised(rules, OK, 0, 99.0) is None


# --- keep firing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "count"), [(0, 1), (1, 1), (60, 1), (61, 2), (120, 2), (599, 10), (600, 10)]
)
def test_so_many_ranges_cover_the_time_that_it_keeps_firing(seconds: int, count: int) -> None:
    rules = definition(keep_firing=seconds, evaluation_periods=2)

    assert ranges(rules) == count
    assert window_length(rules) == range_length(rules) + count - 1 == 4 + count - 1


def test_an_alarm_ends_when_all_ranges_say_so() -> None:
    rules = definition(keep_firing=180)

    assert after(rules, ALARM, 0, 15, 5, 5) == (ALARM, 0)
    assert after(rules, ALARM, 0, 15, 5, 5, 5) == (OK, 0)
    assert after(rules, OK, 0, 5, 5, 15) == (ALARM, 0), "it begins as ever"


def test_keeping_on_firing_is_no_data_all_the_same() -> None:
    rules = definition(keep_firing=120)

    assert after(rules, ALARM, 0, 15, None, None, None) == (INSUFFICIENT, 0)


# --- heartbeats -----------------------------------------------------------------------------------


def beats(**changes: Any) -> Definition:
    return definition(
        kind=Kind.HEARTBEAT,
        statistic=Statistic.COUNT,
        comparison=Comparison.BELOW,
        threshold=None,
        evaluation_periods=3,
        datapoints_to_alarm=3,
        **changes,
    )


def test_a_heartbeat_is_missed_when_all_of_its_periods_are_without_data() -> None:
    rules = beats()

    assert window_length(rules) == 3
    for state in State:
        assert after(rules, state, 0, None, None, None) == (ALARM, 0)
        assert after(rules, state, 0, 1, None, None) == (OK, 0)
        assert after(rules, state, 0, None, None, 1) == (OK, 0)


@pytest.mark.parametrize("treatment", list(MissingData))
def test_a_heartbeat_cares_for_no_treatment_of_missing_data(treatment: MissingData) -> None:
    assert after(beats(missing_data=treatment), OK, 0, None, None, None) == (ALARM, 0)
    assert after(beats(missing_data=treatment), ALARM, 0, None, None, 1) == (OK, 0)


def test_a_heartbeat_that_comes_is_told_at_once_and_one_that_is_expected_says_nothing() -> None:
    rules = beats()

    for state in (ALARM, INSUFFICIENT):
        effect = early(rules, state, window(rules, None, None, 1), CLOSING)
        assert effect is not None and effect.target is OK
    assert early(rules, OK, window(rules, None, None, 1), CLOSING) is None
    assert early(rules, ALARM, window(rules, None, None, None), CLOSING) is None
    assert [may_settle(rules, state) for state in (OK, ALARM, INSUFFICIENT)] == [False, True, True]
