"""Backtests over HTTP, over points that came in through the real store."""

from collections.abc import Sequence
from typing import Any

import pytest

from skafu.alerts.backtest.schemas import BacktestOut
from skafu.metrics.model import Segment, Series
from skafu.metrics.store import MetricsStore
from skafu.metrics.layout import layout_of
from skafu.shared.keys import BUCKET_MS
from tests.support.alerting import MINUTE, TENANT
from tests.support.alerts_api import AlertsFunction
from tests.support.clocks import NOON

DRAFT: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 10,
    "group_by": ["host"],
}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def send(function: AlertsFunction, values: Sequence[float | None], host: str = "a") -> None:
    """One point a minute from noon on, each in time; None is no point."""
    store = MetricsStore(function.table, function.clock, readers=1)
    layout = layout_of([Series("cpu.load", (("host", host),))])
    for number, value in enumerate(values):
        if value is not None:
            at = NOON + number * MINUTE + 1_000
            function.clock.now = at
            bucket = at // BUCKET_MS * BUCKET_MS
            segment = Segment(layout.hash, bucket, f"{host}{at}", at, False, [0], [at], [value])
            store.write(TENANT, [layout], [segment])
    function.clock.now = NOON + len(values) * MINUTE + 1


def body(minutes: int, **changes: Any) -> dict[str, Any]:
    return {"start": NOON, "end": NOON + minutes * MINUTE, **changes}


def told(transitions: Sequence[dict[str, Any]]) -> list[tuple[int, str, str, str]]:
    return [
        ((x["at"] - NOON) // MINUTE, x["tags"].get("host", ""), x["from"], x["to"])
        for x in transitions
    ]


def test_a_draft_is_tried_on_the_past(function: AlertsFunction) -> None:
    send(function, [3, 20, 20, 3])
    send(function, [3, 3, 3, 3], host="b")

    answer = function.ask("viewer", "POST", "/api/alerts/backtest", body(4, alert=DRAFT))

    assert answer.status == 200, answer.body
    assert told(answer.body["transitions"]) == [
        (1, "a", "INSUFFICIENT_DATA", "OK"),
        (1, "b", "INSUFFICIENT_DATA", "OK"),
        (2, "a", "OK", "ALARM"),
        (4, "a", "ALARM", "OK"),
    ]
    assert (answer.body["pages"], answer.body["seconds_in_alarm"]) == (1, 120)
    assert answer.body["instances"][0]["tags"] == {"host": "a"}
    assert answer.body["difference"] is None
    BacktestOut.model_validate(answer.body)
