import json
from dataclasses import replace
from typing import Any

from skafu.alerts.channels import Channel, ChannelType
from skafu.alerts.model import Level, Severity
from skafu.alerts.paging.model import Page, PageCause, Told
from skafu.alerts.senders import webhook
from skafu.alerts.senders.words import STANDARD, Words
from tests.support.alertmanager import check
from tests.support.definitions import alert
from tests.support.pages import BUSY, drill, hosts, item, page

CHANNEL = Channel("one", 1, "On call", ChannelType.WEBHOOK, "https://x.example", "", 0, 0)


def body(sent: Page, words: Words = STANDARD) -> dict[str, Any]:
    return check(webhook.body(CHANNEL, sent, words))


def test_a_body_is_alertmanagers_version_4() -> None:
    labels = {
        "host": "web-1",
        "team": "core",
        "alertname": "CPU is busy",
        "severity": "critical",
    }
    annotations = {
        "summary": "CPU is busy (host=web-1) is in ALARM",
        "description": "Too busy for too long.",
        "runbook_url": "https://wiki.example/cpu",
        "reason": "avg of cpu.load was 12.5, above 10, in 2 of the last 3 periods",
        "value": "12.5",
    }

    sent = body(page())

    fingerprint = sent["alerts"][0].pop("fingerprint")
    assert len(fingerprint) == 16 and int(fingerprint, 16)
    assert sent == {
        "version": "4",
        "groupKey": "group-1",
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "On call",
        "groupLabels": {"alertname": "CPU is busy"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "https://skafu.example",
        "alerts": [
            {
                "status": "firing",
                "labels": labels,
                "annotations": annotations,
                "startsAt": "2023-11-15T12:02:00.000Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://skafu.example/alerts/alert-1",
            }
        ],
    }


def test_resolved_tells_when_it_ended_and_keeps_its_fingerprint() -> None:
    fired, resolved = body(page()), body(page(item(Told.RESOLVED)))

    assert resolved["status"] == resolved["alerts"][0]["status"] == "resolved"
    assert resolved["alerts"][0]["startsAt"] == fired["alerts"][0]["startsAt"]
    assert resolved["alerts"][0]["endsAt"] == "2023-11-15T12:05:00.000Z"
    assert resolved["groupKey"] == fired["groupKey"]
    assert resolved["alerts"][0]["fingerprint"] == fired["alerts"][0]["fingerprint"]


def test_a_renamed_alert_is_still_the_same() -> None:
    renamed = replace(BUSY, name="Renamed", severity=Severity.LOW, labels={})

    fired, resolved = body(page()), body(page(item(Told.RESOLVED, renamed)))

    assert resolved["groupKey"] == fired["groupKey"]
    assert resolved["alerts"][0]["fingerprint"] == fired["alerts"][0]["fingerprint"]


def test_what_there_is_none_of_is_left_out() -> None:
    sent = body(page(item(of=alert(), value=None, reason="")))

    assert set(sent["commonAnnotations"]) == {"summary"}


def test_labels_of_the_alert_win_over_tags_and_skafus_own_over_both() -> None:
    tags = (("host", "tagged"), ("severity", "tagged"), ("zone", "b"))
    tagged = item(of=replace(BUSY, labels={"host": "labelled"}), tags=tags)

    assert body(page(tagged))["commonLabels"] == {
        "host": "labelled",
        "zone": "b",
        "alertname": "CPU is busy",
        "severity": "critical",
    }


def test_several_instances_share_what_they_have_in_common() -> None:
    sent = body(page(hosts(2), item(Told.RESOLVED, tags=(("host", "web-9"),))))

    assert sent["status"] == "firing"
    assert [x["status"] for x in sent["alerts"]] == ["firing", "firing", "resolved"]
    assert [x["labels"]["host"] for x in sent["alerts"]] == ["web-1", "web-2", "web-9"]
    assert sent["commonLabels"] == {
        "team": "core",
        "alertname": "CPU is busy",
        "severity": "critical",
    }
    assert "summary" not in sent["commonAnnotations"]
    assert len({x["fingerprint"] for x in sent["alerts"]}) == 3


def test_what_has_no_room_is_counted() -> None:
    many, long = body(page(hosts(1_200))), replace(BUSY, description="x" * 4_096)
    wide = body(page(hosts(400, of=long)))

    assert (len(many["alerts"]), many["truncatedAlerts"]) == (500, 700)
    assert len(wide["alerts"]) + wide["truncatedAlerts"] == 400
    assert 40 < len(wide["alerts"]) < 64
    assert len(json.dumps(wide)) < 300_000


def test_what_fires_is_not_what_is_left_out() -> None:
    ended = [item(Told.RESOLVED, tags=(("host", f"old-{i}"),)) for i in range(600)]

    sent = body(page(ended, item()))

    assert sent["alerts"][0]["status"] == sent["status"] == "firing"


def test_an_instance_without_data_is_not_resolved() -> None:
    sent = body(page(item(Told.RESOLVED), item(Told.UNKNOWN, tags=(("host", "web-2"),))))

    assert sent["status"] == "firing"
    assert [x["status"] for x in sent["alerts"]] == ["firing", "resolved"]
    assert "this is not resolved" in sent["alerts"][0]["annotations"]["summary"]


def test_a_template_a_note_and_the_cause_are_annotations_of_the_group() -> None:
    sent = body(
        page(hosts(2), cause=PageCause.ESCALATION, step=2, note="A note.", annotations={"a": "b"}),
        Words("Own title", "Own text"),
    )

    common = sent["commonAnnotations"]
    assert (common["title"], common["text"], common["note"]) == ("Own title", "Own text", "A note.")
    assert "Escalation step 2" in common["cause"]
    assert common["a"] == "b"


def test_a_drill_says_so_in_labels_and_words() -> None:
    sent = body(drill())

    assert sent["commonLabels"]["drill"] == "true"
    assert sent["commonAnnotations"]["summary"].startswith("[DRILL] ")


def test_the_level_that_was_reached_is_its_severity() -> None:
    definition = replace(BUSY.definition, levels=(Level(Severity.CRITICAL, threshold=20.0),))
    levelled = replace(BUSY, severity=Severity.LOW, definition=definition)

    low, high = item(of=levelled), item(of=levelled, target_level=1)

    assert body(page(low))["commonLabels"]["severity"] == "low"
    assert body(page(high))["commonLabels"]["severity"] == "critical"
