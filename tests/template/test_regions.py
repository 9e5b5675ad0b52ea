"""Of a table in two regions one stack makes it, and one acts."""

import json
from typing import Any

import pytest

from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.recovery.regions import ACTIVE, HOME
from skafu.ops.recovery.switching import NAME, STREAM
from tests.support.transformed import REGION, of_type, resolved, transform, written

KEY = "arn:aws:kms:us-west-2:123456789012:key/1"
POOL = "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_1"
# What is resolved is in REGION: a stack whose home is elsewhere is one that stands by.
STANDS_BY = {
    HOME: "eu-west-1",
    NAME: "skafu-production",
    STREAM: "2026-11-23T00:00:00.000",
    "ReplicaKeyArn": KEY,
    "PartnerUserPoolArn": POOL,
}


def stream_mapping(resources: dict[str, Any]) -> Any:
    """Of the evaluator."""
    [found] = [
        each
        for each in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
        if "FilterCriteria" in each
    ]
    return found


def schedules(resources: dict[str, Any]) -> dict[str, str]:
    """The state of those that decide and compact, by name."""
    rules = of_type(resources, "AWS::Events::Rule").values()
    found = {str(each.get("Name")): str(each.get("State")) for each in rules}
    return {name: found[name] for name in found if name.endswith(("-sweep", "-compact"))}


def test_a_stack_that_stands_by_makes_no_table_and_does_nothing_by_itself() -> None:
    found = resolved("production", **STANDS_BY)
    assert "SkafuTable" not in found
    assert stream_mapping(found)["Enabled"] is False
    assert set(schedules(found).values()) == {"DISABLED"} and len(schedules(found)) == 2
    assert "SkafuTable" not in json.dumps(found)


def test_it_acts_once_it_is_the_active_one() -> None:
    found = resolved("production", **STANDS_BY, **{ACTIVE: REGION})
    assert stream_mapping(found)["Enabled"] is True
    assert set(schedules(found).values()) == {"ENABLED"}


@pytest.mark.parametrize("environment", [each.name for each in load(ROOT / "environments")])
def test_where_nothing_is_said_the_one_region_acts_and_nobody_asks_which(environment: str) -> None:
    found = resolved(environment)
    assert stream_mapping(found)["Enabled"] is True
    assert set(schedules(found).values()) == {"ENABLED"}
    functions = of_type(found, "AWS::Lambda::Function").values()
    assert not any("HOME_REGION" in each["Environment"]["Variables"] for each in functions)


def test_the_home_region_stops_when_another_is_active() -> None:
    found = resolved("production", **{HOME: REGION, ACTIVE: "us-west-2"})
    assert stream_mapping(found)["Enabled"] is False
    assert set(schedules(found).values()) == {"DISABLED"}
    assert "SkafuTable" in found


@pytest.mark.parametrize("told", [STANDS_BY, {HOME: REGION}, {"ReplicaKeyArn": KEY}])
def test_with_two_regions_every_function_asks_the_table_which_one_acts(
    told: dict[str, str],
) -> None:
    home = told.get(HOME, REGION)
    for function in of_type(resolved("production", **told), "AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"]["HOME_REGION"] == home


def test_a_failover_changes_no_function() -> None:
    # New versions would start cold, and would have to be made ready first.
    before = resolved("production", **STANDS_BY)
    after = resolved("production", **STANDS_BY, **{ACTIVE: REGION})
    for kind in ("AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::IAM::Role"):
        assert of_type(before, kind) == of_type(after, kind)
    changed = {name for name, each in after.items() if before[name] != each}
    assert {after[name]["Type"] for name in changed} <= {
        "AWS::CloudWatch::Alarm",
        "AWS::Events::Rule",
        "AWS::Lambda::EventSourceMapping",
    }


def test_only_the_home_region_keeps_instances_ready() -> None:
    def ready(resources: dict[str, Any]) -> list[str]:
        aliases = of_type(resources, "AWS::Lambda::Alias")
        return [name for name in aliases if "ProvisionedConcurrencyConfig" in aliases[name]]

    def scaled(resources: dict[str, Any]) -> set[str]:
        return set(of_type(resources, "AWS::ApplicationAutoScaling::ScalableTarget"))

    home, other = resolved("production"), resolved("production", **STANDS_BY, **{ACTIVE: REGION})
    assert len(ready(home)) == 2 and scaled(home)
    assert not ready(other) and not scaled(other)


def test_the_replica_is_protected_as_the_table_is() -> None:
    own, replica = resolved("production", ReplicaKeyArn=KEY)["SkafuTable"]["Properties"]["Replicas"]
    assert (own["Region"], replica["Region"]) == (REGION, "us-west-2")
    assert replica["SSESpecification"] == {"KMSMasterKeyId": KEY}
    for each in (own, replica):
        assert each["DeletionProtectionEnabled"] is True
        recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}
        assert each["PointInTimeRecoverySpecification"] == recovery


def test_without_its_key_there_is_no_replica() -> None:
    assert len(resolved("production")["SkafuTable"]["Properties"]["Replicas"]) == 1
    assert len(resolved("staging", ReplicaKeyArn=KEY)["SkafuTable"]["Properties"]["Replicas"]) == 1


def test_functions_that_stand_by_may_use_the_replicas_key() -> None:
    roles = json.dumps(of_type(resolved("production", **STANDS_BY), "AWS::IAM::Role"))
    assert KEY in roles
    assert KEY not in json.dumps(
        of_type(resolved("production", ReplicaKeyArn=KEY), "AWS::IAM::Role")
    )


def test_tokens_of_both_pools_are_taken_where_there_are_two() -> None:
    # SAM puts the parameter's own value there while it transforms.
    made = transform(written(), {"Environment": "production", "PartnerUserPoolArn": POOL})
    body = made["Resources"]["SkafuApi"]["Properties"]["Body"]
    told = body["securityDefinitions"]["CognitoAuthorizer"]["x-amazon-apigateway-authorizer"]
    own, other = told["providerARNs"]
    assert own == {"Fn::GetAtt": ["UserPool", "Arn"]}
    assert other == {"Fn::If": ["HasPartnerUserPool", POOL, {"Ref": "AWS::NoValue"}]}
