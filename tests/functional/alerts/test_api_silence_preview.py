"""What a silence would have muted, as people ask for it before they make one."""

from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.model import Level, Severity
from skafu.alerts.silences.past import ALERTS_AT_ONCE, ENTRIES_PER_ALERT, MAX_TRANSITIONS
from skafu.alerts.silences.schemas import SilencePreview
from skafu.alerts.store import AlertStore
from skafu.shared.table import Page, Query
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.clocks import NOON
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

HOUR = 3_600_000
DAY = 24 * HOUR
PATH = "/api/silences/preview"
WEB = [{"label": "host", "op": "prefix", "value": "web"}]
ONCE: dict[str, Any] = {"matchers": WEB, "ends_at": NOON + HOUR}
ONE, TWO, THREE = ((("host", name),) for name in ("web-1", "web-2", "db-1"))


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def preview(function: AlertsFunction, body: object, person: str = "viewer") -> Answer:
    answer = function.ask(person, "POST", PATH, body)
    if answer.status == 200:
        assert SilencePreview.model_validate(answer.body)
    return answer


def told(answer: Answer) -> list[tuple[str, str, str, int]]:
    """Which instance went from where to where, in minutes after noon."""
    return [
        (each["tags"]["host"], each["from"], each["to"], (each["at"] - NOON) // 60_000)
        for each in answer.body["transitions"]
    ]


def test_it_tells_the_transitions_that_match_newest_first_and_what_fires_now(
    function: AlertsFunction,
) -> None:
    story = Storyteller(function.table)
    story.publish()
    story.happens(ALARM, -90, ONE)
    story.happens(OK, -80, ONE)
    story.happens(ALARM, -70, THREE)
    story.happens(ALARM, -60, TWO)

    answer = preview(function, ONCE)

    assert told(answer) == [
        ("web-2", "INSUFFICIENT_DATA", "ALARM", -60),
        ("web-1", "ALARM", "OK", -80),
        ("web-1", "INSUFFICIENT_DATA", "ALARM", -90),
    ]
    assert answer.body["alerts"] == [
        {
            "id": "alert-1",
            "name": "CPU is busy",
            "firings": 2,
            "transitions": 3,
            "truncated": False,
        }
    ]
    assert answer.body["firing_now"] == [
        {"alert": "alert-1", "tags": {"host": "web-2"}, "since": minute(-60)}
    ]
    assert (answer.body["start"], answer.body["end"]) == (NOON - 7 * DAY, NOON)
    assert (answer.body["truncated"], answer.body["cursor"]) == (False, None)
    assert not any(each["told_later"] for each in answer.body["transitions"])


def test_nobody_sees_what_happened_to_others(function: AlertsFunction) -> None:
    Storyteller(function.table).publish()
    story = Storyteller(function.table, alert=alert("other"), tenant="tenant2")
    story.publish()
    story.happens(ALARM, -5, ONE)

    answer = preview(function, ONCE)

    assert (answer.body["transitions"], answer.body["firing_now"]) == ([], [])
    assert len(preview(function, ONCE, "stranger").body["transitions"]) == 1


def test_only_the_range_counts_its_start_with_it(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    for at in (-60, -50, -40):
        story.happens(ALARM, at, ONE)
        story.happens(OK, at + 5, ONE)

    asked = {**ONCE, "start": minute(-55), "end": minute(-40)}
    assert [each[-1] for each in told(preview(function, asked))] == [-45, -50, -55]


def test_a_recurring_one_counts_in_its_windows_as_if_it_had_begun_before(
    function: AlertsFunction,
) -> None:
    story = Storyteller(function.table)
    story.publish()
    story.happens(ALARM, -24 * 60 - 30, ONE)  # before yesterday's window, at noon
    story.happens(OK, -24 * 60 + 10, ONE)
    story.happens(ALARM, -24 * 60 + 20, ONE)
    story.happens(OK, -24 * 60 + 30, ONE)
    story.happens(ALARM, -24 * 60 + 50, ONE)
    story.happens(OK, -24 * 60 + 70, ONE)

    body = {"matchers": WEB, "rrule": "FREQ=DAILY", "duration": 3600}
    answer = preview(function, {**body, "start": NOON - 2 * DAY})

    assert answer.body["windows"] == [
        {"start": NOON + n * DAY, "end": NOON + n * DAY + HOUR} for n in (-2, -1)
    ]
    later = {each["at"]: each["told_later"] for each in answer.body["transitions"]}
    assert later == {
        minute(-24 * 60 + 50): True,  # it still fires when the window ends
        minute(-24 * 60 + 30): False,
        minute(-24 * 60 + 20): False,
        minute(-24 * 60 + 10): False,
    }
    assert answer.body["alerts"][0]["firings"] == 2


def test_what_a_correction_replaced_was_not_so(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    story.happens(ALARM, -30, ONE)
    story.happens(OK, -20, ONE)
    story.corrects(-25, (ALARM, OK, -25), (OK, INSUFFICIENT, -15), tags=ONE)

    assert [each[-1] for each in told(preview(function, ONCE))] == [-15, -25, -30]


def test_a_firing_counts_at_the_severity_of_its_level(function: AlertsFunction) -> None:
    level = Level(Severity.CRITICAL, threshold=20.0)
    story = Storyteller(function.table, alert=alert(levels=(level,)))
    story.publish()
    story.happens(ALARM, -30, ONE)

    def found(severity: str) -> int:
        matchers = [{"label": "severity", "op": "=", "value": severity}]
        return len(preview(function, {**ONCE, "matchers": matchers}).body["transitions"])

    assert (found("medium"), found("critical"), found("low")) == (1, 0, 0)


class WatchedTable(InMemoryTable):
    """Remembers which partitions were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def query(self, query: Query) -> Page:
        self.asked.append(query.pk)
        return super().query(query)


def test_alerts_whose_labels_tell_otherwise_are_not_read() -> None:
    table = WatchedTable()
    function = AlertsFunction(table)
    story = Storyteller(table)
    story.publish(labels={"team": "core"})
    story.happens(ALARM, -5, ONE)

    def logs(label: str, value: str) -> list[str]:
        table.asked.clear()
        preview(function, {**ONCE, "matchers": [{"label": label, "op": "=", "value": value}]})
        return [each for each in table.asked if "#history#" in each]

    assert logs("team", "other") == []
    assert logs("alertname", "Other") == []
    assert logs("severity", "critical") == []
    assert len(logs("team", "core")) == 1
    assert len(logs("host", "web-1")) == 1


def test_drills_are_left_out(function: AlertsFunction) -> None:
    story = Storyteller(function.table, alert=replace(alert("stand-in"), drill_of="alert-1"))
    story.publish()
    story.happens(ALARM, -5, ONE)

    assert preview(function, ONCE).body["transitions"] == []


def test_a_long_past_is_cut_short_and_says_so(function: AlertsFunction) -> None:
    story = Storyteller(function.table)
    story.publish()
    for at in range(-(ENTRIES_PER_ALERT + 10), 0):
        story.happens(ALARM if at % 2 else OK, at, ONE)

    answer = preview(function, ONCE)

    assert answer.body["truncated"] is True
    assert len(answer.body["transitions"]) == MAX_TRANSITIONS
    [total] = answer.body["alerts"]
    assert (total["transitions"], total["truncated"]) == (ENTRIES_PER_ALERT, True)


def test_many_alerts_come_page_by_page(function: AlertsFunction) -> None:
    store = AlertStore(function.table)
    for number in range(1_000 + ALERTS_AT_ONCE):
        store.create(TENANT, replace(alert(f"a{number:04d}"), labels={"team": "other"}))
    story = Storyteller(function.table, alert=alert("z"))
    story.publish()
    story.happens(ALARM, -5, ONE)
    body = {"matchers": [{"label": "team", "op": "!=", "value": "other"}], "ends_at": NOON + HOUR}

    first = preview(function, {**body, "start": NOON - DAY, "end": NOON}).body
    rest = preview(
        function, {**body, "start": NOON - DAY, "end": NOON, "cursor": first["cursor"]}
    ).body

    assert (first["alerts"], first["truncated"]) == ([], True)
    assert [each["id"] for each in rest["alerts"]] == ["z"]
    assert (rest["truncated"], rest["cursor"]) == (False, None)
    # What fires now is told once.
    assert (len(first["firing_now"]), len(rest["firing_now"])) == (1, 0)
    other = preview(function, {**body, "start": NOON - HOUR, "cursor": first["cursor"]})
    assert (other.status, other.fields) == (400, ["cursor"])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"matchers": []}, ["matchers"]),
        ({"matchers": WEB, "start": NOON, "end": NOON}, ["start"]),
        ({"matchers": WEB, "start": NOON - 36 * DAY}, ["start"]),
        ({"matchers": WEB, "end": NOON + 1}, ["end"]),
        ({"matchers": WEB, "rrule": "FREQ=MINUTELY", "duration": 60}, ["rrule"]),
        ({"matchers": WEB, "rrule": "FREQ=DAILY"}, ["duration"]),
        ({"matchers": WEB, "rrule": "FREQ=DAILY", "duration": 60, "time_zone": "x"}, ["time_zone"]),
    ],
)
def test_what_cannot_be_looked_at_is_refused(
    function: AlertsFunction, body: object, fields: list[str]
) -> None:
    answer = preview(function, body)

    assert (answer.status, answer.fields) == (422, fields)


def test_matchers_alone_are_enough_to_look_back(function: AlertsFunction) -> None:
    assert preview(function, {"matchers": WEB}).status == 200
