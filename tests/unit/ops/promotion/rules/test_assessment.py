"""Security is assessed when every tool has looked at this artefact's sources and found nothing."""

from dataclasses import replace
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.assessment import TOOLS, clean
from skafu.ops.promotion.rules.report import Report
from tests.support.reports import IN_STAGING, assessment, decide, report, tool

UNASKED = tool("npm-audit", exit_code=1, findings=None, not_audited="nobody answers")


def test_tools_that_have_found_nothing_pass() -> None:
    verdict = decide(clean, report(assessment()))
    assert verdict.passed
    assert verdict.summary.startswith("bandit: nothing in 9 files; cfn-lint: nothing in 9 files")


def test_a_finding_of_any_tool_fails_it() -> None:
    for name in TOOLS:
        found = tool(name, findings=1, exit_code=1, told=["B602 a.py:7"])
        verdict = decide(clean, report(assessment(found)))
        assert verdict.summary == f"{name}: 1 findings, exit code 1 (B602 a.py:7)"
        assert not verdict.passed


def test_a_tool_that_failed_without_a_finding_fails_it() -> None:
    assert not decide(clean, report(assessment(tool("zizmor", exit_code=3)))).passed
    assert not decide(clean, report(assessment(tool("zizmor", findings=None)))).passed


def test_what_was_not_audited_is_not_clean() -> None:
    verdict = decide(clean, report(assessment(UNASKED)))
    assert not verdict.passed and verdict.summary == "npm-audit: not audited: nobody answers"


def test_somebody_may_accept_that_nobody_could_be_asked() -> None:
    subject = replace(IN_STAGING, accepted={"npm-audit": "a mirror without advisories"})
    verdict = decide(clean, report(assessment(UNASKED)), subject=subject)
    assert verdict.passed
    assert "npm-audit: not audited, accepted: a mirror without advisories" in verdict.summary


def test_what_was_found_all_the_same_cannot_be_accepted() -> None:
    subject = replace(IN_STAGING, accepted={"npm-audit": "so what"})
    found = UNASKED | {"findings": 2}
    verdict = decide(clean, report(assessment(found)), subject=subject)
    assert not verdict.passed and verdict.summary == "npm-audit: 2 findings"


@pytest.mark.parametrize("name", ["zizmor", "checkov"])
def test_there_is_nothing_to_accept_of_what_was_audited(name: str) -> None:
    subject = replace(IN_STAGING, accepted={name: "so what"})
    with pytest.raises(Refused, match=f"There is nothing to accept of {name}"):
        decide(clean, report(assessment()), subject=subject)


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_is_missing_is_missed(name: str) -> None:
    told = assessment()
    told["tools"] = [each for each in told["tools"] if each["name"] != name]
    with pytest.raises(Refused, match=f"does not tell of {name}"):
        decide(clean, report(told))


def test_other_sources_fail_it() -> None:
    verdict = decide(clean, report(assessment(identity="b" * 64)))
    assert not verdict.passed and verdict.summary == "other sources were looked at: bbbbbbbbbbbb"


@pytest.mark.parametrize("told", [{}, [], {"tools": []}, assessment(tool("bandit", findings=-1))])
def test_something_else_is_no_assessment(told: Any) -> None:
    with pytest.raises(Refused, match="is not a report of `assess`"):
        decide(clean, report(told))


def test_a_report_that_is_cut_off_is_refused() -> None:
    with pytest.raises(Refused, match="is not a report of `assess`"):
        decide(clean, Report("assessment.json", report(assessment()).content[:-1]))
