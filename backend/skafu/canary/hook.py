"""CodeDeploy's hooks: before a version gets traffic, and while all of it goes there.

CodeDeploy invokes a hook with {"DeploymentId", "LifecycleEventHookExecutionId"} and waits, for an
hour at most, for what the hook tells it. So the hook always tells: what it cannot find out, or has
no time for, is a no. Reasons are in its log.

A release is validated as a whole: functions that a check needs besides are those of the same
release, whose own hooks run at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.canary import reserved
from skafu.canary.checks import Failed, examine
from skafu.canary.deployments import Deployments
from skafu.canary.examination import checks_of
from skafu.canary.invoking import Invoked, InvokedApi
from skafu.canary.scene import Scene
from skafu.canary.settings import HookSettings
from skafu.canary.workers import stored_in
from skafu.shared.clock import Clock
from skafu.shared.identity import NewId
from skafu.shared.keys import MINUTE_MS
from skafu.shared.observability import Handler, logger, observed
from skafu.shared.table import Table

CALL_S = 20
"""So long a call of a function may take: client(read_timeout_s=...)."""

RESERVE_MS = 30_000
"""With less time than this left no function is called any more: for the call that has begun, and to
tell CodeDeploy."""

PAUSE_S = 30.0
"""Between two rounds of a watch."""


@dataclass(frozen=True)
class Means:
    """What a hook works with; a test has others. `lambdas` is a botocore client that waits CALL_S
    for an answer, and asks once.
    """

    codedeploy: Any
    lambdas: Any
    table: Table
    clock: Clock
    pause: Callable[[float], None]
    chance: Callable[[], float]
    new_id: NewId


def build(settings: HookSettings, means: Means) -> Handler:
    """A hook. With `watch_minutes` it goes on for so long, as far as its own time allows, and ends
    at the first failure; without, it does the checks once.
    """
    deployments = Deployments(means.codedeploy)

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, bool]:
        deployment = str(event["DeploymentId"])
        execution = str(event["LifecycleEventHookExecutionId"])
        deadline = means.clock() + context.get_remaining_time_in_millis() - RESERVE_MS
        logger.append_keys(deployment=deployment)
        try:
            name = deployments.function_of(deployment, settings.versions)
            logger.append_keys(examined=name, version=settings.versions[name])
            passed = _watched(name, settings, means, deadline)
        except Exception:  # pylint: disable=broad-exception-caught # CodeDeploy waits for an answer
            logger.exception("release cannot be examined")
            passed = False
        deployments.tell(deployment, execution, passed)
        logger.info("codedeploy is told", passed=passed)
        return {"passed": passed}

    return observed(handler, settings.environment)


def _watched(name: str, settings: HookSettings, means: Means, deadline: int) -> bool:
    """Examine a function, again and again where it is watched; whether it passed each time."""
    reserved.found(means.table, means.clock())
    run = f"hook-{means.new_id()}"
    until = min(means.clock() + settings.watch_minutes * MINUTE_MS, deadline)
    while _passes(name, settings, means, run, deadline):
        if means.clock() + PAUSE_S * 1000 >= until:
            return True
        means.pause(PAUSE_S)
    return False


def _passes(name: str, settings: HookSettings, means: Means, run: str, deadline: int) -> bool:
    """One round of a function's checks."""
    may = partial(_in_time, means.clock, deadline)
    functions = {each: Invoked(means.lambdas, arn, may) for each, arn in settings.versions.items()}
    scene = Scene(
        api=InvokedApi(functions, run),
        run=run,
        clock=means.clock,
        chance=means.chance,
        pause=means.pause,
        environment=settings.environment,
    )
    passed = True
    for result in examine(checks_of(name, scene, functions, stored_in(means.table)), means.clock):
        tell = logger.info if result.passed else logger.error
        tell("check is done", check=result.name, **_fields(result.passed, result.ms, result.detail))
        passed = passed and result.passed
    return passed


def _fields(passed: bool, ms: int, detail: str) -> dict[str, Any]:
    return {"passed": passed, "milliseconds": ms, "detail": detail}


def _in_time(clock: Clock, deadline: int) -> None:
    if clock() >= deadline:
        raise Failed("there is no time left for this call")
