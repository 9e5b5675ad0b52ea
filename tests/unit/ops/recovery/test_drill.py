"""How much would be lost if the table were restored now."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery.drill import rpo_s
from tests.support.clocks import NOON

MINUTE_S = 60


def moment(seconds_ago: int) -> datetime:
    return datetime.fromtimestamp(NOON / 1000 - seconds_ago, UTC)


@dataclass
class Kept:
    """DynamoDB: the newest restorable moment, and backups, by how many seconds ago they were."""

    recovery: int | None = None
    backups: tuple[tuple[str, int], ...] = ()

    def describe_continuous_backups(self, **_: Any) -> dict[str, Any]:
        """Point-in-time recovery."""
        told: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
        if self.recovery is not None:
            told = {
                "PointInTimeRecoveryStatus": "ENABLED",
                "LatestRestorableDateTime": moment(self.recovery),
            }
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": told}}

    def list_backups(self, **asked: Any) -> dict[str, Any]:
        """One backup on each page."""
        after = int(asked.get("ExclusiveStartBackupArn", "-1")) + 1
        found = [
            {
                "BackupArn": str(number),
                "BackupName": "b",
                "TableName": asked["TableName"],
                "BackupStatus": status,
                "BackupCreationDateTime": moment(ago),
            }
            for number, (status, ago) in enumerate(self.backups)
        ][after : after + 1]
        more = {"LastEvaluatedBackupArn": str(after)} if after + 1 < len(self.backups) else {}
        return {"BackupSummaries": found, **more}


def test_with_point_in_time_recovery_it_is_what_that_lags_behind() -> None:
    kept = Kept(recovery=5 * MINUTE_S, backups=(("AVAILABLE", 1),))
    assert rpo_s(kept, "t", NOON) == 5 * MINUTE_S


def test_without_it_is_the_age_of_the_newest_backup_that_can_be_restored() -> None:
    kept = Kept(backups=(("AVAILABLE", 900), ("AVAILABLE", 300), ("CREATING", 1)))
    assert rpo_s(kept, "t", NOON) == 300


def test_a_moment_that_is_ahead_of_this_clock_is_no_gain() -> None:
    assert rpo_s(Kept(recovery=-2), "t", NOON) == 0.0


def test_without_either_there_is_nothing_to_go_back_to() -> None:
    with pytest.raises(Refused, match="neither point-in-time recovery nor a backup"):
        rpo_s(Kept(backups=(("CREATING", 1),)), "t", NOON)
