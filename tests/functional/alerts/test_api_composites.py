"""Composite alerts through the alerts function: what they may name, and what may be removed."""

from typing import Any

import pytest

from tests.support.alerts_api import AlertsFunction

PLAIN = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 10,
}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def made(function: AlertsFunction, **alert: Any) -> str:
    answer = function.ask("editor", "POST", "/api/alerts", {**alert})
    assert answer.status == 201, answer.body
    found: str = answer.body["id"]
    return found


def test_a_composite_is_made_shown_and_holds_what_it_names(function: AlertsFunction) -> None:
    cpu = made(function, **PLAIN)
    disk = made(function, **{**PLAIN, "name": "Disk is full", "metric": "disk.used"})
    condition = {"all": [{"alert": cpu}, {"not": {"alert": disk}}]}
    both = made(function, name="Busy", type="composite", condition=condition)

    shown = function.ask("viewer", "GET", f"/api/alerts/{both}").body
    assert shown["condition"] == condition
    refused = function.ask("editor", "DELETE", f"/api/alerts/{cpu}")
    assert refused.status == 409
    assert refused.body["detail"] == (
        f"composite alerts name this alert: Busy ({both}); change or delete them first"
    )
    assert refused.body["composites"] == [{"id": both, "name": "Busy"}]
    assert function.ask("editor", "DELETE", f"/api/alerts/{both}").status == 204
    assert function.ask("editor", "DELETE", f"/api/alerts/{cpu}").status == 204


def test_alerts_that_are_not_there_and_circles_are_refused_by_field(
    function: AlertsFunction,
) -> None:
    cpu = made(function, **PLAIN)
    condition = {"any": [{"alert": cpu}, {"all": [{"alert": cpu}, {"alert": "nobody"}]}]}
    answer = function.ask(
        "editor",
        "POST",
        "/api/alerts",
        {"name": "Busy", "type": "composite", "condition": condition},
    )
    assert (answer.status, answer.fields) == (422, ["condition.any.1.all.1.alert"])

    one = made(function, name="One", type="composite", condition={"any": [{"alert": cpu}]})
    two = made(function, name="Two", type="composite", condition={"not": {"alert": one}})
    for name, field in ((two, "condition.any.1.alert"), (one, "condition.any.1.alert")):
        answer = function.ask(
            "editor",
            "PUT",
            f"/api/alerts/{one}",
            {
                "name": "One",
                "type": "composite",
                "condition": {"any": [{"alert": cpu}, {"alert": name}]},
            },
            version=1,
        )
        assert (answer.status, answer.fields) == (422, [field])
