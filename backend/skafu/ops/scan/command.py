"""Scan the sources of Skafu, and what is built of them: templates (checkov), Python code (bandit),
tracked files for secrets (detect-secrets), the functions' packages and the layer, and known
vulnerabilities of other people's packages (pip-audit, npm audit).

Writes security.json, security.md, bandit.json and sbom.json. The exit code is 1 where something was
found or a scanner could not work. That nobody could be asked for advisories is told, and fails with
--audited alone: without a connection nobody can do anything about it.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from skafu.ops.generated import ROOT
from skafu.ops.scan import advisories, built, code, policies, secrets, telling
from skafu.ops.scan.checks import Unreadable
from skafu.ops.scan.said import Failed, Said
from skafu.ops.scan.templates import Misplaced

REPORTS = ".reports"

type Scanner = Callable[[Path, Path], Said]
"""Scans a work tree; may leave a report of its own in the other folder. Raises Failed, Misplaced
and Unreadable.
"""

SCANNERS: Mapping[str, Scanner] = MappingProxyType(
    {
        # Longest first: the others fit beside them.
        "secrets": lambda root, _: secrets.scan(root),
        "checkov": lambda root, _: policies.scan(root),
        "packages": built.scan,
        "bandit": code.scan,
        "pip-audit": lambda root, _: advisories.pypi(root),
        "npm-audit": lambda root, _: advisories.npm(root, Path(sys.executable).parent),
    }
)


def answers(
    names: Sequence[str],
    root: Path,
    reports: Path,
    jobs: int,
    scanners: Mapping[str, Scanner] = SCANNERS,
) -> list[Said]:
    """What each of these scanners says, `jobs` of them at a time; one that could not work says so
    as a finding.
    """

    def ask(name: str) -> Said:
        try:
            return replace(scanners[name](root, reports), name=name)
        except (Failed, Misplaced, Unreadable) as error:
            return Said(name, "nothing", (f"it could not work: {error}",))

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(ask, names))


def main(arguments: Sequence[str], scanners: Mapping[str, Scanner] = SCANNERS) -> int:
    """The command; its exit code."""
    options = _parser(scanners).parse_args(arguments)
    options.reports.mkdir(parents=True, exist_ok=True)
    names = options.only or list(scanners)
    found = answers(names, options.root, options.reports, options.jobs, scanners)
    telling.write(found, options.reports)
    print(telling.tell(found))
    clean = all(not each.findings for each in found)
    audited = all(each.not_audited is None for each in found)
    return 0 if clean and (audited or not options.audited) else 1


def _parser(scanners: Mapping[str, Scanner]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops scan",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=list(scanners), help="this one alone")
    parser.add_argument(
        "--audited", action="store_true", help="fail also where no advisories can be reached"
    )
    parser.add_argument("--jobs", type=int, default=2, help="scanners at a time (%(default)s)")
    parser.add_argument(
        "--reports", type=Path, default=ROOT / REPORTS, metavar="FOLDER", help="(%(default)s)"
    )
    parser.add_argument("--root", type=Path, default=ROOT, metavar="PATH", help="(%(default)s)")
    return parser
