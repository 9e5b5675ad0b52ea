"""What operators do with the running system."""

import json
import os
import re
import subprocess
import sys
import time

import psutil

from local import processes
from local.home import ROOT
from tests.integration.conftest import run
from tests.integration.playing import player
from tests.integration.system import System, now_ms

AGAIN_S = 30


def ops(system: System, *arguments: str) -> str:
    """What `python -m skafu.ops` printed, with the credentials of this system's account."""
    done = subprocess.run(
        [sys.executable, "-m", "skafu.ops", *arguments],
        cwd=ROOT,
        env=os.environ | system.home.aws_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_bootstrap_makes_another_tenant_and_tells_its_secret_once(system: System) -> None:
    command = ("bootstrap", "--environment", "local", "--email", "ada@example.com")
    first = ops(system, *command, "--machine", "exporter")
    second = ops(system, *command, "--machine", "exporter")
    told = re.findall(r"^machine secret +(\S+)$", first, re.MULTILINE)
    assert len(told) == 1
    assert told[0] not in second
    assert first.splitlines()[:3] == second.splitlines()[:3]


def test_an_operator_compacts_what_was_due_at_a_moment_of_the_past(system: System) -> None:
    tenant = system.machine().ask("GET", "/api/me")["tenant"]
    command = ("compact", "--environment", "local", "--tenant", tenant)
    told = ops(
        system, *command, "--from", "2026-01-01", "--to", "2026-01-01T01:00Z", "--step", "30"
    )
    assert re.findall(r"^(2026-01-01T\S+)  ", told, re.MULTILINE) == [
        "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:30:00+00:00",
        "2026-01-01T01:00:00+00:00",
    ]
    assert "failed 0" in ops(system, *command)


def test_a_quota_that_an_operator_lowers_is_named_to_who_goes_over_it(system: System) -> None:
    newcomer = player(system, now_ms())
    command = ("tenant", "--environment", "local", "--tenant", newcomer.tenant)
    assert "(the default)" in ops(system, *command)
    assert "batch points      2" in ops(system, *command, "--batch-points", "2")
    token = newcomer.api.token()
    body = json.dumps({"metrics": [{"name": "quota", "value": i} for i in range(3)]}).encode()
    answer = system.raw("POST", "/api/metrics", body, Authorization=token)
    assert answer.status == 413
    assert "the quota batch_points allows 2" in json.dumps(answer.json())


def test_starting_it_again_changes_nothing_and_is_quick(system: System) -> None:
    emulator = processes.running(system.home, "aws")
    before = system.home.stack_file.read_bytes()
    started = time.monotonic()
    again = run("up", system.home, "--no-agent")
    took = time.monotonic() - started
    assert again.returncode == 0, again.stderr
    assert "runs" in again.stdout and "up to date" in again.stdout
    assert system.home.stack_file.read_bytes() == before
    assert processes.running(system.home, "aws") == emulator
    assert took < AGAIN_S


def test_a_taken_port_is_told_in_one_sentence(system: System) -> None:
    elsewhere = type(system.home)(system.home.folder / "elsewhere", system.home.port)
    refused = run("up", elsewhere, "--no-agent")
    assert refused.returncode == 1
    [sentence] = refused.stderr.splitlines()
    assert str(system.home.port) in sentence and "SKAFU_PORT" in sentence


def test_it_listens_on_loopback_alone(system: System) -> None:
    emulator = processes.running(system.home, "aws")
    assert emulator is not None
    listening = {
        connection.laddr.ip
        for each in [emulator, *emulator.children(recursive=True)]
        for connection in each.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_the_table_has_what_the_template_says_of_its_replica(system: System) -> None:
    table = system.stack["table_name"]
    dynamodb = system.aws("dynamodb")
    lifetime = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert lifetime == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    found = dynamodb.describe_table(TableName=table)["Table"]
    assert found["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert found["SSEDescription"]["SSEType"] == "KMS"
    assert found["GlobalSecondaryIndexes"][0]["IndexName"] == "GSI1"
