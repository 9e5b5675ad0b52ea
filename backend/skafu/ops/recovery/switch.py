"""Have a stack use a restored table, or again the one that it has made itself.

All functions at once, by CloudFormation, which goes back by itself when it fails. What was written
to the table that is left stays there and is not seen any more. While roles change, requests are
refused for some seconds, and their senders try again. Giving the same command twice does no harm.
"""

import argparse
import sys
from collections.abc import Sequence

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import changing
from skafu.ops.recovery.place import place_of
from skafu.ops.recovery.waiting import Pause, pause
from skafu.ops.release.place import add_arguments
from skafu.ops.terminal import Operator
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    operator: Operator | None = None,
    *,
    clock: Clock = system_clock,
    wait: Pause = pause,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    try:
        place = place_of(options, make)
        used, target = place.table(), options.to_table or place.own_table()
        print(f"{place.stack} uses {used}; it would use {target}.", flush=True)
        print(f"What was written to {used} alone is not seen any more.", flush=True)
        if not options.yes and not (operator or Operator()).answer("Switch over?"):
            return 1
        means = changing.Means(lambda line: print(line, flush=True), clock, wait)
        if target == place.own_table():
            changing.to_own(place, means)
        else:
            changing.to_table(place, target, means)
        return 0
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops switch",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--to-table", metavar="NAME", help="one that `restore` has made")
    where.add_argument("--back", action="store_true", help="to the stack's own table")
    parser.add_argument("--yes", action="store_true", help="ask nobody")
    return parser
