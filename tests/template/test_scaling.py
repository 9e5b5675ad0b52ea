"""The probe, what scales, and who sleeps when: as the template makes them for each environment."""

import json
from typing import Any

import pytest

from skafu.ops.environments import load
from skafu.probe.credentials import Credentials
from skafu.scaling.alarms import ACTED_ON, ringing
from skafu.shared.working_hours import WorkingHours
from tests.support.event_bridge import matches
from tests.support.events import sample_event
from tests.support.transformed import ROOT, of_type, resolved, written

type Json = Any

ENVIRONMENTS = {each.name: each for each in load(ROOT / "environments")}
PROBED = [name for name, each in ENVIRONMENTS.items() if each.monitoring.probe_minutes]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_has_a_probe_where_its_file_says_so(environment: str) -> None:
    found = resolved(environment)
    assert ("ProbeFunction" in found) is (environment in PROBED)
    assert "ScalingFunction" in found or not ENVIRONMENTS[environment].monitoring.alerting_enabled


@pytest.mark.parametrize("environment", PROBED)
def test_the_probe_knows_the_addresses_of_customers(environment: str) -> None:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    own = resolved(environment, ApiCertificateArn=arn, ConsoleCertificateArn=arn)
    variables = own["ProbeFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["API_URL"] == f"https://{ENVIRONMENTS[environment].api_gateway.domain}"
    assert variables["CONSOLE_URL"].startswith("https://")
    without = resolved(environment)["ProbeFunction"]["Properties"]["Environment"]["Variables"]
    assert ".execute-api.us-east-1.amazonaws.com/" in without["API_URL"]
    hours = ENVIRONMENTS[environment].working_hours
    parsed = WorkingHours.parse(without["WORKING_HOURS"])
    assert (parsed is None) is (hours is None)


@pytest.mark.parametrize("environment", PROBED)
def test_the_alarm_counts_as_often_as_the_probe_comes(environment: str) -> None:
    found = resolved(environment)
    minutes = ENVIRONMENTS[environment].monitoring.probe_minutes
    alarm = found["ProbeFailingAlarm"]["Properties"]
    assert minutes is not None and alarm["Period"] == minutes * 60
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 2)
    assert alarm["TreatMissingData"] == "breaching"
    rules = of_type(found, "AWS::Events::Rule")
    plural = "" if minutes == 1 else "s"
    rule = rules["ProbeFunctionEveryFewMinutes"]
    assert rule["ScheduleExpression"] == f"rate({minutes} minute{plural})"


def test_of_aws_the_probe_may_do_nothing_but_read_its_secret() -> None:
    (policy,) = resolved("production")["ProbeRole"]["Properties"]["Policies"]
    actions = {
        action
        for each in policy["PolicyDocument"]["Statement"]
        for action in (each["Action"] if isinstance(each["Action"], list) else [each["Action"]])
    }
    assert {each for each in actions if each.split(":")[0] not in ("logs", "xray", "sqs")} == {
        "secretsmanager:GetSecretValue",
        "kms:Decrypt",
    }


def test_the_secret_is_empty_until_somebody_installs_the_probe() -> None:
    secret = resolved("production")["ProbeSecret"]["Properties"]
    assert not Credentials.parse(secret["SecretString"]).installed
    assert json.loads(secret["SecretString"]) == json.loads(Credentials().document())


# --- what an alarm sets off -----------------------------------------------------------------------


def _pattern(environment: str = "production") -> Json:
    rules = of_type(resolved(environment), "AWS::Events::Rule").values()
    [pattern] = [each["EventPattern"] for each in rules if "EventPattern" in each]
    return pattern


def _told(name: str, alarm: Json) -> Json:
    """What EventBridge is told when an alarm of the stack rings."""
    event = sample_event("scaling.throttles")
    event["detail"]["alarmName"] = f"skafu-test-{name}-1A2B3C4D5E6F"
    metric = event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric["namespace"], metric["name"] = alarm["Namespace"], alarm["MetricName"]
    metric["dimensions"] = {x["Name"]: x["Value"] for x in alarm.get("Dimensions", ())}
    return event


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_alarms_about_refusals_and_slowness_of_functions_set_it_off(environment: str) -> None:
    alarms = of_type(resolved(environment), "AWS::CloudWatch::Alarm")
    pattern = _pattern(environment)
    acted = set()
    for name, alarm in alarms.items():
        if "MetricName" in alarm:
            event = _told(name, alarm)
            wanted = alarm["Namespace"] == "AWS/Lambda" and alarm["MetricName"] in ACTED_ON
            assert matches(pattern, event) is wanted, name
            assert (ringing(event) is not None) is wanted, name
            acted |= {alarm["MetricName"]} if wanted else set()
    assert acted == ACTED_ON


def test_another_stacks_alarms_and_recoveries_do_not() -> None:
    event = sample_event("scaling.throttles")
    event["detail"]["alarmName"] = "skafu-other-MetricsThrottlesAlarm"
    assert not matches(_pattern(), event)
    event["detail"]["alarmName"] = "skafu-test-MetricsThrottlesAlarm"
    assert matches(_pattern(), event)
    event["detail"]["state"]["value"] = "OK"
    assert not matches(_pattern(), event)


def test_one_function_alone_is_reserved_more() -> None:
    (policy,) = resolved("production")["ScalingRole"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    [changing] = [x for x in statements if x["Action"] == "lambda:PutFunctionConcurrency"]
    assert changing["Resource"] == {"Fn::GetAtt": ["MetricsFunction", "Arn"]}
    variables = resolved("production")["ScalingFunction"]["Properties"]["Environment"]["Variables"]
    functions = ENVIRONMENTS["production"].lambda_
    assert variables["RESERVED"] == functions.reserved_concurrency
    assert variables["RESERVED_MAXIMUM"] == functions.reserved_maximum


# --- instances that are kept ready ----------------------------------------------------------------

TARGET, POLICY = (
    f"AWS::ApplicationAutoScaling::{each}" for each in ("ScalableTarget", "ScalingPolicy")
)


def test_what_is_kept_ready_follows_its_use_between_its_bounds() -> None:
    found = resolved("production")
    functions = ENVIRONMENTS["production"].lambda_
    assert functions.provisioned_scaling is not None
    targets = {name: each["Properties"] for name, each in found.items() if each["Type"] == TARGET}
    lambdas = {n: x for n, x in targets.items() if x["ServiceNamespace"] == "lambda"}
    assert {x["ResourceId"] for x in lambdas.values()} == {
        "function:${MetricsFunction}:live",
        "function:${AlertsFunction}:live",
    }
    for name, each in lambdas.items():
        bounds = functions.provisioned_scaling
        assert (each["MinCapacity"], each["MaxCapacity"]) == (bounds.minimum, bounds.maximum)
        assert "ScheduledActions" not in each
        # An alias that is not there yet cannot be scaled.
        alias = each["ResourceId"].split(":")[1].strip("${}") + "Aliaslive"
        assert written()["Resources"][name]["DependsOn"] == alias
    policies = of_type(found, POLICY).values()
    mine = [x for x in policies if x["ScalingTargetId"]["Ref"] in lambdas]
    assert {x["ScalingTargetId"]["Ref"] for x in mine} == set(lambdas)
    for each in mine:
        target = each["TargetTrackingScalingPolicyConfiguration"]
        assert float(target["TargetValue"]) == 0.7


def test_nothing_is_kept_ready_where_the_file_says_nothing() -> None:
    for name in ("local", "development", "staging"):
        found = resolved(name)
        namespaces = {x["ServiceNamespace"] for x in of_type(found, TARGET).values()}
        assert "lambda" not in namespaces


def test_working_hours_put_what_is_kept_ready_to_sleep() -> None:
    """No environment has both: the template is looked at as it is written."""
    made = written()["Resources"]["MetricsReady"]["Properties"]["ScheduledActions"]
    condition, actions, otherwise = made["Fn::If"]
    assert condition == "HasWorkingHours" and otherwise == {"Ref": "AWS::NoValue"}
    wakes, sleeps = actions
    assert sleeps["ScalableTargetAction"] == {"MinCapacity": 0, "MaxCapacity": 0}
    assert wakes["Schedule"]["Fn::FindInMap"][2] == "Wakes"
    assert sleeps["Schedule"]["Fn::FindInMap"][2] == "Sleeps"
