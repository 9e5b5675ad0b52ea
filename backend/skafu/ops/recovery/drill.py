"""See how long a restore would take here and now, and how much would be lost: in a real account,
without touching what is in use.

A backup is taken and restored into a table of its own, which gets all that a restore forgets, is
compared with the one in use, and is deleted again (--keep leaves it). The RTO that is told is
without whoever notices and without the switch-over; the RPO is how far the newest moment that can
be restored lies back. The exit code is 0 only when both are within delivery/recovery.yaml.

`make drill` plays all of it on an embedded AWS, with damage and switch-over.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import backups, restoring, targets
from skafu.ops.recovery.changing import Means
from skafu.ops.recovery.place import Place, place_of
from skafu.ops.recovery.restore import EDGE_S, is_copy
from skafu.ops.recovery.targets import Measured
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
        used = place.table()
        target = backups.name_at(f"skafu-{place.environment.name}-drill", clock())
        print(f"{used} is backed up and restored into {target}", flush=True)
        print("The backup stays." if options.keep else f"The backup stays, {target} does not.")
        if not options.yes and not (operator or Operator()).answer("Go on?"):
            return 1
        means = Means(lambda line: print(line, flush=True), clock, wait)
        return _play(place, used, target, options, means)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _play(place: Place, used: str, target: str, options: argparse.Namespace, means: Means) -> int:
    client = place.client("dynamodb")
    lost = rpo_s(client, used, means.clock())
    limit = options.minutes * 60
    taken = backups.take(client, used, target, limit, means.wait)
    means.tell(str(taken))
    began = means.clock()
    wanted = restoring.Wanted(
        source=used,
        target=target,
        key=place.key(),
        point_in_time=False,
        protected=False,  # it is to be deleted
        tags=place.tags(),
        backup=taken.arn,
    )
    restoring.restore(wanted, restoring.Means(client, means.tell, means.wait, limit))
    is_good = is_copy(place, (used, target), taken.at - int(options.edge_seconds * 1000), means)
    took = (means.clock() - began) / 1000
    if not options.keep:
        client.delete_table(TableName=target)
        means.tell(f"{target} is deleted")
    verdicts = list(targets.judged(targets.load(), Measured(took, lost)))
    for each in verdicts:
        means.tell(str(each))
    return 0 if is_good and all(each.holds for each in verdicts) else 1


def rpo_s(client: Any, table: str, now: int) -> float:
    """How far the newest moment lies back that a table can be restored to, in seconds: of its
    point-in-time recovery or, without one, of its newest backup. Raises Refused without either.
    """
    told = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    newest = newest_of(told.get("PointInTimeRecoveryDescription") or {})
    if newest is None:
        found = [
            each.at for each in backups.listed(client, table) if each.status == backups.AVAILABLE
        ]
        if not found:
            raise Refused(f"{table} has neither point-in-time recovery nor a backup.")
        newest = found[0]
    return max(0.0, (now - newest) / 1000)


def newest_of(recovery: Mapping[str, Any]) -> int | None:
    """The newest moment (epoch ms) of a point-in-time recovery; None where it is off."""
    moment = recovery.get("LatestRestorableDateTime")
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED" or not isinstance(moment, datetime):
        return None
    return int(moment.astimezone(UTC).timestamp() * 1000)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops drill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["restore"])
    add_arguments(parser)
    parser.add_argument("--minutes", type=int, default=600, help="wait so long (%(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave the restored table there")
    parser.add_argument("--edge-seconds", type=float, default=EDGE_S, help=argparse.SUPPRESS)
    parser.add_argument("--yes", action="store_true", help="ask nobody")
    return parser
