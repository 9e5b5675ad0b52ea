"""Go back to an earlier release.

Without --to it goes back to what ran before; where the last deployment died before it was recorded,
to what was recorded; where a rollback broke off, it goes on. The plan is shown and asked about
before anything is touched. Then the stack is held, all aliases and the console move at once, the
service is exercised, and the template of then is deployed so that gateway and configuration agree
with it. The stack stays held until `python -m skafu.ops resume`.

--function moves single functions and nothing else. --dry-run shows whether one could go back and
touches nothing; with --artefact it tells of the way back to what runs now, once that artefact is
deployed.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from skafu.ops import deployment
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened
from skafu.ops.release.place import add_arguments, place_of
from skafu.ops.rollback import rehearsing, telling
from skafu.ops.rollback.aliases import Pause
from skafu.ops.rollback.executing import Means, Verify, execute
from skafu.ops.rollback.looking import planned
from skafu.ops.rollback.verifying import failures
from skafu.ops.smoke import Target, Via
from skafu.ops.terminal import Operator
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock

NO_REASON = "no reason given"
REASON_LENGTH = 500
"""A hold is a parameter of SSM, which takes 4 KB."""


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    operator: Operator | None = None,
    *,
    verify: Verify | None = None,
    clock: Clock = system_clock,
    pause: Pause = time.sleep,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names, `verify`
    exercises the service (as `smoke` does).
    """
    options = parser().parse_args(arguments)
    try:
        place = place_of(options, make)
        account, stack = place.account, place.name
        if options.artefact is not None:
            return _way_back(account, stack, options, clock)
        found = planned(account, options.environment, stack, options.to, options.function)
        print("\n".join(telling.lines(found)))
        if options.dry_run:
            return _told(options.report, telling.report(found, clock()))
        if found.problems:
            return 1
        who = operator or Operator()
        if not options.yes and not who.answer(f"Roll {stack} back?"):
            return 1
        target = Target(options.environment, stack, account)
        means = Means(
            account=account,
            settings=place.settings,
            operator=who,
            verify=verify or partial(failures, target, Via(options.via)),
            tell=_say,
            clock=clock,
            pause=pause,
            role_arn=options.role_arn,
        )
        return execute(found, means, options.reason[:REASON_LENGTH])
    except Refused as refusal:
        return _refused(options, refusal, clock)


def parser() -> argparse.ArgumentParser:
    """What the command reads."""
    found = argparse.ArgumentParser(
        prog="python -m skafu.ops rollback",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(found)
    found.add_argument("--to", metavar="RELEASE", help="the release to go back to (`releases`)")
    found.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one, by its name in template.yaml; more than once for several",
    )
    found.add_argument("--reason", default=NO_REASON, help="kept with the hold")
    found.add_argument("--yes", action="store_true", help="ask nobody (pipelines)")
    found.add_argument(
        "--via",
        choices=[each.value for each in Via],
        default=Via.HTTP.value,
        help="how the service is exercised, as `smoke` has it (%(default)s)",
    )
    found.add_argument("--role-arn", metavar="ARN", help="what CloudFormation works as")
    found.add_argument("--dry-run", action="store_true", help="show the plan, touch nothing")
    found.add_argument("--report", type=Path, metavar="FILE", help="of a dry run, as JSON")
    found.add_argument("--artefact", type=Path, metavar="PATH", help="of a dry run: what comes")
    return found


def _way_back(account: Account, stack: str, options: argparse.Namespace, clock: Clock) -> int:
    if not options.dry_run or options.to or options.function:
        raise Refused("--artefact goes with --dry-run, and with neither --to nor --function.")
    with opened(options.artefact) as folder:
        manifest = manifests.read(folder)
        found = rehearsing.way_back(account, options.environment, stack, folder, manifest, clock())
    for each in (found.get("note"), found.get("why"), *found.get("warnings", ())):
        if each:
            print(each)
    return _told(options.report, found)


def _told(path: Path | None, found: dict[str, Any]) -> int:
    for each in found["problems"]:
        print(each, file=sys.stderr)
    if path is not None:
        path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"The plan {'holds' if found['passed'] else 'does not hold'}.")
    return 0 if found["passed"] else 1


def _refused(options: argparse.Namespace, refusal: Refused, clock: Clock) -> int:
    print(refusal, file=sys.stderr)
    if options.dry_run and options.report is not None:
        found: dict[str, Any] = {
            "passed": False,
            "environment": options.environment,
            "release": None,
            "target": None,
            "steps": [],
            "problems": [str(refusal)],
            "at": clock(),
        }
        options.report.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1


def _say(line: str) -> None:
    # Seen at once, also where a pipeline keeps what is printed.
    print(line, flush=True)
