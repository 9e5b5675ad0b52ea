"""Promote: deploy in an environment that asks for it (staging, production) what was tested in the
environment below and has passed its gates, when changes may be made. Without an artefact it is the
newest one that was tested below, fetched from its account.

What else is given goes to `deploy` (--stack, --parameter, --role-arn).
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact import deploy
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import account_of
from skafu.ops.artefact.build import ARTEFACTS
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened
from skafu.ops.environments import BELOW
from skafu.ops.generated import ROOT
from skafu.ops.promotion import admission, listing
from skafu.ops.promotion.commands import bare_parser_of
from skafu.ops.promotion.fetching import fetch, newest
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock

type Deploy = Callable[[Sequence[str]], int]
"""`deploy`, with its arguments; it admits the artefact, or refuses to."""


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    clock: Clock = system_clock,
    deploying: Deploy | None = None,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options, others = _parser().parse_known_args(arguments)
    try:
        path = options.artefact or _fetched(options, make)
        _show(path, options, make, clock())
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    run = deploying or (lambda line: deploy.main(line, make))
    return run([*_line(path, options), *others])


def _fetched(options: argparse.Namespace, make: deployment.Make) -> Path:
    below = BELOW[options.environment]
    account = account_of(ROOT, below, make).of_profile(options.below_profile)
    mark = newest(account, below)
    print(f"Fetching {mark.identity[:12]} (commit {mark.commit[:12]}), tested in {below}")
    return fetch(account, mark, options.into)


def _show(path: Path, options: argparse.Namespace, make: deployment.Make, at: int) -> None:
    """Tell people what they promote; whether it may go, `deploy` decides."""
    below = BELOW[options.environment]
    with opened(path) as folder:
        manifest = manifests.read(folder)
        account = account_of(folder, below, make).of_profile(options.below_profile)
    found = listing.seen_of(account, below, manifest)
    shown = list(listing.lines(below, found, at, options.change_windows))
    print(listing.table(below, manifest, shown), flush=True)


def _line(path: Path, options: argparse.Namespace) -> list[str]:
    """The arguments of `deploy`."""
    told = {
        "--environment": options.environment,
        "--artefact": path,
        "--below-profile": options.below_profile,
        "--emergency": options.emergency,
        "--by": options.by,
        "--change-windows": options.change_windows,
    }
    line = [f"{name}={value}" for name, value in told.items() if value is not None]
    return [*line, "--no-confirm-changeset"] if options.yes else line


def _parser() -> argparse.ArgumentParser:
    parser = bare_parser_of("promote", str(__doc__), BELOW)
    parser.add_argument("--artefact", type=Path, metavar="PATH", help="its folder or its .zip")
    parser.add_argument("--below-profile", metavar="PROFILE")
    parser.add_argument("--into", type=Path, default=ROOT / ARTEFACTS, help="(%(default)s)")
    parser.add_argument("--yes", action="store_true", help="ask nobody (pipelines)")
    admission.add_arguments(parser)
    return parser
