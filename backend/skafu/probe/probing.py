"""One run of the probe: every step is done, timed and told, whatever comes of it.

What fails is the probe's result, not its failure: it is counted, and an alarm looks at the count.
The probe itself ends with an error only where it cannot look (Misconfigured, SettingsError): then
there is no count, which the same alarm takes for the worst.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.canary.checks import Failed, Result, examine
from skafu.canary.scene import Scene
from skafu.probe.credentials import NOT_INSTALLED, Credentials, Read
from skafu.probe.reaching import Fetch, PublicApi, Tokens
from skafu.probe.settings import ProbeSettings
from skafu.probe.steps import RUN, Looked, steps_of
from skafu.shared.clock import Clock
from skafu.shared.observability import SERVICE, Count, Duration, Handler, count, logger, observed
from skafu.shared.observability import timing
from skafu.shared.working_hours import WorkingHours


@dataclass(frozen=True)
class Means:
    """What a probe works with; a test has others."""

    credentials: Read
    fetch: Fetch
    clock: Clock
    chance: Callable[[], float]
    pause: Callable[[float], None]


class Probe:
    """The probe of one environment. It keeps its token and its credentials from run to run, and
    reads the credentials anew where they did not do.
    """

    def __init__(self, settings: ProbeSettings, means: Means) -> None:
        self._settings = settings
        self._means = means
        self._hours = WorkingHours.parse(settings.working_hours)
        self._tokens = Tokens(settings.token_url, means.fetch, means.clock)
        self._known: Credentials | None = None

    def asleep(self) -> bool:
        """Whether nobody wants to know: outside of the working hours, and nobody has said that they
        stay. Then the credentials are read, because that is where they would have said so.
        """
        now = self._means.clock()
        if self._hours is None or self._hours.include(now):
            return False
        self._known = self._means.credentials()
        return now >= self._known.awake_until

    def run(self) -> tuple[Result, ...]:
        """What came of each step. Raises Misconfigured, and botocore's errors where the secret
        cannot be read.
        """
        self._known = self._known or self._means.credentials()
        if not self._known.installed:
            # Perhaps by now: what is known may be older.
            self._known = self._means.credentials()
        results = tuple(examine(steps_of(self._looked()), self._means.clock))
        if not all(each.passed for each in results):
            # A client that was replaced, or a token that was revoked: the next run begins afresh.
            self._known = None
            self._tokens.forget()
        return results

    def _sign_in(self) -> str:
        if self._known is None or not self._known.installed:
            raise Failed(NOT_INSTALLED)
        return self._tokens(self._known)

    def _looked(self) -> Looked:
        means, settings = self._means, self._settings
        api_key = self._known.api_key if self._known else ""
        scene = Scene(
            api=PublicApi(settings.api_url, self._sign_in, means.fetch, api_key),
            run=RUN,
            clock=means.clock,
            chance=means.chance,
            pause=means.pause,
            environment=settings.environment,
        )
        return Looked(scene, self._sign_in, settings.console_url, means.fetch)


def build(settings: ProbeSettings, means: Means) -> Handler:
    """The handler: {"asleep", "failed": [names of steps], "milliseconds"} of one run.

    Asleep it counts a zero, so that whoever watches the count knows that somebody is there.
    """
    probe = Probe(settings, means)

    def handler(_: dict[str, Any], __: LambdaContext) -> dict[str, Any]:
        if probe.asleep():
            count(Count.PROBE_FAILED, 0)
            return {"asleep": True, "failed": [], "milliseconds": 0}
        results = probe.run()
        failed = [each.name for each in results if not each.passed]
        for result in results:
            _tell(result, settings.environment)
        took = sum(each.ms for each in results)
        count(Count.PROBE_FAILED, len(failed))
        timing(Duration.PROBE, took)
        return {"asleep": False, "failed": failed, "milliseconds": took}

    return observed(handler, settings.environment)


def _tell(result: Result, environment: str) -> None:
    """A line of the log, and of a failure a metric under its step's name: each metric is paid for
    by the hour in which it is sent, and what is well needs no name.
    """
    tell = logger.info if result.passed else logger.error
    tell(
        "probe step is done",
        step=result.name,
        passed=result.passed,
        milliseconds=result.ms,
        detail=result.detail,
    )
    if not result.passed:
        named = {"service": SERVICE, "environment": environment, "step": result.name}
        name, unit = Count.PROBE_FAILED.value, MetricUnit.Count
        with single_metric(name, unit, 1, namespace=SERVICE, default_dimensions=named):
            pass
