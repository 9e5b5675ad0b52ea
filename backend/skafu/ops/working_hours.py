"""When an environment sleeps, and keeping it awake for a night.

Outside of its working hours (environments/<name>.yaml) the probe looks at nothing and no instance
is kept ready; everything else answers as ever, a cold start slower. Without further arguments it is
told how it stands. --stay-awake-until names a moment within the next 24 hours, as HH:MM by the
clocks of the environment's time zone or as an RFC 3339 time; --sleep takes it back.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from skafu.ops import deployment
from skafu.ops.configuration import working_hours_of
from skafu.ops.deployment import Deployment
from skafu.ops.environments import Environment, load
from skafu.ops.generated import ROOT
from skafu.ops.probe import secret_of
from skafu.probe.credentials import stored_in
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock
from skafu.shared.keys import HOUR_MS, MINUTE_MS
from skafu.shared.working_hours import WorkingHours

LONGEST_MS = 24 * HOUR_MS
TARGETS = ("metrics", "alerts")
STAYS, SLEEPS = "stays-awake", "sleeps-later"
SCALED: dict[str, str] = {
    "ServiceNamespace": "lambda",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}


def moment(text: str, hours: WorkingHours, now: int) -> int:
    """What a person means, in epoch milliseconds. Raises ValueError for what is no time, is over,
    or is more than a day ahead.
    """
    if "T" in text:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(f"{text}: which time zone's?")
    else:
        here = datetime.fromtimestamp(now / 1000, UTC).astimezone(hours.zone)
        at = datetime.combine(here.date(), time.fromisoformat(text), hours.zone)
        if at <= here:
            at += timedelta(days=1)
    found = int(at.timestamp() * 1000)
    if not now < found <= now + LONGEST_MS:
        raise ValueError(f"{text} is not within the next 24 hours")
    return found


def keep_ready(
    scaling: Any, environment: Environment, stack: str, wakes: int, until: int, awake: bool
) -> None:
    """Keep instances ready from `wakes` to `until`: two actions by the clock, each once, for each
    function that has some. Later than the usual one of the evening, the first undoes it. Nothing
    sleeps at `until` if that is within the working hours (`awake`). `scaling` is a botocore client
    of application-autoscaling.
    """
    bounds = environment.lambda_.provisioned_scaling
    if bounds is None:
        return
    used = {"MinCapacity": bounds.minimum, "MaxCapacity": bounds.maximum}
    for target in (f"function:{stack}-{each}:live" for each in TARGETS):
        _once(scaling, target, STAYS, wakes, used)
        if not awake:
            _once(scaling, target, SLEEPS, until, {"MinCapacity": 0, "MaxCapacity": 0})


def _once(scaling: Any, target: str, name: str, at: int, wanted: dict[str, int]) -> None:
    when = datetime.fromtimestamp(at / 1000, UTC).strftime("at(%Y-%m-%dT%H:%M:%S)")
    scaling.put_scheduled_action(
        **SCALED,
        ResourceId=target,
        ScheduledActionName=name,
        Schedule=when,
        ScalableTargetAction=wanted,
    )


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, clock: Clock = system_clock
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    environment = next(x for x in load(ROOT / "environments") if x.name == options.environment)
    hours = WorkingHours.parse(working_hours_of(environment))
    if hours is None:
        print(f"{environment.name} never sleeps.")
        return 0
    now = clock()
    try:
        until = _until(options, hours, now)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    stack = options.stack or environment.stack_name
    found = deployment.find(options, make, [])
    stays = _stays(environment, stack, found, until)
    if until:
        _keeps_ready(environment, stack, found, until, now)
    state = "awake" if hours.include(now) or stays > now else "asleep"
    print(f"{environment.name} works {working_hours_of(environment)}; now it is {state}.")
    if stays > now:
        told = datetime.fromtimestamp(stays / 1000, UTC)
        print(f"It stays awake until {told:%Y-%m-%d %H:%M} UTC.")
    return 0


def _stays(environment: Environment, stack: str, found: Deployment, until: int | None) -> int:
    """Until when it stays awake, by now or from now on; 0 where nobody has said so, or where there
    is no probe that could be told.
    """
    if environment.monitoring.probe_minutes is None:
        return until or 0
    secrets = found.client("secretsmanager")
    known = stored_in(secrets, secret_of(stack))()
    if until is None:
        return known.awake_until
    document = replace(known, awake_until=until).document()
    secrets.put_secret_value(SecretId=secret_of(stack), SecretString=document)
    return until


def _keeps_ready(
    environment: Environment, stack: str, found: Deployment, until: int, now: int
) -> None:
    """A minute after the evening's own action, or after now."""
    hours = WorkingHours.parse(working_hours_of(environment))
    if hours is None or environment.lambda_.provisioned_scaling is None:
        return
    wakes = now if not hours.include(now) else min(hours.next_end(now), until)
    scaling, awake = found.client("application-autoscaling"), hours.include(until)
    keep_ready(scaling, environment, stack, wakes + MINUTE_MS, until + 2 * MINUTE_MS, awake)


def _until(options: argparse.Namespace, hours: WorkingHours, now: int) -> int | None:
    """Until when it stays awake: 0 takes back what was said, None says nothing."""
    if options.sleep:
        return 0
    text = options.stay_awake_until
    return None if text is None else moment(text, hours, now)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops working-hours",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--stay-awake-until", metavar="TIME", help="23:00, or an RFC 3339 time")
    either.add_argument("--sleep", action="store_true", help="no longer stay awake")
    return parser
