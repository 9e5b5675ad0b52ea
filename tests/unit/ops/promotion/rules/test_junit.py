"""Tests have passed when all that were meant were run and none has failed."""

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.junit import tests_of as rule_of
from skafu.ops.promotion.rules.report import Report
from tests.support.reports import case, decide, junit

both = rule_of("unit", "property")
SKIPPED, FAILED, ERROR = "<skipped/>", '<failure message="no"/>', '<error message="no"/>'


def test_passed_tests_of_every_kind_pass_the_gate() -> None:
    verdict = decide(
        both,
        junit(case("unit"), case("unit", "b"), case("property", "c", SKIPPED)),
        junit(case("property"), name="others.xml"),
    )
    assert verdict.passed
    assert verdict.summary == "3 tests passed (1 property, 2 unit), 1 skipped"


@pytest.mark.parametrize("inside", [FAILED, ERROR])
def test_a_failure_and_an_error_fail_it(inside: str) -> None:
    verdict = decide(both, junit(case("unit"), case("property", "test_bad", inside)))
    assert not verdict.passed
    assert verdict.summary == "1 tests failed: tests.property.test_x.test_bad"


def test_many_failures_are_counted_and_some_named() -> None:
    cases = [case("unit", f"test_{n}", FAILED) for n in range(9)]
    verdict = decide(both, junit(*cases))
    assert verdict.summary.startswith("9 tests failed: tests.unit.test_x.test_0, ")
    assert verdict.summary.endswith(" and 4 more")


def test_a_module_that_could_not_be_imported_fails_it() -> None:
    broken = f'<testcase classname="" name="tests.unit.test_x" time="0">{ERROR}</testcase>'
    verdict = decide(both, junit(case("unit"), case("property"), broken))
    assert not verdict.passed and "tests.unit.test_x" in verdict.summary


def test_no_tests_prove_nothing() -> None:
    with pytest.raises(Refused, match=r"junit\.xml tells of no test"):
        decide(both, junit())


def test_skipped_tests_alone_prove_nothing() -> None:
    with pytest.raises(Refused, match="all skipped"):
        decide(both, junit(case("unit", "a", SKIPPED), case("property", "b", SKIPPED)))


def test_one_report_of_skipped_tests_is_enough_to_refuse() -> None:
    good = junit(case("unit"), case("property"))
    with pytest.raises(Refused, match=r"others\.xml tells of tests that were all skipped"):
        decide(both, good, junit(case("unit", "a", SKIPPED), name="others.xml"))


def test_a_kind_that_was_not_run_or_only_skipped_is_missed() -> None:
    with pytest.raises(Refused, match="No test was run of: property"):
        decide(both, junit(case("unit")))
    with pytest.raises(Refused, match="No test was run of: property"):
        decide(both, junit(case("unit"), case("property", "b", SKIPPED)))


def test_other_tests_do_not_stand_in_for_integration() -> None:
    with pytest.raises(Refused, match="No test was run of: integration"):
        decide(rule_of("integration"), junit(case("unit"), case("property")))


def test_a_report_that_is_cut_off_is_refused() -> None:
    whole = junit(case("unit"), case("property"))
    for size in (0, 1, len(whole.content) // 2, len(whole.content) - 1):
        with pytest.raises(Refused, match="is not a whole JUnit report"):
            decide(both, Report("junit.xml", whole.content[:size]))


def test_a_report_that_counts_other_than_it_tells_is_refused() -> None:
    with pytest.raises(Refused, match="counts 3 tests and tells of 2"):
        decide(both, junit(case("unit"), case("property"), tests=3))


def test_a_test_that_fails_twice_is_a_failure_and_not_a_miscount() -> None:
    twice = [case("unit", "test_bad", FAILED), case("unit", "test_bad", ERROR)]
    assert not decide(both, junit(*twice, case("property"), tests=2)).passed


@pytest.mark.parametrize("content", [b"<html/>", b'{"passed": true}', b"all tests passed"])
def test_something_else_is_no_junit_report(content: bytes) -> None:
    with pytest.raises(Refused, match="JUnit report"):
        decide(both, Report("junit.xml", content))


def test_without_a_report_there_is_nothing_to_decide() -> None:
    with pytest.raises(Refused, match="No test was run of: unit, property"):
        decide(both)


def test_entities_that_multiply_are_not_followed_for_long() -> None:
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "lol">{levels}]><testsuites>&e9;</testsuites>'
    with pytest.raises(Refused, match="is not a whole JUnit report"):
        decide(both, Report("junit.xml", bomb.encode()))
