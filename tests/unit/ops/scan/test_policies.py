from collections.abc import Sequence
from typing import Any

import pytest

from skafu.ops.scan.checks import Checks, Requirement
from skafu.ops.scan.policies import Answer, Result, judge
from skafu.ops.scan.said import Said

CHECKS = Checks(
    required=[Requirement(says="it is safe", checks=["CKV_AWS_1"], why="or else", cis=["1"])],
    elsewhere={"CKV_AWS_2": "it is wrong here"},
)
NAMES = {
    "a.development.json": "template.yaml:development",
    "a.production.json": "template.yaml:production",
    "b.json": "infrastructure/b.yaml",
}


def result(check: str = "CKV_AWS_1", **more: Any) -> Result:
    found = {"name": "it is so", "result": "FAILED", "file": "b.json", "resource": "Bucket"}
    return Result(check=check, **{**found, **more})


ELSEWHERE = result("CKV_AWS_2")


def judged(
    *results: Result, known: Sequence[str] = ("CKV_AWS_1", "CKV_AWS_2"), **more: Any
) -> Said:
    told = {"version": "3", "known": list(known), "unread": [], **more}
    return judge(CHECKS, Answer(results=[*results, ELSEWHERE], **told), NAMES)


def test_what_passes_is_clean() -> None:
    said = judged(result(result="PASSED"), result(result="SKIPPED"))
    assert said.is_clean
    assert said.looked_at == "3 templates, 1 checks passed, 1 suppressed at their resources"


def test_a_required_check_that_fails_is_told_once_with_its_environments() -> None:
    files = ("a.development.json", "a.production.json")
    said = judged(*(result(file=each) for each in files))
    assert said.findings == ("CKV_AWS_1 template.yaml Bucket (development, production): it is so",)


def test_what_is_not_required_is_counted_with_the_reason() -> None:
    said = judged(result("CKV_AWS_3"), known=["CKV_AWS_1", "CKV_AWS_2", "CKV_AWS_3"])
    assert said.is_clean
    assert said.notes == (
        "not required: CKV_AWS_2 fails 1 times (it is so): it is wrong here",
        "not required: CKV_AWS_3 fails 1 times (it is so): no reason is given",
    )


@pytest.mark.parametrize("missing", ["CKV_AWS_1", "CKV_AWS_2"])
def test_a_check_that_this_checkov_does_not_have_is_a_finding(missing: str) -> None:
    known = [each for each in ("CKV_AWS_1", "CKV_AWS_2") if each != missing]
    assert judged(known=known).findings == (f"{missing}: checkov 3 has no such check",)


def test_a_template_that_was_not_read_is_a_finding() -> None:
    assert judged(unread=["b.json"]).findings == ("not read: infrastructure/b.yaml",)


def test_a_reason_that_nothing_needs_any_more_is_a_finding() -> None:
    told = Answer(
        version="3", known=["CKV_AWS_1", "CKV_AWS_2"], results=[result(result="PASSED")], unread=[]
    )
    [found] = judge(CHECKS, told, NAMES).findings
    assert found.startswith("CKV_AWS_2 is not required, and nothing fails it")
