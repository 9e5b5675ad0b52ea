"""What runs, beside what was recorded."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skafu.ops.console.site import Release as Site
from skafu.ops.console.site import Releases as Sites
from skafu.ops.release import status
from skafu.ops.release.journal import Journal
from tests.support.clocks import NOON
from tests.support.clouds import Cloud, failure
from tests.unit.ops.release.conftest import STACK, Releasing, hold_of

ASKED = ["--environment", "production"]


class CodeDeploy:
    """Deployments that are under way, by group."""

    def __init__(self, refused: ClientError | None = None, **under_way: list[str]) -> None:
        self.refused = refused
        self.under_way = under_way

    def get_paginator(self, operation: str) -> "CodeDeploy":
        assert operation == "list_deployments"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, list[str]]]:
        if self.refused:
            raise self.refused
        assert asked["applicationName"] == "application"
        assert "InProgress" in asked["includeOnlyStatuses"]
        yield {"deployments": self.under_way.get(asked["deploymentGroupName"], [])}


def shift(cloud: Cloud, client: CodeDeploy) -> None:
    """Have the stack shift its functions by CodeDeploy."""
    resources = cloud.stacks.named[STACK].resources
    resources["Application"] = ("AWS::CodeDeploy::Application", "application")
    resources["AGroup"] = ("AWS::CodeDeploy::DeploymentGroup", "a")
    resources["BGroup"] = ("AWS::CodeDeploy::DeploymentGroup", "b")
    cloud.others["codedeploy"] = client


def told(cloud: Cloud, capsys: pytest.CaptureFixture[str], code: int) -> str:
    assert status.main(ASKED, cloud.make) == code
    return capsys.readouterr().out


def test_all_is_well_where_what_was_recorded_runs(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    before = releasing(0, "a1")
    releasing(1, "a2")
    stack = cloud.stacks.named[STACK]
    stack.outputs = {"ConsoleBucket": "console"}
    sites = Sites(releases=(Site(version="abc", at=NOON, files=()),))
    cloud.bucket.objects["releases.json"] = sites.model_dump_json().encode()
    assert told(cloud, capsys, 0) == (
        "stack        skafu-prod: UPDATE_COMPLETE\n"
        "release      20231115T120100Z-aaaaaaaa: deploy, 2023-11-15 12:01:00 UTC, deployer/ana\n"
        "artefact     aaaaaaaaaaaa, commit cccccccccccc\n"
        "data format  writes 1, reads 1\n"
        "evidence     none\n"
        f"before it    {before.id}\n"
        "console      abc, published 2023-11-15 12:00:00 UTC\n"
        "held         no\n"
        "\n"
        "function  runs  recorded\n"
        "A         2     2\n"
        "B         1     1\n"
    )


def test_an_alias_that_was_moved_by_hand_is_told(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    releasing(1, "a2")
    cloud.functions.update_alias(FunctionName="skafu-prod-a", Name="live", FunctionVersion="1")
    assert "A         1     2         DIFFERS\n" in told(cloud, capsys, status.ODD)


def test_a_canary_is_told_with_its_share_and_its_deployment(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    shift(cloud, CodeDeploy(a=["d-1"]))
    function = cloud.functions.named["skafu-prod-a"]
    function.versions["2"] = ("a2", ())
    function.shares = {"2": 0.05}
    said = told(cloud, capsys, status.ODD)
    assert "A         1     1         5% of the calls go to version 2\n" in said
    assert "under way    deployment d-1 of a\n" in said


def test_a_deployment_service_that_does_not_answer_is_no_reason_to_be_calm(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    shift(cloud, CodeDeploy(failure("AccessDenied", "not allowed", "ListDeployments")))
    assert "under way    unknown: CodeDeploy did not answer" in told(cloud, capsys, status.ODD)


def test_where_aliases_move_without_a_service_none_is_asked(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    assert "under way" not in told(cloud, capsys, 0)


def test_a_held_stack_says_by_whom_and_why(
    cloud: Cloud, journal: Journal, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.hold(hold_of(releasing(0, "a1")))
    said = told(cloud, capsys, status.ODD)
    assert "held         held since 2023-11-15 12:00:00 UTC by " in said
    assert "(it answers 500)" in said


@pytest.mark.parametrize("state", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_cannot_be_deployed_to_is_told(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    releasing(0, "a1")
    cloud.stacks.named[STACK].status = state
    assert f"skafu-prod: {state}" in told(cloud, capsys, status.ODD)


def test_what_was_never_recorded_is_told(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.run(STACK, {"A": "a1"})
    said = told(cloud, capsys, status.ODD)
    assert "none was recorded: the next deployment makes the first" in said
    assert "A         1     -         DIFFERS" in said


def test_there_may_be_no_stack(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert status.main(ASKED, cloud.make) == 1
    assert "There is no stack skafu-prod" in capsys.readouterr().err
