"""On-demand backups of the table, which DynamoDB keeps until somebody deletes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery.waiting import Pause, until

AVAILABLE = "AVAILABLE"


@dataclass(frozen=True)
class Backup:
    """A backup of the table `table`; `at` is its moment (epoch ms), `size` bytes."""

    arn: str
    name: str
    table: str
    status: str
    at: int
    size: int

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.at / 1000, UTC)
        return (
            f"{when:%Y-%m-%d %H:%M:%S} UTC  {self.status:<9}  {self.size:>13,} B  "
            f"{self.name}  {self.arn}"
        )


def name_at(table: str, at: int) -> str:
    """What a backup that is taken at a moment (epoch ms) is called."""
    return f"{table}-{datetime.fromtimestamp(at / 1000, UTC):%Y%m%dT%H%M%SZ}"


def take(client: Any, table: str, name: str, limit_s: float, wait: Pause) -> Backup:
    """Take one and wait until it can be restored. Raises Refused when it is not in time."""
    made = client.create_backup(TableName=table, BackupName=name)["BackupDetails"]
    arn = str(made["BackupArn"])
    until(
        lambda: read(client, arn).status == AVAILABLE,
        *(limit_s, f"the backup {arn} is not available", wait),
    )
    return read(client, arn)


def read(client: Any, arn: str) -> Backup:
    """One of them. Raises Refused when there is none."""
    try:
        found = client.describe_backup(BackupArn=arn)["BackupDescription"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "BackupNotFoundException":
            raise
        raise Refused(f"There is no backup {arn}: see `backup --list`.") from error
    return _backup(found["BackupDetails"], found["SourceTableDetails"]["TableName"])


def listed(client: Any, table: str) -> Iterator[Backup]:
    """All of a table's, those of AWS Backup too, the newest first."""
    asked: dict[str, Any] = {"TableName": table, "BackupType": "ALL"}
    found: list[Backup] = []
    while True:
        page = client.list_backups(**asked)
        found += (_backup(each, each["TableName"]) for each in page["BackupSummaries"])
        if "LastEvaluatedBackupArn" not in page:
            yield from sorted(found, key=lambda each: -each.at)
            return
        asked["ExclusiveStartBackupArn"] = page["LastEvaluatedBackupArn"]


def _backup(details: Mapping[str, Any], table: str) -> Backup:
    return Backup(
        arn=details["BackupArn"],
        name=details["BackupName"],
        table=table,
        status=details["BackupStatus"],
        at=int(details["BackupCreationDateTime"].timestamp() * 1000),
        size=int(details.get("BackupSizeBytes", 0)),
    )
