"""Take a backup of the table that a stack uses, and wait until it can be restored; or list those
that there are.

Taking one costs the table nothing and nobody waits for it. It is kept until somebody deletes it.
"""

import argparse
import sys
from collections.abc import Sequence

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import backups
from skafu.ops.recovery.place import place_of
from skafu.ops.recovery.waiting import Pause, pause
from skafu.ops.release.place import add_arguments
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    *,
    clock: Clock = system_clock,
    wait: Pause = pause,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    try:
        place = place_of(options, make)
        client, table = place.client("dynamodb"), place.table()
        if options.list:
            found = list(backups.listed(client, table))
            print("\n".join(map(str, found)) if found else f"{table} has no backups.")
            return 0
        name = options.name or backups.name_at(table, clock())
        print(backups.take(client, table, name, options.minutes * 60, wait))
        return 0
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops backup",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument("--name", help="of the backup, if not the table's and the time")
    parser.add_argument("--list", action="store_true", help="show what there is, take none")
    parser.add_argument("--minutes", type=int, default=60, help="wait so long (%(default)s)")
    return parser
