"""What operators have switched off is refused by name, for whom they say, and nothing else is."""

from typing import Any

import pytest

from skafu.alerts.api import ROUTES
from skafu.alerts.switches import SWITCHES
from skafu.ops.flags.settings import Setting, Staged
from skafu.shared.flag_catalogue import KNOWN, Number
from tests.support.alerting import TENANT
from tests.support.alerts_api import Answer, AlertsFunction
from tests.support.clocks import NOON

DRAFT: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 10,
}
BACKTEST = {"alert": DRAFT, "start": NOON - 600_000, "end": NOON}
CHANNEL = {"name": "on call", "type": "webhook", "url": "https://receiver.example/hook"}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def switched(function: AlertsFunction, **settings: Setting) -> None:
    function.flags.settings = settings


def backtest(function: AlertsFunction, person: str = "viewer") -> Answer:
    return function.ask(person, "POST", "/api/alerts/backtest", BACKTEST)


def refused(answer: Answer) -> bool:
    return answer.status == 403 and answer.body["type"] == "/problems/switched-off"


def test_every_switch_is_asked_somewhere_and_guards_an_endpoint_that_exists() -> None:
    endpoints = {route.endpoint for route in ROUTES}
    assert set(SWITCHES) <= endpoints
    assert set(SWITCHES.values()) == {flag for flag in KNOWN if not isinstance(flag, Number)}


def test_backtests_are_refused_with_a_sentence_while_they_are_off(
    function: AlertsFunction,
) -> None:
    assert backtest(function).status == 200
    switched(function, alert_backtests=False)
    answer = backtest(function)
    assert refused(answer)
    assert answer.body["detail"] == (
        "backtests are switched off by the operators for now; alerts are watched as ever"
    )
    switched(function)
    assert backtest(function).status == 200


def test_an_alert_s_own_backtest_is_refused_too(function: AlertsFunction) -> None:
    alert = function.ask("editor", "POST", "/api/alerts", DRAFT).body["id"]
    switched(function, alert_backtests=False)
    span = {"start": BACKTEST["start"], "end": BACKTEST["end"]}
    assert refused(function.ask("viewer", "POST", f"/api/alerts/{alert}/backtest", span))
    assert function.ask("viewer", "GET", f"/api/alerts/{alert}").status == 200


def test_a_switch_is_off_for_one_tenant_and_on_for_another(function: AlertsFunction) -> None:
    switched(function, alert_backtests=Staged(100, never=(TENANT,)))
    assert refused(backtest(function))
    assert backtest(function, "stranger").status == 200
    switched(function, alert_backtests=Staged(0, always=(TENANT,)))
    assert backtest(function).status == 200
    assert refused(backtest(function, "stranger"))


def test_no_drill_begins_while_drills_are_off_and_one_that_has_begun_can_be_ended(
    function: AlertsFunction,
) -> None:
    alert = function.ask("editor", "POST", "/api/alerts", DRAFT).body["id"]
    drill = function.ask("editor", "POST", f"/api/alerts/{alert}/drill", {}).body["id"]
    switched(function, alert_drills=False)
    assert refused(function.ask("editor", "POST", f"/api/alerts/{alert}/drill", {}))
    assert function.ask("viewer", "GET", f"/api/drills/{drill}").status == 200
    assert function.ask("editor", "DELETE", f"/api/drills/{drill}").status == 202


def test_channels_are_not_tested_while_that_is_off(function: AlertsFunction) -> None:
    channel = function.ask("admin", "POST", "/api/channels", CHANNEL).body["id"]
    switched(function, channel_tests=False)
    assert refused(function.ask("admin", "POST", f"/api/channels/{channel}/test"))
    assert function.ask("admin", "GET", f"/api/channels/{channel}").status == 200


def test_who_may_not_do_it_anyway_is_told_that(function: AlertsFunction) -> None:
    switched(function, channel_tests=False)
    answer = function.ask("viewer", "POST", "/api/channels/any/test")
    assert (answer.status, answer.body["type"]) == (403, "/problems/forbidden")
