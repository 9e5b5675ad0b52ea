"""Every function: an alias, logs of its own, a role of its own, and a place for what it could not
do.
"""

from dataclasses import fields
from typing import Any

import pytest

from skafu.canary.settings import HookSettings
from skafu.probe.settings import ProbeSettings
from skafu.scaling.settings import ScalingSettings
from skafu.shared.settings import Settings
from tests.support.transformed import of_type, resolved, written

type Resources = dict[str, Any]


@pytest.fixture
def resources() -> Resources:
    return resolved("production")


@pytest.fixture
def functions(resources: Resources) -> Resources:
    found = of_type(resources, "AWS::Lambda::Function")
    assert len(found) == 11
    return found


def _references(node: Any) -> set[str]:
    """Logical ids that a value refers to."""
    if isinstance(node, dict):
        if "Ref" in node:
            return {node["Ref"]}
        if "Fn::GetAtt" in node:
            return {node["Fn::GetAtt"][0]}
        return set().union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def test_every_function_is_called_by_its_alias(resources: Resources, functions: Resources) -> None:
    aliases = of_type(resources, "AWS::Lambda::Alias")
    versions = of_type(resources, "AWS::Lambda::Version")
    behind = {
        alias["FunctionName"]["Ref"]: versions[alias["FunctionVersion"]["Fn::GetAtt"][0]]
        for alias in aliases.values()
        if alias["Name"] == "live"
    }
    assert set(behind) == set(functions)
    assert all(version["FunctionName"] == {"Ref": name} for name, version in behind.items())


def test_nothing_that_triggers_a_function_goes_around_its_alias(resources: Resources) -> None:
    aliases = set(of_type(resources, "AWS::Lambda::Alias"))
    mappings = of_type(resources, "AWS::Lambda::EventSourceMapping")
    rules = of_type(resources, "AWS::Events::Rule")
    permissions = of_type(resources, "AWS::Lambda::Permission")
    called = [each["FunctionName"] for each in (*mappings.values(), *permissions.values())]
    called += [target["Arn"] for rule in rules.values() for target in rule["Targets"]]
    assert called
    for target in called:
        assert _references(target) <= aliases, target


def test_routes_call_aliases(resources: Resources) -> None:
    for path, operations in resources["SkafuApi"]["Properties"]["Body"]["paths"].items():
        for method, operation in operations.items():
            if method != "options":
                uri = operation["x-amazon-apigateway-integration"]["uri"]
                assert "FunctionAliaslive}" in uri, (method, path)


def test_every_function_writes_to_a_log_group_of_its_own(
    resources: Resources, functions: Resources
) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup")
    used = {name: each["LoggingConfig"]["LogGroup"]["Ref"] for name, each in functions.items()}
    assert len(set(used.values())) == len(functions)
    for name, group in used.items():
        # The name that Lambda would choose: whatever ignores the setting finds the same group.
        assert groups[group]["LogGroupName"] == f"/aws/lambda/{functions[name]['FunctionName']}"


def test_every_function_has_a_role_of_its_own(resources: Resources, functions: Resources) -> None:
    roles = of_type(resources, "AWS::IAM::Role")
    used = [each["Role"]["Fn::GetAtt"][0] for each in functions.values()]
    assert sorted([*used, "ShiftRole", "FlagsAlarmRole"]) == sorted(roles)


def test_what_an_asynchronous_invocation_could_not_do_is_kept(functions: Resources) -> None:
    kept = {"TargetArn": {"Fn::GetAtt": ["InvocationsDeadLetters", "Arn"]}}
    for name, function in functions.items():
        assert function["DeadLetterConfig"] == kept, name


def test_what_a_queue_could_not_deliver_is_kept(resources: Resources) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    read = {
        each["EventSourceArn"]["Fn::GetAtt"][0]
        for each in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
        if each["EventSourceArn"]["Fn::GetAtt"][0] in queues
    }
    assert read == {"DeliveriesQueue", "WakeupsQueue"}
    for name in read:
        target = queues[name]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target == name.replace("Queue", "DeadLetters")
        assert "RedrivePolicy" not in queues[target]
        assert queues[target]["MessageRetentionPeriod"] == 14 * 24 * 3600


SCHEDULES = {
    # function: expression in production, for how many seconds a run is still wanted
    "AlertSweeperFunction": ("rate(1 minute)", 60),
    "MetricsCompactorFunction": ("rate(5 minutes)", 300),
    "ProbeFunction": ("rate(1 minute)", 60),
    "ScalingFunction": ("rate(15 minutes)", 900),
}


def test_what_runs_by_the_clock_runs_so_often(resources: Resources) -> None:
    rules = of_type(resources, "AWS::Events::Rule").values()
    found = {
        rule["Targets"][0]["Arn"]["Ref"]: rule["ScheduleExpression"]
        for rule in rules
        if "EventPattern" not in rule
    }
    assert found == {f"{name}Aliaslive": text for name, (text, _) in SCHEDULES.items()}


def test_a_schedule_that_fails_is_kept_and_bounded(resources: Resources) -> None:
    rules = of_type(resources, "AWS::Events::Rule").values()
    for rule in rules:
        (target,) = rule["Targets"]
        kept = {"Arn": {"Fn::GetAtt": ["InvocationsDeadLetters", "Arn"]}}
        assert target["DeadLetterConfig"] == kept
        _, seconds = SCHEDULES[target["Arn"]["Ref"].removesuffix("Aliaslive")]
        bounded = {"MaximumEventAgeInSeconds": seconds, "MaximumRetryAttempts": 1}
        assert target["RetryPolicy"] == bounded
    (policy,) = of_type(resources, "AWS::SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    allowed = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert {each.rpartition(":rule/")[2] for each in allowed} == {rule["Name"] for rule in rules}


def test_what_runs_by_the_clock_is_not_tried_again_because_the_next_run_comes(
    resources: Resources,
) -> None:
    configs = of_type(resources, "AWS::Lambda::EventInvokeConfig").values()
    assert {config["FunctionName"]["Ref"] for config in configs} == set(SCHEDULES)
    for config in configs:
        assert config["Qualifier"] == "live"
        assert config["MaximumRetryAttempts"] == 0


def test_the_layer_outlives_its_successors(resources: Resources) -> None:
    (layer,) = (each for each in resources.values() if each["Type"] == "AWS::Lambda::LayerVersion")
    assert layer["DeletionPolicy"] == "Retain"
    assert layer["Properties"]["CompatibleArchitectures"] == ["arm64"]


def test_the_architecture_is_a_parameter_of_functions_and_layer() -> None:
    found = resolved("local", Architecture="x86_64")
    functions = of_type(found, "AWS::Lambda::Function").values()
    assert {tuple(each["Architectures"]) for each in functions} == {("x86_64",)}
    (layer,) = of_type(found, "AWS::Lambda::LayerVersion").values()
    assert layer["CompatibleArchitectures"] == ["x86_64"]
    metadata = written()["Resources"]["PowertoolsLayer"]["Metadata"]
    assert metadata["BuildArchitecture"] == {"Ref": "Architecture"}
    assert metadata["WorkingDirectory"] == {"Fn::Sub": "layers/powertools/${Architecture}"}


def test_a_function_knows_the_addresses_it_needs_and_no_others(functions: Resources) -> None:
    common = {
        "ENVIRONMENT",
        "TABLE_NAME",
        "CORS_ORIGIN",
        "LOG_LEVEL",
        "POWERTOOLS_SERVICE_NAME",
        "POWERTOOLS_METRICS_NAMESPACE",
    }
    own = {
        name: set(function["Environment"]["Variables"]) - common
        for name, function in functions.items()
    }
    pool = {"USER_POOL_ID", "USER_POOL_CLIENT_ID"}
    telling = {
        "ALERTS_TOPIC_ARN",
        "CHANNELS_TOPIC_ARN",
        "DELIVERIES_QUEUE_URL",
        "ALLOW_LOOPBACK_WEBHOOKS",
    }
    queues = {"DELIVERIES_QUEUE_URL", "WAKEUPS_QUEUE_URL"}
    versions = {each.name.upper() for each in fields(HookSettings) if "version" in each.name}
    assert own == {
        "MetricsFunction": pool | {"METRIC_RETENTION_DAYS"},
        "MetricsCompactorFunction": {"METRIC_RETENTION_DAYS", "FLAGS"},
        "AlertsFunction": pool | telling | {"FLAGS"},
        "WorkspaceFunction": pool | {"TOKEN_URL"},
        "AlertEvaluatorFunction": queues | {"PARKED_QUEUE_URL"},
        "AlertSweeperFunction": queues | {"DEAD_MAN"},
        "AlertNotifierFunction": telling,
        "ValidateReleaseFunction": versions,
        "WatchReleaseFunction": versions | {"WATCH_MINUTES"},
        "ProbeFunction": _own(ProbeSettings),
        "ScalingFunction": _own(ScalingSettings),
    }


def _own(settings: type[Settings]) -> set[str]:
    """Variables of this class alone."""
    common = {each.name for each in fields(Settings)}
    return {each.name.upper() for each in fields(settings) if each.name not in common}
