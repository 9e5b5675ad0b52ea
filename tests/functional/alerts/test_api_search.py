"""Alerts found by name and label, and counted, however many there are."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.directory import Directory
from skafu.alerts.model import Level, Severity
from skafu.alerts.packed import write_packed
from skafu.alerts.store import AlertStore
from skafu.alerts.summary.schemas import AlertSummary
from skafu.alerts.summary.service import Summary
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller
from tests.support.alerts_api import AlertsFunction
from tests.support.clocks import NOON, FakeClock
from tests.support.counting import CountingTable
from tests.support.definitions import alert

PATH = "/api/alerts"
A, B, C = (("host", "a"),), (("host", "b"),), (("host", "c"),)

NAMES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "a1": ("CPU of web", {"team": "web", "tier": "1"}),
    "a2": ("cpu of db", {"team": "db", "tier": "1"}),
    "a3": ("Disk of db", {"team": "db", "tier": "2"}),
    "a4": ("STRASSE 50%_done", {}),
}


@pytest.fixture
def function() -> AlertsFunction:
    made = AlertsFunction()
    store = AlertStore(made.table)
    for alert_id, (name, labels) in NAMES.items():
        severity = Severity.CRITICAL if alert_id == "a1" else Severity.LOW
        made_one = replace(alert(alert_id), name=name, labels=dict(labels), severity=severity)
        store.create(TENANT, made_one)
    return made


def found(function: AlertsFunction, person: str = "viewer", **query: Any) -> list[str]:
    answer = function.ask(person, "GET", PATH, query=query)
    assert answer.status == 200, answer.body
    return [each["id"] for each in answer.body["alerts"]]


def test_names_are_searched_in_any_case_and_place(function: AlertsFunction) -> None:
    assert found(function, name="cpu") == ["a1", "a2"]
    assert found(function, name="OF DB") == ["a2", "a3"]
    assert found(function, name="straße") == ["a4"]
    assert found(function, name="0%_d") == ["a4"]
    assert not found(function, name=".*")


def test_labels_are_compared_whole_and_all_together(function: AlertsFunction) -> None:
    assert found(function, label="team=db") == ["a2", "a3"]
    assert found(function, label=["team=db", "tier=1"]) == ["a2"]
    assert not found(function, label="team=d")
    assert not found(function, label="team=")


def test_what_is_asked_for_holds_together(function: AlertsFunction) -> None:
    assert found(function, name="cpu", severity="low") == ["a2"]
    assert found(function, name="cpu", label="team=web", severity="critical") == ["a1"]


@pytest.mark.parametrize("label", ["team", "=db", ""])
def test_a_label_without_a_value_is_refused(function: AlertsFunction, label: str) -> None:
    answer = function.ask("viewer", "GET", PATH, query={"label": label})

    assert (answer.status, answer.fields) == (400, ["label"])


def test_pages_of_a_search_are_full_and_follow_each_other(function: AlertsFunction) -> None:
    first = function.ask("viewer", "GET", PATH, query={"name": "of", "limit": "2"}).body
    query = {"name": "of", "limit": "2", "cursor": first["cursor"]}
    second = function.ask("viewer", "GET", PATH, query=query).body

    assert [each["id"] for each in first["alerts"]] == ["a1", "a2"]
    assert [each["id"] for each in second["alerts"]] == ["a3"]
    assert second["cursor"] is None
    other = {**query, "name": "db"}
    assert function.ask("viewer", "GET", PATH, query=other).status == 400


def test_what_is_in_alarm_is_searched_as_well(function: AlertsFunction) -> None:
    for alert_id in ("a1", "a2", "a3"):
        present = AlertStore(function.table).get(TENANT, alert_id)
        assert present is not None
        Storyteller(function.table, alert=present).happens(ALARM, 2, A)

    assert set(found(function, state="ALARM", name="cpu")) == {"a1", "a2"}
    assert found(function, state="ALARM", label="tier=2") == ["a3"]


def test_a_change_is_found_at_once(function: AlertsFunction) -> None:
    store = AlertStore(function.table)
    assert found(function, name="new") == []

    store.create(TENANT, replace(alert("a5"), name="Brand new"))
    assert found(function, name="new") == ["a5"]
    store.replace(TENANT, replace(alert("a5"), name="Old"), 1)
    assert found(function, name="new") == []
    store.delete(TENANT, "a5", 2)
    assert found(function, name="old") == []


def test_other_tenants_find_nothing(function: AlertsFunction) -> None:
    assert not found(function, "stranger", name="cpu")


def test_a_search_reads_one_item_while_nothing_changes() -> None:
    table = CountingTable()
    store = AlertStore(table)
    for number in range(300):
        store.create(TENANT, alert(f"alert-{number:03d}"))
    write_packed(table, TENANT, 300, store.all(TENANT), NOON)
    directory = Directory(table)
    table.forget()

    assert len(directory.alerts(TENANT)) == 300
    assert [each.split()[0] for each in table.asked] == ["get", "query", "query"]
    table.forget()
    assert len(directory.alerts(TENANT)) == 300
    assert table.asked == [f"get {TENANT}#rules version"]


# --- the summary ----------------------------------------------------------------------------------


def summary(function: AlertsFunction, person: str = "viewer") -> dict[str, Any]:
    answer = function.ask(person, "GET", f"{PATH}/summary")
    assert answer.status == 200, answer.body
    AlertSummary.model_validate(answer.body)
    found: dict[str, Any] = answer.body
    return found


def test_without_alerts_everything_is_nought(function: AlertsFunction) -> None:
    assert summary(function, "stranger") == {
        "alarm": {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0},
        "silenced": 0,
        "since": None,
        "insufficient_data": 0,
        "alerts": {"all": 0, "alarm": 0, "insufficient_data": 0},
        "more": False,
    }


def test_instances_are_counted_by_severity_and_alerts_by_their_worst() -> None:
    function = AlertsFunction()
    levelled = Storyteller(function.table, alert=alert("levelled"))
    levels = (Level(Severity.CRITICAL, 20.0),)
    definition = replace(levelled.alert.definition, levels=levels)
    levelled.publish(definition=definition, severity=Severity.LOW)
    levelled.happens(ALARM, 2, A, level=1)
    levelled.happens(ALARM, 3, B)
    levelled.happens(OK, 1, C)
    levelled.happens(INSUFFICIENT, 4, C)
    silent = Storyteller(function.table, alert=alert("silent"))
    silent.publish()
    silent.happens(OK, 1, A)
    silent.happens(INSUFFICIENT, 5, A)
    silent.happens(OK, 1, B)
    Storyteller(function.table, alert=alert("fine")).publish()

    assert summary(function) == {
        "alarm": {"critical": 1, "high": 0, "medium": 0, "low": 1, "info": 0},
        "silenced": 0,
        "since": NOON + 2 * 60_000,
        "insufficient_data": 2,
        "alerts": {"all": 3, "alarm": 1, "insufficient_data": 1},
        "more": False,
    }


def test_what_a_silence_mutes_now_is_told() -> None:
    function = AlertsFunction()
    story = Storyteller(function.table)
    story.publish()
    story.happens(ALARM, -2, A)
    story.happens(ALARM, -3, B)
    matchers = [{"label": "host", "op": "=", "value": "b"}]
    body = {"matchers": matchers, "ends_at": NOON + 3_600_000, "comment": "moving"}
    assert function.ask("editor", "POST", "/api/silences", body).status == 201

    assert summary(function)["silenced"] == 1
    function.clock.advance(3_600_001)
    assert summary(function)["silenced"] == 0


def test_what_is_left_of_a_deleted_alert_counts_for_nothing() -> None:
    function = AlertsFunction()
    story = Storyteller(function.table, alert=alert("nobody"))
    story.happens(ALARM, 2, A)

    assert summary(function)["alarm"]["medium"] == 0


def test_more_than_are_counted_is_said() -> None:
    table = CountingTable()
    story = Storyteller(table)
    story.publish()
    for number in range(4):
        story.happens(ALARM, number, (("host", str(number)),))
    counted = Summary(table, Directory(table), FakeClock(), most=3).of(TENANT)

    assert (sum(counted["alarm"].values()), counted["more"]) == (3, True)


def test_counting_costs_the_same_however_much_is_well() -> None:
    table = CountingTable()
    for number in range(50):
        story = Storyteller(table, alert=alert(f"alert-{number}"))
        story.publish()
        story.happens(OK, 1, A)
    counting = Summary(table, Directory(table), FakeClock())
    counting.of(TENANT)
    table.forget()

    counting.of(TENANT)

    assert table.asked == [
        f"get {TENANT}#rules version",
        f"query {TENANT}#state#ALARM",
        f"query {TENANT}#state#INSUFFICIENT_DATA",
    ]
