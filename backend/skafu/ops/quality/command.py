"""Hold the sources to the quality gate of security/quality-gate.yaml without a server: coverage of
functions and console together, bandit's findings of medium severity and more, and that no scan has
left anything. What SonarQube would call smells are pylint's and biome's findings here, of which
`make check` and `make console-check` take none at all.

With --server: make the gate on a SonarQube server, and hold the project to it (SONAR_HOST_URL,
SONAR_TOKEN of somebody who may administer gates).
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT
from skafu.ops.quality import coverage, server
from skafu.ops.quality.gate import FILE, read

PROJECT = "skafu"
WEAK = ("MEDIUM", "HIGH")


def main(
    arguments: Sequence[str], variables: Mapping[str, str] = os.environ, call: Any = None
) -> int:
    """The command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        gate = read(options.root / FILE)
        if options.server:
            host, token = (_needed(variables, each) for each in ("SONAR_HOST_URL", "SONAR_TOKEN"))
            reached = call or server.calling(host, token)
            print("\n".join(server.apply(gate, PROJECT, reached)) or "nothing to change")
            return 0
        failed = False
        for metric, value, told in measured(options.root / ".reports"):
            condition = gate.of(metric)
            failed |= condition.fails(value)
            verdict = "fails" if condition.fails(value) else "passes"
            print(f"{verdict:6} {metric}: {told} (fails if {condition.op} {condition.error})")
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return int(failed)


def measured(reports: Path) -> Iterator[tuple[str, float, str]]:
    """Metric, value, and the value in words. Raises Refused for a report that is not there."""
    backend = coverage.cobertura(reports / "coverage.xml")
    console = coverage.lcov(reports / "console" / "lcov.info")
    total = (backend + console).percent
    told = f"{total:.1f} % (backend {backend.percent:.1f}, console {console.percent:.1f})"
    yield "coverage", total, told
    try:
        found = json.loads((reports / "bandit.json").read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError, KeyError) as error:
        raise Refused(f"There is no bandit.json to read: {error}") from error
    weak = sum(each["issue_severity"] in WEAK for each in found)
    yield "vulnerabilities", weak, f"{weak} findings of bandit, medium or high"
    # tests/architecture/test_suppressions.py: whatever bandit was told not to tell has its reason.
    looked = 100.0 if not found else 0.0
    yield "security_hotspots_reviewed", looked, f"{len(found)} findings that nobody judged"


def _needed(variables: Mapping[str, str], name: str) -> str:
    if not variables.get(name):
        raise Refused(f"{name} is not set.")
    return variables[name]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--server", action="store_true", help="make the gate on a server")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="PATH", help="(%(default)s)")
    return parser
