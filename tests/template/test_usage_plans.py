"""Usage plans: how much a machine with a key may send, and that nobody else needs a key."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.transformed import NO_VALUE, Resolver, of_type, outputs, resolved, transformed

ENVIRONMENTS = ("local", "development", "staging", "production")


def body(environment: str, keys: str) -> Mapping[str, Any]:
    """The gateway's document where the environment's file says so of machines' keys."""
    template = json.loads(json.dumps(transformed(environment)))
    template["Mappings"]["Environments"][environment]["MachineKeys"] = keys
    defaults = {key: each.get("Default", "") for key, each in template["Parameters"].items()}
    resolver = Resolver(template, {**defaults, "Environment": environment})
    found = resolver.resolve(template["Resources"]["SkafuApi"]["Properties"]["Body"])
    assert found is not NO_VALUE
    return dict(found)


def needing(found: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Methods that ask for a key."""
    return {
        (path, method)
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
        if any("api_key" in each for each in operation.get("security", ()))
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nobody_needs_a_key_as_environments_are(environment: str) -> None:
    assert needing(body(environment, "off")) == set()
    assert body(environment, "off") == resolved(environment)["SkafuApi"]["Properties"]["Body"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_who_sends_points_needs_one_where_it_is_asked_for(environment: str) -> None:
    """Every other route is the console's too, which has no key to give."""
    assert needing(body(environment, "on")) == {("/api/metrics", "post")}


def test_a_key_comes_besides_the_token_and_never_instead_of_it() -> None:
    found = body("production", "on")
    security = found["paths"]["/api/metrics"]["post"]["security"]
    assert {"api_key": []} in security
    [scopes] = [each["CognitoAuthorizer"] for each in security if "CognitoAuthorizer" in each]
    assert scopes == ["skafu/metrics.write", "aws.cognito.signin.user.admin"]
    key = found["securityDefinitions"]["api_key"]
    assert key == {"type": "apiKey", "name": "x-api-key", "in": "header"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_are_two_plans_and_both_are_for_this_stage_alone(environment: str) -> None:
    plans = of_type(resolved(environment), "AWS::ApiGateway::UsagePlan")
    assert {name: (each["Throttle"], each["Quota"]) for name, each in plans.items()} == {
        "BasicPlan": (
            {"RateLimit": 100, "BurstLimit": 200},
            {"Limit": 10_000, "Period": "DAY"},
        ),
        "PremiumPlan": (
            {"RateLimit": 500, "BurstLimit": 1_000},
            {"Limit": 100_000, "Period": "DAY"},
        ),
    }
    for each in plans.values():
        assert each["ApiStages"] == [
            {"ApiId": {"Ref": "SkafuApi"}, "Stage": {"Ref": "SkafuApiStage"}}
        ]


def test_who_issues_keys_finds_the_plans() -> None:
    told = outputs("production")
    assert told["BasicPlan"]["Value"] == {"Ref": "BasicPlan"}
    assert told["PremiumPlan"]["Value"] == {"Ref": "PremiumPlan"}


def test_a_machine_that_sends_every_ten_seconds_is_within_the_basic_plan() -> None:
    plan = resolved("production")["BasicPlan"]["Properties"]
    assert 86_400 / 10 < plan["Quota"]["Limit"]
