"""The noise report over HTTP."""

import pytest

from skafu.alerts.noise.schemas import NoiseOut
from tests.support.alerting import ALARM, OK, Storyteller
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.clocks import NOON
from tests.support.definitions import alert

HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)


@pytest.fixture
def function() -> AlertsFunction:
    found = AlertsFunction()
    for number, name in enumerate(("quiet", "loud", "drill")):
        story = Storyteller(found.table, alert(name))
        story.publish(name=name, drill_of="loud" if name == "drill" else None)
        for place in range(3 * number):
            story.happens(ALARM, 2 + 4 * place, HOST_A)
            story.happens(OK, 3 + 4 * place, HOST_A)
    found.clock.advance(3_600_000)
    return found


def ask(function: AlertsFunction, **query: str) -> Answer:
    return function.ask("viewer", "GET", "/api/alerts/noise", query=query)


def test_alerts_come_with_the_most_pages_first_and_without_drills(
    function: AlertsFunction,
) -> None:
    answer = ask(function)

    assert answer.status == 200, answer.body
    NoiseOut.model_validate(answer.body)
    assert [(x["id"], x["pages"], x["flaps"]) for x in answer.body["alerts"]] == [
        ("loud", 3, 3),
        ("quiet", 0, 0),
    ]
    loud, quiet = answer.body["alerts"]
    assert (loud["firings"], loud["transitions"], loud["median_open_seconds"]) == (3, 6, 60)
    assert (loud["acknowledged_share"], loud["out_of_hours_share"]) == (0.0, 0.0)
    assert loud["estimated_dollars_a_month"] > quiet["estimated_dollars_a_month"] >= 0
    assert "keep_firing" in loud["suggestion"]
    assert (answer.body["complete"], answer.body["looked_at"]) == (True, 2)


def test_working_hours_are_of_a_time_zone(function: AlertsFunction) -> None:
    shares = [
        ask(function, time_zone=zone, hours="09-17").body["alerts"][0]["out_of_hours_share"]
        for zone in ("Europe/Berlin", "Asia/Tokyo")
    ]

    assert shares == [0.0, 1.0]  # noon is 13:00 there, and 21:00


def test_the_report_is_read_page_by_page(function: AlertsFunction) -> None:
    first = ask(function, limit="1")
    second = ask(function, limit="1", cursor=first.body["cursor"])

    assert [x["id"] for x in first.body["alerts"]] == ["loud"]
    assert [x["id"] for x in second.body["alerts"]] == ["quiet"]
    assert second.body["cursor"] is None


def test_only_the_range_counts(function: AlertsFunction) -> None:
    answer = ask(function, start=str(NOON + 5 * 60_000), end=str(NOON + 9 * 60_000))

    assert answer.body["alerts"][0]["pages"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hours", "9"),
        ("time_zone", "Europe/Atlantis"),
        ("start", "yesterday"),
        ("end", str(NOON + 10**10)),
        ("limit", "101"),
    ],
)
def test_what_cannot_be_read_is_named(function: AlertsFunction, name: str, value: str) -> None:
    answer = ask(function, **{name: value})

    assert (answer.status, answer.fields) == (400, [name])


def test_other_tenants_see_nothing_of_it(function: AlertsFunction) -> None:
    answer = function.ask("stranger", "GET", "/api/alerts/noise")

    assert answer.body["alerts"] == []
