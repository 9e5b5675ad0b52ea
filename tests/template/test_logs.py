"""Logs are kept for as long as the environment says, and what they alone tell becomes metrics."""

import json
from typing import Any

import pytest

from skafu.ops.environments import load
from tests.support.known_metrics import of_filters
from tests.support.log_patterns import access_line, matches, selected
from tests.support.transformed import ROOT, of_type, resolved

type Json = Any

KEPT = {each.name: each.monitoring.log_retention_days for each in load(ROOT / "environments")}
KILLED = [
    # Lambda's own words: a function that ran out of time, and one that ran out of memory.
    "2026-11-23T05:00:03.004Z 5a1c4c0e-0000-4000-8000-000000000001 "
    "Task timed out after 28.00 seconds",
    "RequestId: 5a1c4c0e-0000-4000-8000-000000000001 "
    "Error: Runtime exited with error: signal: killed",
]
REPORT = (
    "REPORT RequestId: 5a1c4c0e-0000-4000-8000-000000000001\tDuration: 12.00 ms\tBilled Duration: "
    "12 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\tInit Duration: 310.00 ms"
)


@pytest.fixture(scope="module")
def resources() -> Json:
    return resolved("production")


def access(resources: Json, **told: str) -> str:
    [stage] = of_type(resources, "AWS::ApiGateway::Stage").values()
    return access_line(stage["AccessLogSetting"]["Format"], **told)


def filters(resources: Json) -> dict[str, str]:
    """Metric -> the pattern of the filter that makes it."""
    return {
        each["MetricTransformations"][0]["MetricName"]: each["FilterPattern"]
        for each in of_type(resources, "AWS::Logs::MetricFilter").values()
    }


# --- keeping --------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", sorted(KEPT))
def test_every_log_is_kept_for_as_long_as_the_environment_says(environment: str) -> None:
    groups = of_type(resolved(environment), "AWS::Logs::LogGroup")
    assert groups
    for name, group in groups.items():
        assert group["RetentionInDays"] == KEPT[environment], name


@pytest.mark.parametrize("environment", sorted(KEPT))
def test_every_function_writes_to_a_log_of_the_stack(environment: str) -> None:
    """Else Lambda makes one itself, which is kept for ever."""
    there = resolved(environment)
    groups = of_type(there, "AWS::Logs::LogGroup")
    for name, function in of_type(there, "AWS::Lambda::Function").items():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups, name


def test_logs_have_cloudwatch_s_own_key(resources: Json) -> None:
    """They hold no tenants' data (skafu/shared/observability.py) and are encrypted all the same; a
    key of our own would be asked for each line, and who lost it could read none (docs/security.md).
    """
    for name, group in of_type(resources, "AWS::Logs::LogGroup").items():
        assert "KmsKeyId" not in group, name


# --- metric filters -------------------------------------------------------------------------------


def test_calls_that_the_gateway_turns_away_are_counted(resources: Json) -> None:
    pattern = filters(resources)["GatewayThrottled"]
    assert matches(pattern, access(resources, status="429", error="THROTTLED"))
    assert matches(pattern, access(resources, status="429", error="QUOTA_EXCEEDED"))
    # A tenant that is over its quota is answered by the function.
    assert not matches(pattern, access(resources, status="429"))
    assert not matches(pattern, access(resources, status="200"))


def test_failures_are_counted_by_route(resources: Json) -> None:
    pattern = filters(resources)["FailedRoutes"]
    for status in ("500", "502", "503", "504"):
        assert matches(pattern, access(resources, status=status, route="/api/metrics"))
    for status in ("200", "202", "404", "429"):
        assert not matches(pattern, access(resources, status=status, bytes="5000"))
    [transformation] = resources["FailedRoutesFilter"]["Properties"]["MetricTransformations"]
    [dimension] = transformation["Dimensions"]
    assert dimension == {"Key": "route", "Value": "$.route"}


def test_routes_are_patterns_and_not_what_callers_choose(resources: Json) -> None:
    """Each value of a dimension is a metric, and is paid for."""
    [stage] = of_type(resources, "AWS::ApiGateway::Stage").values()
    assert '"route": "$context.resourcePath"' in stage["AccessLogSetting"]["Format"]


def test_functions_that_are_killed_are_counted_each_for_itself(resources: Json) -> None:
    found = {name: each for name, each in filters(resources).items() if name.startswith("Killed")}
    served = set(of_type(resources, "AWS::Lambda::Alias"))
    assert found.keys() <= {f"Killed{x.removesuffix('FunctionAliaslive')}" for x in served}
    assert len(found) == 7
    for pattern in found.values():
        assert all(matches(pattern, line) for line in KILLED)
        assert not matches(pattern, REPORT)
        assert not matches(pattern, json.dumps({"level": "ERROR", "message": "request failed"}))


def test_a_filter_reads_the_log_that_has_its_lines(resources: Json) -> None:
    keys = set(json.loads(access(resources)))
    for name, each in of_type(resources, "AWS::Logs::MetricFilter").items():
        log = each["LogGroupName"]["Ref"]
        if selected(each["FilterPattern"]):
            assert log == "ApiAccessLogs", name
            assert selected(each["FilterPattern"]) <= keys, name
        else:
            assert log == name.removesuffix("KilledFilter") + "Logs"
    assert len(of_filters(resources)) == len(of_type(resources, "AWS::Logs::MetricFilter"))


def test_lambda_writes_text_so_that_its_own_lines_are_as_filters_expect(resources: Json) -> None:
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        assert "LogFormat" not in function["LoggingConfig"], name


@pytest.mark.parametrize("pattern", ["Task", '{ $.a = "1*2" }', "{ $.a > 5 }", '?"a" "b"'])
def test_what_is_not_understood_is_not_taken_for_a_match(pattern: str) -> None:
    with pytest.raises(ValueError, match="not understood|may only"):
        matches(pattern, '{"a": "1"}')


def test_the_embedded_aws_makes_none_of_it() -> None:
    there = resolved("local")
    assert not filters(there)
    assert not of_type(there, "AWS::Logs::QueryDefinition")
