"""Record that an artefact has passed a gate: its report is checked by the gate's own rule, and
kept.

A report that fails is recorded too and takes the place of what was there: evidence is what was seen
last. --waive lets a gate be left out; it says so in `gates` and in the record of every release that
passed by it.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account, account_of
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened
from skafu.ops.promotion.admission import caller
from skafu.ops.promotion.commands import parser_of
from skafu.ops.promotion.evidence import EvidenceStore, joined
from skafu.ops.promotion.gates import STEPS
from skafu.ops.promotion.judging import Limits, judge
from skafu.ops.promotion.rules import load, performance
from skafu.ops.promotion.rules.report import Report, Subject, Verdict
from skafu.ops.release.record import Evidence
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock

LIMITED = {"load": load.FILE, "performance": performance.FILE}
"""Gates that compare with figures, and where these are."""


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, clock: Clock = system_clock
) -> int:
    """The command; its exit code: 1 for a report that fails, and for what is refused."""
    options = _parser().parse_args(arguments)
    try:
        with opened(options.artefact) as folder:
            manifest = manifests.read(folder)
            account = account_of(folder, options.environment, make)
        return _record(manifest, account, options, clock())
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _record(manifest: Manifest, account: Account, options: argparse.Namespace, at: int) -> int:
    gate, environment = options.gate, options.environment
    _is_possible(manifest, options)
    store = EvidenceStore.of(account, environment, manifest.identity)
    if options.waive is not None:
        waived = _waived(account, options, at)
        store.keep(waived)
        print(f"{gate} is left out in {environment}: {waived.waived} ({waived.by})")
        return 0
    subject = Subject(environment, manifest.identity, manifest.commit, dict(options.accept))
    reports = [_report(path) for path in options.report]
    verdict = judge(gate, reports, subject, _limits(gate, options.limits))
    report = joined(reports)
    evidence = _of(verdict, account, options, at, report)
    store.keep(evidence, report, passed=verdict.passed)
    if not verdict.passed:
        print(f"{gate} is not passed in {environment}: {evidence.summary}", file=sys.stderr)
        return 1
    print(f"{gate} is passed in {environment}: {evidence.summary}")
    return 0


def _waived(account: Account, options: argparse.Namespace, at: int) -> Evidence:
    return Evidence(
        gate=options.gate,
        at=at,
        by=caller(account, options.by, "a gate that is left out"),
        summary=f"left out: {options.waive}",
        link=options.link,
        waived=options.waive,
    )


def _of(
    verdict: Verdict, account: Account, options: argparse.Namespace, at: int, report: bytes
) -> Evidence:
    return Evidence(
        gate=options.gate,
        at=at,
        by=caller(account, options.by, "what is accepted" if options.accept else None),
        summary=verdict.summary + (f" (limits of {options.limits})" if options.limits else ""),
        digest=hashlib.sha256(report).hexdigest(),
        link=options.link,
        waived="; ".join(f"{what}: {why}" for what, why in options.accept) or None,
    )


def _is_possible(manifest: Manifest, options: argparse.Namespace) -> None:
    """Pass, or raise Refused for what makes no sense."""
    if manifest.dirty:
        raise Refused("What has uncommitted changes cannot be promoted: it needs no evidence.")
    step = STEPS[options.environment]
    gate = step.named(options.gate)
    if gate is None:
        names = ", ".join(each.name for each in step.gates)
        raise Refused(f"{options.gate} is no gate out of {options.environment}; these are: {names}")
    if not gate.takes:
        raise Refused(f"{gate.name} is looked at when an artefact is promoted: see `promote`.")
    if options.waive is not None and not options.waive.strip():
        raise Refused("A gate is left out for a reason: --waive REASON.")
    if (options.waive is None) == (not options.report):
        raise Refused(f"{gate.name} takes {gate.takes}: either --report FILE, or --waive REASON.")


def _limits(gate: str, path: Path | None) -> Limits:
    if path is None:
        return Limits()
    if gate not in LIMITED:
        raise Refused(f"{gate} has no limits.")
    return Limits(load=path) if gate == "load" else Limits(figures=path)


def _report(path: Path) -> Report:
    try:
        return Report(path.name, path.read_bytes())
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error


def _pair(text: str) -> tuple[str, str]:
    name, is_told, reason = text.partition("=")
    if not (is_told and name and reason.strip()):
        raise argparse.ArgumentTypeError("TOOL=REASON is meant")
    return name, reason


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("evidence", str(__doc__), STEPS)
    parser.add_argument("--gate", required=True, metavar="GATE", help="`gates` lists them")
    parser.add_argument(
        *("--report", "-r"),
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="may be given more than once",
    )
    parser.add_argument("--link", metavar="URL", help="where the run, or the review, can be seen")
    parser.add_argument("--waive", metavar="REASON", help="leave the gate out")
    parser.add_argument(
        "--accept",
        action="append",
        type=_pair,
        default=[],
        metavar="TOOL=REASON",
        help="security_assessment: go on although a tool could not audit",
    )
    parser.add_argument("--by", metavar="NAME", help="the person who answers for that")
    limited = ", ".join(f"{gate}: {path}" for gate, path in LIMITED.items())
    parser.add_argument(
        "--limits", type=Path, metavar="FILE", help=f"other ones than the project's ({limited})"
    )
    return parser
