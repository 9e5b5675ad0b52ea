"""Look up the known vulnerabilities of every package that is pinned.

pip-audit asks PyPI. Behind a mirror that has packages and no advisories it skips them and still
says that none is vulnerable. So an answer counts here only when it tells of each package of the
lock, and when the same source knows the vulnerability of an old release that certainly has one.
What was not answered is "not audited", and that is a failure like a vulnerability.
"""

import argparse
import json
import re
import subprocess  # nosec B404: it runs pip-audit
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from skafu.ops.generated import ROOT

LOCKS = ("requirements/*.txt", "layers/*/requirements.txt")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
KNOWN = "requests==2.19.0\n"
"""CVE-2018-18074: it sends a login to another host after a redirect."""

type Ask = Callable[[Path], str]
"""Gives pip-audit's JSON about the packages of a requirements file. Raises Unanswered."""


class Unanswered(Exception):
    """There is no answer; the text says why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """About the packages of one file, each as name==version: how many there are, which are
    vulnerable (with the advisory and the versions that fix it), which nobody told of.
    """

    packages: int
    vulnerable: tuple[str, ...]
    unaudited: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.vulnerable or self.unaudited)


def judge(lock: str, answer: str) -> Verdict:
    """Compare what is pinned with what was answered.

    Raises Unanswered when the answer is not pip-audit's, or nothing is pinned.
    """
    wanted = {(normal(name), version) for name, version in PINNED.findall(lock)}
    if not wanted:
        raise Unanswered("nothing is pinned")
    try:
        told = [each for each in json.loads(answer)["dependencies"] if "vulns" in each]
        audited = {(normal(each["name"]), each["version"]) for each in told}
        vulnerable = [
            f"{each['name']}=={each['version']}: {found['id']}, fixed in "
            f"{', '.join(found['fix_versions']) or 'no version yet'}"
            for each in told
            for found in each["vulns"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Unanswered("pip-audit's answer is not understood") from error
    unaudited = sorted(f"{name}=={version}" for name, version in wanted - audited)
    return Verdict(len(wanted), tuple(vulnerable), tuple(unaudited))


def normal(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pip_audit(requirements: Path) -> str:
    """Ask, without installing anything. Raises Unanswered with the last line of what it said."""
    options = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(  # nosec B603: a fixed command
        [sys.executable, "-m", "pip_audit", *options, "--requirement", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    # It ends with 1 for vulnerabilities and for its own failures; only the latter print nothing.
    if not done.stdout.strip():
        raise Unanswered((done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1])
    return done.stdout


def knows(ask: Ask) -> bool:
    """Whether the source has advisories at all. Raises Unanswered."""
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder, "known.txt")
        known.write_text(KNOWN, encoding="utf-8")
        return bool(judge(KNOWN, ask(known)).vulnerable)


def audit(root: Path, ask: Ask) -> Iterator[tuple[str, Verdict]]:
    """Each lock of a work tree with its verdict. Raises Unanswered."""
    if not knows(ask):
        raise Unanswered("the source has no advisories: it knows nothing of " + KNOWN.strip())
    locks = sorted(path for pattern in LOCKS for path in root.glob(pattern))
    if not locks:
        raise Unanswered("there is no lock")
    for lock in locks:
        yield str(lock.relative_to(root)), judge(lock.read_text(encoding="utf-8"), ask(lock))


def report(root: Path, ask: Ask) -> int:
    """Print what was found; the exit code."""
    clean = True
    try:
        for name, verdict in audit(root, ask):
            clean &= verdict.is_clean
            print(f"{name}: {verdict.packages} packages, {len(verdict.vulnerable)} vulnerabilities")
            for found in verdict.vulnerable:
                print(f"  {found}")
            for package in verdict.unaudited:
                print(f"  not audited: {package}")
    except Unanswered as error:
        print(f"Not audited: {error}", file=sys.stderr)
        return 1
    return 0 if clean else 1


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops audit",
        description="Look up known vulnerabilities of all pinned packages.",
    )
    parser.parse_args(arguments)
    return report(ROOT, pip_audit)
