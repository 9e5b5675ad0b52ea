"""Whether an artefact may go where it is to go: what was tested below, the gates, the moment."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.records import Records
from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import BELOW
from skafu.ops.promotion import change_window
from skafu.ops.promotion.evidence import EvidenceStore
from skafu.ops.promotion.gates import CHANGE_WINDOW, STEPS
from skafu.ops.release.record import Evidence


@dataclass(frozen=True)
class Occasion:
    """When something is promoted (epoch ms) and by whom; `emergency` is why it cannot wait for the
    change windows, which are in the file `windows`.
    """

    at: int
    by: str
    emergency: str | None = None
    windows: Path = change_window.FILE

    @classmethod
    def of(cls, options: argparse.Namespace, account: Account, at: int) -> Self:
        """As a command was asked (add_arguments), by whoever the account says that asks.

        Raises Refused for an emergency that nobody answers for.
        """
        by = caller(account, options.by, "an emergency" if options.emergency else None)
        return cls(at, by, options.emergency, options.change_windows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a command has to be told to promote."""
    parser.add_argument(
        "--emergency", metavar="REASON", help="why it cannot wait for the change window"
    )
    parser.add_argument("--by", metavar="NAME", help="the person who answers for it")
    parser.add_argument(
        "--change-windows",
        type=Path,
        default=change_window.FILE,
        metavar="FILE",
        help="(%(default)s)",
    )


def caller(account: Account, name: str | None, what: str | None = None) -> str:
    """Who asks: the ARN of the credentials, after the name of the person if there is one.

    Raises Refused when `what` is asked for, which takes a person, and there is no name.
    """
    if what is not None and not (name or "").strip():
        raise Refused(f"Somebody has to answer for {what}: --by NAME.")
    arn = str(account.make("sts", **account.where).get_caller_identity()["Arn"])
    return f"{name.strip()} ({arn})" if name else arn


def admit(
    manifest: Manifest, environment: str, below: Account, occasion: Occasion
) -> tuple[Evidence, ...]:
    """The evidence with which an environment takes an artefact: of every gate out of the one below
    it, whose account is `below`, in their order; nothing for an environment that takes any.

    Raises Refused for what was not tested there, what lacks evidence, and outside of the change
    windows.
    """
    if environment not in BELOW:
        return ()
    before = BELOW[environment]
    if manifest.dirty:
        raise Refused(f"{environment} takes no artefact with uncommitted changes.")
    _is_tested(manifest, environment, below.records())
    step = STEPS[before]
    store = EvidenceStore.of(below, before, manifest.identity)
    found = store.found(gate.name for gate in step.reports)
    if lacking := step.lacking(found):
        raise Refused(
            f"{environment} takes only what has passed the gates of {before}; this lacks "
            f"{', '.join(lacking)}: see `gates`."
        )
    if step.named(CHANGE_WINDOW):
        found[CHANGE_WINDOW] = at_a_moment(environment, occasion)
    return tuple(found[gate.name] for gate in step.gates)


def _is_tested(manifest: Manifest, environment: str, records: Records) -> None:
    before = BELOW[environment]
    mark = records.tested(before, manifest.identity)
    if mark is None:
        raise Refused(f"{environment} takes only what was tested in {before}; this was not.")
    if not mark.is_of(manifest):
        raise Refused(
            f"What was tested in {before} was built of the same sources, but has other parts: "
            "promote that artefact instead of building it again."
        )


def at_a_moment(environment: str, occasion: Occasion) -> Evidence:
    """That changes may be made in an environment now, or are made all the same.

    Raises Refused outside of the change windows, when it is no emergency.
    """
    windows = change_window.read(occasion.windows).get(environment)
    evidence = Evidence(gate=CHANGE_WINDOW, at=occasion.at, by=occasion.by, summary="no windows")
    if windows is None:
        return evidence.model_copy(update={"summary": f"{environment} has no change windows"})
    answer = windows.ask(occasion.at)
    if answer.is_open:
        return evidence.model_copy(update={"summary": answer.why})
    if occasion.emergency is None:
        raise Refused(
            f"{environment} takes no changes now: {answer.why}. In an emergency: "
            "--emergency REASON --by NAME."
        )
    summary = f"emergency outside of the change windows: {answer.why}"
    return evidence.model_copy(update={"summary": summary, "waived": occasion.emergency})


def confirm(manifest: Manifest, environment: str, records: Records) -> None:
    """Pass, or raise Refused: what was tested in an environment is what is deployed there."""
    if manifest.dirty:
        raise Refused("What has uncommitted changes cannot be promoted.")
    deployed = records.deployed(environment)
    if deployed is None or not deployed.is_of(manifest):
        raise Refused(f"This artefact is not the one that is deployed in {environment}.")
