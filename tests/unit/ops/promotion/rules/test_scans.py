"""Scanners have passed when they looked and found nothing."""

from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.report import Report
from skafu.ops.promotion.rules.scans import SCANNERS, clean
from skafu.ops.scan.command import SCANNERS as STARTED
from skafu.ops.scan.said import Said
from skafu.ops.scan.telling import document
from tests.support.reports import bandit, decide, report

GOOD = report(bandit(), "bandit.json")
FINDING = {"test_id": "B602", "filename": "a.py", "line_number": 7}


def pip_audit(*packages: dict[str, Any]) -> Report:
    return report({"dependencies": list(packages), "fixes": []}, "pip-audit.json")


def checkov(failed: int = 0, passed: int = 12, told: int | None = None, **more: Any) -> Any:
    findings = [{"check_id": "CKV_1", "resource": f"Table{n}"} for n in range(told or failed)]
    return {
        "check_type": "cloudformation",
        "results": {"failed_checks": findings, "parsing_errors": [], **more},
        "summary": {"passed": passed, "failed": failed},
    }


def test_a_clean_scan_passes_and_says_how_much_it_has_seen() -> None:
    verdict = decide(clean, GOOD)
    assert verdict.passed and verdict.summary == "bandit: nothing in 1,000 lines"


def test_all_reports_count() -> None:
    packages = pip_audit({"name": "boto3", "version": "1", "vulns": []})
    verdict = decide(clean, GOOD, packages, report([checkov()], "checkov.json"))
    assert verdict.passed
    assert verdict.summary.endswith("pip-audit: 1 packages; checkov: 12 checks passed")


def test_a_finding_fails_it_and_is_named() -> None:
    verdict = decide(clean, report(bandit(FINDING)))
    assert not verdict.passed and verdict.summary == "bandit: 1 findings: B602 a.py:7"


def test_a_file_that_bandit_could_not_read_is_not_clean() -> None:
    unread = {"filename": "b.py", "reason": "syntax error"}
    verdict = decide(clean, report(bandit(errors=[unread])))
    assert not verdict.passed and "not read: b.py" in verdict.summary


def test_a_scan_of_no_line_is_none() -> None:
    with pytest.raises(Refused, match="it has looked at no line"):
        decide(clean, report(bandit(lines=0)))


def test_a_vulnerable_package_fails_it() -> None:
    found = {"name": "requests", "version": "2.19.0", "vulns": [{"id": "CVE-2018-18074"}]}
    verdict = decide(clean, GOOD, pip_audit(found))
    assert not verdict.passed and "requests 2.19.0: CVE-2018-18074" in verdict.summary


def test_what_was_not_audited_is_never_clean() -> None:
    verdict = decide(clean, GOOD, pip_audit({"name": "boto3", "skip_reason": "not found"}))
    assert not verdict.passed and "not audited: boto3" in verdict.summary
    with pytest.raises(Refused, match="tells of no package"):
        decide(clean, GOOD, pip_audit())


def test_checkovs_findings_and_what_it_could_not_parse_fail_it() -> None:
    assert not decide(clean, GOOD, report(checkov(failed=2))).passed
    unread = decide(clean, GOOD, report(checkov(parsing_errors=["template.yaml"])))
    assert not unread.passed and "not read: template.yaml" in unread.summary


def test_checkov_has_to_have_checked_something_and_to_tell_all() -> None:
    with pytest.raises(Refused, match="it has checked nothing"):
        decide(clean, GOOD, report(checkov(passed=0)))
    with pytest.raises(Refused, match="counts 3 findings and tells of 1"):
        decide(clean, GOOD, report(checkov(failed=3, told=1)))


def test_bandit_is_always_among_them() -> None:
    with pytest.raises(Refused, match="The report of bandit is missing"):
        decide(clean, report(checkov()))
    with pytest.raises(Refused, match="The report of bandit is missing"):
        decide(clean)


@pytest.mark.parametrize("told", [[], {}, None, 7, "clean", {"results": []}, [1], [[]]])
def test_a_report_of_nobody_is_refused(told: Any) -> None:
    with pytest.raises(Refused, match="is not a report of bandit, checkov, pip-audit or"):
        decide(clean, GOOD, report(told))


@pytest.mark.parametrize(
    "told",
    [
        {"metrics": {}, "results": [], "errors": []},
        {"metrics": [], "results": [], "errors": []},
        {"dependencies": [{"name": "a", "vulns": [{}]}]},
        {"dependencies": 7},
        {"check_type": "cloudformation"},
    ],
)
def test_a_report_of_which_parts_are_missing_is_refused(told: Any) -> None:
    with pytest.raises(Refused, match="is not a whole report of"):
        decide(clean, GOOD, report(told))


def test_a_report_that_is_cut_off_is_refused() -> None:
    for size in (0, 1, len(GOOD.content) - 1):
        with pytest.raises(Refused, match="is not a JSON report"):
            decide(clean, Report("bandit.json", GOOD.content[:size]))


def security(*others: Said, without: str = "") -> Report:
    """As `make security` writes it, clean but for some."""
    told = {name: Said(name, "something") for name in SCANNERS if name != without}
    told |= {each.name: each for each in others}
    return report(document(list(told.values())), "security.json")


def test_all_scanners_of_make_security_count() -> None:
    verdict = decide(clean, GOOD, security())
    assert verdict.passed and verdict.summary.endswith("security: 6 scanners")


def test_a_finding_of_one_of_them_fails_it() -> None:
    verdict = decide(clean, GOOD, security(Said("packages", "all", ("a.pyc is a stowaway",))))
    assert not verdict.passed
    assert verdict.summary == "security: 1 findings: packages a.pyc is a stowaway"


def test_advisories_that_nobody_could_ask_for_are_told_and_asked_for_later() -> None:
    verdict = decide(clean, GOOD, security(Said("npm-audit", "nothing", (), "405")))
    assert verdict.passed and verdict.summary.endswith("not audited: npm-audit")


def test_a_scanner_that_was_not_started_is_missing() -> None:
    with pytest.raises(Refused, match="it does not tell of secrets"):
        decide(clean, GOOD, security(without="secrets"))


def test_the_gate_knows_every_scanner() -> None:
    assert set(SCANNERS) == set(STARTED)
