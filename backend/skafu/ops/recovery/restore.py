"""Restore the table, from a backup or to a moment of the last 35 days, into a new one.

The plan is shown and asked about before anything is touched. The table in use is never written to:
a new one is made, gets what a restore forgets (stream, TTL, point-in-time recovery, deletion
protection, key, tags), and is compared with the one in use. With --switch the stack uses it from
then on; `python -m skafu.ops switch` does the same later, and goes back.

What broke off is gone on with by the same command. Comparing reads both tables wholly: half a read
unit for each 4 KB, a dollar for some 60 GB; --no-validate leaves it out.
"""

import argparse
import sys
from collections.abc import Sequence

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import accounting, backups, changing, reading, restoring, telling
from skafu.ops.recovery.place import Place, moment, place_of
from skafu.ops.recovery.plan import Plan
from skafu.ops.recovery.waiting import Pause, pause
from skafu.ops.release.place import add_arguments
from skafu.ops.terminal import Operator
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock

EDGE_S = 30.0
"""What was received so shortly before a backup may have been written after it: no function of the
API runs longer.
"""


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
        plan = _planned(place, options)
        print("\n".join(plan.lines(clock())), flush=True)
        if list(plan.problems):
            return 1
        if options.dry_run:
            return 0
        question = f"Restore into {plan.target}{' and switch over' if plan.switches else ''}?"
        if not options.yes and not (operator or Operator()).answer(question):
            return 1
        return _carry_out(place, plan, options, changing.Means(_say, clock, wait))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _planned(place: Place, options: argparse.Namespace) -> Plan:
    backup = None
    if options.backup is not None:
        backup = backups.read(place.client("dynamodb"), options.backup)
        if backup.status != backups.AVAILABLE:
            raise Refused(f"{backup.arn} is {backup.status}: it cannot be restored.")
    at = moment(options.at) if backup is None else backup.at
    used, own = place.table(), place.own_table()
    name = backups.name_at(f"skafu-{place.environment.name}-restored", at)
    target = options.to_table or name
    if options.switch and used == target:
        used = own  # it broke off after the switch-over: what it was restored from is the other one
    return Plan(
        stack=place.stack,
        environment=place.environment.name,
        used=used,
        own=own,
        target=target,
        moment=at,
        backup=backup,
        validates=options.validate,
        switches=options.switch,
    )


def _carry_out(place: Place, plan: Plan, options: argparse.Namespace, means: changing.Means) -> int:
    dynamodb = place.client("dynamodb")
    wanted = restoring.Wanted(
        source=plan.used,
        target=plan.target,
        key=place.key(),
        point_in_time=place.environment.dynamodb.point_in_time_recovery,
        protected=place.environment.dynamodb.deletion_protection,
        tags=place.tags(),
        backup=None if plan.backup is None else plan.backup.arn,
        at=plan.moment,
    )
    limits = restoring.Means(dynamodb, means.tell, means.wait, options.minutes * 60)
    restoring.restore(wanted, limits)
    means.tell(f"{plan.target} is restored")
    until = plan.moment - int(options.edge_seconds * 1000)
    if plan.validates and not is_copy(place, (plan.used, plan.target), until, means):
        means.tell(f"{plan.stack} still uses {plan.used}.")
        return 1
    if plan.switches:
        changing.to_table(place, plan.target, means)
    else:
        means.tell(f"To use it: switch --environment {plan.environment} --to-table {plan.target}")
    return 0


def is_copy(place: Place, tables: tuple[str, str], until: int, means: changing.Means) -> bool:
    """Whether the second of two tables has all that the first one had received until a moment
    (epoch ms). Both are read wholly; what is found is told.
    """
    client, now = place.client("dynamodb"), means.clock()
    used, target = tables
    if restoring.describe(client, used) is None:
        means.tell(f"{used} is gone: there is nothing to compare with")
        return True
    restored = reading.count(client, target, now)
    means.tell(f"{target}: {restored}")
    source = reading.count(client, used, now)
    means.tell(f"{used}: {source}")
    found = accounting.compare(source.tally, restored.tally, until)
    means.tell("\n".join(telling.lines(found)))
    return found.holds


def _say(line: str) -> None:
    # Seen at once, also where what is printed goes to a file.
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops restore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--backup", metavar="ARN", help="one that `backup --list` shows")
    which.add_argument("--at", metavar="TIME", help="a moment, as 2026-11-23T02:30:00Z")
    parser.add_argument("--to-table", metavar="NAME", help="of the new table")
    parser.add_argument("--switch", action="store_true", help="use it, if it is a copy")
    parser.add_argument(
        "--validate", action=argparse.BooleanOptionalAction, default=True, help="compare both"
    )
    parser.add_argument("--edge-seconds", type=float, default=EDGE_S, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=int, default=600, help="wait so long (%(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="show the plan, touch nothing")
    parser.add_argument("--yes", action="store_true", help="ask nobody")
    return parser
