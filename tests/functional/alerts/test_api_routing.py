"""Routes as people meet them over HTTP."""

from collections.abc import Sequence
from typing import Any

import pytest

from skafu.alerts.routing.schemas import EXAMPLE, MAX_ROUTES, PolicyOut, RoutingPreview
from skafu.shared.audit import AuditReader, Wanted
from skafu.shared.table import Check, Write
from tests.support.alerting import TENANT, Storyteller
from tests.support.alerts_api import AlertsFunction
from tests.support.clocks import NOON

ROUTE: dict[str, Any] = {"name": "core", "channels": ["default"]}
FULL: dict[str, Any] = EXAMPLE["routes"][0]
PATH, PREVIEW = "/api/routing", "/api/routing/preview"
HOOK = {"name": "On call", "type": "webhook", "url": "https://93.184.216.34/hook"}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def put(function: AlertsFunction, *routes: dict[str, Any], version: int = 0) -> Any:
    return function.ask("admin", "PUT", PATH, {"routes": routes}, version=version)


def channel(function: AlertsFunction) -> str:
    answer = function.ask("admin", "POST", "/api/channels", HOOK)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def test_before_anybody_made_routes_there_are_none_at_version_0(function: AlertsFunction) -> None:
    answer = function.ask("viewer", "GET", PATH)

    assert (answer.status, answer.headers["etag"]) == (200, '"0"')
    assert answer.body == {"version": 0, "edited_at": None, "routes": []}
    assert PolicyOut.model_validate(answer.body)


def test_routes_are_answered_as_they_were_sent_with_what_was_left_out(
    function: AlertsFunction,
) -> None:
    answer = put(function, FULL, ROUTE)

    assert (answer.status, answer.headers["etag"]) == (200, '"1"')
    assert answer.body["edited_at"] == NOON
    assert answer.body["routes"][0] == FULL
    assert answer.body["routes"][1] == {
        **ROUTE,
        "matchers": [],
        "group_by": None,
        "wait": 0,
        "interval": 0,
        "repeat": 0,
        "steps": [],
        "proceed": False,
    }
    assert function.ask("viewer", "GET", PATH).body == answer.body
    assert PolicyOut.model_validate(answer.body)
    assert function.ask("stranger", "GET", PATH).body["version"] == 0


def test_a_change_says_which_version_it_means(function: AlertsFunction) -> None:
    assert put(function, ROUTE).status == 200

    assert function.ask("admin", "PUT", PATH, {"routes": []}).status == 428
    assert put(function, version=0).status == 412
    assert put(function, version=2).status == 412
    assert put(function, version=1).body["version"] == 2


def test_saying_what_is_so_makes_no_version_and_no_entry(function: AlertsFunction) -> None:
    put(function, ROUTE)
    function.clock.advance(1000)

    again = put(function, ROUTE, version=1)

    assert (again.status, again.body["version"], again.body["edited_at"]) == (200, 1, NOON)
    assert len(audited(function)) == 1


def audited(function: AlertsFunction) -> Sequence[Any]:
    return AuditReader(function.table).page(TENANT, Wanted("routing", "routes"), 10, None).changes


def test_who_changed_what_is_in_the_audit(function: AlertsFunction) -> None:
    put(function, ROUTE)
    function.clock.advance(1000)
    put(function, FULL, version=1)

    last, first = audited(function)
    assert (first.actor, first.action, first.at, first.before) == ("admin", "create", NOON, None)
    assert (last.action, last.at) == ("change", NOON + 1000)
    assert last.before == first.after
    assert last.after["routes"] == [FULL]


@pytest.mark.parametrize("person", ["viewer", "editor"])
def test_admins_change_routes_and_nobody_else(function: AlertsFunction, person: str) -> None:
    assert function.ask(person, "PUT", PATH, {"routes": []}, version=0).status == 403
    assert function.ask(person, "GET", PATH).status == 200


def test_after_a_change_open_groups_are_looked_at(function: AlertsFunction) -> None:
    put(function, ROUTE)

    assert function.deliveries.messages == [{"tenant": TENANT, "look": True}]


def test_a_change_whose_message_is_lost_is_told_and_mended_by_saying_it_again(
    function: AlertsFunction,
) -> None:
    function.deliveries.down = True
    assert put(function, ROUTE).status == 503
    function.deliveries.down = False

    assert put(function, ROUTE, version=1).status == 200
    assert function.deliveries.messages == [{"tenant": TENANT, "look": True}]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "routes.0.name"),
        ({"name": "default"}, "routes.0.name"),
        ({"name": "alert"}, "routes.0.name"),
        ({"name": "x" * 65}, "routes.0.name"),
        ({"name": "two\nlines"}, "routes.0.name"),
        ({"channels": []}, "routes.0.channels"),
        ({"channels": ["default", "default"]}, "routes.0.channels"),
        ({"channels": ["away"]}, "routes.0.channels.0"),
        (
            {"steps": [{"after": 60, "channels": ["default", "gone"]}]},
            "routes.0.steps.0.channels.1",
        ),
        ({"steps": [{"after": 59, "channels": ["default"]}]}, "routes.0.steps.0.after"),
        ({"steps": [{"after": 60, "channels": ["default"]}] * 2}, "routes.0.steps"),
        ({"wait": -1}, "routes.0.wait"),
        ({"wait": 3601}, "routes.0.wait"),
        ({"interval": 1.5}, "routes.0.interval"),
        ({"interval": 86_401}, "routes.0.interval"),
        ({"repeat": 59}, "routes.0.repeat"),
        ({"repeat": 8 * 86_400}, "routes.0.repeat"),
        ({"group_by": ["a", "a"]}, "routes.0.group_by"),
        ({"group_by": [""]}, "routes.0.group_by.0"),
        ({"proceed": "yes"}, "routes.0.proceed"),
        ({"colour": "red"}, "routes.0.colour"),
        ({"matchers": [{"label": "", "op": "=", "value": "a"}]}, "routes.0.matchers.0.label"),
        ({"matchers": [{"label": "a", "op": "~", "value": "a"}]}, "routes.0.matchers.0.op"),
        ({"matchers": [{"label": "a", "op": "in", "value": "a"}]}, "routes.0.matchers.0.value"),
        ({"matchers": [{"label": "a", "op": "in", "value": []}]}, "routes.0.matchers.0.value"),
        ({"matchers": [{"label": "a", "op": "=", "value": True}]}, "routes.0.matchers.0.value"),
        ({"matchers": [{"label": "a", "op": "exists", "value": "a"}]}, "routes.0.matchers.0.value"),
        (
            {"matchers": [{"label": "a", "op": "=", "value": "x" * 257}]},
            "routes.0.matchers.0.value",
        ),
        ({"matchers": [{"label": "a", "op": "=", "value": "b"}] * 31}, "routes.0.matchers"),
    ],
)
def test_a_wrong_route_is_answered_with_the_field_at_fault(
    function: AlertsFunction, changes: dict[str, Any], field: str
) -> None:
    answer = put(function, {**ROUTE, **changes})

    assert answer.status == 422
    assert answer.fields[0] == field
    assert function.ask("viewer", "GET", PATH).body["version"] == 0


def test_a_wrong_route_is_answered_with_a_right_one(function: AlertsFunction) -> None:
    answer = put(function, {"name": "core"})

    assert (answer.status, answer.fields) == (422, ["routes.0.channels"])
    assert put(function, *answer.body["example"]["routes"]).status == 200


def test_names_are_there_once_and_routes_are_not_too_many(function: AlertsFunction) -> None:
    many = [{**ROUTE, "name": f"r{n}"} for n in range(MAX_ROUTES + 1)]

    assert put(function, ROUTE, ROUTE).fields == ["routes"]
    assert put(function, *many).fields == ["routes"]
    assert put(function, *many[1:]).status == 200


def test_routes_that_outgrow_an_item_are_refused(function: AlertsFunction) -> None:
    long = [{"label": f"l{n}", "op": "=", "value": "ä" * 256} for n in range(30)]
    many = [{**ROUTE, "name": f"r{n}", "matchers": long} for n in range(15)]

    answer = put(function, *many)

    assert (answer.status, answer.fields) == (422, ["routes"])
    assert "bytes" in answer.body["errors"][0]["reason"]
    assert put(function, *many[:9]).status == 200


def test_a_channel_that_goes_while_routes_are_stored_is_missed() -> None:
    function = AlertsFunction()
    mine = channel(function)
    removed: list[int] = []

    def meanwhile(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(each, Check) for each in writes) and not removed:
            removed.append(0)
            removed[0] = function.ask("admin", "DELETE", f"/api/channels/{mine}").status

    function.table.before_write = meanwhile
    answer = put(function, {**ROUTE, "channels": ["default", mine]})

    assert removed == [204]
    assert (answer.status, answer.fields) == (422, ["routes.0.channels.1"])


def test_of_two_changes_at_the_same_moment_one_is_told_to_look_again() -> None:
    function = AlertsFunction()
    others: list[int] = []

    def meanwhile(_: Sequence[Write | Check]) -> None:
        if not others:
            others.append(0)
            others[0] = put(function, {**ROUTE, "name": "quicker"}).status

    function.table.before_write = meanwhile
    assert put(function, ROUTE).status == 412
    assert others == [200]
    assert function.ask("viewer", "GET", PATH).body["routes"][0]["name"] == "quicker"
    assert len(audited(function)) == 1


# --- why this route -------------------------------------------------------------------------------


def test_why_this_route_tells_of_every_route_and_of_what_was_taken(
    function: AlertsFunction,
) -> None:
    put(function, FULL, {**ROUTE, "name": "rest", "group_by": ["team"]}, {**ROUTE, "name": "last"})

    labels = {"team": "core", "host": "web-1"}
    answer = function.ask("viewer", "POST", PREVIEW, {"labels": labels})

    assert answer.status == 200
    assert RoutingPreview.model_validate(answer.body)
    assert answer.body["summary"] == "It takes the route rest."
    assert answer.body["labels"] == labels
    assert answer.body["looked_at"] == [
        {"route": "databases", "matched": False, "why": "host is web-1, not db*"},
        {"route": "rest", "matched": True, "why": "it takes everything"},
        {
            "route": "last",
            "matched": False,
            "why": "not looked at: rest took it and does not proceed",
        },
    ]
    [taken] = answer.body["taken"]
    assert (taken["name"], taken["channels"], taken["group_by"]) == ("rest", ["default"], ["team"])
    assert taken["group_labels"] == {"team": "core"}


def test_an_alert_is_routed_with_the_labels_that_its_notifications_have(
    function: AlertsFunction,
) -> None:
    story = Storyteller(function.table)
    story.publish(labels={"team": "core"})
    put(function, FULL)

    asked = {"alert": story.alert.id, "tags": {"host": "db-7"}, "severity": "critical"}
    answer = function.ask("viewer", "POST", PREVIEW, asked)

    assert answer.body["labels"] == {
        "host": "db-7",
        "team": "core",
        "alertname": "CPU is busy",
        "severity": "critical",
    }
    [taken] = answer.body["taken"]
    assert (taken["name"], taken["steps"]) == ("databases", FULL["steps"])
    assert taken["group_labels"] == {"alertname": "CPU is busy"}
    plain = function.ask("viewer", "POST", PREVIEW, {"alert": story.alert.id})
    assert plain.body["labels"]["severity"] == "medium"
    assert plain.body["taken"][0]["name"] == "default"


def test_an_alert_with_channels_of_its_own_asks_no_route(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish(channels=("default",))
    put(function, ROUTE)

    answer = function.ask("viewer", "POST", PREVIEW, {"alert": story.alert.id})

    assert "names its own channels" in answer.body["summary"]
    assert answer.body["looked_at"][0]["matched"] is False
    assert [each["name"] for each in answer.body["taken"]] == ["alert"]
    assert RoutingPreview.model_validate(answer.body)


def test_every_route_that_is_taken_is_told(function: AlertsFunction) -> None:
    put(function, {**ROUTE, "name": "log", "proceed": True}, ROUTE)

    answer = function.ask("viewer", "POST", PREVIEW, {"labels": {}})

    assert answer.body["summary"] == "It takes the routes log, core."
    assert [each["name"] for each in answer.body["taken"]] == ["log", "core"]


def test_routes_can_be_tried_before_they_are_stored(function: AlertsFunction) -> None:
    tried = {"labels": {"host": "db-1"}, "routes": [{**ROUTE, "name": "new", "proceed": True}]}

    answer = function.ask("viewer", "POST", PREVIEW, tried)

    assert answer.body["summary"] == "It takes the route new."
    assert function.ask("viewer", "GET", PATH).body["version"] == 0
    nothing = function.ask("viewer", "POST", PREVIEW, {**tried, "routes": []})
    assert "environment's topic" in nothing.body["summary"]


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({}, 422, ["alert"]),
        ({"alert": "a", "labels": {"host": "a"}}, 422, ["alert"]),
        ({"labels": {"host": "a"}, "tags": {"host": "a"}}, 422, ["tags"]),
        ({"labels": {"host": "a"}, "severity": "high"}, 422, ["severity"]),
        ({"labels": {"host": 1}}, 422, ["labels.host"]),
        ({"alert": "nobodys"}, 404, None),
        ({"alert": "no#body"}, 404, None),
        ({"labels": {}, "routes": [ROUTE, ROUTE]}, 422, ["routes"]),
    ],
)
def test_what_cannot_be_routed_is_refused(
    function: AlertsFunction, body: object, status: int, fields: list[str] | None
) -> None:
    answer = function.ask("viewer", "POST", PREVIEW, body)

    assert answer.status == status
    assert fields is None or answer.fields == fields


def test_a_preview_of_another_tenants_alert_finds_none(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()

    assert function.ask("stranger", "POST", PREVIEW, {"alert": story.alert.id}).status == 404
