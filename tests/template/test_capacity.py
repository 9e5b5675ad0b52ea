"""How much the table takes: by request, or between bounds that an environment's file names."""

import json
from typing import Any

import pytest
from cfnlint.api import lint

from skafu.ops.configuration import mapping_of
from skafu.ops.environments import Environment, load
from tests.support.transformed import ROOT, Resolver, resolved, transformed

ENVIRONMENTS = ("local", "development", "staging", "production")
REPLICA_KEY = "arn:aws:kms:us-west-2:123456789012:key/1"
PROVISIONED = {"billing_mode": "PROVISIONED"}


def provisioned(environment: str) -> dict[str, Any]:
    """The transformed template after the environment's file was changed."""
    [known] = [each for each in load(ROOT / "environments") if each.name == environment]
    written = known.model_dump(by_alias=True)
    written["dynamodb"] |= PROVISIONED
    template: dict[str, Any] = json.loads(json.dumps(transformed(environment)))
    values = mapping_of(Environment.model_validate(written))
    template["Mappings"]["Environments"][environment] = values
    return template


def table(template: dict[str, Any], **parameters: str) -> Any:
    defaults = {key: each.get("Default", "") for key, each in template["Parameters"].items()}
    resolver = Resolver(template, {**defaults, **parameters})
    return resolver.resolve(template["Resources"]["SkafuTable"]["Properties"])


SCALED = {
    "MinCapacity": 5,
    "MaxCapacity": 1000,
    "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70},
}
WRITES = {"WriteCapacityAutoScalingSettings": SCALED}
READS = {"ReadCapacityAutoScalingSettings": SCALED}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_as_environments_are_the_table_is_paid_by_request(environment: str) -> None:
    found = resolved(environment)["SkafuTable"]["Properties"]
    assert found["BillingMode"] == "PAY_PER_REQUEST"
    assert "Provisioned" not in json.dumps(found)


@pytest.mark.parametrize("environment", ["development", "staging", "production"])
def test_table_and_index_scale_between_the_file_s_bounds(environment: str) -> None:
    found = table(provisioned(environment))
    assert found["BillingMode"] == "PROVISIONED"
    assert found["WriteProvisionedThroughputSettings"] == WRITES
    [index] = found["GlobalSecondaryIndexes"]
    assert index["WriteProvisionedThroughputSettings"] == WRITES
    for replica in found["Replicas"]:
        assert replica["ReadProvisionedThroughputSettings"] == READS
        assert replica["GlobalSecondaryIndexes"] == [
            {"IndexName": "GSI1", "ReadProvisionedThroughputSettings": READS}
        ]


def test_the_second_region_reads_as_much_when_it_has_to() -> None:
    found = table(provisioned("production"), ReplicaKeyArn=REPLICA_KEY)
    here, there = found["Replicas"]
    assert there["Region"] == "us-west-2"
    for name in ("ReadProvisionedThroughputSettings", "GlobalSecondaryIndexes"):
        assert there[name] == here[name]


def test_cloudformation_takes_it() -> None:
    table_alone = table(provisioned("production"), ReplicaKeyArn=REPLICA_KEY)
    table_alone["Replicas"][0]["SSESpecification"] = {"KMSMasterKeyId": REPLICA_KEY}
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "SkafuTable": {
                "Type": "AWS::DynamoDB::GlobalTable",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": table_alone,
            }
        },
    }
    assert not [str(each) for each in lint(json.dumps(template))]
    del table_alone["WriteProvisionedThroughputSettings"]["WriteCapacityAutoScalingSettings"][
        "MaxCapacity"
    ]
    assert [str(each) for each in lint(json.dumps(template))]


def test_capacity_has_to_be_said_where_it_is_used() -> None:
    [known] = [each for each in load(ROOT / "environments") if each.name == "local"]
    written = known.model_dump(by_alias=True)
    written["dynamodb"] |= PROVISIONED
    with pytest.raises(ValueError, match="capacity is missing"):
        Environment.model_validate(written)
