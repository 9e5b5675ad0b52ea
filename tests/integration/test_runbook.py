"""Procedures of docs/runbook.md, done as they are written: something is broken, the operator's
commands show it, and mend it.
"""

import json
import re
from collections.abc import Iterator

import pytest

from skafu.ops.compact import main as compact
from skafu.shared import keys
from skafu.shared.keys import HOUR_MS, MINUTE_MS

from local.api import Api
from local.home import ENVIRONMENT, STACK
from tests.integration.playing import Player, player, without_schedule
from tests.integration.system import System, now_ms, unique, watch
from tests.integration.test_operating import ops

HERE = ("--environment", ENVIRONMENT)


@pytest.fixture
def sender(system: System) -> Iterator[Player]:
    """A tenant that sent one point an hour ago, with the compactor's rule stopped."""
    start = now_ms() - HOUR_MS
    with without_schedule(system):
        found = player(system, start)
        _send(found, start)
        yield found


def _send(player_: Player, at: int) -> None:
    """By a process that knows nothing yet of what is stored."""
    player_.clock.now = at + MINUTE_MS
    point = {"name": "runbook", "value": 1.0, "timestamp": at, "tags": {"id": "a"}}
    player_.at(player_.clock).send([point], f"at {at}")


def _asked(player_: Player) -> tuple[float, list[str]]:
    """The sum of all points of two hours, and what the answer warns of."""
    end = now_ms()
    path = f"/api/metrics/query?metric=runbook&statistic=sum&period=60&start={end - 2 * HOUR_MS}"
    answer = player_.api.ask("GET", f"{path}&end={end}")
    values = [x for each in answer["results"][0]["series"] for x in each["values"] if x is not None]
    return sum(values), answer["warnings"]


def test_a_seal_that_a_missing_layout_blocks_is_made_once_another_process_has_taken_points(
    system: System, sender: Player
) -> None:
    """#BlockedSeals"""
    dynamodb, table = system.aws("dynamodb"), system.stack["table_name"]
    [layout] = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": keys.layouts(sender.tenant)}},
    )["Items"]
    name = {"pk": layout["pk"], "sk": layout["sk"]}
    dynamodb.delete_item(TableName=table, Key=name)

    command = ("compact", *HERE, "--tenant", sender.tenant)
    assert re.search(r"blocked [1-9]", ops(system, *command))
    points, [warning] = _asked(sender)
    assert points == 0 and layout["sk"]["S"] in warning

    _send(sender, now_ms() - 2 * MINUTE_MS)
    assert "blocked 0," in ops(system, *command)
    assert _asked(sender) == (2, [])


def test_a_compactor_that_does_not_start_is_told_by_a_run(
    system: System, sender: Player, capsys: pytest.CaptureFixture[str]
) -> None:
    """#CompactorFailing, #CompactorStopped"""
    client, name = system.aws("lambda"), f"{STACK}-metrics-compactor"
    command = [*HERE, "--tenant", sender.tenant]
    before = client.get_function_configuration(FunctionName=name)["Handler"]
    alias = client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    try:
        client.update_function_configuration(FunctionName=name, Handler="skafu.gone.handler")
        broken = client.publish_version(FunctionName=name)["Version"]
        client.update_alias(FunctionName=name, Name="live", FunctionVersion=broken)
        assert compact(command, lambda service, **_: system.aws(service)) == 1
        assert "No module named" in capsys.readouterr().err
    finally:
        client.update_function_configuration(FunctionName=name, Handler=before)
        client.update_alias(FunctionName=name, Name="live", FunctionVersion=alias)
    told = ops(system, "compact", *command)
    assert re.search(r"sealed [1-9]\d*,.* left 0, failed 0$", told, re.MULTILINE), told


def test_wake_ups_that_nobody_answered_are_shown_and_sent_again(system: System, admin: Api) -> None:
    """#WakeupsDeadLetters"""
    sqs, outputs = system.aws("sqs"), system.outputs()
    alert = watch(admin, unique("wake")).id
    tenant = admin.ask("GET", "/api/me")["tenant"]
    asked = {"tenant": tenant, "alerts": [alert], "due": now_ms() - MINUTE_MS}
    sqs.send_message(QueueUrl=outputs["WakeupsDeadLettersUrl"], MessageBody=json.dumps(asked))

    command = ("replay", *HERE, "--queue", "wakeups")
    shown = ops(system, *command, "--dry-run")
    assert tenant in shown and alert in shown and "0 moved" in shown
    moved = ops(system, *command)
    assert alert in moved and "0 kept" in moved
    assert "0 moved, 0 dropped, 0 kept" in ops(system, *command, "--dry-run")
