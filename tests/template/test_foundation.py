"""What an account needs before its first deployment."""

from typing import Any

import pytest

from tests.support.transformed import written

RESOURCES: dict[str, Any] = written("infrastructure/foundation.yaml")["Resources"]


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_nothing_of_it_goes_away_with_its_stack(name: str) -> None:
    policies = (RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"])
    assert policies == ("Retain", "Retain")


def test_artefacts_are_kept_encrypted_versioned_and_private() -> None:
    bucket = RESOURCES["ArtefactBucket"]["Properties"]
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
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
