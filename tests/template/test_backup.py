"""Backups are taken, copied, and cannot be deleted before their time."""

import pytest

from skafu.ops.transformed import read
from tests.support.transformed import ROOT, Resolver, of_type

COPIES = "arn:aws:backup:us-west-2:123456789012:backup-vault:skafu-production-copies"


def resources(name: str, **parameters: str) -> dict[str, dict[str, object]]:
    """Of a template, resolved."""
    template = read(ROOT / "infrastructure" / f"{name}.yaml")
    told = {key: str(each.get("Default", "")) for key, each in template["Parameters"].items()}
    resolver = Resolver(template, told | {"EnvironmentName": "production"} | parameters)
    return {
        key: resolver.resolve(each)
        for key, each in template["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


def rule(**parameters: str) -> dict[str, object]:
    """The plan's one rule."""
    plan = resources("backup", **parameters)["Plan"]["Properties"]
    [found] = plan["BackupPlan"]["BackupPlanRule"]  # type: ignore[index]  # JSON
    return dict(found)


def test_a_week_is_backed_up_kept_for_90_days_and_copied_to_the_other_region() -> None:
    found = rule(CopyVaultArn=COPIES)
    assert found["ScheduleExpression"] == "cron(0 3 ? * SUN *)"
    assert found["Lifecycle"] == {"DeleteAfterDays": 90}
    [copied] = list(found["CopyActions"])  # type: ignore[call-overload]  # JSON
    assert copied == {"DestinationBackupVaultArn": COPIES, "Lifecycle": {"DeleteAfterDays": 90}}
    assert rule()["CopyActions"] == []


@pytest.mark.parametrize(("name", "vault"), [("backup", "Vault"), ("replica", "CopyVault")])
@pytest.mark.parametrize(("mode", "changeable"), [("governance", None), ("compliance", 3)])
def test_both_vaults_are_locked_and_allow_what_the_plan_keeps(
    name: str, vault: str, mode: str, changeable: int | None
) -> None:
    found = resources(name, LockMode=mode)[vault]
    lock = found["Properties"]["LockConfiguration"]  # type: ignore[index]  # JSON
    assert lock["MinRetentionDays"] <= 90 <= lock["MaxRetentionDays"]
    assert lock.get("ChangeableForDays") == changeable
    assert found["DeletionPolicy"] == "RetainExceptOnCreate"


def test_restored_tables_are_backed_up_too() -> None:
    selection = resources("backup")["Selection"]["Properties"]
    [tables] = selection["BackupSelection"]["Resources"]  # type: ignore[index]  # JSON
    assert str(tables).endswith(":table/skafu-production*")


def test_failures_are_told_also_those_of_copies() -> None:
    pattern = resources("backup")["Failures"]["Properties"]["EventPattern"]  # type: ignore[index]  # JSON
    assert "Copy Job State Change" in pattern["detail-type"]
    assert set(pattern["detail"]["state"]) == {"FAILED", "ABORTED", "EXPIRED"}


def test_copies_of_buckets_get_colder_and_go_after_seven_years() -> None:
    found = of_type(resources("replica"), "AWS::S3::Bucket")["CopiesBucket"]
    [life] = found["LifecycleConfiguration"]["Rules"]
    days = {each["StorageClass"]: each["TransitionInDays"] for each in life["Transitions"]}
    assert days == {"STANDARD_IA": 30, "GLACIER": 90, "DEEP_ARCHIVE": 365}
    assert life["ExpirationInDays"] == 2557
    assert found["BucketName"] == "skafu-backups-us-east-1-123456789012-production"


def test_artefacts_are_copied_where_there_is_a_bucket_for_them() -> None:
    bucket, key = "arn:aws:s3:::skafu-backups", "arn:aws:kms:us-west-2:123456789012:key/1"
    found = resources("foundation", ReplicaBucketArn=bucket, ReplicaKeyArn=key)
    artefacts = found["ArtefactBucket"]["Properties"]
    [copied] = artefacts["ReplicationConfiguration"]["Rules"]  # type: ignore[index]  # JSON
    assert copied["Destination"] == {
        "Bucket": bucket,
        "StorageClass": "STANDARD_IA",
        "EncryptionConfiguration": {"ReplicaKmsKeyID": key},
    }
    alone = resources("foundation")
    assert "ReplicationConfiguration" not in alone["ArtefactBucket"]["Properties"]  # type: ignore[operator]  # JSON
    assert "ReplicationRole" not in alone
