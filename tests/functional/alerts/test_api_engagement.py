"""Acknowledging, assigning and commenting as people meet them over HTTP."""

from collections.abc import Sequence
from typing import Any

import pytest

from skafu.alerts.engagement.schemas import EngagementList, RemarkList, RemarkOut
from skafu.alerts.schemas import AlertOut
from skafu.shared.audit import AuditReader, Wanted
from skafu.shared.table import Check, Write
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.clocks import NOON
from tests.support.definitions import alert

PATH = "/api/alerts/alert-1"
ONE, TWO = {"host": "web-1"}, {"host": "web-2"}
TAGS_ONE, TAGS_TWO = tuple(ONE.items()), tuple(TWO.items())
LOOK = {"tenant": TENANT, "look": True}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


@pytest.fixture
def story(function: AlertsFunction) -> Storyteller:
    """web-1 fires, web-2 has fired."""
    found = Storyteller(function.table)
    found.publish()
    found.happens(ALARM, -30, TAGS_ONE)
    found.happens(ALARM, -30, TAGS_TWO)
    found.happens(OK, -20, TAGS_TWO)
    return found


def act(function: AlertsFunction, what: str, body: object = None, person: str = "editor") -> Answer:
    answer = function.ask(person, "POST", f"{PATH}/{what}", body)
    if answer.status == 200:
        assert EngagementList.model_validate(answer.body)
    return answer


def engaged(answer: Answer) -> list[Any]:
    assert answer.status == 200, answer.body
    found: list[Any] = answer.body["instances"]
    return found


def comments(function: AlertsFunction, tags: str | None = "host=web-1") -> list[Any]:
    query = {} if tags is None else {"tags": tags}
    answer = function.ask("viewer", "GET", f"{PATH}/comments", query=query)
    assert answer.status == 200, answer.body
    assert RemarkList.model_validate(answer.body)
    found: list[Any] = answer.body["comments"]
    return found


def audited(function: AlertsFunction) -> Sequence[Any]:
    page = AuditReader(function.table).page(TENANT, Wanted("engagement", "alert-1"), 50, None)
    return page.changes


@pytest.mark.usefixtures("story")
def test_acknowledging_is_for_the_firing_that_is_there(function: AlertsFunction) -> None:
    answer = act(function, "acknowledge", {"tags": ONE, "comment": "on it"})

    assert engaged(answer) == [
        {
            "tags": ONE,
            "began": minute(-30),
            "acknowledged_by": "editor",
            "acknowledged_at": NOON,
            "assignee": None,
        }
    ]
    assert answer.body["more"] is False
    [remark] = comments(function)
    assert remark == {
        "id": remark["id"],
        "at": NOON,
        "by": "editor",
        "action": "acknowledge",
        "began": minute(-30),
        "comment": "on it",
        "assignee": None,
    }
    assert function.deliveries.messages == [LOOK]


@pytest.mark.usefixtures("story")
def test_whoever_was_first_stays_the_one(function: AlertsFunction) -> None:
    act(function, "acknowledge", {"tags": ONE})
    function.clock.advance(1000)

    [again] = engaged(act(function, "acknowledge", {"tags": ONE}, "admin"))

    assert (again["acknowledged_by"], again["acknowledged_at"]) == ("editor", NOON)
    assert len(comments(function)) == len(audited(function)) == 1
    assert function.deliveries.messages == [LOOK, LOOK]
    act(function, "acknowledge", {"tags": ONE, "comment": "me too"}, "admin")
    assert [each["action"] for each in comments(function)] == ["comment", "acknowledge"]


def test_a_new_firing_begins_unacknowledged(function: AlertsFunction, story: Storyteller) -> None:
    act(function, "acknowledge", {"tags": ONE})
    act(function, "assign", {"tags": ONE})
    story.happens(OK, -5, TAGS_ONE)
    story.happens(ALARM, -1, TAGS_ONE)

    [found] = engaged(act(function, "unacknowledge", {"tags": ONE}))
    assert found == {
        "tags": ONE,
        "began": minute(-1),
        "acknowledged_by": None,
        "acknowledged_at": None,
        "assignee": None,
    }
    [mine] = engaged(act(function, "acknowledge", {"tags": ONE}, "admin"))
    assert (mine["acknowledged_by"], mine["assignee"]) == ("admin", None)


def test_data_that_stopped_and_came_back_are_no_new_firing(
    function: AlertsFunction, story: Storyteller
) -> None:
    act(function, "acknowledge", {"tags": ONE})
    story.happens(INSUFFICIENT, -5, TAGS_ONE)
    story.happens(ALARM, -1, TAGS_ONE)

    [found] = engaged(act(function, "acknowledge", {"tags": ONE}, "admin"))
    assert (found["began"], found["acknowledged_by"]) == (minute(-30), "editor")


def test_a_correction_that_finds_an_earlier_beginning_takes_nothing_back(
    function: AlertsFunction, story: Storyteller
) -> None:
    act(function, "acknowledge", {"tags": ONE})
    story.corrects(-35, (INSUFFICIENT, ALARM, -35), tags=TAGS_ONE)

    [found] = engaged(act(function, "acknowledge", {"tags": ONE}, "admin"))
    assert found["acknowledged_by"] == "editor"


def test_without_tags_every_firing_instance_is_meant(
    function: AlertsFunction, story: Storyteller
) -> None:
    others = [(("host", f"db-{n:03d}"),) for n in range(100)]
    for tags in others:
        story.happens(ALARM, -10, tags)

    found = engaged(act(function, "acknowledge", {"comment": "all of them"}))

    assert len(found) == 101
    assert {each["acknowledged_by"] for each in found} == {"editor"}
    assert TWO not in [each["tags"] for each in found]
    assert comments(function, "host=db-042")[0]["comment"] == "all of them"
    assert sum(len(each.after["instances"]) for each in audited(function)) == 101


def test_nothing_that_does_not_fire_is_acknowledged(
    function: AlertsFunction, story: Storyteller
) -> None:
    for what in ("acknowledge", "unacknowledge", "assign"):
        assert act(function, what, {"tags": TWO}).status == 409
        assert act(function, what, {"tags": {"host": "web-3"}}).status == 404
        assert function.ask("editor", "POST", f"/api/alerts/nobodys/{what}", {}).status == 404
        assert function.ask("stranger", "POST", f"{PATH}/{what}", {}).status == 404
    story.happens(OK, -1, TAGS_ONE)
    assert act(function, "acknowledge").status == 409
    assert function.deliveries.messages == []


@pytest.mark.usefixtures("story")
def test_an_acknowledgement_can_be_taken_back(function: AlertsFunction) -> None:
    act(function, "acknowledge", {"tags": ONE})
    function.clock.advance(1000)

    [found] = engaged(act(function, "unacknowledge", {"tags": ONE}, "admin"))

    assert (found["acknowledged_by"], found["acknowledged_at"]) == (None, None)
    assert [each["action"] for each in comments(function)] == ["unacknowledge", "acknowledge"]
    function.clock.advance(1000)
    act(function, "unacknowledge", {"tags": ONE})
    assert len(comments(function)) == 2


def shown(function: AlertsFunction, **query: str) -> Any:
    """What alerts tell of web-1: by the alert itself, and by lists."""
    alone = function.ask("viewer", "GET", PATH).body
    listed = function.ask("viewer", "GET", "/api/alerts", query=query).body["alerts"][0]
    found = [
        {name: each[name] for name in ("acknowledged_by", "acknowledged_at", "assignee")}
        for view in (alone, listed)
        for each in view["instances"]
        if each["tags"] == ONE
    ]
    assert found[0] == found[1]
    assert AlertOut.model_validate(alone)
    return found[0]


NOBODY = {"acknowledged_by": None, "acknowledged_at": None, "assignee": None}


def test_alerts_show_who_looks_after_what_fires_now(
    function: AlertsFunction, story: Storyteller
) -> None:
    assert shown(function) == NOBODY
    act(function, "acknowledge", {"tags": ONE})
    act(function, "assign", {"tags": ONE, "assignee": "admin"})
    mine = {"acknowledged_by": "editor", "acknowledged_at": NOON, "assignee": "admin"}
    assert shown(function) == shown(function, state="ALARM") == mine

    story.happens(INSUFFICIENT, -8, TAGS_ONE)
    assert shown(function) == NOBODY
    story.happens(ALARM, -7, TAGS_ONE)
    assert shown(function) == mine, "its data only stopped for a while"
    story.happens(OK, -5, TAGS_ONE)
    assert shown(function) == NOBODY
    story.happens(ALARM, -1, TAGS_ONE)
    assert shown(function) == NOBODY


@pytest.mark.usefixtures("story")
def test_members_are_assigned_and_nobody_else(function: AlertsFunction) -> None:
    [mine] = engaged(act(function, "assign", {"tags": ONE}))
    assert (mine["assignee"], mine["acknowledged_by"]) == ("editor", None)
    function.clock.advance(1)
    [other] = engaged(act(function, "assign", {"tags": ONE, "assignee": "viewer"}))
    assert other["assignee"] == "viewer"
    function.clock.advance(1)
    [nobody] = engaged(act(function, "assign", {"tags": ONE, "assignee": None}))
    assert nobody["assignee"] is None

    assert [each["assignee"] for each in comments(function)] == [None, "viewer", "editor"]
    for name in ("stranger", "nobody"):
        answer = act(function, "assign", {"tags": ONE, "assignee": name})
        assert (answer.status, answer.fields) == (422, ["assignee"])


@pytest.mark.usefixtures("story")
def test_who_did_what_is_in_the_audit(function: AlertsFunction) -> None:
    act(function, "acknowledge", {"tags": ONE, "comment": "on it"})
    function.clock.advance(1)
    act(function, "assign", {"tags": ONE, "assignee": "admin"})

    assigned, acknowledged = audited(function)
    assert (acknowledged.actor, acknowledged.action) == ("editor", "acknowledge")
    shown = {"tags": ONE, "began": minute(-30), "acknowledged_by": None, "assignee": None}
    assert acknowledged.before == {"instances": [shown]}
    assert acknowledged.after == {"instances": [{**shown, "acknowledged_by": "editor"}]}
    assert assigned.after["instances"][0]["assignee"] == "admin"


@pytest.mark.usefixtures("story")
def test_comments_are_about_an_instance_or_about_the_alert(function: AlertsFunction) -> None:
    for body in ({"tags": TWO, "comment": "It was the fan"}, {"comment": "Too nervous an alert"}):
        answer = act(function, "comments", body)
        assert answer.status == 201
        assert RemarkOut.model_validate(answer.body)
        function.clock.advance(1)
    fires = act(function, "comments", {"tags": ONE, "comment": "Hot"})

    assert fires.body["began"] == minute(-30)
    [told] = comments(function, "host=web-2")
    assert (told["comment"], told["began"], told["action"]) == ("It was the fan", None, "comment")
    assert [each["comment"] for each in comments(function, None)] == ["Too nervous an alert"]
    assert comments(function, "host=web-3") == []
    assert {each.action for each in audited(function)} == {"comment"}
    assert function.deliveries.messages == []


def test_comments_come_page_by_page_newest_first(function: AlertsFunction) -> None:
    Storyteller(function.table).publish()
    for number in range(5):
        act(function, "comments", {"comment": f"No {number}"})
        function.clock.advance(1)

    found: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        answer = function.ask("viewer", "GET", f"{PATH}/comments", query=query)
        found += [each["comment"] for each in answer.body["comments"]]
        cursor = answer.body["cursor"]
        if cursor is None:
            break

    assert found == [f"No {number}" for number in range(4, -1, -1)]


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("what", "body", "fields"),
    [
        ("acknowledge", {"tags": {"host": 1}}, ["tags.host"]),
        ("acknowledge", {"colour": "red"}, ["colour"]),
        ("acknowledge", {"comment": "bell\x07"}, ["comment"]),
        ("acknowledge", {"comment": "x" * 4097}, ["comment"]),
        ("assign", {"assignee": ""}, ["assignee"]),
        ("comments", {}, ["comment"]),
        ("comments", {"comment": " "}, ["comment"]),
    ],
)
def test_a_wrong_request_is_answered_with_the_field_at_fault(
    function: AlertsFunction, what: str, body: object, fields: list[str]
) -> None:
    answer = act(function, what, body)

    assert (answer.status, answer.fields) == (422, fields)


@pytest.mark.usefixtures("story")
def test_a_comment_needs_an_instance_or_an_alert_that_there_is(function: AlertsFunction) -> None:
    said = {"comment": "Hello"}

    assert act(function, "comments", {**said, "tags": {"host": "web-3"}}).status == 404
    assert function.ask("editor", "POST", "/api/alerts/nobodys/comments", said).status == 404
    assert function.ask("viewer", "GET", "/api/alerts/nobodys/comments").status == 404
    asked = function.ask("viewer", "GET", f"{PATH}/comments", query={"tags": "host"})
    assert (asked.status, asked.fields) == (400, ["tags"])


@pytest.mark.usefixtures("story")
def test_viewers_read_and_editors_act(function: AlertsFunction) -> None:
    for what in ("acknowledge", "unacknowledge", "assign", "comments"):
        assert act(function, what, {"comment": "x"}, "viewer").status == 403
    assert comments(function) == []


@pytest.mark.usefixtures("story")
def test_of_two_at_the_same_moment_both_are_heard(function: AlertsFunction) -> None:
    others: list[int] = []

    def meanwhile(_: Sequence[Write | Check]) -> None:
        if not others:
            others.append(0)
            others[0] = act(function, "assign", {"tags": ONE}, "admin").status

    function.table.before_write = meanwhile
    [found] = engaged(act(function, "acknowledge", {"tags": ONE}))

    assert others == [200]
    assert (found["acknowledged_by"], found["assignee"]) == ("editor", "admin")
    assert sorted(each["action"] for each in comments(function)) == ["acknowledge", "assign"]


@pytest.mark.usefixtures("story")
def test_a_deed_whose_message_is_lost_is_told_and_mended_by_doing_it_again(
    function: AlertsFunction,
) -> None:
    function.deliveries.down = True
    assert act(function, "acknowledge", {"tags": ONE}).status == 503
    function.deliveries.down = False

    [found] = engaged(act(function, "acknowledge", {"tags": ONE}))
    assert found["acknowledged_by"] == "editor"
    assert function.deliveries.messages == [LOOK]
    assert len(comments(function)) == 1


def test_what_is_acknowledged_of_one_alert_is_not_of_another(
    function: AlertsFunction, story: Storyteller
) -> None:
    act(function, "acknowledge", {"tags": ONE})
    other = Storyteller(function.table, alert=alert("alert-2"))
    other.publish()
    other.happens(ALARM, -3, TAGS_ONE)

    answer = function.ask("editor", "POST", "/api/alerts/alert-2/unacknowledge", {"tags": ONE})
    assert engaged(answer)[0]["acknowledged_by"] is None
    assert story.alert.id != other.alert.id
