"""Reports as the programs write them that gates take, and how they can be wrong."""

import json
from collections.abc import Sequence
from typing import Any

from skafu.ops.promotion.rules.report import Report, Rule, Subject, Verdict

IDENTITY, COMMIT = "a" * 64, "c" * 40
RELEASE = f"20261123T120000Z-{IDENTITY[:8]}"
IN_DEVELOPMENT = Subject("development", IDENTITY, COMMIT)
IN_STAGING = Subject("staging", IDENTITY, COMMIT)


def report(told: Any, name: str = "report.json") -> Report:
    """A report in JSON."""
    return Report(name, json.dumps(told).encode())


def decide(rule: Rule, *reports: Report, subject: Subject = IN_STAGING) -> Verdict:
    """What a rule says of them."""
    return rule(reports, subject)


def case(kind: str, name: str = "test_it", inside: str = "") -> str:
    """A test of a JUnit report; `inside` is what pytest puts into its element."""
    return f'<testcase classname="tests.{kind}.test_x" name="{name}" time="0.1">{inside}</testcase>'


def junit(*cases: str, tests: int | None = None, name: str = "junit.xml") -> Report:
    """A JUnit report as pytest writes it."""
    count = len(cases) if tests is None else tests
    suite = f'<testsuite name="pytest" tests="{count}">{"".join(cases)}</testsuite>'
    text = f'<?xml version="1.0" encoding="utf-8"?><testsuites>{suite}</testsuites>'
    return Report(name, text.encode())


def bandit(*results: dict[str, Any], lines: int = 1000, errors: Sequence[Any] = ()) -> Any:
    """What bandit writes."""
    return {
        "errors": list(errors),
        "generated_at": "2026-11-23T12:00:00Z",
        "metrics": {"_totals": {"loc": lines}},
        "results": list(results),
    }


def smoke(**more: Any) -> Any:
    """What `smoke --full` writes."""
    names = ("health", "metrics.read_back", "alerts.kept", "workspace.me", "console.page")
    checks = [
        {"name": name, "passed": True, "ms": 12, "detail": "ok"} for name in (*names, "alarm.fires")
    ]
    return {"passed": True, "checks": checks, "release": RELEASE, "at": 1} | more


def load(**more: Any) -> Any:
    """What `load` writes."""
    return {
        "environment": "staging",
        "release": RELEASE,
        "at": 1,
        "seconds": 60.0,
        "rate": 100.0,
        "sent_rate": 99.9,
        "points": 10,
        "requests": 6000,
        "errors": 0,
        "failures": {},
        "acknowledged": 60_000,
        "read_back": 60_000,
        "lost": 0,
        "latency_ms": {"p50": 40.0, "p95": 90.0, "p99": 400.0},
    } | more


def review(**more: Any) -> Any:
    """What `review` writes."""
    return {
        "commit": COMMIT,
        "pull_request": 7,
        "url": "https://github.com/example/skafu/pull/7",
        "head": "d" * 40,
        "authors": ["ana"],
        "opinions": {"ben": {"state": "APPROVED", "commit": "d" * 40}},
    } | more


def tool(name: str, **more: Any) -> Any:
    """What a tool says in an assessment."""
    told = {"name": name, "exit_code": 0, "findings": 0, "looked_at": "9 files"}
    return told | {"not_audited": None, "told": []} | more


def assessment(*tools: Any, identity: str = IDENTITY) -> Any:
    """What `assess` writes; `tools` are in place of those of their names."""
    names = ("bandit", "cfn-lint", "npm-audit", "pip-audit", "zizmor")
    told = {name: tool(name) for name in names} | {each["name"]: each for each in tools}
    return {"identity": identity, "at": 1, "tools": list(told.values())}


def way_back(**more: Any) -> Any:
    """What `rollback --dry-run` writes."""
    return {
        "passed": True,
        "environment": "production",
        "stack": "skafu-prod",
        "artefact": IDENTITY,
        "release": "20261123T120000Z-bbbbbbbb",
        "target": "20261122T120000Z-bbbbbbbb",
        "steps": ["hold: ...", "aliases: ..."],
        "warnings": [],
        "problems": [],
        "at": 1,
    } | more
