"""Alerts as people meet them over HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.api import ROUTES
from skafu.alerts.model import Level, Severity
from skafu.alerts.schemas import AlertList, AlertOut, History
from skafu.shared import keys
from skafu.shared.identity import Role
from skafu.shared.routes import Scope
from skafu.shared.table import Check, Write
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.alerts_api import AlertsFunction
from tests.support.clocks import NOON
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

BODY: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 0.9,
}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def create(function: AlertsFunction, **changes: Any) -> dict[str, Any]:
    answer = function.ask("editor", "POST", "/api/alerts", {**BODY, **changes})
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body
    return found


# --- one alert ------------------------------------------------------------------------------------


def test_an_alert_that_was_made_is_there(function: AlertsFunction) -> None:
    answer = function.ask("editor", "POST", "/api/alerts", BODY)

    assert answer.status == 201
    made = answer.body
    assert answer.headers["location"] == f"/api/alerts/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert made == {
        **BODY,
        "id": made["id"],
        "version": 1,
        "filters": [],
        "group_by": [],
        "lower": None,
        "upper": None,
        "recovery": None,
        "type": "metric",
        "levels": [],
        "transform": None,
        "condition": None,
        "no_data_for": None,
        "keep_firing": 0,
        "cooldown": 0,
        "evaluation_periods": 1,
        "datapoints_to_alarm": 1,
        "missing_data": "missing",
        "hold": True,
        "lateness": 300,
        "grace": 30,
        "severity": "medium",
        "channels": [],
        "labels": {},
        "description": "",
        "runbook_url": None,
        "created_at": NOON,
        "edited_at": NOON,
        "instances": [],
        "more_instances": False,
    }
    read = function.ask("viewer", "GET", answer.headers["location"])
    assert (read.status, read.body, read.headers["etag"]) == (200, made, '"1"')
    assert AlertOut.model_validate(made)


def test_an_alert_shows_its_instances(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    story.happens(ALARM, 2, (("host", "a"),))

    answer = function.ask("viewer", "GET", "/api/alerts/alert-1")

    assert answer.body["instances"] == [
        {
            "tags": {"host": "a"},
            "state": "ALARM",
            "since": minute(2),
            "value": 12.5,
            "severity": "medium",
            "acknowledged_by": None,
            "acknowledged_at": None,
            "assignee": None,
        }
    ]
    assert AlertOut.model_validate(answer.body)


def test_a_change_makes_the_next_version(function: AlertsFunction) -> None:
    made = create(function)
    function.clock.advance(5_000)

    path = f"/api/alerts/{made['id']}"
    changed = function.ask("editor", "PUT", path, {**BODY, "threshold": 5}, version=1)

    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert changed.body == {**made, "threshold": 5.0, "version": 2, "edited_at": NOON + 5_000}
    assert function.ask("viewer", "GET", path).body == changed.body


def test_saying_what_is_so_already_makes_no_version(function: AlertsFunction) -> None:
    made = create(function)
    function.clock.advance(5_000)

    same = function.ask("editor", "PUT", f"/api/alerts/{made['id']}", BODY, version=1)

    assert (same.status, same.body) == (200, made)


def test_a_clock_that_steps_back_does_not_move_an_edit_back(function: AlertsFunction) -> None:
    made = create(function)
    function.clock.advance(-60_000)

    path = f"/api/alerts/{made['id']}"
    changed = function.ask("editor", "PUT", path, {**BODY, "threshold": 5}, version=1)

    assert changed.body["edited_at"] == NOON


def test_a_change_must_say_which_version_it_means(function: AlertsFunction) -> None:
    made = create(function)
    path = f"/api/alerts/{made['id']}"

    assert function.ask("editor", "PUT", path, BODY).status == 428
    outdated = function.ask("editor", "PUT", path, BODY, version=2)
    assert outdated.status == 412
    assert "version 1" in outdated.body["detail"]
    assert function.ask("viewer", "GET", path).body == made


def test_two_people_who_change_the_same_version_do_not_overwrite_each_other(
    function: AlertsFunction,
) -> None:
    made = create(function)
    path = f"/api/alerts/{made['id']}"

    first = function.ask("editor", "PUT", path, {**BODY, "threshold": 1}, version=1)
    second = function.ask("admin", "PUT", path, {**BODY, "threshold": 2}, version=1)

    assert (first.status, second.status) == (200, 412)
    assert function.ask("viewer", "GET", path).body["threshold"] == 1


class RacingTable(InMemoryTable):
    """Somebody does something else right before the next change of an alert."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], Any]] = []

    def transact(self, writes: Sequence[Write | Check]) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()
        super().transact(writes)


@pytest.mark.parametrize(("method", "status"), [("PUT", 412), ("DELETE", 404)])
def test_who_is_overtaken_while_changing_is_told_so(method: str, status: int) -> None:
    table = RacingTable()
    function = AlertsFunction(table)
    path = f"/api/alerts/{create(function)['id']}"
    changed = {**BODY, "threshold": 5} if method == "PUT" else None
    table.meanwhile = [lambda: function.ask("admin", method, path, changed, version=1)]

    slower = function.ask("editor", "PUT", path, {**BODY, "threshold": 6}, version=1)

    assert slower.status == status
    left = function.ask("viewer", "GET", path)
    assert (left.status, left.body.get("threshold")) == (200, 5) if method == "PUT" else (404, None)


def test_a_deleted_alert_is_gone(function: AlertsFunction) -> None:
    made = create(function)
    path = f"/api/alerts/{made['id']}"

    assert function.ask("editor", "DELETE", path, version=7).status == 412
    deleted = function.ask("editor", "DELETE", path)

    assert (deleted.status, deleted.body) == (204, None)
    assert function.ask("viewer", "GET", path).status == 404
    assert function.ask("viewer", "GET", f"{path}/history").status == 404
    assert function.ask("editor", "PUT", path, BODY, version=1).status == 404
    assert function.ask("editor", "DELETE", path).status == 404
    assert function.ask("viewer", "GET", "/api/alerts").body["alerts"] == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_unknown_ids_and_other_tenants_ids_are_told_apart_by_nobody(
    function: AlertsFunction, method: str
) -> None:
    made = create(function)
    body = BODY if method == "PUT" else None
    answers = [
        function.ask("stranger", method, f"/api/alerts/{each}", body, version=1)
        for each in (made["id"], "0123456789abcdef0123", "x" * 2000, "a%23b")
    ]

    assert [each.status for each in answers] == [404] * 4
    documents = [{**each.body, "instance": ""} for each in answers]
    assert documents == documents[:1] * 4
    assert function.ask("viewer", "GET", f"/api/alerts/{made['id']}").body == made


# --- who may --------------------------------------------------------------------------------------


def test_viewers_look_and_do_not_touch(function: AlertsFunction) -> None:
    path = f"/api/alerts/{create(function)['id']}"

    assert function.ask("viewer", "GET", "/api/alerts").status == 200
    for answer in (
        function.ask("viewer", "POST", "/api/alerts", BODY),
        function.ask("viewer", "PUT", path, BODY, version=1),
        function.ask("viewer", "DELETE", path),
    ):
        assert answer.status == 403
        assert answer.body["type"] == "/problems/forbidden"


def test_every_route_names_the_scopes_of_machines_and_of_people() -> None:
    scopes = {
        Role.VIEWER: Scope.ALERTS_READ,
        Role.EDITOR: Scope.ALERTS_WRITE,
        Role.ADMIN: Scope.ADMIN,
    }
    for route in ROUTES:
        assert route.role is not None
        assert route.scopes == (scopes[route.role], Scope.PERSON), route.path
        assert route.role > Role.VIEWER or route.method in ("GET", "POST"), route.path


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"treshold": 1}, ["treshold"]),
        ({"threshold": None}, ["threshold"]),
        ({"comparison": "outside", "threshold": None, "upper": 1}, ["lower"]),
        ({"period": 7}, ["period"]),
        ({"evaluation_periods": 2, "datapoints_to_alarm": 3}, ["datapoints_to_alarm"]),
        ({"recovery": 2}, ["recovery"]),
        ({"filters": [{"tag": "host", "op": "~", "value": "a"}]}, ["filters.0.op"]),
        ({"channels": ["none", "default", "nothing"]}, ["channels.0", "channels.2"]),
        ({"name": "", "severity": "worst"}, ["name", "severity"]),
    ],
)
def test_a_wrong_alert_is_answered_with_the_fields_at_fault(
    function: AlertsFunction, changes: dict[str, Any], fields: list[str]
) -> None:
    made = create(function)
    wrong = {**BODY, **changes}

    for answer in (
        function.ask("editor", "POST", "/api/alerts", wrong),
        function.ask("editor", "PUT", f"/api/alerts/{made['id']}", wrong, version=1),
    ):
        assert answer.status == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert sorted(answer.fields) == fields
        assert all(each["reason"] for each in answer.body["errors"])
    assert len(function.ask("viewer", "GET", "/api/alerts").body["alerts"]) == 1


@pytest.mark.parametrize("body", ["", "not json", "[]", "7"])
def test_a_body_that_is_no_object_is_a_bad_request(function: AlertsFunction, body: str) -> None:
    assert function.ask("editor", "POST", "/api/alerts", body).status == 400


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "alarm"}, "state"),
        ({"severity": "worst"}, "severity"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"sort": "name"}, "sort"),
    ],
)
def test_a_wrong_question_is_answered_with_the_parameter_at_fault(
    function: AlertsFunction, query: dict[str, str], field: str
) -> None:
    answer = function.ask("viewer", "GET", "/api/alerts", query=query)

    assert answer.status == 400
    assert answer.fields == [field]


def test_without_the_table_people_are_told_to_come_again(function: AlertsFunction) -> None:
    function.ask("editor", "GET", "/api/alerts")
    function.table.down = True

    answer = function.ask("editor", "POST", "/api/alerts", BODY)

    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1


# --- lists ----------------------------------------------------------------------------------------


def pages(function: AlertsFunction, path: str, name: str, **query: str) -> list[list[Any]]:
    found = []
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        answer = function.ask("viewer", "GET", path, query={**query, **more})
        assert answer.status == 200, answer.body
        found.append(answer.body[name])
        cursor = answer.body["cursor"]
        if cursor is None:
            return found


def world(page_size: int = 1000) -> AlertsFunction:
    """Five alerts, the even ones critical, each with two hosts; host b of each is in ALARM."""
    function = AlertsFunction(InMemoryTable(page_size))
    for i in range(5):
        story = Storyteller(function.table, alert=alert(f"alert-{i}"))
        story.publish(severity="critical" if i % 2 == 0 else "low")
        story.happens(OK, 1, (("host", "a"),))
        story.happens(ALARM, 10 - i, (("host", "b"),))
    return function


@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_the_list_shows_every_alert_with_its_instances(page_size: int) -> None:
    function = world(page_size)

    for limit in ("1", "2", "5", "100"):
        found = pages(function, "/api/alerts", "alerts", limit=limit)
        listed = [each for page in found for each in page]
        assert [each["id"] for each in listed] == [f"alert-{i}" for i in range(5)]
        assert all(len(page) <= int(limit) for page in found)
        for each in listed:
            assert [x["state"] for x in each["instances"]] == ["ALARM", "OK"]
    assert AlertList.model_validate(function.ask("viewer", "GET", "/api/alerts").body)


def test_the_list_can_be_of_one_severity() -> None:
    function = world()

    found = pages(function, "/api/alerts", "alerts", severity="critical", limit="2")

    assert [each["id"] for page in found for each in page] == ["alert-0", "alert-2", "alert-4"]


@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_what_is_in_alarm_is_shown_oldest_first_with_only_those_instances(page_size: int) -> None:
    function = world(page_size)

    for limit in ("1", "2", "100"):
        found = pages(function, "/api/alerts", "alerts", state="ALARM", limit=limit)
        listed = [each for page in found for each in page]
        assert [each["id"] for each in listed] == [f"alert-{i}" for i in (4, 3, 2, 1, 0)]
        for each in listed:
            assert [x["tags"] for x in each["instances"]] == [{"host": "b"}]


def test_what_is_in_alarm_can_be_of_one_severity() -> None:
    found = pages(world(), "/api/alerts", "alerts", state="ALARM", severity="low", limit="1")

    assert [each["id"] for page in found for each in page] == ["alert-3", "alert-1"]


def test_instances_of_one_alert_stand_together_on_a_page(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    for i in range(3):
        story.happens(ALARM, i, (("host", str(i)),))

    page = pages(function, "/api/alerts", "alerts", state="ALARM")[0]
    assert [len(each["instances"]) for each in page] == [3]
    found = pages(function, "/api/alerts", "alerts", state="ALARM", limit="2")
    assert [[len(each["instances"]) for each in page] for page in found] == [[2], [1]]
    assert [page[0]["more_instances"] for page in found] == [True, False]


def test_what_is_in_alarm_is_not_found_by_reading_everything() -> None:
    """The question costs what its answer holds: 300 quiet instances are not looked at."""
    function = AlertsFunction()
    story = Storyteller(function.table)
    story.publish()
    for i in range(300):
        story.happens(OK, 1, (("host", str(i)),))
    story.happens(ALARM, 2, (("host", "7"),))
    read: list[str] = []
    query = function.table.query

    def watched(question: Any) -> Any:
        page = query(question)
        read.extend(str(item["k"]) for item in page.items)
        return page

    function.table.query = watched  # type: ignore[method-assign,assignment] # to count what is read

    answer = function.ask("viewer", "GET", "/api/alerts", query={"state": "ALARM"})

    assert [each["instances"][0]["tags"] for each in answer.body["alerts"]] == [{"host": "7"}]
    assert read == ["instance"]


def test_states_of_an_alert_that_was_removed_are_nobodys(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    story.happens(ALARM, 1)
    function.table.items.pop(keys.alert(TENANT, "alert-1"))

    assert pages(function, "/api/alerts", "alerts", state="ALARM") == [[]]


def test_a_list_shows_a_hundred_instances_of_an_alert_the_urgent_ones_first(
    function: AlertsFunction,
) -> None:
    story = Storyteller(function.table)
    story.publish()
    for i in range(120):
        story.happens(ALARM if i == 119 else OK, 1, (("host", f"{i:03}"),))

    listed = pages(function, "/api/alerts", "alerts")[0][0]

    assert len(listed["instances"]) == 100 and listed["more_instances"]
    assert listed["instances"][0]["state"] == "ALARM"
    alone = function.ask("viewer", "GET", "/api/alerts/alert-1").body
    assert len(alone["instances"]) == 120 and not alone["more_instances"]


def test_a_cursor_belongs_to_its_tenant_and_its_question() -> None:
    function = world()
    cursor = function.ask("viewer", "GET", "/api/alerts", query={"limit": "2"}).body["cursor"]

    for person, query in (
        ("stranger", {"cursor": cursor}),
        ("viewer", {"cursor": cursor, "severity": "low"}),
        ("viewer", {"cursor": cursor, "state": "ALARM"}),
        ("viewer", {"cursor": cursor + "x"}),
    ):
        assert function.ask(person, "GET", "/api/alerts", query=query).fields == ["cursor"]
    history = function.ask("viewer", "GET", "/api/alerts/alert-1/history", query={"cursor": cursor})
    assert history.fields == ["cursor"]
    longer = function.ask("viewer", "GET", "/api/alerts", query={"cursor": cursor, "limit": "3"})
    assert [each["id"] for each in longer.body["alerts"]] == ["alert-2", "alert-3", "alert-4"]


def test_tenants_see_their_own_alerts_only() -> None:
    function = world()

    for query in ({}, {"state": "ALARM"}):
        answer = function.ask("stranger", "GET", "/api/alerts", query=query)
        assert answer.body == {"alerts": [], "cursor": None}


def test_what_is_in_alarm_is_of_the_severity_of_its_level(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    levels = (Level(Severity.CRITICAL, 20.0),)
    story.publish(definition=replace(story.alert.definition, levels=levels))
    story.happens(ALARM, 2, (("host", "a"),), level=1)
    story.happens(ALARM, 3, (("host", "b"),))

    def hosts(severity: str) -> list[str]:
        query = {"state": "ALARM", "severity": severity}
        answer = function.ask("viewer", "GET", "/api/alerts", query=query)
        return [x["tags"]["host"] for each in answer.body["alerts"] for x in each["instances"]]

    assert [hosts(each) for each in ("critical", "medium", "low")] == [["a"], ["b"], []]


# --- history --------------------------------------------------------------------------------------


def test_the_history_tells_what_happened_and_why(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    story.happens(ALARM, 2, (("host", "a"),))

    answer = function.ask("viewer", "GET", "/api/alerts/alert-1/history")

    assert answer.body == {
        "cursor": None,
        "events": [
            {
                "at": minute(2),
                "decided_at": minute(2) + 1_000,
                "tags": {"host": "a"},
                "from": "INSUFFICIENT_DATA",
                "to": "ALARM",
                "cause": "data",
                "reason": "it became ALARM",
                "version": 1,
                "replaced": False,
                "replaces_from": None,
                "from_severity": None,
                "to_severity": "medium",
                "severity": "medium",
                "inputs": {},
                "datapoints": [{"timestamp": minute(2), "value": 12.5, "breaching": True}],
            }
        ],
    }
    assert History.model_validate(answer.body)


def test_a_correction_is_shown_with_what_it_replaced(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    story.happens(OK, 1)
    story.happens(ALARM, 3)
    story.happens(INSUFFICIENT, 4, value=None)
    story.corrects(3, (OK, ALARM, 5))

    found = pages(function, "/api/alerts/alert-1/history", "events", limit="1")

    shown = [
        (each["to"], each["cause"], each["replaced"], each["replaces_from"])
        for page in found
        for each in page
    ]
    assert shown == [
        ("ALARM", "correction", False, minute(3)),
        ("INSUFFICIENT_DATA", "data", True, None),
        ("ALARM", "data", True, None),
        ("OK", "data", False, None),
    ]
    assert History.model_validate({"events": found[1], "cursor": None})


def test_the_history_of_another_tenants_alert_is_not_there(function: AlertsFunction) -> None:
    Storyteller(function.table).publish()

    assert function.ask("stranger", "GET", "/api/alerts/alert-1/history").status == 404


def test_a_rich_alert_comes_back_as_it_went_in(function: AlertsFunction) -> None:
    rich = {
        **BODY,
        "comparison": "outside",
        "threshold": None,
        "lower": -1.5,
        "upper": 2.5,
        "filters": [{"tag": "host", "op": "!=", "value": "a#b"}],
        "group_by": ["zone", "host"],
        "evaluation_periods": 5,
        "datapoints_to_alarm": 3,
        "missing_data": "ignore",
        "hold": False,
        "lateness": 0,
        "grace": 0,
        "severity": "critical",
        "labels": {"team": "core"},
        "description": "Größe\n温度",
        "runbook_url": "https://wiki.example/cpu?a=b#c",
        "channels": ["default"],
    }

    made = create(function, **rich)

    assert {name: made[name] for name in rich} == rich
    assert function.ask("viewer", "GET", f"/api/alerts/{made['id']}").body == made


def test_a_storytellers_alert_is_like_any_other(function: AlertsFunction) -> None:
    """The support code of these tests writes what the API writes."""
    story = Storyteller(function.table, alert=replace(alert(), id="a"))
    story.publish()

    assert function.ask("viewer", "GET", "/api/alerts/a").body["metric"] == "cpu.load"
