"""CodeDeploy's hooks: before a version gets traffic, and while all of it goes there.

CodeDeploy invokes a hook with {"DeploymentId", "LifecycleEventHookExecutionId"} and waits, for an
hour at most, for what the hook tells it. So the hook always tells: what it cannot find out, or has
no time for, is a no. Reasons are in its log.

A release is validated as a whole: functions that a check needs besides are those of the same
release, whose own hooks run at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.canary import reserved
from skafu.canary.checks import Failed, Result, examine
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
        try:
            name = deployments.function_of(deployment, settings.versions)
            passed = _Examination(name, deployment, settings, means, deadline).watch()
        except Exception:  # pylint: disable=broad-exception-caught # CodeDeploy waits for an answer
            logger.exception("release cannot be examined", deployment=deployment)
            passed = False
        deployments.tell(deployment, execution, passed)
        logger.info("codedeploy is told", deployment=deployment, passed=passed)
        return {"passed": passed}

    return observed(handler, settings.environment)


@dataclass(frozen=True)
class _Examination:
    """What one deployment asks for; no function is called from `deadline` on."""

    name: str
    deployment: str
    settings: HookSettings
    means: Means
    deadline: int

    def watch(self) -> bool:
        """Examine the function, again and again where it is watched; did it pass each time?"""
        means = self.means
        reserved.found(means.table, means.clock())
        run = f"hook-{means.new_id()}"
        until = min(means.clock() + self.settings.watch_minutes * MINUTE_MS, self.deadline)
        while self._passes(run):
            if means.clock() + PAUSE_S * 1000 >= until:
                return True
            means.pause(PAUSE_S)
        return False

    def _passes(self, run: str) -> bool:
        """One round of checks; each is told, what failed after it too."""
        means, passed = self.means, True
        functions = {
            name: Invoked(means.lambdas, arn, self._in_time)
            for name, arn in self.settings.versions.items()
        }
        scene = Scene(
            api=InvokedApi(functions, run),
            run=run,
            clock=means.clock,
            chance=means.chance,
            pause=means.pause,
            environment=self.settings.environment,
        )
        checks = checks_of(self.name, scene, functions, stored_in(means.table))
        for result in examine(checks, means.clock):
            self._tell(result)
            passed = passed and result.passed
        return passed

    def _tell(self, result: Result) -> None:
        tell = logger.info if result.passed else logger.error
        tell(
            "check is done",
            deployment=self.deployment,
            examined=self.name,
            version=self.settings.versions[self.name],
            check=result.name,
            passed=result.passed,
            milliseconds=result.ms,
            detail=result.detail,
        )

    def _in_time(self) -> None:
        if self.means.clock() >= self.deadline:
            raise Failed("there is no time left for this call")
