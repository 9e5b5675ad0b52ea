"""Backtests over HTTP, over points that came in through the real store."""

from collections.abc import Sequence
from typing import Any

import pytest

from skafu.alerts.backtest.schemas import BacktestOut
from skafu.metrics.model import Segment, Series
from skafu.metrics.store import MetricsStore
from skafu.metrics.layout import layout_of
from skafu.shared.keys import BUCKET_MS, DAY_MS
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


# --- stored alerts and changes of them ------------------------------------------------------------


def create(function: AlertsFunction, **changes: Any) -> str:
    answer = function.ask("editor", "POST", "/api/alerts", {**DRAFT, **changes})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def test_a_stored_alert_is_tried_as_if_it_had_been_there(function: AlertsFunction) -> None:
    send(function, [3, 20, 20, 3])
    made = create(function)

    answer = function.ask("viewer", "POST", f"/api/alerts/{made}/backtest", body(4))

    assert answer.status == 200
    assert (answer.body["pages"], answer.body["before"]) == (1, None)


def test_a_change_is_compared_with_what_there_is(function: AlertsFunction) -> None:
    send(function, [3, 20, 12, 3, 20, 3])
    made = create(function)
    change = {**DRAFT, "threshold": 15, "severity": "high"}

    answer = function.ask("viewer", "POST", f"/api/alerts/{made}/backtest", body(6, alert=change))

    difference = answer.body["difference"]
    assert difference["pages"] == [2, 2]
    assert difference["seconds_in_alarm"] == [180, 120]
    # Severity is part of what is told: all of them are told otherwise.
    assert len(difference["only_after"]) == len(difference["only_before"]) == 5
    assert answer.body["seconds_in_alarm"] == 120
    assert answer.body["before"]["seconds_in_alarm"] == 180


def test_only_what_differs_is_in_the_difference(function: AlertsFunction) -> None:
    send(function, [3, 20, 12, 3, 20, 3])
    made = create(function)

    change = {**DRAFT, "threshold": 15}
    answer = function.ask("viewer", "POST", f"/api/alerts/{made}/backtest", body(6, alert=change))

    difference = answer.body["difference"]
    assert told(difference["only_before"]) == [(4, "a", "ALARM", "OK")]
    assert told(difference["only_after"]) == [(3, "a", "ALARM", "OK")]


def test_the_cooldown_keeps_pages_back(function: AlertsFunction) -> None:
    send(function, [20, 3, 20, 3, 20, 3])

    without = function.ask("viewer", "POST", "/api/alerts/backtest", body(6, alert=DRAFT))
    cooled = {**DRAFT, "cooldown": 600}
    within = function.ask("viewer", "POST", "/api/alerts/backtest", body(6, alert=cooled))

    assert (without.body["pages"], within.body["pages"]) == (3, 1)


def test_instances_are_chosen_by_tags(function: AlertsFunction) -> None:
    send(function, [20], host="a")
    send(function, [20], host="b")

    asked = body(1, alert=DRAFT, tags={"host": "b"})
    answer = function.ask("viewer", "POST", "/api/alerts/backtest", asked)

    assert [each["tags"] for each in answer.body["instances"]] == [{"host": "b"}]


def test_a_composite_is_tried_over_what_its_alerts_would_have_done(
    function: AlertsFunction,
) -> None:
    send(function, [3, 20, 20, 3], host="a")
    send(function, [3, 3, 20, 20], host="b")
    names = [
        create(function, name=host, filters=[{"tag": "host", "op": "=", "value": host}])
        for host in ("a", "b")
    ]
    both = {
        "name": "both",
        "type": "composite",
        "condition": {"all": [{"alert": name} for name in names]},
        "group_by": [],
    }

    answer = function.ask("viewer", "POST", "/api/alerts/backtest", body(4, alert=both))

    assert answer.status == 200, answer.body
    assert told(answer.body["transitions"])[1:] == [
        (3, "", "OK", "ALARM"),
        (4, "", "ALARM", "OK"),
    ]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"start": "yesterday"}, ["start"]),
        ({"end": NOON - 1}, ["end"]),
        ({"start": NOON + DAY_MS, "end": NOON + 2 * DAY_MS}, ["start"]),
        ({"start": NOON - 500 * DAY_MS}, ["start"]),
        ({"start": NOON - 60 * DAY_MS}, ["start"]),
        ({"alert": {**DRAFT, "threshold": None}}, ["alert.threshold"]),
        ({"alert": {**DRAFT, "threshold": "x"}}, ["alert.threshold"]),
        ({"alert": {**DRAFT, "wrong": 1}}, ["alert.wrong"]),
        ({"tags": {"": "a"}}, ["tags..[key]"]),
        ({"who": 1}, ["who"]),
    ],
)
def test_what_is_wrong_is_named(
    function: AlertsFunction, changes: dict[str, Any], fields: list[str]
) -> None:
    function.clock.advance(3_600_000)

    asked = {**body(4, alert=DRAFT), **changes}
    answer = function.ask("viewer", "POST", "/api/alerts/backtest", asked)

    assert (answer.status, answer.fields) == (422, fields), answer.body
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_draft_must_be_there(function: AlertsFunction) -> None:
    answer = function.ask("viewer", "POST", "/api/alerts/backtest", body(4))

    assert (answer.status, answer.fields) == (422, ["alert"])


def test_a_composite_of_nothing_is_refused_by_field(function: AlertsFunction) -> None:
    function.clock.advance(3_600_000)
    draft = {"name": "x", "type": "composite", "condition": {"not": {"alert": "nobody"}}}

    answer = function.ask("viewer", "POST", "/api/alerts/backtest", body(4, alert=draft))

    assert (answer.status, answer.fields) == (422, ["alert.condition.not.alert"])


def test_alerts_of_others_and_of_nobody_are_not_there(function: AlertsFunction) -> None:
    made = create(function)
    function.clock.advance(3_600_000)

    for person, alert in (("stranger", made), ("viewer", "nobody")):
        answer = function.ask(person, "POST", f"/api/alerts/{alert}/backtest", body(4))
        assert answer.status == 404


def test_what_is_older_than_points_is_computed_from_hours_where_the_period_allows(
    function: AlertsFunction,
) -> None:
    function.clock.now = NOON + 60 * DAY_MS
    hourly = {**DRAFT, "period": 3600}

    answer = function.ask("viewer", "POST", "/api/alerts/backtest", body(600, alert=hourly))

    assert answer.status == 200, answer.body
    assert "was computed from hours" in answer.body["warnings"][0]


def test_the_last_thirty_days_can_be_tried_to_the_second(function: AlertsFunction) -> None:
    send(function, [20, 3])
    function.clock.now = NOON + 30 * DAY_MS

    draft = {**DRAFT, "evaluation_periods": 60}
    answer = function.ask("viewer", "POST", "/api/alerts/backtest", body(2, alert=draft))

    assert answer.status == 200, answer.body
    assert answer.body["warnings"] == []


def test_the_future_is_left_out_and_that_is_said(function: AlertsFunction) -> None:
    send(function, [3, 20])

    answer = function.ask("viewer", "POST", "/api/alerts/backtest", body(10, alert=DRAFT))

    assert answer.body["end"] == NOON + 2 * MINUTE + 1
    assert "up to now" in answer.body["warnings"][0]
