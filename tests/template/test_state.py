"""What holds people's data: kept, encrypted, and read by one key."""

import tomllib
from typing import Any

import pytest

from tests.support.transformed import ROOT, of_type, resolved

type Resources = dict[str, Any]
STATEFUL = {
    "AWS::DynamoDB::GlobalTable",
    "AWS::Cognito::UserPool",
    "AWS::KMS::Key",
}


@pytest.fixture(params=["local", "development", "staging", "production"])
def resources(request: pytest.FixtureRequest) -> Resources:
    return resolved(request.param)


def test_data_survive_the_stack_and_their_own_replacement(resources: Resources) -> None:
    kept = [each for each in resources.values() if each["Type"] in STATEFUL]
    assert len(kept) == len(STATEFUL)
    for resource in kept:
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_table_is_a_global_table_with_the_keys_index_and_stream_of_the_data_model(
    resources: Resources,
) -> None:
    table = resources["SkafuTable"]["Properties"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "GSI1"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["gsi1pk", "gsi1sk"]
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    (replica,) = table["Replicas"]
    assert replica["Region"] == "us-east-1"


def test_the_table_says_whose_it_is_in_each_region() -> None:
    """As the stack does (samconfig.toml), whose tags do not reach it."""
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    for environment in ("staging", "production"):
        tags = settings[environment]["deploy"]["parameters"]["tags"].split()
        table = resolved(environment, ReplicaKeyArn="key")["SkafuTable"]["Properties"]
        for replica in table["Replicas"]:
            found = [f"{each['Key']}={each['Value']}" for each in replica["Tags"]]
            assert found == tags


def test_the_table_has_a_name_that_a_restore_can_replace() -> None:
    assert resolved("staging")["SkafuTable"]["Properties"]["TableName"] == "skafu-staging"
    restored = resolved("staging", TableName="skafu-staging-restored")
    assert restored["SkafuTable"]["Properties"]["TableName"] == "skafu-staging-restored"


def test_the_table_and_the_topic_are_encrypted_with_a_key_that_rotates(
    resources: Resources,
) -> None:
    key = {"Fn::GetAtt": ["DataKey", "Arn"]}
    table = resources["SkafuTable"]["Properties"]
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert table["Replicas"][0]["SSESpecification"] == {"KMSMasterKeyId": key}
    assert resources["AlertsTopic"]["Properties"]["KmsMasterKeyId"] == key
    assert resources["DataKey"]["Properties"]["EnableKeyRotation"] is True


def test_every_queue_is_encrypted(resources: Resources) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    assert len(queues) == 6
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())


def test_nobody_outside_the_account_is_named_in_the_key_s_policy(resources: Resources) -> None:
    root, alarms = resources["DataKey"]["Properties"]["KeyPolicy"]["Statement"]
    assert root["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
