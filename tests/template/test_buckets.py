"""What becomes of files in time: each bucket has the lifecycle that fits what is asked of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.transformed import ROOT, of_type, resolved, written

type Json = dict[str, Any]

SEVEN_YEARS = 2557  # days, leap years included
COLDER = [("STANDARD_IA", 30), ("GLACIER", 90), ("DEEP_ARCHIVE", 365)]
KEY = "arn:aws:kms:us-west-2:123456789012:key/1"
COPIES = {
    "ReplicaBucketArn": "arn:aws:s3:::skafu-backups-us-west-2-123456789012-production",
    "ReplicationRoleArn": "arn:aws:iam::123456789012:role/skafu-foundation-ReplicationRole-1",
    "ReplicaKeyArn": KEY,
}


def buckets() -> Iterator[tuple[str, Json]]:
    for path in sorted((ROOT / "infrastructure").glob("*.yaml")):
        template = written(f"infrastructure/{path.name}")
        if "AWSTemplateFormatVersion" in template:
            found = of_type(template["Resources"], "AWS::S3::Bucket")
            yield from ((f"{path.stem} {name}", each) for name, each in found.items())
    found = of_type(resolved("production"), "AWS::S3::Bucket")
    yield from ((f"application {name}", each) for name, each in found.items())


BUCKETS = dict(buckets())

# Nobody can say of these what will be asked for, or when: kept, in the tier that S3 finds fitting.
UNKNOWN = {"foundation ArtefactBucket"}
# Asked for every day, or gone before a colder tier would be cheaper.
WARM = {
    "application ConsoleBucket",
    "application ConsoleLogs",
    "security AccessLogs",
}
"""(Lists of what the guard reads are small and read every day.)"""


def rules(bucket: Json) -> list[Json]:
    return list(bucket.get("LifecycleConfiguration", {}).get("Rules", ()))


def transitions(rule: Json, name: str = "Transitions") -> list[tuple[str, int]]:
    return [(each["StorageClass"], each["TransitionInDays"]) for each in rule.get(name, ())]


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_is_private_encrypted_and_keeps_no_half_uploads(name: str) -> None:
    bucket = BUCKETS[name]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert any("AbortIncompleteMultipartUpload" in each for each in rules(bucket)), name


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_what_is_kept_for_years_gets_colder_and_ends(name: str) -> None:
    """Every other bucket is here for a reason."""
    if name in WARM | UNKNOWN or "List" in name:
        assert not any(transitions(each) == COLDER for each in rules(BUCKETS[name]))
        return
    [rule] = [each for each in rules(BUCKETS[name]) if "ExpirationInDays" in each]
    assert transitions(rule) == COLDER
    assert rule["ExpirationInDays"] == SEVEN_YEARS


def test_artefacts_never_end_and_s3_finds_out_which_are_asked_for() -> None:
    [rule] = rules(BUCKETS["foundation ArtefactBucket"])
    assert transitions(rule) == [("INTELLIGENT_TIERING", 30)]
    assert "ExpirationInDays" not in rule
    assert transitions(rule, "NoncurrentVersionTransitions") == COLDER
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": SEVEN_YEARS}


# --- copies ---------------------------------------------------------------------------------------


def test_the_console_is_copied_where_there_is_a_bucket_for_it() -> None:
    bucket = resolved("production", **COPIES)["ConsoleBucket"]["Properties"]
    copying = bucket["ReplicationConfiguration"]
    assert copying["Role"] == COPIES["ReplicationRoleArn"]
    [rule] = copying["Rules"]
    assert rule["Destination"] == {
        "Bucket": COPIES["ReplicaBucketArn"],
        "StorageClass": "STANDARD_IA",
        "EncryptionConfiguration": {"ReplicaKmsKeyID": KEY},
    }
    # What somebody deletes here stays there.
    assert rule["DeleteMarkerReplication"] == {"Status": "Disabled"}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize("lacking", sorted(COPIES))
def test_without_one_of_them_nothing_is_copied(lacking: str) -> None:
    parameters = {name: value for name, value in COPIES.items() if name != lacking}
    bucket = resolved("production", **parameters)["ConsoleBucket"]["Properties"]
    assert "ReplicationConfiguration" not in bucket


def test_the_role_that_copies_reads_the_console_s_buckets_and_writes_there_alone() -> None:
    found = written("infrastructure/foundation.yaml")["Resources"]["ReplicationPolicy"]
    statements = found["Properties"]["PolicyDocument"]["Statement"]
    written_to = [each["Resource"] for each in statements if "s3:ReplicateObject" in each["Action"]]
    assert written_to == [{"Fn::Sub": "${ReplicaBucketArn}/*"}]
    [read] = [each for each in statements if "s3:GetObjectVersionForReplication" in each["Action"]]
    console = {"Fn::Sub": "arn:${AWS::Partition}:s3:::skafu-*-consolebucket-*/*"}
    assert console in read["Resource"]
