"""What `make rehearse` runs as its integration tests, on the development environment that it has
just deployed: `make test` does not collect it. SKAFU_REHEARSED names a file with the API's address
and a machine's credentials.
"""

import json
import os
import time
from pathlib import Path

import pytest

from skafu.shared.clock import system_clock

from local.api import Api, MachineToken
from tests.integration.system import now_ms, point, send, unique, watch

FIRED_S = 30


@pytest.fixture
def machine() -> Api:
    told = json.loads(Path(os.environ["SKAFU_REHEARSED"]).read_text(encoding="utf-8"))
    token = MachineToken(told["token_url"], told["client_id"], told["secret"], system_clock)
    return Api(told["api_url"], token)


def test_what_was_taken_can_be_read(machine: Api) -> None:
    metric, at = unique("rehearsed.read"), now_ms()
    send(machine, point(metric, 42.5, at))
    [result] = machine.ask(
        *("GET", "/api/metrics/query"),
        metric=metric,
        statistic="sum",
        period=60,
        start=at,
        end=at + 1,
    )["results"]
    assert [value for value in result["series"][0]["values"] if value is not None] == [42.5]


def test_the_stream_of_this_account_reaches_its_alerts(machine: Api) -> None:
    metric = unique("rehearsed.alert")
    alert = watch(machine, metric)
    deadline = time.monotonic() + FIRED_S
    while alert.state != "ALARM":
        assert time.monotonic() < deadline, alert.transitions
        send(machine, point(metric, 9, now_ms()))
        time.sleep(0.5)
    machine.call("DELETE", f"/api/alerts/{alert.id}", version=1)
