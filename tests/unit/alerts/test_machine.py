from itertools import product

import pytest
from skafu.alerts.machine import (
    Bucket,
    Closing,
    breaching,
    can_settle,
    decide,
    range_length,
    settled,
)
from skafu.alerts.model import Cause, Comparison, Datapoint, Definition, Effect, MissingData, State
from skafu.metrics.model import STATISTICS, Statistic

from tests.support.definitions import definition

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
CLOSING = Closing(5, Cause.DATA, 1)
TREATMENTS = (
    MissingData.MISSING,
    MissingData.IGNORE,
    MissingData.BREACHING,
    MissingData.NOT_BREACHING,
)

# CloudWatch's documented tables. 0 is a fine bucket, X a breaching one, - one without data, newest
# last; then the outcome under missing, ignore, breaching and notBreaching. K keeps the state.
ALL_OF_THREE = """
    0-X-X OOOO
    0---- OOOO
    ----0 OOOO
    ----- IKAO
    0XX-X AAAA
    --X-- AKAO
"""
TWO_OF_THREE = """
    0-X-X AAAA
    00X0X AAAA
    0-X-- OOAO
    ----0 OOAO
    ---X- AKAO
"""
OUTCOMES = {"O": OK, "A": ALARM, "I": INSUFFICIENT}


def cells() -> list[tuple[int, str, MissingData, str, State]]:
    return [
        (m, marks, treatment, outcome, state)
        for m, table in ((3, ALL_OF_THREE), (2, TWO_OF_THREE))
        for marks, outcomes in (line.split() for line in table.strip().splitlines())
        for treatment, outcome in zip(TREATMENTS, outcomes, strict=True)
        for state in State
    ]


def three_periods(m: int, treatment: MissingData, **changes: object) -> Definition:
    return definition(
        evaluation_periods=3,
        datapoints_to_alarm=m,
        missing_data=treatment,
        statistic=Statistic.MAX,
        **changes,
    )


def buckets(marks: str, fine: float = 0.0, bad: float = 99.0) -> list[Bucket]:
    values = {"0": fine, "X": bad, "-": None}
    return [Bucket(end, values[mark]) for end, mark in enumerate(marks, start=1)]


@pytest.mark.parametrize(("m", "marks", "treatment", "outcome", "state"), cells())
def test_without_the_hold_every_cell_is_as_cloudwatch_documents_it(
    m: int, marks: str, treatment: MissingData, outcome: str, state: State
) -> None:
    plain = three_periods(m, treatment, hold=False)

    target, effect = decide(plain, state, buckets(marks), CLOSING)

    assert target == OUTCOMES.get(outcome, state)
    assert (effect is None) == (target == state)


@pytest.mark.parametrize(("m", "marks", "treatment", "outcome", "state"), cells())
def test_the_hold_differs_from_the_tables_only_where_silence_would_resolve(
    m: int, marks: str, treatment: MissingData, outcome: str, state: State
) -> None:
    documented = OUTCOMES.get(outcome, state)
    silent = marks.endswith("-") and treatment in (MissingData.MISSING, MissingData.IGNORE)
    held = state is ALARM and documented is OK and silent

    target, _ = decide(three_periods(m, treatment), state, buckets(marks), CLOSING)

    assert target == (ALARM if held else documented)


def test_the_hold_changes_exactly_four_cells_of_the_tables() -> None:
    def outcome(cell: tuple[int, str, MissingData, str, State], hold: bool) -> State:
        m, marks, treatment, _, state = cell
        return decide(three_periods(m, treatment, hold=hold), state, buckets(marks), CLOSING)[0]

    changed = [cell for cell in cells() if outcome(cell, True) != outcome(cell, False)]

    assert [(m, marks, treatment.value, state) for m, marks, treatment, _, state in changed] == [
        (3, "0----", "missing", ALARM),
        (3, "0----", "ignore", ALARM),
        (2, "0-X--", "missing", ALARM),
        (2, "0-X--", "ignore", ALARM),
    ]


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("recovery", [None, 5.0])
@pytest.mark.parametrize(("m", "marks", "treatment", "outcome", "state"), cells())
def test_deciding_a_bucket_again_from_its_own_result_changes_nothing(
    m: int,
    marks: str,
    treatment: MissingData,
    outcome: str,
    state: State,
    recovery: float | None,
    hold: bool,
) -> None:
    del outcome
    rules = three_periods(m, treatment, hold=hold, recovery=recovery)
    between = buckets(marks, fine=7.0)  # above the recovery, below the threshold

    first, _ = decide(rules, state, between, CLOSING)

    assert decide(rules, first, between, CLOSING) == (first, None)


def test_the_evaluation_range_is_two_buckets_longer_than_n() -> None:
    assert range_length(three_periods(2, MissingData.MISSING)) == 5


def test_the_newest_n_buckets_with_data_count_and_older_ones_do_not() -> None:
    rules = three_periods(3, MissingData.MISSING)

    assert decide(rules, ALARM, buckets("XX000"), CLOSING)[0] is OK
    assert decide(rules, OK, buckets("00XXX"), CLOSING)[0] is ALARM
    assert decide(rules, OK, buckets("X0XX0"), CLOSING)[0] is OK


def test_a_lone_breaching_bucket_is_premature_until_it_is_m_buckets_old() -> None:
    rules = three_periods(3, MissingData.MISSING)

    assert decide(rules, OK, buckets("----X"), CLOSING)[0] is OK
    assert decide(rules, OK, buckets("---X-"), CLOSING)[0] is OK
    assert decide(rules, OK, buckets("--X--"), CLOSING)[0] is ALARM


def test_an_effect_records_the_whole_range_and_what_was_made_of_it() -> None:
    rules = three_periods(1, MissingData.NOT_BREACHING)

    _, effect = decide(rules, INSUFFICIENT, buckets("0---X"), Closing(5, Cause.CLOCK, 7))

    assert effect == Effect(
        bucket=5,
        source=INSUFFICIENT,
        target=ALARM,
        cause=Cause.CLOCK,
        version=7,
        datapoints=(
            Datapoint(1, 0.0, False),
            Datapoint(2, None, None),
            Datapoint(3, None, None),
            Datapoint(4, None, None),
            Datapoint(5, 99.0, True),
        ),
    )


@pytest.mark.parametrize(
    ("comparison", "below", "lower", "between", "upper", "above"),
    [
        (">", False, False, False, False, True),
        (">=", False, False, False, True, True),
        ("<", True, True, True, False, False),
        ("<=", True, True, True, True, False),
        ("outside", True, False, False, False, True),
        ("inside", False, True, True, True, False),
    ],
)
def test_comparisons_count_their_bounds_as_documented(
    comparison: str, below: bool, lower: bool, between: bool, upper: bool, above: bool
) -> None:
    ranged = comparison in ("outside", "inside")
    rules = definition(
        comparison=Comparison(comparison),
        threshold=None if ranged else 20.0,
        lower=10.0 if ranged else None,
        upper=20.0 if ranged else None,
    )

    found = [breaching(rules, OK, value) for value in (9.0, 10.0, 15.0, 20.0, 21.0)]

    assert found == [below, lower, between, upper, above]


@pytest.mark.parametrize(
    ("comparison", "threshold", "recovery", "between"),
    [(">", 10.0, 7.0, 8.0), (">=", 10.0, 7.0, 7.0), ("<", 10.0, 13.0, 12.0), ("<=", 10, 13, 13)],
)
def test_an_instance_in_alarm_must_come_back_past_the_recovery_threshold(
    comparison: str, threshold: float, recovery: float, between: float
) -> None:
    rules = definition(comparison=Comparison(comparison), threshold=threshold, recovery=recovery)

    assert not breaching(rules, OK, between)
    assert not breaching(rules, INSUFFICIENT, between)
    assert breaching(rules, ALARM, between)


@pytest.mark.parametrize("comparison", list(Comparison))
def test_a_definition_without_its_thresholds_is_refused(comparison: Comparison) -> None:
    with pytest.raises(ValueError, match="needs"):
        breaching(definition(comparison=comparison, threshold=None), OK, 1.0)


REDUCED = [*STATISTICS[:7], Statistic.P50, Statistic.P90, Statistic.P99]
SETTLING = {
    ("max", ">"),
    ("max", ">="),
    ("max", "outside"),
    ("count", ">"),
    ("count", ">="),
    ("count", "outside"),
    ("min", "<"),
    ("min", "<="),
    ("min", "outside"),
}


@pytest.mark.parametrize(("statistic", "comparison"), list(product(REDUCED, Comparison)))
def test_only_what_no_later_point_can_undo_may_settle_a_bucket(
    statistic: Statistic, comparison: Comparison
) -> None:
    rules = definition(statistic=statistic, comparison=comparison, lower=10.0, upper=20.0)

    assert can_settle(rules) == ((statistic.value, comparison.value) in SETTLING)
    for value in (9.0, 10.0, 15.0, 20.0, 21.0):
        if settled(rules, value):
            assert can_settle(rules)
            assert breaching(rules, OK, value)


@pytest.mark.parametrize(
    ("statistic", "low", "high"),
    [("max", False, True), ("count", False, True), ("min", True, False)],
)
def test_of_a_range_only_the_side_that_the_statistic_moves_towards_settles(
    statistic: str, low: bool, high: bool
) -> None:
    rules = definition(
        statistic=Statistic(statistic), comparison=Comparison.OUTSIDE, lower=10.0, upper=20.0
    )

    assert (settled(rules, 9.0), settled(rules, 21.0)) == (low, high)


def test_what_settles_is_measured_against_the_threshold_and_not_the_recovery() -> None:
    rules = definition(statistic=Statistic.MAX, recovery=7.0)

    assert not settled(rules, 8.0)
    assert settled(rules, 10.5)
