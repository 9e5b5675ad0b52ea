"""What is particular to each chat and paging service."""

import json
from dataclasses import replace

import orjson
import pytest

from skafu.alerts.model import Kind, Severity
from skafu.alerts.paging.model import PageCause, Told
from skafu.alerts.senders import pagerduty, slack, teams
from skafu.alerts.senders.words import STANDARD, Words
from tests.support import pagerduty as pagerduty_format
from tests.support import slack as slack_format
from tests.support import teams as teams_format
from tests.support.pages import BUSY, WEB_1, hosts, item, page

KEY = pagerduty_format.KEY
WIDE = tuple((f"tag-{i:02}", "ü" * 256) for i in range(30))


def test_pagerduty_closes_what_it_opened() -> None:
    fired = pagerduty.message(KEY, page(), STANDARD)
    again = pagerduty.message(KEY, page(cause=PageCause.REPEAT), STANDARD)
    ended = pagerduty.message(KEY, page(item(Told.RESOLVED)), STANDARD)

    assert [x["event_action"] for x in (fired, again, ended)] == ["trigger", "trigger", "resolve"]
    assert {x["dedup_key"] for x in (fired, again, ended)} == {"group-1"}
    assert pagerduty_format.check(orjson.dumps(ended))


@pytest.mark.parametrize(
    ("severity", "theirs"),
    [
        (Severity.CRITICAL, "critical"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.LOW, "info"),
        (Severity.INFO, "info"),
    ],
)
def test_severities_are_told_in_pagerdutys_words(severity: Severity, theirs: str) -> None:
    told = pagerduty.message(KEY, page(item(of=replace(BUSY, severity=severity))), STANDARD)

    assert told["payload"]["severity"] == theirs


def test_pagerduty_is_told_where_since_when_and_what_to_do() -> None:
    told = pagerduty.message(KEY, page(), STANDARD)

    payload = told["payload"]
    assert (payload["source"], payload["class"]) == ("host=web-1", "CPU is busy")
    assert (payload["component"], payload["group"]) == ("cpu.load", "core")
    assert payload["timestamp"] == "2023-11-15T12:02:00.000Z"
    assert payload["custom_details"]["value"] == "12.5"
    assert payload["custom_details"]["labels"]["team"] == "core"
    assert [x["href"] for x in told["links"]] == [
        "https://skafu.example/alerts/alert-1",
        "https://wiki.example/cpu",
    ]


def test_a_composite_is_a_component_too() -> None:
    composite = replace(BUSY, definition=replace(BUSY.definition, metric="", kind=Kind.COMPOSITE))

    told = pagerduty.message(KEY, page(item(of=composite)), STANDARD)

    assert pagerduty_format.check(orjson.dumps(told))["payload"]["component"] == "composite"


def test_long_groups_keep_names_of_their_own() -> None:
    one, other = ("g" * 300 + end for end in "ab")

    assert pagerduty.dedup_key("short") == "short"
    assert pagerduty.dedup_key(one) != pagerduty.dedup_key(other)
    assert len(pagerduty.dedup_key(one)) <= 255


def test_a_card_says_as_much_as_has_room() -> None:
    many = page([item(tags=(*WIDE, ("host", str(i)))) for i in range(30)])

    card = teams_format.check(orjson.dumps(teams.message(many, STANDARD)))

    assert "instances more" in teams_format.words_of(card)
    assert len(card["body"]) > 3


def test_a_card_of_one_instance_and_of_long_words_fits() -> None:
    long = replace(BUSY, name="ü" * 255, description="温" * 4096)

    for words in (STANDARD, Words("t" * 1024, "😀\n" * 4000)):
        sent = page(item(of=long, tags=WIDE, reason="ü" * 3000))
        assert teams_format.check(orjson.dumps(teams.message(sent, words)))


@pytest.mark.parametrize(
    ("told", "severity", "colour"),
    [
        (Told.FIRING, Severity.CRITICAL, "Attention"),
        (Told.FIRING, Severity.LOW, "Warning"),
        (Told.RESOLVED, Severity.CRITICAL, "Good"),
    ],
)
def test_a_card_has_the_colour_of_what_it_says(told: Told, severity: Severity, colour: str) -> None:
    sent = page(item(told, replace(BUSY, severity=severity)))

    card = teams_format.check(orjson.dumps(teams.message(sent, STANDARD)))

    assert card["body"][0]["color"] == colour


def test_slack_shows_everything_that_is_known_of_one_instance() -> None:
    read = slack_format.check(orjson.dumps(slack.message(page(note="A note."), STANDARD)))

    shown = slack_format.words_of(read)
    for wanted in ("ALARM: CPU is busy (host=web-1)", "Value: 12.5", "A note.", "Too busy for too"):
        assert wanted in shown
    assert "Condition: avg of cpu.load over 60 s > 10 in 2 of 3 periods" in shown
    assert [x["text"]["text"] for x in read["blocks"][-1]["elements"]] == ["Open", "Runbook"]


def test_nobody_is_called_by_a_tag() -> None:
    evil = item(of=replace(BUSY, name="<!here>"), tags=(("host", "<@U123> & co"),))

    read = slack_format.check(orjson.dumps(slack.message(page(evil), STANDARD)))

    assert "<@U123> & co" in slack_format.words_of(read)


def test_a_long_text_is_cut_at_ends_of_lines_and_between_entities() -> None:
    lines = "\n".join(["x" * 90] * 200)
    entities = "&lt;" * 3000

    for text in (lines, entities, "y" * 20_000):
        read = slack_format.check(orjson.dumps(slack.message(page(), Words("t", text))))
        sections = [x["text"]["text"] for x in read["blocks"] if x["type"] == "section"]
        assert len(sections) == 3 and sections[-1].endswith("...")
    parts = slack.message(page(), Words("t", lines))["blocks"][1:4]
    assert {len(line) for part in parts for line in part["text"]["text"].split("\n")} <= {90, 3, 93}


def test_a_group_without_one_runbook_has_none() -> None:
    other = replace(BUSY, id="b", runbook_url="https://other.example/")

    for told in (
        slack.message(page(item(), item(of=other, tags=WEB_1)), STANDARD),
        teams.message(page(item(), item(of=other, tags=WEB_1)), STANDARD),
    ):
        assert "Runbook" not in json.dumps(told)
    assert "Runbook" in json.dumps(teams.message(page(hosts(3)), STANDARD))
