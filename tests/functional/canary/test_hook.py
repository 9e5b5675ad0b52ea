"""The hooks, asked by CodeDeploy: they always answer, and say yes to what is good alone."""

from collections.abc import Mapping
from typing import Any

import pytest

from skafu.canary import reserved
from skafu.canary.hook import PAUSE_S, RESERVE_MS, Means, build
from skafu.canary.settings import HookSettings
from skafu.shared import keys
from tests.support.canary import VALUE, InvokedInMemory, ReleaseInMemory
from tests.support.events import lambda_context, sample_event
from tests.support.log_lines import log_lines
from tests.support.stubbed import Stubbed

ARN = "arn:aws:lambda:us-east-1:123456789012:function"
NAMES = {
    "metrics_function": "MetricsFunction",
    "metrics_compactor_function": "MetricsCompactorFunction",
    "alerts_function": "AlertsFunction",
    "workspace_function": "WorkspaceFunction",
    "alert_evaluator_function": "AlertEvaluatorFunction",
    "alert_sweeper_function": "AlertSweeperFunction",
    "alert_notifier_function": "AlertNotifierFunction",
}
EVENT = sample_event("validate-release.deployment")


class Asked:
    """A hook, and CodeDeploy that knows one deployment and waits for one answer."""

    def __init__(self, function: str = "MetricsFunction", watch_minutes: int = 0) -> None:
        self.release = ReleaseInMemory()
        self.lambdas = InvokedInMemory(self.release)
        self.codedeploy = Stubbed("codedeploy")
        self.group = f"skafu-prod-{function}DeploymentGroup-1A2B3C4D5E6F"
        self.pauses: list[float] = []
        self.breaks_after: int | None = None
        versions: dict[str, Any] = {f"{x}_version": f"{ARN}:{name}:7" for x, name in NAMES.items()}
        settings = HookSettings(
            table_name="t", environment="local", watch_minutes=watch_minutes, **versions
        )
        numbers = iter(range(1_000))
        means = Means(
            codedeploy=self.codedeploy.client,
            lambdas=self.lambdas,
            table=self.release.table,
            clock=self.release.clock,
            pause=self.pause,
            chance=lambda: VALUE,
            new_id=lambda: f"id{next(numbers)}",
        )
        self.handler = build(settings, means)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.release.clock.advance(int(seconds * 1000))
        if len(self.pauses) == self.breaks_after:
            self.lambdas.broken = {"WorkspaceFunction"}

    def answer(self, remaining_ms: int = 300_000) -> str:
        """What CodeDeploy is told."""
        self.codedeploy.expect(
            "get_deployment",
            {"deploymentInfo": {"deploymentGroupName": self.group}},
            deploymentId=EVENT["DeploymentId"],
        )
        return self.told(remaining_ms)

    def told(self, remaining_ms: int = 300_000) -> str:
        told: list[str] = []

        def keep(params: Mapping[str, Any], **_: Any) -> None:
            told.append(params["status"])

        event = "provide-client-params.codedeploy.PutLifecycleEventHookExecutionStatus"
        self.codedeploy.client.meta.events.register(event, keep)
        self.codedeploy.stub.add_response("put_lifecycle_event_hook_execution_status", {})
        with self.codedeploy.stub:
            self.handler(dict(EVENT), lambda_context("hook", remaining_ms))
        self.codedeploy.stub.assert_no_pending_responses()
        assert len(told) == 1
        return told[0]


@pytest.mark.parametrize("function", NAMES.values())
def test_a_good_version_is_let_through(function: str) -> None:
    asked = Asked(function)
    assert asked.answer() == "Succeeded"
    assert f"{ARN}:{function}:7" in asked.lambdas.calls


@pytest.mark.parametrize("function", NAMES.values())
def test_a_version_that_crashes_is_not(function: str) -> None:
    asked = Asked(function)
    asked.lambdas.broken = {function}
    with log_lines() as everything:
        assert asked.answer() == "Failed"
    lines = [each for each in everything if each.get("check")]
    assert lines
    assert all("skafu.gone" in each["detail"] for each in lines)
    assert {each["examined"] for each in lines} == {function}
    assert {each["deployment"] for each in lines} == {EVENT["DeploymentId"]}


def test_a_fault_of_a_function_that_is_not_asked_about_and_not_needed_is_its_own_hook_s() -> None:
    asked = Asked("MetricsFunction")
    asked.lambdas.broken = {"AlertNotifierFunction"}
    assert asked.answer() == "Succeeded"


def test_a_deployment_of_an_unknown_function_is_refused() -> None:
    asked = Asked()
    asked.group = "skafu-prod-SomethingElseDeploymentGroup-1A2B3C4D5E6F"
    assert asked.answer() == "Failed"
    assert not asked.lambdas.calls


def test_a_deployment_that_cannot_be_asked_for_is_refused() -> None:
    asked = Asked()
    asked.codedeploy.stub.add_client_error("get_deployment", "AccessDeniedException")
    assert asked.told() == "Failed"


def test_a_table_that_is_down_is_a_no_and_not_a_silence() -> None:
    asked = Asked()

    def down(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the table is down")

    asked.release.table.get = down  # type: ignore[method-assign] # a table that fails in any way
    assert asked.answer() == "Failed"


def test_without_time_for_the_checks_the_answer_is_no_and_comes_in_time() -> None:
    asked = Asked()
    assert asked.answer(remaining_ms=RESERVE_MS) == "Failed"
    assert not asked.lambdas.calls


def test_the_tenant_is_made_by_whoever_comes_first() -> None:
    asked = Asked()
    asked.release.table.items.clear()
    assert asked.answer() == "Succeeded"
    assert keys.membership(reserved.SUBJECT) in asked.release.table.items


# --- watching -------------------------------------------------------------------------------------


def test_a_watch_goes_on_for_as_long_as_it_should() -> None:
    asked = Asked("WorkspaceFunction", watch_minutes=10)
    assert asked.answer(remaining_ms=900_000) == "Succeeded"
    assert sum(asked.pauses) == 10 * 60 - PAUSE_S
    assert len(asked.lambdas.calls) % (len(asked.pauses) + 1) == 0


def test_a_watch_ends_at_the_first_failure() -> None:
    asked = Asked("WorkspaceFunction", watch_minutes=10)
    asked.breaks_after = 3
    assert asked.answer(remaining_ms=900_000) == "Failed"
    assert len(asked.pauses) == 3


def test_a_watch_is_over_before_the_function_s_own_time_is() -> None:
    asked = Asked("WorkspaceFunction", watch_minutes=55)
    assert asked.answer(remaining_ms=300_000) == "Succeeded"
    assert sum(asked.pauses) * 1000 <= 300_000 - RESERVE_MS


def test_points_of_one_round_are_not_taken_for_another_s() -> None:
    asked = Asked("MetricsFunction", watch_minutes=3)
    assert asked.answer(remaining_ms=900_000) == "Succeeded"
    assert len(asked.pauses) == 5
