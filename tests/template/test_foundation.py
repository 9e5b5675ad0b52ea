"""What an account needs before its first deployment."""

from typing import Any

import pytest

from tests.support.policies import Request, lets
from tests.support.transformed import ACCOUNT, REGION, Resolver, written

TEMPLATE: dict[str, Any] = written("infrastructure/foundation.yaml")
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]


COPYING = {"ReplicationRole", "ReplicationPolicy"}
"""Rights alone, which go with what they are for."""


@pytest.mark.parametrize("name", sorted(set(RESOURCES) - COPYING))
def test_nothing_of_it_goes_away_with_its_stack(name: str) -> None:
    policies = (RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"])
    assert policies == ("Retain", "Retain")


def test_artefacts_are_kept_encrypted_versioned_and_private() -> None:
    bucket = RESOURCES["ArtefactBucket"]["Properties"]
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    key = {"Fn::GetAtt": ["ArtefactKey", "Arn"]}
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": key,
    }
    assert rule["BucketKeyEnabled"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    # A release that is rolled back to may be old: its parts may move (test_buckets.py), never end.
    assert not any("ExpirationInDays" in each for each in bucket["LifecycleConfiguration"]["Rules"])


def test_artefacts_travel_encrypted() -> None:
    [statement] = RESOURCES["ArtefactBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def key() -> dict[str, Any]:
    """The artefacts' key, in the stack's account and region."""
    parameters = {name: each.get("Default", "") for name, each in TEMPLATE["Parameters"].items()}
    resolver = Resolver(TEMPLATE, parameters | {"AWS::StackName": "skafu-foundation"})
    return dict(resolver.resolve(RESOURCES["ArtefactKey"])["Properties"])


def test_the_artefacts_key_turns_over() -> None:
    assert key()["EnableKeyRotation"]


BUCKET = "arn:aws:s3:::skafu-foundation-artefactbucket-1"
BY_THE_BUCKET = {
    "kms:CallerAccount": ACCOUNT,
    "kms:ViaService": f"s3.{REGION}.amazonaws.com",
    "kms:EncryptionContext:aws:s3:arn": BUCKET,
}


def test_whoever_may_use_the_bucket_may_use_its_key() -> None:
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert lets(key()["KeyPolicy"], "somebody", Request(action, context=BY_THE_BUCKET))


@pytest.mark.parametrize(
    "other",
    [
        {"kms:CallerAccount": "999999999999"},
        {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"},
        {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::another"},
    ],
)
def test_the_key_opens_for_that_bucket_alone_and_for_this_account(other: dict[str, str]) -> None:
    asked = Request("kms:Decrypt", context=BY_THE_BUCKET | other)
    assert not lets(key()["KeyPolicy"], "somebody", asked)


def test_nobody_administers_the_key_by_way_of_the_bucket() -> None:
    for action in ("kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:CreateGrant"):
        assert not lets(key()["KeyPolicy"], "somebody", Request(action, context=BY_THE_BUCKET))
