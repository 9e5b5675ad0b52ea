"""What a template makes of a real past alert, before anybody relies on it."""

from typing import Any

import pytest

from skafu.alerts.channels_api.schemas import PreviewOut
from tests.support import pagerduty
from tests.support.alerting import ALARM, OK, Storyteller, minute
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.definitions import alert

TITLE = "{{ first.name }} on {{ first.tags.host | default('?') }}"
TEXT = "{{ first.value }} at {{ first.began }}"
PATH = "/api/channels/preview"
WEB, DB = (("host", "web"),), (("host", "db"),)


@pytest.fixture
def function() -> AlertsFunction:
    function = AlertsFunction()
    story = Storyteller(function.table, alert(group_by=("host",)))
    story.publish()
    story.happens(OK, 1, WEB)
    story.happens(ALARM, 2, WEB, 91.5)
    story.happens(OK, 3, WEB, 1.0)
    story.happens(ALARM, 4, DB, 77.0)
    story.happens(OK, 5, DB, 2.0)
    return function


def preview(function: AlertsFunction, person: str = "viewer", **asked: Any) -> Answer:
    body = {"type": "slack", "template": {"title": TITLE, "text": TEXT}, **asked}
    return function.ask(person, "POST", PATH, body)


def test_a_template_is_tried_on_the_newest_firing(function: AlertsFunction) -> None:
    answer = preview(function, alert="alert-1")

    assert answer.status == 200
    assert PreviewOut.model_validate(answer.body)
    assert answer.body["real"] is True
    assert (answer.body["title"], answer.body["at"]) == ("CPU is busy on db", minute(4))
    assert answer.body["text"] == "77 at 2023-11-15 12:04:00 UTC"
    assert (answer.body["tags"], answer.body["notes"]) == ({"host": "db"}, [])


def test_of_one_instance_it_is_that_instances(function: AlertsFunction) -> None:
    answer = preview(function, alert="alert-1", tags={"host": "web"})

    assert (answer.body["real"], answer.body["title"]) == (True, "CPU is busy on web")
    assert answer.body["text"] == "91.5 at 2023-11-15 12:02:00 UTC"


def test_what_never_fired_is_a_sample_and_says_so(function: AlertsFunction) -> None:
    never = preview(function, alert="alert-1", tags={"host": "new"}).body
    nothing = preview(function).body

    assert (never["real"], never["at"], never["title"]) == (False, None, "CPU is busy on new")
    assert "sample" in never["notes"][0]
    assert nothing["real"] is False and "sample" in nothing["notes"][0]


@pytest.mark.parametrize("kind", ["webhook", "slack", "teams", "pagerduty", "email", "sms"])
def test_the_message_of_every_type_is_shown(function: AlertsFunction, kind: str) -> None:
    answer = preview(function, type=kind, alert="alert-1")

    assert answer.status == 200
    assert "77 at 2023-11-15 12:04:00 UTC" in str(answer.body["message"])
    assert pagerduty.KEY not in str(answer.body)


def test_without_a_template_the_standard_text_is_shown(function: AlertsFunction) -> None:
    answer = preview(function, template={}, alert="alert-1")

    assert answer.body["title"] == "ALARM: CPU is busy (host=db)"


def test_what_could_not_be_kept_is_refused_here_too(function: AlertsFunction) -> None:
    answer = preview(function, template={"text": "{{ nme }}"}, alert="alert-1")

    assert (answer.status, answer.fields) == (422, ["template.text"])


def test_what_fails_on_this_alert_is_told_and_the_standard_shown(function: AlertsFunction) -> None:
    answer = preview(function, template={"title": "{{ labels.squad }}"}, alert="alert-1")

    assert answer.status == 200
    assert answer.body["title"] == "ALARM: CPU is busy (host=db)"
    [note] = answer.body["notes"]
    assert "there is no squad here; there are alertname, host, severity" in note


def test_another_tenants_alert_is_not_there(function: AlertsFunction) -> None:
    assert preview(function, "stranger", alert="alert-1").status == 404
    assert preview(function, alert="nobody").status == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"type": "topic"}, "type"), ({"alert": "a#b"}, "alert"), ({"when": 1}, "when")],
)
def test_a_wrong_question_is_answered_by_field(
    function: AlertsFunction, asked: dict[str, Any], field: str
) -> None:
    assert preview(function, **asked).fields == [field]
