from typing import Any

from skafu.metrics.compaction.compactor import Compactor
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS

from local import status
from local.api import Api
from tests.support.claims import machine_claims
from tests.support.clocks import NOON, FakeClock
from tests.support.http_script import HttpScript, says
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import point
from tests.support.played import PlayedApi


def api(document: dict[str, Any]) -> tuple[Api, HttpScript]:
    script = HttpScript([says(200, document)])
    return Api("http://api.example", lambda: "token", script), script


def test_a_table_has_a_heading_and_aligned_columns() -> None:
    assert status.table([("a", "long heading"), ("longer", "b")]) == [
        "a       long heading",
        "------  ------------",
        "longer  b",
    ]


def test_the_latest_value_of_every_metric_is_shown() -> None:
    series = {"tags": {}, "timestamps": [NOON, NOON + 60_000], "values": [12.5, None]}
    results = [{"id": f"m{i}", "series": [series] if i == 0 else []} for i in range(7)]
    asked, script = api({"results": results, "warnings": []})
    rows = status.metrics(asked, NOON)
    assert rows[1] == ("system.cpu.utilization", "12.50", "12:00:00 UTC")
    assert rows[2] == ("system.cpu.load", "-", "-")
    question = script.asked[0].json()
    assert question["end"] - question["start"] > status.LOOK_BACK_MS
    assert {query["statistic"] for query in question["queries"]} == {"last"}


def test_every_instance_of_an_alert_is_shown_and_one_without_any_too() -> None:
    alerts = [
        {"name": "busy", "instances": [{"tags": {"host": "a"}, "state": "ALARM", "since": NOON}]},
        {"name": "quiet", "instances": []},
    ]
    asked, _ = api({"alerts": alerts, "cursor": None})
    assert status.alerts(asked)[1:] == [
        ("busy", "host=a", "ALARM", "12:00:00 UTC"),
        ("quiet", "-", "-", "-"),
    ]


def test_compaction_tells_how_far_it_is_behind_and_what_came_late() -> None:
    stored, clock = InMemoryTable(), FakeClock(NOON - HOUR_MS)
    api_ = PlayedApi(stored, clock, machine_claims())
    api_.send([point(timestamp=NOON - HOUR_MS)], "live")
    assert status.compaction(stored, api_.tenant, clock())[1:] == [("0", "-", "-", "-", "-")]
    clock.now = NOON + 7 * MINUTE_MS
    while Compactor(stored, clock, retention_ms=30 * DAY_MS).run().left:
        pass
    api_.send([point(timestamp=NOON - HOUR_MS + 1)], "late")
    rows = status.compaction(stored, api_.tenant, clock())
    assert rows[1:] == [("0", "12:00:00 UTC", "7 min", "2023-11-15", "1")]
