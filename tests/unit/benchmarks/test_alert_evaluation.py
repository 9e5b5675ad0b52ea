"""Work of the evaluator that is counted, not timed: it may be asserted."""

import pytest

from benchmarks.alert_evaluation import cold, taken


@pytest.mark.parametrize("rules", [10, 1_000])
def test_a_record_that_changes_no_state_costs_no_write_unit(rules: int) -> None:
    found = taken(rules)

    assert found.idle.wru == found.closing.wru == 0


def test_a_record_that_nothing_waits_for_reads_the_rules_version_and_nothing_else() -> None:
    assert [taken(rules).idle.rru_by_kind for rules in (10, 1_000)] == [{"rules": 0.5}] * 2


def test_what_is_read_to_decide_is_proportional_to_matching_pairs_not_to_rules() -> None:
    few, many = taken(10), taken(1_000)
    pairs = many.pairs - few.pairs

    assert pairs == pytest.approx(1_000 / 12, rel=0.1)
    # A pair's state, its newest record and its metric's entry in the catalogue; what is shared is
    # read together.
    assert many.closing.rru - few.closing.rru <= 3.1 * pairs


def test_all_rules_come_with_one_query_of_a_packed_copy() -> None:
    found = cold(1_000)

    assert found.calls == 3  # the version, the copy, what changed since
    assert found.rru < 10
