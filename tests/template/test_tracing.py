"""Traces: which requests are recorded, and what can be looked at by itself."""

from fnmatch import fnmatchcase
from typing import Any

import pytest

from skafu.ops.environments import load
from tests.support.transformed import ROOT, of_type, resolved

type Json = Any

FILES = {each.name: each for each in load(ROOT / "environments") if each.name != "local"}


def rules(environment: str) -> list[Json]:
    found = of_type(resolved(environment), "AWS::XRay::SamplingRule").values()
    return sorted((each["SamplingRule"] for each in found), key=lambda each: each["Priority"])


def sampled(environment: str, method: str, path: str) -> Json:
    """The rule that X-Ray goes by: the first that matches, in order of priority."""
    stage = {"HTTPMethod": method, "URLPath": path, "Host": "api.example.com"}
    return next(
        each
        for each in rules(environment)
        if all(fnmatchcase(value, each[name]) for name, value in stage.items())
    )


@pytest.mark.parametrize("environment", sorted(FILES))
def test_one_request_a_second_is_traced_and_of_the_rest_what_the_file_says(
    environment: str,
) -> None:
    rule = sampled(environment, "POST", "/api/metrics")
    percent = FILES[environment].monitoring.trace_percent
    assert (rule["ReservoirSize"], rule["FixedRate"]) == (1, percent / 100)
    assert sampled(environment, "GET", "/api/alerts") == rule


@pytest.mark.parametrize("environment", sorted(FILES))
@pytest.mark.parametrize("path", ["/api/health", "/production/api/health"])
def test_who_asks_for_health_is_traced_once_in_a_hundred_times(environment: str, path: str) -> None:
    rule = sampled(environment, "GET", path)
    assert (rule["ReservoirSize"], rule["FixedRate"]) == (0, 0.01)


def test_rules_are_of_this_stage_alone() -> None:
    """As API Gateway calls itself: the API's name and the stage's."""
    resources = resolved("production")
    [api] = of_type(resources, "AWS::ApiGateway::RestApi").values()
    [stage] = of_type(resources, "AWS::ApiGateway::Stage").values()
    name = f"{api['Name']}/{stage['StageName']}"
    for rule in rules("production"):
        assert (rule["ServiceName"], rule["ServiceType"]) == (name, "AWS::ApiGateway::Stage")
    for group in of_type(resources, "AWS::XRay::Group").values():
        assert group["FilterExpression"].startswith(f'service("{name}")')


def test_names_are_short_enough_and_the_stack_s_own() -> None:
    resources = resolved("production")
    names = [each["RuleName"] for each in rules("production")]
    names += [each["GroupName"] for each in of_type(resources, "AWS::XRay::Group").values()]
    longest = max(len(each.stack_name) for each in FILES.values())
    for name in names:
        assert name.startswith("skafu-test-")
        assert len(name) - len("skafu-test") + longest <= 32


def test_faults_throttles_and_slow_answers_have_groups_of_their_own() -> None:
    groups = of_type(resolved("production"), "AWS::XRay::Group")
    said = {each["GroupName"]: each["FilterExpression"].split("{")[1] for each in groups.values()}
    assert said == {
        "skafu-test-faults": " fault = true OR throttle = true }",
        "skafu-test-slow": " responsetime > 1 }",
    }


def test_functions_go_by_the_gateway_s_decision() -> None:
    """Active: they trace what was decided to be traced, and decide where nobody did."""
    resources = resolved("production")
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        assert function["TracingConfig"] == {"Mode": "Active"}, name
    [stage] = of_type(resources, "AWS::ApiGateway::Stage").values()
    assert stage["TracingEnabled"] is True


def test_the_embedded_aws_has_none() -> None:
    assert not of_type(resolved("local"), "AWS::XRay::SamplingRule")
