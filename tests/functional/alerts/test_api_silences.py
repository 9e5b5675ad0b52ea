"""Silences as people meet them over HTTP."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.silences.schemas import SilenceList, SilenceOut
from skafu.alerts.silences.service import MAX_PRESENT
from skafu.alerts.silences.store import SilenceStore
from skafu.shared.audit import AuditReader, Wanted
from skafu.shared.table import Check, Write
from tests.support.alerting import TENANT
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.clocks import NOON

HOUR = 3_600_000
DAY = 24 * HOUR
PATH = "/api/silences"
MATCHERS = [{"label": "host", "op": "prefix", "value": "web"}]
ONCE: dict[str, Any] = {"matchers": MATCHERS, "ends_at": NOON + HOUR, "comment": "Moving house"}
NIGHTLY: dict[str, Any] = {
    "matchers": MATCHERS,
    "starts_at": "2023-11-15T22:00:00+01:00",
    "rrule": "FREQ=DAILY",
    "duration": 7200,
    "time_zone": "Europe/Berlin",
    "comment": "Nightly batch",
}
UNTIL_RESOLVED: dict[str, Any] = {
    "matchers": MATCHERS,
    "until_resolved": True,
    "comment": "It is known",
}
LOOK = {"tenant": TENANT, "look": True}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def post(function: AlertsFunction, body: object) -> Answer:
    return function.ask("editor", "POST", PATH, body)


def made(function: AlertsFunction, body: object = None) -> dict[str, Any]:
    answer = post(function, ONCE if body is None else body)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body
    return found


def audited(function: AlertsFunction, silence_id: str) -> Sequence[Any]:
    page = AuditReader(function.table).page(TENANT, Wanted("silence", silence_id), 10, None)
    return page.changes


# --- making ---------------------------------------------------------------------------------------


def test_a_silence_is_answered_as_it_is_stored_with_its_state(function: AlertsFunction) -> None:
    answer = post(function, ONCE)

    found = answer.body
    assert answer.status == 201
    assert answer.headers["location"] == f"{PATH}/{found['id']}"
    assert answer.headers["etag"] == '"1"'
    assert found == {
        **ONCE,
        "id": found["id"],
        "version": 1,
        "starts_at": NOON,
        "rrule": None,
        "duration": None,
        "time_zone": None,
        "until_resolved": False,
        "created_by": "editor",
        "created_at": NOON,
        "edited_at": NOON,
        "ended_at": None,
        "ended_by": None,
        "state": "active",
        "windows": [{"start": NOON, "end": NOON + HOUR}],
    }
    assert SilenceOut.model_validate(found)
    assert function.ask("viewer", "GET", f"{PATH}/{found['id']}").body == found


def test_a_recurring_one_tells_the_windows_that_come_next(function: AlertsFunction) -> None:
    found = made(function, NIGHTLY)

    first = NOON + 9 * HOUR  # 22:00 in Berlin
    assert (found["state"], found["starts_at"]) == ("pending", first)
    assert (found["duration"], found["time_zone"]) == (7200, "Europe/Berlin")
    assert found["windows"] == [
        {"start": first + n * DAY, "end": first + n * DAY + 2 * HOUR} for n in range(5)
    ]
    assert SilenceOut.model_validate(found)


def test_what_is_muted_until_it_is_resolved_is_not_forgotten_for_good(
    function: AlertsFunction,
) -> None:
    found = made(function, UNTIL_RESOLVED)

    assert (found["state"], found["ends_at"]) == ("active", NOON + 30 * DAY)
    assert found["windows"] == [{"start": NOON, "end": NOON + 30 * DAY}]
    assert SilenceOut.model_validate(found)
    longer = {**UNTIL_RESOLVED, "ends_at": NOON + 300 * DAY}
    assert made(function, longer)["ends_at"] == NOON + 300 * DAY
    function.clock.advance(20 * DAY)
    path = f"{PATH}/{found['id']}"
    changed = function.ask("editor", "PUT", path, {**UNTIL_RESOLVED, "comment": "x"}, version=1)
    assert changed.body["ends_at"] == NOON + 30 * DAY


def test_whoever_has_to_be_told_less_is_looked_at_after_every_change(
    function: AlertsFunction,
) -> None:
    path = f"{PATH}/{made(function)['id']}"
    assert function.deliveries.messages == [LOOK]
    function.ask("editor", "PUT", path, {**ONCE, "comment": "Other"}, version=1)
    function.ask("editor", "DELETE", path)

    assert function.deliveries.messages == [LOOK] * 3


def test_a_silence_whose_message_is_lost_is_there_all_the_same(function: AlertsFunction) -> None:
    function.deliveries.down = True

    found = made(function)

    assert function.ask("viewer", "GET", f"{PATH}/{found['id']}").status == 200
    assert function.ask("editor", "DELETE", f"{PATH}/{found['id']}").status == 503
    function.deliveries.down = False
    assert function.ask("editor", "DELETE", f"{PATH}/{found['id']}").status == 204
    assert function.deliveries.messages == [LOOK]


@pytest.mark.parametrize(
    ("body", "changes", "fields"),
    [
        (ONCE, {"matchers": []}, ["matchers"]),
        (ONCE, {"matchers": [{"label": "host", "op": "in", "value": "a"}]}, ["matchers.0.value"]),
        (ONCE, {"comment": ""}, ["comment"]),
        (ONCE, {"comment": "  "}, ["comment"]),
        (ONCE, {"comment": "bell\x07"}, ["comment"]),
        (ONCE, {"colour": "red"}, ["colour"]),
        (ONCE, {"ends_at": None}, ["ends_at"]),
        (ONCE, {"ends_at": NOON}, ["ends_at"]),
        (ONCE, {"ends_at": "tomorrow"}, ["ends_at"]),
        (ONCE, {"ends_at": 10**14}, ["ends_at"]),
        (ONCE, {"ends_at": NOON + 367 * DAY}, ["ends_at"]),
        (ONCE, {"starts_at": NOON + 2 * HOUR}, ["ends_at"]),
        (ONCE, {"starts_at": NOON - HOUR - 1000}, ["starts_at"]),
        (ONCE, {"starts_at": NOON + 367 * DAY, "ends_at": NOON + 368 * DAY}, ["starts_at"]),
        (ONCE, {"duration": 60}, ["duration"]),
        (ONCE, {"time_zone": "Europe/Berlin"}, ["time_zone"]),
        (ONCE, {"until_resolved": "yes"}, ["until_resolved"]),
        (NIGHTLY, {"rrule": "FREQ=MINUTELY"}, ["rrule"]),
        (NIGHTLY, {"rrule": "whenever"}, ["rrule"]),
        (NIGHTLY, {"duration": None}, ["duration"]),
        (NIGHTLY, {"duration": 59}, ["duration"]),
        (NIGHTLY, {"duration": 8 * 86_400}, ["duration"]),
        (NIGHTLY, {"time_zone": "Mars/Olympus"}, ["time_zone"]),
        (NIGHTLY, {"until_resolved": True}, ["until_resolved"]),
        (NIGHTLY, {"ends_at": NOON + HOUR}, ["ends_at"]),
        (NIGHTLY, {"rrule": "FREQ=DAILY;BYHOUR=3", "ends_at": NOON + 10 * HOUR}, ["ends_at"]),
    ],
)
def test_a_wrong_silence_is_answered_with_the_field_at_fault_and_a_right_example(
    function: AlertsFunction, body: dict[str, Any], changes: dict[str, Any], fields: list[str]
) -> None:
    answer = post(function, {**body, **changes})

    assert answer.status == 422, answer.body
    assert answer.fields == fields
    assert not SilenceStore(function.table).all(TENANT)


def test_the_example_in_a_problem_is_right(function: AlertsFunction) -> None:
    example = post(function, {"comment": "x"}).body["example"]
    function.clock.now = 1_795_000_000_000  # not long before the example

    assert post(function, example).status == 201


def test_a_silence_may_have_begun_a_little_while_ago(function: AlertsFunction) -> None:
    found = made(function, {**ONCE, "starts_at": NOON - HOUR + 1})

    # Whole seconds: rules know no others.
    assert found["starts_at"] == NOON - HOUR


def test_silences_that_are_not_over_are_not_too_many(function: AlertsFunction) -> None:
    first = made(function)
    stored = SilenceStore(function.table)
    present = stored.all(TENANT)[0]
    for number in range(MAX_PRESENT - 1):
        stored.create(TENANT, replace(present, id=f"s{number}"))

    assert post(function, ONCE).status == 429
    assert function.ask("stranger", "POST", PATH, ONCE).status == 201
    function.ask("editor", "DELETE", f"{PATH}/{first['id']}")
    assert post(function, ONCE).status == 201
    assert post(function, ONCE).status == 429
    function.clock.advance(HOUR)
    assert post(function, {**ONCE, "ends_at": NOON + 2 * HOUR}).status == 201


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["1", "2", "100"])
def test_silences_are_listed_page_by_page_and_by_state(
    function: AlertsFunction, limit: str
) -> None:
    ids = {name: made(function, body)["id"] for name, body in _bodies().items()}
    function.ask("editor", "DELETE", f"{PATH}/{ids['ended']}")

    def listed(**query: str) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        while True:
            asked = {**query, "limit": limit} | ({} if cursor is None else {"cursor": cursor})
            answer = function.ask("viewer", "GET", PATH, query=asked)
            assert answer.status == 200
            assert SilenceList.model_validate(answer.body)
            assert len(answer.body["silences"]) <= int(limit)
            found += [each["id"] for each in answer.body["silences"]]
            cursor = answer.body["cursor"]
            if cursor is None:
                return found

    assert listed() == sorted(ids.values())
    assert listed(state="active") == sorted([ids["once"], ids["until"]])
    assert listed(state="pending") == [ids["nightly"]]
    assert listed(state="ended") == [ids["ended"]]
    assert function.ask("viewer", "GET", PATH, query={"state": "asleep"}).fields == ["state"]
    assert function.ask("stranger", "GET", PATH).body["silences"] == []


def _bodies() -> dict[str, dict[str, Any]]:
    return {"once": ONCE, "nightly": NIGHTLY, "until": UNTIL_RESOLVED, "ended": ONCE}


@pytest.mark.parametrize("name", ["nobodys", "no#body", "x" * 65])
def test_nobody_finds_what_is_not_there_or_not_theirs(function: AlertsFunction, name: str) -> None:
    mine = made(function)["id"]

    for path, person in ((f"{PATH}/{name}", "editor"), (f"{PATH}/{mine}", "stranger")):
        assert function.ask(person, "GET", path).status == 404
        assert function.ask(person, "DELETE", path).status == 404
        assert function.ask(person, "PUT", path, ONCE, version=1).status == 404


def test_viewers_read_and_editors_write(function: AlertsFunction) -> None:
    path = f"{PATH}/{made(function)['id']}"

    assert function.ask("viewer", "GET", PATH).status == 200
    assert function.ask("viewer", "POST", PATH, ONCE).status == 403
    assert function.ask("viewer", "PUT", path, ONCE, version=1).status == 403
    assert function.ask("viewer", "DELETE", path).status == 403


# --- changing and ending --------------------------------------------------------------------------


def test_a_change_keeps_when_it_began_unless_it_says_so(function: AlertsFunction) -> None:
    path = f"{PATH}/{made(function)['id']}"
    function.clock.advance(90 * 60_000 // 2)

    longer = {**ONCE, "ends_at": NOON + 5 * HOUR}
    changed = function.ask("editor", "PUT", path, longer, version=1)

    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert (changed.body["starts_at"], changed.body["ends_at"]) == (NOON, NOON + 5 * HOUR)
    assert changed.body["edited_at"] == function.clock.now
    function.clock.advance(3 * HOUR)
    again = function.ask("editor", "PUT", path, {**longer, "comment": "New"}, version=2)
    assert (again.status, again.body["starts_at"]) == (200, NOON)


def test_a_change_says_which_version_it_means(function: AlertsFunction) -> None:
    path = f"{PATH}/{made(function)['id']}"

    assert function.ask("editor", "PUT", path, ONCE).status == 428
    assert function.ask("editor", "PUT", path, ONCE, version=2).status == 412
    same = function.ask("editor", "PUT", path, ONCE, version=1)
    assert (same.status, same.body["version"]) == (200, 1)
    assert function.ask("editor", "PUT", path, {**ONCE, "ends_at": NOON}, version=1).status == 422


def test_ending_keeps_it_to_be_read(function: AlertsFunction) -> None:
    found = made(function, NIGHTLY)
    path = f"{PATH}/{found['id']}"
    function.clock.advance(10 * HOUR)

    assert function.ask("admin", "DELETE", path, version=2).status == 412
    assert function.ask("admin", "DELETE", path, version=1).status == 204

    ended = function.ask("viewer", "GET", path).body
    assert (ended["state"], ended["version"]) == ("ended", 2)
    assert (ended["ended_at"], ended["ended_by"]) == (NOON + 10 * HOUR, "admin")
    assert ended["windows"] == []
    assert SilenceStore(function.table).all(TENANT) == []


def test_what_is_over_stays_as_it_was(function: AlertsFunction) -> None:
    path = f"{PATH}/{made(function)['id']}"
    function.clock.advance(HOUR)

    assert function.ask("editor", "DELETE", path).status == 204
    found = function.ask("viewer", "GET", path).body
    assert (found["version"], found["state"], found["ended_at"]) == (1, "ended", None)
    later = {**ONCE, "ends_at": NOON + 9 * HOUR}
    assert function.ask("editor", "PUT", path, later, version=1).status == 409


def test_who_changed_what_is_in_the_audit(function: AlertsFunction) -> None:
    found = made(function)
    path = f"{PATH}/{found['id']}"
    function.clock.advance(1000)
    function.ask("admin", "PUT", path, {**ONCE, "comment": "Other"}, version=1)
    function.clock.advance(1000)
    function.ask("editor", "DELETE", path)
    function.ask("editor", "DELETE", path)

    ended, changed, created = audited(function, found["id"])
    assert [(x.actor, x.action) for x in (created, changed, ended)] == [
        ("editor", "create"),
        ("admin", "change"),
        ("editor", "end"),
    ]
    assert created.before is None
    assert (changed.before["comment"], changed.after["comment"]) == ("Moving house", "Other")
    assert ended.after["ended_at"] == NOON + 2000


def test_of_two_changes_at_the_same_moment_one_is_told_to_look_again(
    function: AlertsFunction,
) -> None:
    path = f"{PATH}/{made(function)['id']}"
    others: list[int] = []

    def meanwhile(_: Sequence[Write | Check]) -> None:
        if not others:
            others.append(0)
            body = {**ONCE, "comment": "quicker"}
            others[0] = function.ask("editor", "PUT", path, body, version=1).status

    function.table.before_write = meanwhile
    answer = function.ask("editor", "PUT", path, {**ONCE, "comment": "slower"}, version=1)

    assert (others, answer.status) == ([200], 412)
    assert function.ask("viewer", "GET", path).body["comment"] == "quicker"


def test_ending_what_changes_at_the_same_moment_ends_it_as_it_is_then(
    function: AlertsFunction,
) -> None:
    found = made(function)
    path = f"{PATH}/{found['id']}"
    others: list[int] = []

    def meanwhile(_: Sequence[Write | Check]) -> None:
        if not others:
            others.append(0)
            body = {**ONCE, "comment": "quicker"}
            others[0] = function.ask("editor", "PUT", path, body, version=1).status

    function.table.before_write = meanwhile
    assert function.ask("editor", "DELETE", path).status == 204

    ended = function.ask("viewer", "GET", path).body
    assert (ended["comment"], ended["version"], ended["state"]) == ("quicker", 3, "ended")
    [entry] = [x for x in audited(function, found["id"]) if x.action == "end"]
    assert entry.before["comment"] == "quicker"
