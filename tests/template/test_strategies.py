"""How traffic moves to a new version, for every strategy in every environment that CodeDeploy moves
aliases in; what CodeDeploy itself does with it no emulator shows.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from skafu.ops.environments import load
from tests.support.transformed import ROOT, of_type, resolved, transform, transformed, written

type Json = Any
type Resources = dict[str, Json]

STRATEGIES = ("canary", "gradual", "rolling", "all-at-once", "blue-green")
ENVIRONMENTS = ("development", "staging", "production")
HOOKS = {"ValidateReleaseFunction", "WatchReleaseFunction"}
AROUND = {"ProbeFunction", "ScalingFunction"}
"""Serve nobody: a bad one is seen by what it says, and moves at once."""
BEHIND_THE_API = {"MetricsFunction", "AlertsFunction", "WorkspaceFunction"}
# Of CodeDeploy's own configurations the name, of ours what they say.
SHIFTS: Mapping[str, Json] = {
    "canary": {
        "Type": "TimeBasedCanary",
        "TimeBasedCanary": {"CanaryPercentage": 5, "CanaryInterval": 10},
    },
    "gradual": {
        "Type": "TimeBasedLinear",
        "TimeBasedLinear": {"LinearPercentage": 5, "LinearInterval": 1},
    },
    "rolling": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    "all-at-once": "CodeDeployDefault.LambdaAllAtOnce",
    "blue-green": "CodeDeployDefault.LambdaAllAtOnce",
}


@cache
def _resolved(environment: str, strategy: str) -> str:
    return json.dumps(resolved(environment, Strategy=strategy))


def stack(environment: str, strategy: str = "") -> Resources:
    """The resources of a deployment that asks for a strategy, or does not."""
    found: Resources = json.loads(_resolved(environment, strategy))
    return found


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=STRATEGIES)
def strategy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def resources(environment: str, strategy: str) -> Resources:
    return stack(environment, strategy)


def moved(resources: Resources) -> dict[str, tuple[Json, Json]]:
    """Function -> how CodeDeploy updates its alias, and the properties of its deployment group; of
    those that it has to move.
    """
    found = {}
    for alias in resources.values():
        if alias["Type"] == "AWS::Lambda::Alias":
            function = alias["Properties"]["FunctionName"]["Ref"]
            policy = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
            if function not in HOOKS | AROUND:
                assert policy, f"{function} gets all of its traffic at once, whatever it does"
                group = resources[policy["DeploymentGroupName"]["Ref"]]["Properties"]
                found[function] = policy, group
    return found


def alarms_of(resources: Resources, group: Json) -> dict[str, Json]:
    """The alarms that stop a deployment group, by logical id."""
    named = group.get("AlarmConfiguration", {}).get("Alarms", [])
    found = {each["Name"]["Ref"]: resources[each["Name"]["Ref"]]["Properties"] for each in named}
    assert len(found) == len(named)
    return found


def _dimensions(metric: Json) -> dict[str, Json]:
    return {each["Name"]: each["Value"] for each in metric["Dimensions"]}


# --- how much, and when ---------------------------------------------------------------------------


def test_every_alias_is_moved_as_the_strategy_says(resources: Resources, strategy: str) -> None:
    functions = set(of_type(resources, "AWS::Lambda::Function")) - HOOKS - AROUND
    groups = moved(resources)
    assert set(groups) == functions
    for function, (policy, group) in groups.items():
        assert policy["ApplicationName"] == {"Ref": "ServerlessDeploymentApplication"}
        shift = group["DeploymentConfigName"]
        if isinstance(shift, dict):
            shift = resources[shift["Ref"]]["Properties"]["TrafficRoutingConfig"]
        assert shift == SHIFTS[strategy], function
        assert group["DeploymentStyle"]["DeploymentOption"] == "WITH_TRAFFIC_CONTROL"


def test_each_group_is_of_its_own_function(resources: Resources) -> None:
    names = [policy["DeploymentGroupName"]["Ref"] for policy, _ in moved(resources).values()]
    # The hooks read from it which function they are asked about.
    assert sorted(names) == sorted(f"{function}DeploymentGroup" for function in moved(resources))


def test_the_environment_s_own_strategy_holds_when_a_deployment_names_none() -> None:
    for environment in load(ROOT / "environments"):
        if environment.name in ENVIRONMENTS:
            own = stack(environment.name, environment.deployment.strategy)
            assert stack(environment.name) == own


def test_our_own_shifts_are_for_functions_and_named_by_cloudformation(
    resources: Resources,
) -> None:
    found = of_type(resources, "AWS::CodeDeploy::DeploymentConfig")
    assert set(found) == {"CanaryShift", "GradualShift"}
    for shift in found.values():
        assert shift["ComputePlatform"] == "Lambda"
        # A name of ours would be one for all stacks of an account, and could not be replaced.
        assert "DeploymentConfigName" not in shift


# --- hooks ----------------------------------------------------------------------------------------


def test_a_version_is_tried_before_it_gets_traffic_and_watched_after_a_switch(
    resources: Resources, strategy: str
) -> None:
    for policy, _ in moved(resources).values():
        assert policy["BeforeAllowTrafficHook"] == {"Ref": "ValidateReleaseFunction"}
        watched = policy.get("AfterAllowTrafficHook")
        wanted = {"Ref": "WatchReleaseFunction"} if strategy == "blue-green" else None
        assert watched == wanted


def test_hooks_are_not_asked_about_themselves(resources: Resources) -> None:
    for alias in resources.values():
        if alias["Type"] == "AWS::Lambda::Alias":
            if alias["Properties"]["FunctionName"]["Ref"] in HOOKS:
                assert "UpdatePolicy" not in alias
    assert not {f"{hook}DeploymentGroup" for hook in HOOKS} & set(resources)


def test_hooks_have_names_that_codedeploy_may_call(environment: str) -> None:
    for one in load(ROOT / "environments"):
        if one.name == environment:
            for hook in HOOKS:
                name = written()["Resources"][hook]["Properties"]["FunctionName"]["Fn::Sub"]
                full = name.replace("${AWS::StackName}", one.stack_name)
                assert full.startswith("CodeDeployHook_")
                assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", full)


# --- alarms ---------------------------------------------------------------------------------------


def unwatched(resources: Resources, strategy: str) -> Iterator[str]:
    """What is wrong with the alarms of each function's group, in words."""
    for function, (_, group) in moved(resources).items():
        found = alarms_of(resources, group)
        versions = [name for name in found if name.endswith("VersionAlarm")]
        if versions != [f"{function.removesuffix('Function')}VersionAlarm"]:
            yield f"{function} has no alarm of its version"
            continue
        if set(found) - set(versions) != ({"ApiErrorsAlarm"} & _api(function)):
            yield f"{function} has the wrong further alarms"
        yield from _wrong(function, strategy, found[versions[0]], resources)


def _api(function: str) -> set[str]:
    return {"ApiErrorsAlarm"} if function in BEHIND_THE_API else set()


def _wrong(function: str, strategy: str, alarm: Json, resources: Resources) -> Iterator[str]:
    alias = resources[f"{function}Aliaslive"]["Properties"]
    metrics = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
    watched = {each["Metric"]["MetricName"]: each for each in metrics}
    wanted = {"Invocations", "Errors", "Throttles", "Duration"}
    if set(watched) != wanted | ({"ServerErrors"} if function in BEHIND_THE_API else set()):
        yield f"{function}: the wrong figures {set(watched)}"
    of_alias = {"FunctionName": {"Ref": function}, "Resource": f"${{{function}}}:live"}
    of_version = of_alias | {"ExecutedVersion": alias["FunctionVersion"]}
    own = {
        "service": "skafu",
        "function": {"Ref": function},
        "version": alias["FunctionVersion"],
    }
    for name, stat in watched.items():
        whose = of_alias if strategy == "blue-green" else of_version
        if _dimensions(stat["Metric"]) != (own if name == "ServerErrors" else whose):
            yield f"{function}: {name} is of something else"
        if stat["Period"] != 60 or stat["Stat"] != ("p99" if name == "Duration" else "Sum"):
            yield f"{function}: {name} is read in another way"


def test_an_alarm_of_the_version_that_gets_the_traffic_stops_its_deployment(
    resources: Resources, environment: str, strategy: str
) -> None:
    if (environment, strategy) == ("development", "all-at-once"):
        assert not of_type(resources, "AWS::CloudWatch::Alarm")
        assert all(not alarms_of(resources, group) for _, group in moved(resources).values())
    else:
        assert not list(unwatched(resources, strategy))


def test_a_function_that_nobody_watches_is_noticed() -> None:
    template = written()
    added = copy.deepcopy(template["Resources"]["AlertNotifierFunction"])
    del added["Properties"]["DeploymentPreference"], added["Properties"]["Events"]
    template["Resources"]["NewFunction"] = added
    found = transform(template, {"Environment": "production"})["Resources"]
    for name in moved(stack("production")):
        found |= {f"{name}{kind}": stack("production")[f"{name}{kind}"] for kind in KINDS}
    assert list(unwatched(found | _alarms("production"), "canary")) == [
        "NewFunction has no alarm of its version"
    ]


KINDS = ("Aliaslive", "DeploymentGroup")


def _alarms(environment: str) -> Resources:
    return {
        name: each
        for name, each in stack(environment).items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }


def test_an_alarm_of_another_function_s_version_is_noticed() -> None:
    resources = stack("production")
    group = resources["AlertsFunctionDeploymentGroup"]["Properties"]
    group["AlarmConfiguration"]["Alarms"][0]["Name"] = {"Ref": "MetricsVersionAlarm"}
    assert list(unwatched(resources, "canary")) == ["AlertsFunction has no alarm of its version"]
    resources = stack("production")
    figures = resources["AlertsVersionAlarm"]["Properties"]["Metrics"]
    (invocations,) = [each["MetricStat"] for each in figures if each["Id"] == "invocations"]
    invocations["Metric"]["Dimensions"][0]["Value"] = {"Ref": "MetricsFunction"}
    assert list(unwatched(resources, "canary")) == [
        "AlertsFunction: Invocations is of something else"
    ]


def test_alarms_look_at_each_minute_and_silence_is_no_alarm(resources: Resources) -> None:
    for _, group in moved(resources).values():
        for alarm in alarms_of(resources, group).values():
            assert (alarm["ComparisonOperator"], alarm["EvaluationPeriods"]) == (
                "GreaterThanThreshold",
                5,
            )
            assert alarm["TreatMissingData"] == "notBreaching"
            # CloudWatch takes one result, of at most ten metrics.
            returned = [each["Id"] for each in alarm["Metrics"] if each.get("ReturnData", True)]
            assert returned == ["unhealthy"]
            assert sum("MetricStat" in each for each in alarm["Metrics"]) <= 10


def test_codedeploy_takes_so_many_alarms_and_an_expression_so_many_letters(
    resources: Resources,
) -> None:
    for _, group in moved(resources).values():
        found = alarms_of(resources, group)
        assert len(found) <= 10
        for alarm in found.values():
            for each in alarm["Metrics"]:
                assert len(each.get("Expression", "")) <= 1024
                assert "${" not in each.get("Expression", "")


def test_the_alarms_cost_what_the_template_says() -> None:
    resources = stack("production")
    stopping = {
        name: alarm
        for _, group in moved(resources).values()
        for name, alarm in alarms_of(resources, group).items()
    }
    figures = sum(
        sum("MetricStat" in each for each in alarm["Metrics"]) for alarm in stopping.values()
    )
    assert f"${figures * 0.10:.2f} for all of these" in (ROOT / "template.yaml").read_text("utf-8")


# --- taking it back -------------------------------------------------------------------------------


def test_what_fails_or_is_stopped_is_taken_back_and_somebody_hears_of_it(
    resources: Resources,
) -> None:
    for _, group in moved(resources).values():
        assert group["AutoRollbackConfiguration"] == {
            "Enabled": True,
            "Events": [
                "DEPLOYMENT_FAILURE",
                "DEPLOYMENT_STOP_ON_ALARM",
                "DEPLOYMENT_STOP_ON_REQUEST",
            ],
        }
        (trigger,) = group["TriggerConfigurations"]
        assert trigger["TriggerTargetArn"] == {"Ref": "AlertsTopic"}
        assert set(trigger["TriggerEvents"]) == {
            "DeploymentFailure",
            "DeploymentStop",
            "DeploymentRollback",
        }


def test_codedeploy_may_move_these_aliases_and_call_these_hooks(resources: Resources) -> None:
    assert "CodeDeployServiceRole" not in resources
    for _, group in moved(resources).values():
        assert group["ServiceRoleArn"] == {"Fn::GetAtt": ["ShiftRole", "Arn"]}
    role = resources["ShiftRole"]["Properties"]
    (policy,) = role["Policies"]
    allowed: dict[str, list[Json]] = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        named = statement["Action"]
        for action in named if isinstance(named, list) else [named]:
            where = statement["Resource"]
            allowed[action] = where if isinstance(where, list) else [where]
    functions = list(moved(resources))
    arns = [{"Fn::GetAtt": [function, "Arn"]} for function in functions]
    for action in ("lambda:UpdateAlias", "lambda:GetAlias"):
        assert sorted(allowed[action], key=str) == sorted(arns, key=str)
    versions = [f"${{{function}.Arn}}:*" for function in functions]
    assert sorted(allowed["lambda:GetProvisionedConcurrencyConfig"]) == sorted(versions)
    names = {of_type(resources, "AWS::Lambda::Function")[hook]["FunctionName"] for hook in HOOKS}
    assert {each.rpartition(":")[2] for each in allowed["lambda:InvokeFunction"]} == names
    assert allowed["sns:Publish"] == [{"Ref": "AlertsTopic"}]


def test_the_role_works_for_this_account_s_deployments_only(resources: Resources) -> None:
    (statement,) = resources["ShiftRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "StringLike": {
            "aws:SourceArn": "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*"
        },
    }


# --- without CodeDeploy ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameters",
    [
        {"Environment": "local"},
        {"Environment": "local", "Strategy": "canary"},
        {"Environment": "production", "AliasesMovedBy": "CloudFormation"},
    ],
)
def test_cloudformation_moves_aliases_where_it_is_told_to(parameters: dict[str, str]) -> None:
    found = transform(written(), parameters)["Resources"]
    groups = ("AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup")
    assert not [each for each in found.values() if each["Type"] in groups]
    aliases = [each for each in found.values() if each["Type"] == "AWS::Lambda::Alias"]
    assert len(aliases) == 7 + len(HOOKS | AROUND)
    assert not [each for each in aliases if "UpdatePolicy" in each]


def test_a_strategy_publishes_no_version_by_itself() -> None:
    def versions(**more: str) -> set[str]:
        found = transform(written(), {"Environment": "production", **more})["Resources"]
        return set(of_type(found, "AWS::Lambda::Version"))

    assert versions() == versions(Strategy="all-at-once")
    assert versions() == versions(AliasesMovedBy="CloudFormation")
    descriptions = [
        {each["Description"] for each in of_type(found, "AWS::Lambda::Version").values()}
        for found in (stack("production"), stack("production", "rolling"))
    ]
    assert descriptions[0] == descriptions[1]


def test_two_versions_at_once_find_room_for_their_provisioned_instances() -> None:
    for environment in load(ROOT / "environments"):
        reserved = environment.lambda_.reserved_concurrency
        provisioned = environment.lambda_.provisioned_concurrency or 0
        assert reserved is None or reserved >= 2 * provisioned


# --- in which order -------------------------------------------------------------------------------

PLACE = re.compile(r"\$\{([A-Za-z0-9]+)")


def _named(node: Json) -> set[str]:
    """Every logical id that a resource refers to, whichever way and under any condition."""
    if isinstance(node, list):
        return set().union(*map(_named, node))
    if not isinstance(node, dict):
        return set()
    found = set()
    for key, value in node.items():
        if key == "Ref" or (key == "DependsOn" and isinstance(value, str)):
            found.add(value)
        elif key == "Fn::GetAtt":
            found.add(value[0])
        elif key == "DependsOn":
            found.update(value)
        elif key == "Fn::Sub":
            text = value[0] if isinstance(value, list) else value
            found |= set(PLACE.findall(text)) | _named(value)
        else:
            found |= _named(value)
    return found


def _waits_for(environment: str) -> dict[str, set[str]]:
    resources = transformed(environment)["Resources"]
    return {name: _named(each) & set(resources) for name, each in resources.items()}


def _circle(graph: Mapping[str, set[str]]) -> set[str]:
    """What is in, or behind, a circle; empty when there is none."""
    left = {name: set(needed) for name, needed in graph.items()}
    while ready := {name for name, needed in left.items() if not needed - {name}}:
        left = {name: needed - ready for name, needed in left.items() if name not in ready}
    return set(left)


def test_nothing_waits_for_itself(environment: str) -> None:
    assert not _circle(_waits_for(environment))


def test_a_circle_would_be_noticed() -> None:
    graph = _waits_for("production")
    graph["ShiftRole"].add("MetricsFunctionAliaslive")
    assert {"ShiftRole", "MetricsFunctionAliaslive"} <= _circle(graph)


def test_an_alias_moves_when_its_version_is_watched_and_the_hook_knows_it(
    environment: str,
) -> None:
    graph = _waits_for(environment)
    for function in moved(stack(environment, "canary")):
        alias, group = f"{function}Aliaslive", f"{function}DeploymentGroup"
        assert {group, "ValidateReleaseFunction", "WatchReleaseFunction"} <= graph[alias]
        alarm = f"{function.removesuffix('Function')}VersionAlarm"
        assert {alarm, "ShiftRole"} <= graph[group]
        (version,) = graph[alias] & {each for each in graph if each.startswith(f"{function}Vers")}
        assert version in graph[alarm] & graph["ValidateReleaseFunction"]
