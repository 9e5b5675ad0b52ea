"""Whether the service is well is what the smoke test says."""

import pytest
from botocore.exceptions import EndpointConnectionError

from skafu.canary.checks import Result
from skafu.ops.rollback.verifying import failures
from skafu.ops.smoke import Report, Target, Via, Wanted
from tests.support.clocks import NOON
from tests.support.clouds import Cloud
from tests.support.released import account_in

TARGET = Target("production", "skafu-prod", account_in(Cloud()))


def result(name: str, passed: bool) -> Result:
    return Result(name=name, passed=passed, ms=1, detail="as it is")


@pytest.mark.parametrize(
    ("checks", "failed"),
    [
        ((result("health", True), result("metrics", True)), ()),
        ((result("health", False), result("metrics", True)), ("health: as it is",)),
        ((), ("nothing was looked at",)),
    ],
)
def test_what_failed_is_told(checks: tuple[Result, ...], failed: tuple[str, ...]) -> None:
    asked: list[Wanted] = []

    def run(target: Target, wanted: Wanted) -> Report:
        asked.append(wanted)
        return Report(target.environment, target.stack, checks, None, NOON)

    assert failures(TARGET, Via.INVOKE, ("health",), run) == failed
    assert asked == [Wanted(only=frozenset({"health"}), via=Via.INVOKE)]


@pytest.mark.parametrize(
    "error", [KeyError("the stack has no output"), EndpointConnectionError(endpoint_url="x")]
)
def test_what_cannot_be_asked_is_not_well(error: Exception) -> None:
    def run(_target: Target, _wanted: Wanted) -> Report:
        raise error

    [told] = failures(TARGET, Via.HTTP, (), run)
    assert told.startswith("it cannot be looked at")
