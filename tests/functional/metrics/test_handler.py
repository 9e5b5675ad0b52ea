"""The metrics function as the runtime sees it: its real handler on a table that moto keeps."""

import importlib
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Handler
from tests.support.claims import MACHINE, machine_claims
from tests.support.events import answer_json, api_event, lambda_context
from tests.support.metrics import TENANT, point
from tests.support.moto_table import create_table

MODULE = "skafu.metrics.handlers.api"
ENVIRONMENT = {
    "TABLE_NAME": "skafu-test",
    "ENVIRONMENT": "local",
    "CORS_ORIGIN": "http://localhost:3000",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


@pytest.fixture(name="handler")
def fixture_handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    """The handler as a fresh environment imports it, with a machine that may send."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb = client("dynamodb")
        create_table(dynamodb, ENVIRONMENT["TABLE_NAME"])
        members = Members(DynamoTable(dynamodb, ENVIRONMENT["TABLE_NAME"]), system_clock, random_id)
        members.add_member(MACHINE, Kind.MACHINE, TENANT, Role.EDITOR)
        sys.modules.pop(MODULE, None)
        handler: Handler = importlib.import_module(MODULE).handler
        yield handler
    sys.modules.pop(MODULE, None)


def call(handler: Handler, method: str, path: str, **how: Any) -> tuple[int, Any]:
    event = api_event(method, path, claims=machine_claims(), **how)
    answer = handler(event, lambda_context("MetricsFunction"))
    return answer["statusCode"], answer_json(answer)


def test_points_that_are_sent_can_be_listed_and_queried(handler: Handler) -> None:
    now = time.time_ns() // 1_000_000
    stamps = [now - 2 * 86_400_000, now - 60_000, now]
    points = [
        point(value=float(n), timestamp=stamp, tags={"host": "a"}, unit="Percent")
        for n, stamp in enumerate(stamps)
    ]
    for _ in range(2):
        status, answer = call(handler, "POST", "/api/metrics", body={"metrics": points})
        assert (status, answer["accepted"], answer["rejected"]) == (202, 3, [])

    assert call(handler, "GET", "/api/metrics")[1]["metrics"] == [
        {"name": "cpu.load", "unit": "Percent", "series": 1, "last_seen": now, "complete": True}
    ]
    query = {"metric": "cpu.load", "statistic": "count", "period": "2764800"}
    bounds = {"start": str(stamps[0]), "end": str(now + 1), "filter": "host=a"}
    status, answer = call(handler, "GET", "/api/metrics/query", query=query | bounds)
    assert status == 200
    values = answer["results"][0]["series"][0]["values"]
    assert sum(value for value in values if value) == 3.0
    assert answer["warnings"] == []
