"""The drill of a restore: load, a backup, more load, a mistake, the way back, and the account."""

import re
import time

from skafu.ops.recovery import targets
from skafu.ops.recovery.targets import Measured
from skafu.shared.clock import system_clock

from local import cloud, login, stack
from local.drill.losses import Losses, Moments, losses
from local.drill.playing import Playing
from local.rehearsal.steps import require
from local.rehearsal.writer import Writer, read_back, sender, wait_until

BEFORE_S, BETWEEN_S, AFTER_S = 20.0, 10.0, 5.0
"""So long it is written before the backup, from there to the damage, and after the switch-over."""
TAKEN_S, BACK_S, DRAINED_S = 60.0, 60.0, 60.0
EDGE_S = "2"
"""What was received so shortly before the backup is not asked of the copy by `restore`; the account
of each point is this drill's own.
"""
DAMAGED = ("segment", "late")
SKIPPED = (
    "The embedded AWS takes a backup and makes a table of it at once, whatever its size: in AWS "
    "that takes minutes to hours, so only the steps of an RTO are shown here, not its length.",
    "Point-in-time recovery is not drilled: the embedded AWS ignores the moment and gives the "
    "newest state.",
    "Nobody has to notice the damage: the clock runs from the damage itself.",
)


class Drill(Playing):
    """Load, a backup, a mistake, the way back, and the account."""

    def play(self) -> None:
        """All of it. Raises Refused when something does not go as it has to."""
        with self.steps.step("Skafu on an embedded AWS") as told:
            stack.deploy(self.home, lambda _: None)
            outputs = stack.outputs(self.home)
            login.found(self.home, outputs)
            told.append(self.home.endpoint)
        writer = self._write()
        backup, at = self._back_up(outputs["TableName"])
        damage = self._damage(outputs["TableName"])
        switched = self._restore(backup, at)
        self._is_back(at, damage)
        time.sleep(AFTER_S)
        found = self._account(writer, Moments(at, damage, switched))
        self._judge(found, Moments(at, damage, switched))
        self._can_go_back()

    # --- acts -------------------------------------------------------------------------------------

    def _write(self) -> Writer:
        with self.steps.step("machines write, from here to the end") as told:
            writer = Writer(sender(login.machine_api(self.home)), self.ledger)
            writer.start()
            self.closing.append(writer.abandon)
            wait_until(lambda: self.ledger.acknowledged > 0, TAKEN_S, "no point was acknowledged")
            time.sleep(BEFORE_S)
            told.append(f"{self.ledger.acknowledged} points acknowledged")
        return writer

    def _back_up(self, table: str) -> tuple[str, int]:
        with self.steps.step("backup") as told:
            said = self.must("backup").last
            arn = said.split()[-1]
            client = cloud.client(self.home, "dynamodb")
            found = client.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
            require(arn.startswith("arn:") and f":table/{table}/" in arn, f"What is {said}?")
            told.append(said)
        time.sleep(BETWEEN_S)
        return arn, int(found["BackupCreationDateTime"].timestamp() * 1000)

    def _damage(self, table: str) -> int:
        """Delete all points of all hours, as somebody's script might."""
        with self.steps.step("a mistake deletes points") as told:
            client, gone, at = cloud.client(self.home, "dynamodb"), 0, system_clock()
            pages = client.get_paginator("scan").paginate(
                TableName=table, ProjectionExpression="pk, sk, k"
            )
            for item in [each for page in pages for each in page["Items"]]:
                if item["k"]["S"] in DAMAGED:
                    client.delete_item(
                        TableName=table, Key={name: item[name] for name in ("pk", "sk")}
                    )
                    gone += 1
            there = read_back(login.machine_api(self.home), *self.ledger.span)
            missing = len(set(self.ledger.acknowledged_by(at)) - set(there))
            require(missing > 0, "Nothing is missing: it was no damage.")
            told.append(f"{gone} items deleted; {missing} acknowledged points cannot be read")
        return at

    def _restore(self, backup: str, at: int) -> int:
        with self.steps.step("restore into a new table, validate, switch over") as told:
            line = ("--backup", backup, "--switch", "--yes", "--edge-seconds", EDGE_S)
            done = self.must("restore", *line)
            switched = system_clock()
            table = stack.outputs(self.home)["TableName"]
            require(f"uses {table}" in done.said, f"The stack uses {table}.")
            require("everything that was received before" in done.said, "It was not compared.")
            self.figures["restore_command_s"] = round(done.seconds, 1)
            told.append(f"{table}, of {(switched - at) / 1000:.0f} s ago")
        return switched

    def _is_back(self, backup: int, damage: int) -> None:
        with self.steps.step("all from before the backup is read through the API") as told:
            wanted, api = set(self.ledger.acknowledged_by(backup)), login.machine_api(self.home)
            wait_until(
                lambda: wanted <= set(read_back(api, *self.ledger.span)),
                *(BACK_S, "points from before the backup are not there"),
            )
            self.figures["rto_s"] = (system_clock() - damage) / 1000
            told.append(f"{len(wanted)} points, {self.figures['rto_s']:.1f} s after the damage")

    def _account(self, writer: Writer, moments: Moments) -> Losses:
        with self.steps.step("each acknowledged point is accounted for") as told:
            writer.stop(DRAINED_S)
            require(not writer.trouble, f"The writer failed: {writer.trouble[:1]}")
            stored = read_back(login.machine_api(self.home), *self.ledger.span)
            found = losses(self.ledger, stored, moments)
            self.figures |= {
                "acknowledged": found.balance.acknowledged,
                "lost_from_before_the_backup": found.before,
                "lost_from_backup_to_damage": found.since_backup,
                "lost_from_damage_to_switch": found.since_damage,
                "lost_after_the_switch": found.after,
                "backup_to_damage_s": (moments.damage - moments.backup) / 1000,
                "rpo_s": found.rpo_s(moments),
                "failed_requests": sum(not each.is_good for each in self.ledger.attempts),
            }
            require(not found.problems, "; ".join(found.problems))
            told.append(
                f"{found.balance.acknowledged} acknowledged; lost: {found.before} from before the "
                f"backup, {found.since_backup} from then to the damage, {found.since_damage} that "
                f"the damaged table took after that, {found.after} since the switch-over"
            )
        return found

    def _judge(self, found: Losses, moments: Moments) -> None:
        measured = Measured(self.figures["rto_s"], found.rpo_s(moments))
        verdicts = list(targets.judged(targets.load(), measured))
        with self.steps.step("within the targets of delivery/recovery.yaml") as told:
            for each in verdicts:
                self.steps.tell(f"          {each}")
            late = [each.service for each in verdicts if not each.holds]
            require(not late, f"not within: {', '.join(late)}")
            told.append(f"RTO {measured.rto_s:.1f} s, RPO {measured.rpo_s:.1f} s")

    def _can_go_back(self) -> None:
        with self.steps.step("switch back to the stack's own table") as told:
            told.append(self.must("switch", "--back", "--yes").said.strip().splitlines()[-2])
            own = stack.outputs(self.home)["TableName"]
            require(not re.search("restored", own), f"It uses {own}.")
