"""Estimate what an environment costs in a month: what stands in the template, and load profiles
times what was measured, at list prices. See docs/cost.md.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from skafu.ops.cost import tables
from skafu.ops.cost.beside import besides
from skafu.ops.cost.estimating import estimates
from skafu.ops.cost.inputs import PROFILES, loads
from skafu.ops.cost.prices import read
from skafu.ops.cost.stack import Unpriced
from skafu.ops.environments import IN_ACCOUNTS, load
from skafu.ops.generated import ROOT
from skafu.ops.stacks import book


def main(arguments: Sequence[str]) -> int:
    """The command; its exit code."""
    options = _parser().parse_args(arguments)
    # SAM's translator is there where Skafu is developed, and takes longer than most commands.
    from skafu.ops import transformed  # pylint: disable=import-outside-toplevel # loads SAM

    wanted = IN_ACCOUNTS if options.environment == "all" else (options.environment,)
    chosen = [each for each in load(ROOT / "environments") if each.name in wanted]
    prices = read()
    try:
        found = list(
            estimates(
                chosen,
                lambda name: transformed.resources(ROOT / "template.yaml", name),
                loads(options.profile),
                prices,
            )
        )
        others = besides(
            chosen,
            lambda name, told: transformed.stack_resources(ROOT / book.template_of(name), told),
            prices,
        )
    except (OSError, Unpriced, ValidationError) as problem:
        print(problem, file=sys.stderr)
        return 1
    show = tables.document if options.json else tables.text
    print(show(found, others, prices))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m skafu.ops cost", description=__doc__)
    parser.add_argument("--environment", choices=(*IN_ACCOUNTS, "all"), default="all")
    parser.add_argument(
        "--profile",
        type=Path,
        default=PROFILES,
        metavar="FILE",
        help="load profiles (cost/profiles.yaml)",
    )
    parser.add_argument("--json", action="store_true", help="for programs, with every line")
    return parser
