"""Move everything that acts to the region of the table's second replica, or back.

The plan is shown and asked about first. Then the region that is left stops, the table says which
region acts, the other one starts, members get accounts in its user pool, and the API's name leads
there. What broke off is gone on with by the same command. A region that does not answer is left out
with --without-source: what it has acknowledged and not replicated is missing until it is back.

`failover standby` has the other region run what the home region runs: after each deployment and
each rollback at home. `failover prepare` only makes what the other region's user pool lacks: every
night, and after many have joined. `failover credentials --tenant ID` shows what a tenant's machines
sign in with there, `failover parameters` what the other region's stack is deployed with.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.build import ARTEFACTS
from skafu.ops.artefact.sources import Refused
from skafu.ops.bootstrap import outputs
from skafu.ops.generated import ROOT
from skafu.ops.recovery import accounting, reading, regions, standby, telling
from skafu.ops.recovery.changing import Means
from skafu.ops.recovery.failing_over import Move
from skafu.ops.recovery.place import Place, place_of
from skafu.ops.recovery.regions import Side
from skafu.ops.recovery.standby import Standby
from skafu.ops.recovery.stand_ins import CognitoDirectory, StandIns
from skafu.ops.recovery.traffic import Signs
from skafu.ops.recovery.waiting import Pause, pause
from skafu.ops.smoke import running as smoke
from skafu.ops.smoke.report import line
from skafu.ops.terminal import Operator
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock

EDGE_MS = 60_000
"""What was received so shortly before may still be on its way to the other region."""


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
    means = Means(lambda text: print(text, flush=True), clock, wait)
    operator = operator or Operator()
    try:
        source, target = _places(options, make)
        if options.what == "standby":
            if target.where["region_name"] == target.environment.region:
                raise Refused("The other region follows the home region, not the reverse.")
            return Standby(source, target).follow(options, means, operator)
        if options.what == "prepare":
            return _prepare(target, means)
        if options.what == "parameters":
            return _parameters(source, target, means)
        if options.what == "credentials":
            return _credentials(target, options.tenant, means)
        move = Move(regions.look(source), regions.look(target))
        return _fail_over(move, options, means, operator)
    except OneRegion as refusal:
        # A pipeline asks for every environment; there is nothing that could be behind.
        print(refusal, file=sys.stdout if options.what == "standby" else sys.stderr)
        return 0 if options.what == "standby" else 1
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


class OneRegion(Refused):
    """An environment has no other region."""


def _places(options: argparse.Namespace, make: deployment.Make) -> tuple[Place, Place]:
    """Of the region that is left and of the one that takes over. Raises OneRegion where there is
    but one, and Refused for one that is neither.
    """
    options.region = None
    home = place_of(options, make)
    other = options.other or home.environment.dynamodb.replica_region
    if other is None:
        raise OneRegion(f"{options.environment} has one region: its file names no replica_region.")
    away = replace(home, where={**home.where, "region_name": other})
    to = home.environment.region if options.back else options.to or other
    if to not in (other, home.environment.region):
        raise Refused(f"{to} is none of {home.environment.region} and {other}.")
    return (home, away) if to == other else (away, home)


def _fail_over(move: Move, options: argparse.Namespace, means: Means, operator: Operator) -> int:
    source, target = move.source, move.target
    print("\n".join(_plan(move)), flush=True)
    problems = list(regions.oddities(target, source))
    if source.stack is None and not options.without_source:
        problems.append(f"{source.region} does not answer: --without-source goes on without it")
    for problem in problems:
        print(f"It cannot be done: {problem}.")
    if problems:
        return 1
    if options.compare and source.stack is not None and not _is_whole(move, means):
        return 1
    if options.dry_run:
        return 0
    if not options.yes and not operator.answer(f"Move everything to {target.region}?"):
        return 1
    began = means.clock()
    move.stop(means)
    move.declare(means)
    move.start(means)
    if options.accounts:
        means.tell(f"{target.region}: {_stand_ins(target.place, means).prepare(means.tell)}")
    _lead(move, means)
    is_good = not options.smoke or _smokes(target.place, means)
    means.tell(f"{target.region} acts, {(means.clock() - began) / 1000:.0f} s after the answer")
    return 0 if is_good else 1


def _plan(move: Move) -> Iterator[str]:
    source, target = move.source, move.target
    where = "does not answer" if source.stack is None else f"says that {source.acts} acts"
    yield f"Failover: {target.place.stack} to {target.region}"
    yield f"  {source.region}: {where}"
    there = "does not answer" if target.stack is None else f"says that {target.acts} acts"
    yield f"  {target.region}: {there}"
    yield "Steps:"
    yield f"  stop: {source.region} decides, compacts and pages no more"
    yield f"  declare: the table says that {target.region} acts"
    yield f"  start: {target.region} decides, compacts and pages"
    yield f"  accounts: who has none in {target.region}'s user pool gets one"
    yield "  lead: the API's name"
    yield "  smoke: see whether it does what people use it for"
    yield (
        f"Know that what {source.region} has acknowledged and not replicated is not in "
        f"{target.region}. It stays in {source.region}, and comes when that is back."
    )


def _is_whole(move: Move, means: Means) -> bool:
    """Whether the target's table has all that the source's had received until a minute ago."""
    now, counted = means.clock(), []
    for side in (move.source, move.target):
        found = reading.count(side.place.client("dynamodb"), side.place.table(), now)
        means.tell(f"{side.region}: {found}")
        counted.append(found.tally)
    compared = accounting.compare(counted[0], counted[1], now - EDGE_MS)
    means.tell("\n".join(telling.lines(compared)))
    return compared.holds


def _lead(move: Move, means: Means) -> None:
    away = move.source if move.source.is_home is False else move.target
    signs = Signs(
        away.place.client("cloudwatch"),
        away.place.environment.name,
        means.clock,
        means.wait,
        means.tell,
    )
    signs.move(not move.target.is_home)


def _smokes(place: Place, means: Means) -> bool:
    account = Account(place.make, place.where)
    target = smoke.Target(place.environment.name, place.stack, account)
    # Pages and their names are as they were: docs/recovery.md, "People".
    wanted = smoke.Wanted(without=frozenset({"console"}))
    found = smoke.run(
        target, wanted, replace(smoke.USUAL, told=lambda result: means.tell(line(result)))
    )
    return found.passed


def _stand_ins(place: Place, means: Means) -> StandIns:
    found = outputs(place.client("cloudformation"), place.stack)
    directory = CognitoDirectory(place.client("cognito-idp"), found["UserPoolId"])
    return StandIns(Side(place, None).table(), directory, means.clock)


def _prepare(place: Place, means: Means) -> int:
    regions.look(place)  # says which stack is missing
    done = _stand_ins(place, means).prepare(means.tell)
    means.tell(f"{place.where['region_name']}: {done}")
    return 1 if done.problems else 0


def _parameters(home: Place, away: Place, means: Means) -> int:
    """What a deployment of the other region's stack is told, as `deploy` takes it."""
    told = standby.parameters(home, away)
    means.tell(" ".join(f"--parameter {name}={text}" for name, text in told.items()))
    return 0


def _credentials(place: Place, tenant: str | None, means: Means) -> int:
    if tenant is None:
        raise Refused("Whose? Give --tenant with its id, as GET /api/me tells it.")
    for each in _stand_ins(place, means).credentials(tenant):
        means.tell(f"{each.name:24} {each.client_id}  {each.secret}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops failover",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what", nargs="?", choices=["prepare", "standby", "credentials", "parameters"]
    )
    deployment.add_arguments(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--to", metavar="REGION", help="the replica's region, if not said otherwise")
    where.add_argument("--back", action="store_true", help="to the home region")
    parser.add_argument(
        "--other", metavar="REGION", help="the replica's, if not where the environment's file says"
    )
    parser.add_argument(
        "--without-source", action="store_true", help="go on where the region left is silent"
    )
    parser.add_argument("--compare", action="store_true", help="read both tables wholly first")
    parser.add_argument("--tenant", help="whose credentials")
    _add_standby(parser)
    for name, told in (("accounts", "make missing accounts"), ("smoke", "look at it at the end")):
        parser.add_argument(
            f"--{name}", action=argparse.BooleanOptionalAction, default=True, help=told
        )
    parser.add_argument("--dry-run", action="store_true", help="show the plan, touch nothing")
    parser.add_argument("--yes", action="store_true", help="ask nobody")
    return parser


def _add_standby(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_argument_group("standby")
    asked.add_argument(
        "--artefact", type=Path, metavar="PATH", help="if not from the home region's bucket"
    )
    asked.add_argument(
        "--into", type=Path, default=ROOT / ARTEFACTS, help="where it is put together (%(default)s)"
    )
    asked.add_argument("--role-arn", metavar="ARN", help="what CloudFormation works as")
    asked.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
