"""The command, on a stack that lives in memory: what it does, in which order, and what breaks."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from skafu.ops.recovery.regions import ACTIVE
from skafu.ops.release.record import Kind
from tests.support.breaking import Broken
from tests.support.clouds import CALLER, failure
from tests.support.rolling import REGION, STACK, World

OLD = {"A": "a1", "B": "b1"}
NEW = {"A": "a2", "B": "b1", "C": "c1"}


@pytest.fixture
def world() -> World:
    """A release that is known to be good, and one that came after it."""
    made = World()
    made.deploy("a", OLD)
    made.deploy("b", NEW)
    made.log.clear()
    return made


def ids(world: World) -> tuple[str, str]:
    """Of the good one and of the bad one."""
    bad, good = world.journal.ids()
    return good, bad


def steps(world: World) -> list[str]:
    """What was done, in short: uploads and records are left out."""
    names = {
        f"ssm put_parameter /skafu/{STACK}/held": "hold",
        "cloudfront create_invalidation": "console",
        f"ssm put_parameter /skafu/{STACK}/release": "record",
    }
    told = [names.get(each, each) for each in world.log]
    return [each for each in told if not each.startswith("s3 ")]


def test_all_functions_and_the_console_go_back_and_the_stack_is_held(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = ids(world)
    assert world.rollback("--reason", "it lies") == 0
    assert world.live() == OLD
    assert world.site() == "console a"
    held = world.journal.held()
    assert held is not None
    assert (held.release, held.by, held.functions) == (good, CALLER, ())
    assert held.reason == f"Rollback of everything from {bad} to {good}: it lies"
    assert world.asked == [f"Roll {STACK} back?"]
    told = capsys.readouterr().out
    assert f"It is what ran before {bad}." in told
    assert "A  2 -> 1" in told
    assert "C came later: it stays as it is until the redeployment deletes it." in told
    assert "The service is back after 0.0 s" in told


def test_the_stack_is_held_before_aliases_move_and_the_template_comes_last(world: World) -> None:
    world.rollback()
    assert steps(world) == [
        "hold",
        "lambda update_alias skafu-prod-a",
        "console",
        "verify health",
        "verify all",
        "sam deploy",
        "verify all",
        "record",
    ]


def test_what_runs_is_recorded_as_a_release_of_its_own(world: World) -> None:
    good, bad = ids(world)
    world.rollback()
    made = world.journal.current()
    assert made is not None
    assert (made.kind, made.of, made.previous) == (Kind.ROLLBACK, good, bad)
    then = world.journal.read(good)
    assert made.artefact.identity == then.artefact.identity
    assert made.console == then.console
    assert world.journal.template(made) == world.journal.template(then)
    # The template published a version of its own, of the same code.
    assert made.functions["A"].version == "3"
    assert made.functions["A"].code == then.functions["A"].code


def test_nothing_of_the_bad_artefact_can_be_marked_tested_any_more(world: World) -> None:
    good, _ = ids(world)
    world.rollback()
    deployed = world.account.records().deployed("production")
    assert deployed is not None
    assert deployed.identity == world.journal.read(good).artefact.identity


def test_the_template_of_then_is_deployed_at_once_with_its_parameters(world: World) -> None:
    world.deploy("c", NEW | {"A": "a3"}, LogLevel="DEBUG")
    world.rollback()
    assert world.live() == NEW
    assert world.parameters["Strategy"] == "all-at-once"
    assert world.parameters["AliasesMovedBy"] == "CloudFormation"
    assert world.parameters["Environment"] == "production"
    assert world.line[world.line.index("--stack-name") + 1] == STACK
    assert "--role-arn" not in world.line


def test_which_region_acts_is_no_matter_of_releases(world: World) -> None:
    here, away = {ACTIVE: REGION}, {ACTIVE: "us-west-2"}
    world.deploy("c", NEW | {"A": "a3"}, (1,), **here)
    world.deploy("d", NEW | {"A": "a4"}, (1,), **away)
    assert world.rollback() == 0
    # What is not told stays as it is: the service would else be in two regions, or in none.
    assert ACTIVE not in world.parameters
    assert world.parameters["Environment"] == "production"


def test_cloudformation_works_as_the_role_that_is_named(world: World) -> None:
    assert world.rollback("--role-arn", "arn:aws:iam::123456789012:role/deploys") == 0
    assert world.line[world.line.index("--role-arn") + 1].endswith("role/deploys")


def test_a_second_region_is_another_stack(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.rollback("--yes", "--region", "us-west-2") == 1
    told = capsys.readouterr().out
    assert "123456789012, us-west-2)" in told
    assert "in account 123456789012, us-east-1: not of this one." in told


def test_a_no_touches_nothing(world: World) -> None:
    world.said = False
    assert world.rollback() == 1
    assert world.live() == NEW and not world.log


def test_pipelines_are_not_asked(world: World) -> None:
    assert world.rollback("--yes") == 0
    assert not world.asked


def test_shares_of_a_canary_are_taken_away(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    function = world.functions.named["skafu-prod-a"]
    function.publish("a3")
    function.aliases["live"], function.shares = "2", {"3": 0.05}
    assert world.rollback("--yes") == 0
    told = capsys.readouterr().out
    assert "A: not what was recorded last" in told
    assert "A  2 (5% on 3) -> 2" in told
    assert not function.shares
    assert world.live() == NEW


def test_deployments_under_way_are_stopped_before_aliases_move(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    resources = world.stacks.named[STACK].resources
    resources["App"] = ("AWS::CodeDeploy::Application", "skafu-prod-app")
    for name in "AB":
        kind = "AWS::CodeDeploy::DeploymentGroup"
        resources[f"{name}DeploymentGroup"] = (kind, f"group-{name}")
    world.codedeploy.under_way = {"group-A": ["d-1"], "group-B": ["d-2", "d-3"]}
    world.codedeploy.ended = {"d-2"}
    world.stacks.named[STACK].status = "UPDATE_IN_PROGRESS"
    assert world.rollback("--yes") == 0
    assert world.codedeploy.stopped == ["d-1", "d-3"]
    told = capsys.readouterr().out
    assert "deployment d-1 is stopped" in told and "the stack's update is cancelled" in told
    assert "the stack is in UPDATE_ROLLBACK_IN_PROGRESS" in told
    done = steps(world)
    assert done[0] == "hold"
    assert done[-7] == "lambda update_alias skafu-prod-a"
    assert "cloudformation cancel_update_stack" in done[1:-7]
    assert world.live() == OLD


def test_a_codedeploy_that_does_not_answer_is_told_and_keeps_nothing_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    resources = world.stacks.named[STACK].resources
    resources["App"] = ("AWS::CodeDeploy::Application", "skafu-prod-app")
    resources["Group"] = ("AWS::CodeDeploy::DeploymentGroup", "group-A")
    world.codedeploy.broken = failure("UnknownOperation", "no such service", "ListDeployments")
    assert world.rollback("--yes") == 0
    assert "CodeDeploy could not be asked to stop" in capsys.readouterr().out
    assert world.live() == OLD


def test_an_alias_that_somebody_else_changes_is_moved_all_the_same(world: World) -> None:
    world.functions.meddling["skafu-prod-a"] = 2
    assert world.rollback("--yes") == 0
    assert world.live() == OLD


def test_an_alias_that_cannot_be_moved_is_told_and_keeps_no_other_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.deploy("c", {"A": "a3", "B": "b3", "C": "c3"})
    world.functions.refused = {"skafu-prod-b"}
    world.functions.meddling["skafu-prod-c"] = 99
    assert world.rollback("--yes") == 1
    told = capsys.readouterr().err
    assert "2 of 3 aliases were not moved, the others were." in told
    assert "B: " in told and "not authorized" in told and "C: " in told
    assert world.live() == {"A": "a2", "B": "b3", "C": "c3"}
    assert "sam deploy" not in world.log
    world.functions.refused.clear()
    world.functions.meddling.clear()
    assert world.rollback("--yes") == 0
    assert world.live() == NEW


def test_health_may_take_a_moment(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.failing = [["health: 502"], ["health: 502"]]
    assert world.rollback("--yes") == 0
    assert "The service is back after 4.0 s" in capsys.readouterr().out


def test_a_service_that_only_the_template_brings_back_is_brought_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.failing = [["health: 403"]] * 15
    assert world.rollback("--yes") == 0
    told = capsys.readouterr().out
    assert "The service is not back after 28.0 s: health: 403" in told
    assert world.live() == OLD and world.journal.current() is not None


def test_a_service_that_is_still_not_well_is_told_and_recorded(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, _ = ids(world)
    world.failing = [[], [], ["points: they are lost"]]
    assert world.rollback("--yes") == 1
    told = capsys.readouterr().out
    assert "failed: points: they are lost" in told and "go further back (--to)" in told
    made = world.journal.current()
    assert made is not None and made.of == good


def test_a_template_that_cannot_be_deployed_leaves_the_old_functions_and_says_how_to_go_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = ids(world)
    world.code = 1
    assert world.rollback("--yes") == 1
    told = capsys.readouterr().err
    assert f"The functions and the console are those of {good} already" in told
    assert "The same command goes on from here." in told
    assert world.live() == OLD | {"C": "c1"}
    assert world.journal.current_id() == bad and world.journal.held() is not None
    world.code = 0
    assert world.rollback("--yes") == 0
    assert "did not come to its end" in capsys.readouterr().out
    assert world.live() == OLD


def test_a_console_that_cannot_be_published_does_not_keep_the_api_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = ids(world)
    world.stacks.named[STACK].outputs.pop("ConsoleBucket")
    assert world.rollback("--yes") == 1
    assert world.live() == OLD
    assert "The console could not be published" in capsys.readouterr().err
    assert world.journal.current_id() == bad
    assert world.rollback("--yes") == 0  # the template has brought the output back
    made = world.journal.current()
    assert made is not None and made.of == good
    assert world.site() == "console a"


def test_a_stack_that_cloudformation_left_stuck_is_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stacks.named[STACK].status = "UPDATE_ROLLBACK_FAILED"
    assert world.rollback("--yes") == 1
    told = capsys.readouterr()
    assert "continue-update-rollback --stack-name skafu-prod" in told.err
    assert "the service comes back" in told.out
    assert world.live() == OLD | {"C": "c1"}


def test_a_rollback_can_be_taken_back(world: World) -> None:
    good, bad = ids(world)
    world.rollback("--yes")
    assert world.rollback("--yes", "--to", bad) == 0
    assert world.live() == NEW and world.site() == "console b"
    made = world.journal.current()
    assert made is not None and (made.of, made.kind) == (bad, Kind.ROLLBACK)
    assert world.rollback("--yes", "--to", good) == 0
    assert world.live() == OLD


def test_a_second_rollback_does_not_bring_the_bad_release_back_by_itself(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = ids(world)
    world.rollback("--yes")
    assert world.rollback("--yes") == 1
    assert f"to {good}. Say with --to where to go: {bad} undoes it" in capsys.readouterr().err
    assert world.rollback("--yes", "--to", good) == 1
    assert f"went back to {good} already" in capsys.readouterr().err
    assert world.live() == OLD


def test_what_a_deployment_left_behind_when_it_died_is_undone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _, bad = ids(world)
    world.functions.named["skafu-prod-b"].publish("b9")
    assert world.rollback("--yes") == 0
    told = capsys.readouterr().out
    assert "B: not what was recorded last" in told
    assert "nobody knows whether" in told
    assert world.live() == NEW
    made = world.journal.current()
    assert made is not None and made.of == bad


def test_nothing_is_lost_wherever_it_breaks_off() -> None:
    broken = 0
    for at in range(1, 200):
        world = World()
        world.deploy("a", OLD)
        world.deploy("b", NEW)
        good, _ = ids(world)
        world.breaker.at = at
        try:
            world.rollback("--yes")
        except Broken:
            broken += 1
        else:
            break
        moved = world.live()["A"] == "a1"
        assert world.journal.held() is not None or not moved
        world.breaker.at = 0
        world.rollback("--yes")
        made = world.journal.current()
        assert made is not None and made.of == good, at
        assert made.functions["A"].code == "a1", at
        assert world.live() == OLD and world.site() == "console a", at
        assert all(world.believed().values()), at
        deployed = world.account.records().deployed("production")
        assert deployed is not None and deployed.identity == "a" * 64, at
        assert len([each for each in world.journal.ids() if each > good]) <= 3
    assert broken > 40
    assert world.live() == OLD


def test_one_function_goes_back_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = ids(world)
    world.deploy("c", NEW | {"A": "a3", "B": "b3"})
    assert world.rollback("--yes", "--function", "A", "--to", good) == 0
    assert world.live() == NEW | {"A": "a1", "B": "b3"}
    assert world.site() == "console c"
    assert "sam deploy" not in world.log
    assert world.log[-3:] == ["lambda update_alias skafu-prod-a", "verify health", "verify all"]
    held = world.journal.held()
    assert held is not None and held.functions == ("A",)
    assert "Rollback of A alone" in held.reason
    told = capsys.readouterr().out
    forth = world.journal.current_id()
    assert f"before the next deployment, `rollback --to {forth} --function A`" in told
    assert world.rollback("--yes", "--function", "A", "--to", str(forth)) == 0
    assert all(world.believed().values()) and world.live()["A"] == "a3"
    assert world.rollback("--yes", "--function", "A", "--to", good) == 0
    # It is known, and no reason to take the whole stack for something else.
    assert world.rollback("--yes") == 0
    made = world.journal.current()
    assert made is not None and made.of == bad
    assert world.live() == NEW


def test_a_function_that_there_is_not_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.rollback("--yes", "--function", "C") == 1
    assert "C is no function that both runs and was part of" in capsys.readouterr().out
    assert not world.log


@pytest.mark.parametrize("alone", [(), ("--function", "A")])
def test_what_cannot_read_the_data_is_refused(
    world: World, capsys: pytest.CaptureFixture[str], alone: tuple[str, ...]
) -> None:
    world.deploy("c", NEW, formats=(1, 2))
    world.deploy("d", NEW | {"A": "a4"}, formats=(2, 1))
    *_, good = world.journal.ids()
    assert world.rollback("--yes", "--to", good, *alone) == 1
    assert "writes data format 2, which" in capsys.readouterr().out
    assert world.live()["A"] == "a4" and not world.log
    assert world.rollback("--yes", *alone) == 0


def test_a_function_alone_must_not_write_what_the_others_cannot_read(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    expanded = world.deploy("c", NEW, formats=(1, 2))
    world.deploy("d", NEW | {"A": "a4"}, formats=(2,))
    assert world.rollback("--yes", "--to", expanded.id, "--function", "A") == 1
    assert "writes data format 1, which the functions that stay cannot" in capsys.readouterr().out
    assert world.rollback("--yes", "--to", expanded.id) == 0


def test_data_of_a_release_that_was_rolled_back_meanwhile_count_too(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, _ = ids(world)
    expanded = world.deploy("c", NEW, formats=(1, 2))
    world.deploy("d", NEW | {"A": "a4"}, formats=(2, 1))
    assert world.rollback("--yes", "--to", expanded.id) == 0
    assert world.rollback("--yes", "--to", good) == 1
    assert "writes data format 2, which" in capsys.readouterr().out


def test_a_version_that_is_gone_is_refused_before_anything_is_touched(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, _ = ids(world)
    del world.functions.named["skafu-prod-a"].versions["1"]
    assert world.rollback("--yes") == 1
    told = capsys.readouterr().out
    assert "Version 1 of A is gone. Deploy its artefact again instead (aaaaaaaaaaaa" in told
    world.functions.named["skafu-prod-a"].versions["1"] = ("other", ())
    assert world.rollback("--yes") == 1
    assert f"has other code than {good} had" in capsys.readouterr().out
    assert not world.log


def test_a_template_a_part_or_a_console_that_is_gone_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, _ = ids(world)
    objects = world.cloud.bucket.objects
    console = objects.pop(f"parts/{'a' * 64}")
    del objects["parts/a1"]
    assert world.rollback("--yes") == 1
    assert f"gone (parts/{'a' * 64}, parts/a1)" in capsys.readouterr().out
    objects |= {f"parts/{'a' * 64}": console, "parts/a1": b""}
    del objects[f"releases/{STACK}/{good}.yaml"]
    assert world.rollback("--yes") == 1
    assert f"The template of {good} is gone" in capsys.readouterr().out
    assert not world.log


def test_warm_instances_are_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.functions.provisioned["skafu-prod-a"] = 10
    world.rollback("--yes")
    assert "A starts cold until its 10 provisioned instances" in capsys.readouterr().out


def test_a_release_of_another_stack_or_account_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good, _ = ids(world)
    world.cloud.sts.account = "123456789013"
    assert world.rollback("--yes") == 1
    assert f"{good} is a release of skafu-prod in account 123456789012" in capsys.readouterr().out
    assert world.rollback("--yes", "--to", "20200101T000000Z-00000000") == 1
    assert "has no release 20200101T000000Z-00000000" in capsys.readouterr().err


def test_there_is_nothing_before_the_first_release(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    assert world.rollback("--yes") == 1
    assert "There is no stack skafu-prod" in capsys.readouterr().err
    first = world.deploy("a", OLD)
    assert world.rollback("--yes") == 1
    assert f"{first.id} is the first release" in capsys.readouterr().err
    assert world.rollback("--yes", "--to", first.id) == 1
    assert "is what runs" in capsys.readouterr().err


def test_what_was_never_recorded_cannot_be_gone_back_from(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.cloud.ssm.values.clear()
    assert world.rollback("--yes") == 1
    assert "No release of this stack was recorded" in capsys.readouterr().err


def test_what_may_not_be_looked_at_is_not_taken_for_gone(world: World) -> None:
    world.cloud.bucket.failure = 403
    with pytest.raises(ClientError):
        world.rollback("--yes")
    assert not world.log


def test_a_dry_run_touches_nothing_and_reports(world: World, tmp_path: Path) -> None:
    good, bad = ids(world)
    file = tmp_path / "plan.json"
    assert world.rollback("--dry-run", "--report", str(file)) == 0
    found = json.loads(file.read_text())
    assert found["passed"] and not found["problems"]
    assert (found["release"], found["target"], found["at"]) == (bad, good, world.clock())
    assert found["moves"] == {"A": ["2", "1"]}
    assert [each.partition(":")[0] for each in found["steps"]][:3] == ["hold", "stop", "aliases"]
    assert not world.log and not world.asked


def test_a_dry_run_of_what_cannot_be_done_reports_that(world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    del world.cloud.bucket.objects[f"parts/{'a' * 64}"]
    assert world.rollback("--dry-run", "--report", str(file)) == 1
    found = json.loads(file.read_text())
    assert not found["passed"] and "Parts of" in found["problems"][0]
    world.rollback("--dry-run", "--report", str(file), "--to", "20200101T000000Z-00000000")
    found = json.loads(file.read_text())
    assert not found["passed"] and "has no release" in found["problems"][0]
