"""Known vulnerabilities of other people's packages: those of the functions and the tools (PyPI, by
skafu.ops.audit), those of the console (npm).

Where nobody could be asked the answer is "not audited", which is never clean.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from skafu.ops import audit
from skafu.ops.artefact.frontend import Node
from skafu.ops.promotion.assessing import Ended, run
from skafu.ops.scan.said import Said

SEVERITIES = ("moderate", "high", "critical")
"""Of npm's advisories, those that fail; what is low or for information is told."""

type Run = Callable[[Sequence[str], Path], Ended]


def pypi(root: Path, ask: audit.Ask = audit.pip_audit) -> Said:
    """Of what every lock of Python pins."""
    findings: list[str] = []
    packages, missing = 0, []
    try:
        for name, verdict in audit.audit(root, ask):
            packages += verdict.packages
            findings += [f"{name}: {each}" for each in verdict.vulnerable]
            missing += [f"{name}: {each}" for each in verdict.unaudited]
    except audit.Unanswered as error:
        return Said("pip-audit", "nothing", tuple(findings), f"no advisories: {error}")
    unaudited = f"{len(missing)} packages, {missing[0]} first" if missing else None
    return Said("pip-audit", f"{packages} pinned packages", tuple(findings), unaudited)


def npm(root: Path, programs: Path, ask: Run = run) -> Said:
    """Of what the console is made of, and what makes it."""
    line = [Node.of(root, programs).npm, "--prefix", "frontend", "audit", "--json"]
    ended = ask(line, root)
    try:
        said = json.loads(ended.out)
        if "vulnerabilities" not in said:
            return Said("npm-audit", "nothing", (), f"no advisories: {_reason(said, ended)}")
        packages = int(said["metadata"]["dependencies"]["total"])
        found = [(str(each["severity"]), name) for name, each in said["vulnerabilities"].items()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return Said("npm-audit", "nothing", (), "the answer of npm is not understood")
    if not packages:
        return Said("npm-audit", "nothing", (), "npm has looked at no package")
    failing = sorted(f"{name}: {severity}" for severity, name in found if severity in SEVERITIES)
    lesser = sorted(f"{name}: {severity}" for severity, name in found if severity not in SEVERITIES)
    return Said("npm-audit", f"{packages} packages", tuple(failing), notes=tuple(lesser))


def _reason(said: Any, ended: Ended) -> str:
    told = said.get("error", {}).get("summary") or said.get("message")
    return str(told or (ended.err.strip().splitlines() or ["npm said nothing"])[-1])
