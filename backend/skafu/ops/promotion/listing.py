"""Show which gates out of an environment an artefact has passed, when, by whose doing, and which it
lacks. The exit code is 1 while it lacks one.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account, account_of
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened
from skafu.ops.promotion import change_window
from skafu.ops.promotion.commands import parser_of
from skafu.ops.promotion.evidence import EvidenceStore, Seen
from skafu.ops.promotion.gates import CHANGE_WINDOW, STEPS
from skafu.ops.release.record import Evidence
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock


@dataclass(frozen=True)
class Line:
    """A gate: `state` is passed, waived, failed, lacking, or, of what is looked at when an artefact
    is promoted, open or closed.
    """

    gate: str
    state: str
    told: str
    evidence: Evidence | None = None

    def __str__(self) -> str:
        if self.evidence is None:
            return f"{self.gate:20} {self.state:8} {self.told}"
        moment = datetime.fromtimestamp(self.evidence.at / 1000, UTC)
        by = f"{moment:%Y-%m-%d %H:%M} UTC by {self.evidence.by}"
        link = f"\n{'':30}{self.evidence.link}" if self.evidence.link else ""
        return f"{self.gate:20} {self.state:8} {by}\n{'':30}{self.told}{link}"


def lines(environment: str, found: Mapping[str, Seen], at: int, windows: Path) -> Iterator[Line]:
    """Every gate out of an environment, in order.

    Raises Refused for windows that cannot be read.
    """
    step = STEPS[environment]
    for gate in step.gates:
        seen = found.get(gate.name)
        if gate.name == CHANGE_WINDOW:
            yield _window(step.target, at, windows)
        elif seen is None:
            yield Line(gate.name, "lacking", f"it takes {gate.takes}")
        else:
            state = "failed" if not seen.passed else "waived" if seen.waived else "passed"
            yield Line(gate.name, state, seen.summary, seen.evidence)


def _window(target: str, at: int, path: Path) -> Line:
    windows = change_window.read(path).get(target)
    if windows is None:
        return Line(CHANGE_WINDOW, "open", f"{target} has no change windows")
    answer = windows.ask(at)
    return Line(CHANGE_WINDOW, "open" if answer.is_open else "closed", answer.why)


def seen_of(account: Account, environment: str, manifest: Manifest) -> dict[str, Seen]:
    """What is recorded of an artefact. Raises Refused."""
    store = EvidenceStore.of(account, environment, manifest.identity)
    return store.seen(gate.name for gate in STEPS[environment].reports)


def table(environment: str, manifest: Manifest, found: Sequence[Line]) -> str:
    """For people."""
    step = STEPS[environment]
    waits = "nobody" if step.automated else "approval of the GitHub environment"
    head = (
        f"{manifest.identity[:12]} (commit {manifest.commit[:12]}) from {environment} to "
        f"{step.target}; approvers: {', '.join(step.approvers)}; waits for {waits}"
    )
    return "\n".join([head, *map(str, found)])


def document(environment: str, manifest: Manifest, found: Sequence[Line]) -> str:
    """For programs."""
    gates = [
        {
            "gate": each.gate,
            "state": each.state,
            "told": each.told,
            "evidence": each.evidence.model_dump() if each.evidence else None,
        }
        for each in found
    ]
    about = {"environment": environment, "identity": manifest.identity, "passed": passed(found)}
    return json.dumps(about | {"gates": gates}, indent=2)


def passed(found: Sequence[Line]) -> bool:
    """Whether no gate is lacking or failed; a window that is closed will open."""
    return not any(each.state in ("lacking", "failed") for each in found)


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, clock: Clock = system_clock
) -> int:
    """The command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        with opened(options.artefact) as folder:
            manifest = manifests.read(folder)
            account = account_of(folder, options.environment, make)
        evidence = seen_of(account.of_profile(options.profile), options.environment, manifest)
        found = list(lines(options.environment, evidence, clock(), options.change_windows))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    show = document if options.json else table
    print(show(options.environment, manifest, found))
    return 0 if passed(found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("gates", str(__doc__), STEPS)
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--profile", help="the AWS profile that may read there")
    parser.add_argument(
        "--change-windows",
        type=Path,
        default=change_window.FILE,
        metavar="FILE",
        help="(%(default)s)",
    )
    return parser
