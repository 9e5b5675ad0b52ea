"""DynamoDB and CloudFormation as a restore and a switch-over meet them: in memory, one step of AWS
for each look, with what a restore forgets forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.support.clouds import failure

BACKUP = "arn:aws:dynamodb:us-east-1:1:table/skafu-prod/backup/1"
KEY = "arn:aws:kms:us-east-1:1:key/1"


@dataclass
class Tables:
    """DynamoDB. `looks` is how many answers a table needs to become active after a change; `calls`
    are those that change something.
    """

    looks: int = 2
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    life: dict[str, str] = field(default_factory=dict)
    recovering: set[str] = field(default_factory=set)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    ignores_key: bool = False
    _busy: dict[str, int] = field(default_factory=dict)

    def describe_table(self, **asked: Any) -> dict[str, Any]:
        """A table as it is now."""
        name = asked["TableName"]
        if name not in self.found:
            raise failure("ResourceNotFoundException", "none", "DescribeTable")
        left = self._busy.get(name, 0)
        self._busy[name] = max(0, left - 1)
        status = "UPDATING" if left else "ACTIVE"
        return {"Table": self.found[name] | {"TableStatus": status}}

    def restore_table_from_backup(self, **asked: Any) -> None:
        """Make a table of a backup."""
        self._make(asked, {"SourceBackupArn": asked["BackupArn"]})

    def restore_table_to_point_in_time(self, **asked: Any) -> None:
        """Make a table of a moment of another."""
        self._make(asked, {"RestoreDateTime": asked["RestoreDateTime"]})

    def _make(self, asked: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
        name = asked["TargetTableName"]
        self.calls.append(f"restore {name}")
        key = asked["SSESpecificationOverride"]["KMSMasterKeyId"]
        moment = {"RestoreDateTime": datetime(2026, 11, 23, tzinfo=UTC), **summary}
        self.found[name] = {
            "TableArn": f"arn:aws:dynamodb:us-east-1:1:table/{name}",
            "SSEDescription": {} if self.ignores_key else {"KMSMasterKeyArn": key},
            "RestoreSummary": moment,
            "BillingModeSummary": {"BillingMode": asked.get("BillingModeOverride")},
        }
        self._busy[name] = self.looks

    def update_table(self, **asked: Any) -> None:
        """One change at a time, as DynamoDB has it."""
        name = asked.pop("TableName")
        if self._busy.get(name):
            raise failure("ResourceInUseException", "being updated", "UpdateTable")
        assert len(asked) == 1
        self.calls.extend(asked)
        self.found[name] |= asked
        if "StreamSpecification" in asked:
            arn = f"{self.found[name]['TableArn']}/stream/2026-11-23T00:00:00.000"
            self.found[name]["LatestStreamArn"] = arn
        self._busy[name] = self.looks

    def update_time_to_live(self, **asked: Any) -> None:
        """Have items expire."""
        self.calls.append("TTL")
        self.life[asked["TableName"]] = asked["TimeToLiveSpecification"]["AttributeName"]

    def describe_time_to_live(self, **asked: Any) -> dict[str, Any]:
        """By which attribute items expire."""
        if asked["TableName"] not in self.life:
            return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
        name = self.life[asked["TableName"]]
        told = {"TimeToLiveStatus": "ENABLING", "AttributeName": name}
        return {"TimeToLiveDescription": told}

    def update_continuous_backups(self, **asked: Any) -> None:
        """Have a table be restored to any moment."""
        assert asked["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"] == 35
        self.calls.append("PITR")
        self.recovering.add(asked["TableName"])

    def describe_continuous_backups(self, **asked: Any) -> dict[str, Any]:
        """Whether it can be."""
        status = "ENABLED" if asked["TableName"] in self.recovering else "DISABLED"
        told = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status}}
        return {"ContinuousBackupsDescription": told}

    def tag_resource(self, **asked: Any) -> None:
        """Keep tags."""
        self.tags[asked["ResourceArn"]] = {each["Key"]: each["Value"] for each in asked["Tags"]}


@dataclass
class Formation:
    """CloudFormation with one stack. `changes` is what a change set would do, `ends` the states
    that the stack goes through when it is executed.
    """

    parameters: dict[str, str]
    changes: Sequence[Mapping[str, Any]] = ()
    ends: Sequence[str] = ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    refusal: str | None = None
    status: str = "UPDATE_COMPLETE"
    given: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)
    _coming: list[str] = field(default_factory=list)

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        """The stack."""
        if self._coming:
            self.status = self._coming.pop(0)
        shown = [
            {"ParameterKey": key, "ParameterValue": text} for key, text in self.parameters.items()
        ]
        return {"Stacks": [{"StackStatus": self.status, "Parameters": shown}]}

    def create_change_set(self, **asked: Any) -> None:
        """Remember what is asked."""
        assert asked["UsePreviousTemplate"] is True and asked["ChangeSetType"] == "UPDATE"
        self.given = asked["Parameters"]

    def describe_change_set(self, **_: Any) -> dict[str, Any]:
        """What it would change."""
        if self.refusal is not None:
            return {"Status": "FAILED", "StatusReason": self.refusal}
        told = [{"ResourceChange": each} for each in self.changes]
        return {"Status": "CREATE_COMPLETE", "Changes": told}

    def delete_change_set(self, **asked: Any) -> None:
        """Forget it."""
        self.deleted.append(asked["ChangeSetName"])

    def execute_change_set(self, **asked: Any) -> None:
        """Do it."""
        self.executed.append(asked["ChangeSetName"])
        self._coming = list(self.ends)
