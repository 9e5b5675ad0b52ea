"""Reports of security scanners: none has a finding, and each has looked at something.

What was not looked at is never clean: a package without an answer, a file that could not be parsed,
a scan of nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.report import Report, Subject, Verdict, foreign, judged

TOLD = 5
SCANNERS = ("secrets", "checkov", "packages", "bandit", "pip-audit", "npm-audit")
"""Of `make security`: each has to have been started."""

type Scan = Callable[[Any], Verdict]
"""Reads one scanner's JSON. Raises KeyError, TypeError or ValueError for another shape."""


def bandit(told: Any) -> Verdict:
    """Weaknesses of Python code."""
    lines = int(told["metrics"]["_totals"]["loc"])
    if lines <= 0:
        raise ValueError("it has looked at no line")
    found = [
        f"{each['test_id']} {each['filename']}:{each['line_number']}" for each in told["results"]
    ]
    unread = [f"not read: {each['filename']}" for each in told["errors"]]
    return judged(_told("bandit", found + unread), f"bandit: nothing in {lines:,} lines")


def pip_audit(told: Any) -> Verdict:
    """Known vulnerabilities of packages."""
    packages = told["dependencies"]
    if not packages:
        raise ValueError("it tells of no package")
    found = [
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        for each in packages
        for vulnerability in each.get("vulns", ())
    ]
    skipped = [f"not audited: {each['name']}" for each in packages if "vulns" not in each]
    return judged(_told("pip-audit", found + skipped), f"pip-audit: {len(packages)} packages")


def checkov(told: Any) -> Verdict:
    """Weaknesses of templates: one framework's report, or a list of them."""
    runs = told if isinstance(told, list) else [told]
    found: list[str] = []
    passed = 0
    for run in runs:
        summary, results = run["summary"], run["results"]
        passed += int(summary["passed"])
        failed = [f"{each['check_id']} {each['resource']}" for each in results["failed_checks"]]
        if len(failed) != int(summary["failed"]):
            raise ValueError(f"it counts {summary['failed']} findings and tells of {len(failed)}")
        found += failed + [f"not read: {name}" for name in results.get("parsing_errors", ())]
    if not found and not passed:
        raise ValueError("it has checked nothing")
    return judged(_told("checkov", found), f"checkov: {passed} checks passed")


def security(told: Any) -> Verdict:
    """What `make security` tells of all scanners together. Whether advisories could be asked is the
    next environment's gate to know (security_assessment): here it is told.
    """
    scanners = {each["name"]: each for each in told["scanners"]}
    if missing := [name for name in SCANNERS if name not in scanners]:
        raise ValueError(f"it does not tell of {', '.join(missing)}")
    found = [f"{name} {each}" for name, one in scanners.items() for each in one["findings"]]
    unasked = [name for name, each in scanners.items() if each["not_audited"] is not None]
    more = f", not audited: {', '.join(unasked)}" if unasked else ""
    return judged(_told("security", found), f"security: {len(scanners)} scanners{more}")


def _is_checkov(told: Any) -> bool:
    runs = told if isinstance(told, list) else [told]
    return bool(runs) and all(isinstance(run, dict) and "check_type" in run for run in runs)


def _scan_of(report: Report, told: Any) -> tuple[str, Scan]:
    """Which scanner wrote a report, by its shape."""
    if isinstance(told, Mapping) and {"metrics", "results", "errors"} <= told.keys():
        return "bandit", bandit
    if isinstance(told, Mapping) and "dependencies" in told:
        return "pip-audit", pip_audit
    if isinstance(told, Mapping) and "scanners" in told:
        return "security", security
    if _is_checkov(told):
        return "checkov", checkov
    raise foreign(report, "a report of bandit, checkov, pip-audit or `make security`")


def clean(reports: Sequence[Report], _: Subject) -> Verdict:
    """Every scan has found nothing; bandit's is among them.

    Raises Refused for a report of another program, one that is cut off, and one of nothing.
    """
    verdicts, names = [], []
    for report in reports:
        told = report.json()
        name, scan = _scan_of(report, told)
        names.append(name)
        try:
            verdicts.append(scan(told))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(f"{report.name} is not a whole report of {name}: {error}") from error
    if "bandit" not in names:
        raise Refused("The report of bandit is missing.")
    failures = [each.summary for each in verdicts if not each.passed]
    return judged(failures, "; ".join(each.summary for each in verdicts))


def _told(scanner: str, found: Sequence[str]) -> list[str]:
    if not found:
        return []
    more = f" and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return [f"{scanner}: {len(found)} findings: {', '.join(found[:TOLD])}{more}"]
