"""See whether a deployed environment does what people use it for.

Points are written and read back, alerts made, tried and removed, the console's page and its headers
looked at - in a tenant of Skafu's own, by a machine client of its own, which are made when they are
missing (with the operator's AWS credentials). --full has an alert fire and end, which nobody is
paged by. The exit code is 0 when every check has passed.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops import deployment
from skafu.ops.artefact.accounts import Account
from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.smoke.reaching import API_KEY
from skafu.ops.smoke.report import line
from skafu.ops.smoke.running import USUAL, Means, Target, Via, Wanted, run
from skafu.shared import aws

REGIONS = {"AWS_REGION", "AWS_DEFAULT_REGION"}
"""Variables by which whoever calls this may have chosen a region; else the environment's holds."""


def main(arguments: Sequence[str], make: deployment.Make = aws.client, means: Means = USUAL) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    wanted = Wanted(
        only=frozenset(options.only),
        without=frozenset(options.without),
        full=options.full,
        via=Via(options.via),
        api_endpoint=options.api_endpoint,
        version=options.expect_version,
        release=options.expect_release,
        api_key=os.environ.get(API_KEY),
    )
    means = replace(means, told=lambda result: print(line(result), flush=True))
    try:
        report = run(_target(options, make), wanted, means)
    except (KeyError, ClientError, BotoCoreError) as error:
        print(f"The deployment cannot be looked at: {error}", file=sys.stderr)
        return 1
    if options.report is not None:
        options.report.write_text(report.json(), "utf-8")
    failed = len(report.failures)
    print(f"{len(report.checks)} checks, {failed or 'none'} failed", end="")
    print(f" - release {report.release}" if report.release else "")
    if not report.checks:
        print("Nothing was looked at: is there a check of this name?", file=sys.stderr)
    return 0 if report.passed else 1


def _target(options: argparse.Namespace, make: deployment.Make) -> Target:
    environment = next(x for x in load(ROOT / "environments") if x.name == options.environment)
    where = deployment.connection(options.environment, os.environ)
    if not where and not REGIONS & os.environ.keys():
        where = {"region_name": environment.region}
    stack = options.stack or environment.stack_name
    return Target(options.environment, stack, Account(make, where))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops smoke",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    parser.add_argument("--report", type=Path, metavar="FILE", help="where to write JSON")
    checks = "a check or a group: health, metrics, alerts, workspace, console, alarm"
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=checks)
    parser.add_argument("--without", action="append", default=[], metavar="NAME")
    parser.add_argument("--full", action="store_true", help="have an alert fire: up to a minute")
    parser.add_argument(
        "--via",
        choices=[each.value for each in Via],
        default=Via.HTTP.value,
        help="invoke: call the functions' aliases, where there is no way through the gateway",
    )
    parser.add_argument("--api-endpoint", metavar="URL", help="instead of the stack's output")
    parser.add_argument("--expect-version", metavar="VERSION", help="what health has to say")
    parser.add_argument("--expect-release", metavar="ID", help="which has to be the current one")
    return parser
