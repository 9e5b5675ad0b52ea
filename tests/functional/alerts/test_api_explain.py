"""Explanations over HTTP, over histories that a test tells."""

import pytest

from skafu.alerts.explain.schemas import ExplainOut
from tests.support.alerting import ALARM, OK, Storyteller, minute
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.definitions import alert

HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)


@pytest.fixture
def function() -> AlertsFunction:
    found = AlertsFunction()
    story = Storyteller(found.table, alert("alert-1", group_by=("host",)))
    story.publish()
    story.happens(OK, 1, HOST_A)
    story.happens(ALARM, 5, HOST_A)
    story.happens(OK, 9, HOST_A)
    story.happens(OK, 1, HOST_B)
    found.clock.advance(3_600_000)
    return found


def explain(function: AlertsFunction, person: str = "viewer", **query: str) -> Answer:
    return function.ask(person, "GET", "/api/alerts/alert-1/explain", query=query)


def test_a_moment_is_explained_by_what_was_recorded(function: AlertsFunction) -> None:
    answer = explain(function, at=str(minute(5)), tags="host=a")

    assert answer.status == 200, answer.body
    ExplainOut.model_validate(answer.body)
    assert answer.body["summary"].startswith("CPU is busy (host=a) fired: it went from OK to ALARM")
    assert answer.body["decision"]["recorded"]
    assert answer.body["state"]["after"] == {"state": "ALARM", "level": 0, "since": minute(5)}
    assert answer.body["people"]["routes"] == [
        {"route": "default", "channels": ["default"], "group_labels": {}}
    ]


def test_a_moment_at_which_nothing_changed_says_so(function: AlertsFunction) -> None:
    answer = explain(function, at="2023-11-15T12:07:30Z", tags="host=a")

    assert answer.body["bucket"]["end"] == minute(7)
    assert answer.body["decision"] == {
        "recorded": False,
        "note": "nothing was recorded because nothing changed",
        "decided_at": None,
        "reason": None,
    }
    assert "was firing: ALARM since 2023-11-15 12:05:00 UTC" in answer.body["summary"]


def test_without_a_moment_it_is_the_newest_period_that_was_decided(
    function: AlertsFunction,
) -> None:
    answer = explain(function, tags="host=a")

    assert answer.body["bucket"]["end"] == function.clock.now - 60_000
    assert answer.body["state"]["after"]["state"] == "OK"


def test_which_instance_must_be_clear(function: AlertsFunction) -> None:
    answer = explain(function)

    assert (answer.status, answer.fields) == (422, ["tags"])
    assert "tags=host=a; tags=host=b" in answer.body["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"at": "soon"}, 400, "at"),
        ({"at": "9999999999999"}, 422, "at"),
        ({"tags": "host"}, 400, "tags"),
        ({"tags": "zone=x"}, 422, "tags"),
    ],
)
def test_what_is_wrong_is_named(
    function: AlertsFunction, query: dict[str, str], status: int, field: str
) -> None:
    answer = explain(function, **query)

    assert (answer.status, answer.fields) == (status, [field])


def test_other_tenants_alerts_are_not_there(function: AlertsFunction) -> None:
    assert explain(function, "stranger", tags="host=a").status == 404
