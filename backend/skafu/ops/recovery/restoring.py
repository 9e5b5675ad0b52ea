"""Restore into a new table, and give it what a restore forgets: stream, TTL, point-in-time
recovery, deletion protection, tags. Each step looks first, so the same call goes on where one broke
off.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery.waiting import Pause, until

STREAM = "NEW_AND_OLD_IMAGES"
LIFE = "ttl"
KEPT_DAYS = 35
"""How long point-in-time recovery reaches back, at most."""
RESTORED_FROM = "skafu:restored-from"
SETTLE_S = 300.0


@dataclass(frozen=True)
class Wanted:
    """A table to be made: of a backup (its ARN) or of a moment (epoch ms) of `source`. `key` is the
    ARN of the stack's key, which the functions' roles may use.
    """

    source: str
    target: str
    key: str
    point_in_time: bool
    protected: bool
    tags: Mapping[str, str]
    backup: str | None = None
    at: int | None = None

    @property
    def origin(self) -> str:
        """What it is made of, as its tag tells it."""
        if self.backup is not None:
            return self.backup
        if self.at is None:
            raise ValueError("a table is restored of a backup or of a moment")
        return f"{self.source}@{datetime.fromtimestamp(self.at / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Means:
    """`client` is a botocore client of dynamodb; `limit_s` bounds the restore itself."""

    client: Any
    tell: Callable[[str], None]
    wait: Pause
    limit_s: float


def restore(wanted: Wanted, means: Means) -> str:
    """Make the table, wait, settle it; the ARN of its stream. Raises Refused when a table of this
    name is something else, when it is not in time, or is not as it has to be.
    """
    if wanted.target == wanted.source:
        raise Refused("A table is never restored over itself: give another name.")
    found = describe(means.client, wanted.target)
    if found is None:
        means.tell(f"Restoring {wanted.origin} into {wanted.target}")
        _begin(wanted, means.client)
    else:
        _is_ours(wanted, found)
        means.tell(f"{wanted.target} is there already: going on")
    until(
        lambda: _is_active(describe(means.client, wanted.target)),
        *(means.limit_s, f"{wanted.target} is not restored", means.wait),
    )
    settle(wanted, means)
    if odd := list(differences(wanted, means.client)):
        raise Refused(f"{wanted.target} is not as it has to be: {'; '.join(odd)}.")
    return str((describe(means.client, wanted.target) or {})["LatestStreamArn"])


def describe(client: Any, table: str) -> dict[str, Any] | None:
    """What DynamoDB tells of a table; None when there is none."""
    try:
        return dict(client.describe_table(TableName=table)["Table"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def _begin(wanted: Wanted, client: Any) -> None:
    # Without this the copy is encrypted with a key of DynamoDB's own.
    key = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": wanted.key}
    # By request, whatever the table was: what CloudFormation did not make it does not scale either,
    # and a restored table is to take all of the load at once.
    common = {
        "TargetTableName": wanted.target,
        "SSESpecificationOverride": key,
        "BillingModeOverride": "PAY_PER_REQUEST",
    }
    if wanted.backup is not None:
        client.restore_table_from_backup(BackupArn=wanted.backup, **common)
        return
    if wanted.at is None:
        raise ValueError("a table is restored of a backup or of a moment")
    moment = datetime.fromtimestamp(wanted.at / 1000, UTC)
    client.restore_table_to_point_in_time(
        SourceTableName=wanted.source, RestoreDateTime=moment, **common
    )


def _is_ours(wanted: Wanted, found: Mapping[str, Any]) -> None:
    """A table that somebody else made, or of another backup, is not gone on with."""
    summary = found.get("RestoreSummary") or {}
    source = str(summary.get("SourceBackupArn") or "")
    moment = summary.get("RestoreDateTime")
    if wanted.backup is not None:
        ours = source == wanted.backup
    else:
        at = int(moment.timestamp()) if moment is not None else None
        ours = not source and wanted.at is not None and at == wanted.at // 1000
    if not ours:
        raise Refused(f"{wanted.target} is there and was not restored from {wanted.origin}.")


def _is_active(found: Mapping[str, Any] | None) -> bool:
    if found is None or found["TableStatus"] != "ACTIVE":
        return False
    indexes = found.get("GlobalSecondaryIndexes") or ()
    return all(each.get("IndexStatus", "ACTIVE") == "ACTIVE" for each in indexes)


# --- what a restore forgets -----------------------------------------------------------------------


def settle(wanted: Wanted, means: Means) -> None:
    """Set what differs. DynamoDB takes one change of a table at a time."""
    client, name = means.client, wanted.target
    found = describe(client, name) or {}
    if not (found.get("StreamSpecification") or {}).get("StreamEnabled"):
        means.tell(f"  stream: {STREAM}")
        stream = {"StreamEnabled": True, "StreamViewType": STREAM}
        _update(means, name, StreamSpecification=stream)
    if _life(client, name) != LIFE:
        means.tell(f"  TTL: {LIFE}")
        life = {"Enabled": True, "AttributeName": LIFE}
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=life)
    if wanted.point_in_time and not _recovers(client, name):
        means.tell(f"  point-in-time recovery: {KEPT_DAYS} days")
        recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": KEPT_DAYS}
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if wanted.protected and not found.get("DeletionProtectionEnabled"):
        means.tell("  deletion protection")
        _update(means, name, DeletionProtectionEnabled=True)
    tags = {**wanted.tags, RESTORED_FROM: wanted.origin}
    client.tag_resource(
        ResourceArn=found["TableArn"],
        Tags=[{"Key": key, "Value": text} for key, text in tags.items()],
    )


def _update(means: Means, name: str, **change: Any) -> None:
    means.client.update_table(TableName=name, **change)
    until(
        lambda: _is_active(describe(means.client, name)),
        *(SETTLE_S, f"{name} is not active again", means.wait),
    )


def differences(wanted: Wanted, client: Any) -> Iterator[str]:
    """What of a restored table is not as the stack's own has it."""
    found = describe(client, wanted.target) or {}
    stream = found.get("StreamSpecification") or {}
    if stream.get("StreamViewType") != STREAM or not found.get("LatestStreamArn"):
        yield f"its stream is {stream.get('StreamViewType', 'off')}"
    if _life(client, wanted.target) != LIFE:
        yield "nothing expires"
    if wanted.point_in_time and not _recovers(client, wanted.target):
        yield "it has no point-in-time recovery"
    if wanted.protected and not found.get("DeletionProtectionEnabled"):
        yield "it is not protected from deletion"
    key = (found.get("SSEDescription") or {}).get("KMSMasterKeyArn")
    if key != wanted.key:
        yield f"it is encrypted with {key or 'a key of DynamoDB'}, which the roles cannot use"


def _life(client: Any, name: str) -> str | None:
    found = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if found.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        return None
    return str(found["AttributeName"])


def _recovers(client: Any, name: str) -> bool:
    found = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = found.get("PointInTimeRecoveryDescription") or {}
    return recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
