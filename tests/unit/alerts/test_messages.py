import json
from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts import messages
from skafu.alerts.messages import Message, Told, firing, moment, number, told
from skafu.alerts.codec import decision_from
from skafu.alerts.model import Alert, Cause, Comparison, Notification, Severity, State
from skafu.shared import keys
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

CONSOLE = "https://skafu.example"
BUSY = replace(
    alert(evaluation_periods=3, datapoints_to_alarm=2, group_by=("host",)),
    severity=Severity.CRITICAL,
    labels={"team": "core"},
    description="Too busy for too long.",
    runbook_url="https://wiki.example/cpu",
)


def message(kind: Told = Told.FIRING, alert: Alert = BUSY, **changes: Any) -> Message:
    target = {Told.FIRING: ALARM, Told.RESOLVED: OK, Told.UNKNOWN: INSUFFICIENT}[kind]
    notification = Notification(
        id="delivery-1",
        alert=alert,
        instance="0123456789abcdef",
        tags=(("host", "web-1"),),
        source=OK if target is ALARM else ALARM,
        target=target,
        bucket=minute(5),
        revision=0,
        cause=Cause.DATA,
        value=12.5,
        reason="avg of cpu.load was 12.5, above 10, in 2 of the last 3 periods",
        created_at=minute(5),
    )
    return Message(replace(notification, **changes), kind, minute(2), TENANT, CONSOLE)


def body(sent: Message) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(messages.alertmanager(sent, "On call"))
    return found


def test_a_webhook_body_is_alertmanagers_version_4() -> None:
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

    sent = body(message())

    fingerprint = sent["alerts"][0].pop("fingerprint")
    assert len(fingerprint) == 16 and int(fingerprint, 16)
    assert sent == {
        "version": "4",
        "groupKey": '{}:{alert="alert-1", instance="0123456789abcdef"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "On call",
        "groupLabels": {"alertname": "CPU is busy", "host": "web-1"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": CONSOLE,
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
    fired, resolved = body(message()), body(message(Told.RESOLVED))

    assert resolved["status"] == resolved["alerts"][0]["status"] == "resolved"
    assert resolved["alerts"][0]["startsAt"] == fired["alerts"][0]["startsAt"]
    assert resolved["alerts"][0]["endsAt"] == "2023-11-15T12:05:00.000Z"
    assert resolved["groupKey"] == fired["groupKey"]
    assert resolved["alerts"][0]["fingerprint"] == fired["alerts"][0]["fingerprint"]


def test_a_renamed_alert_is_still_the_same_page() -> None:
    renamed = replace(BUSY, name="Renamed", severity=Severity.LOW, labels={})

    fired, resolved = body(message()), body(message(Told.RESOLVED, renamed))

    assert resolved["groupKey"] == fired["groupKey"]
    assert resolved["alerts"][0]["fingerprint"] == fired["alerts"][0]["fingerprint"]


def test_what_there_is_none_of_is_left_out() -> None:
    sent = body(message(alert=alert(), value=None, reason=""))

    assert set(sent["commonAnnotations"]) == {"summary"}


def test_labels_of_the_alert_win_over_tags_and_skafus_own_over_both() -> None:
    tagged = message(
        alert=replace(BUSY, labels={"host": "labelled"}),
        tags=(("host", "tagged"), ("severity", "tagged"), ("zone", "b")),
    )

    assert body(tagged)["commonLabels"] == {
        "host": "labelled",
        "zone": "b",
        "alertname": "CPU is busy",
        "severity": "critical",
    }


def test_a_mail_tells_what_since_when_how_bad_and_what_to_do() -> None:
    assert messages.text(message()) == (
        "CPU is busy (host=web-1) is in ALARM\n"
        "\n"
        "Condition: avg of cpu.load over 60 s > 10 in 2 of 3 periods\n"
        "Value: 12.5\n"
        "Since: 2023-11-15 12:05:00 UTC\n"
        "Severity: critical\n"
        "Why: avg of cpu.load was 12.5, above 10, in 2 of the last 3 periods\n"
        "\n"
        "What to do: https://wiki.example/cpu\n"
        "\n"
        "Too busy for too long.\n"
        "\n"
        "Look: https://skafu.example/alerts/alert-1\n"
        "Alert alert-1 version 1, instance 0123456789abcdef, notification delivery-1\n"
    )


def test_a_mail_about_the_end_tells_when_it_began() -> None:
    resolved = messages.text(message(Told.RESOLVED))
    unknown = messages.text(replace(message(Told.UNKNOWN, value=None), note="A note."))

    assert "CPU is busy (host=web-1) is OK again" in resolved
    assert "Firing since: 2023-11-15 12:02:00 UTC" in resolved
    assert "sends no data any more: this is not resolved" in unknown
    assert "Value: no data" in unknown
    assert "\nA note.\n" in unknown


def test_a_range_is_told_with_both_bounds() -> None:
    ranged = alert(comparison=Comparison.OUTSIDE, threshold=None, lower=1.0, upper=2.5)

    assert "avg of cpu.load over 60 s outside 1 to 2.5" in messages.text(message(alert=ranged))


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (Told.FIRING, "ALARM: CPU is busy (host=web-1)"),
        (Told.RESOLVED, "OK: CPU is busy (host=web-1)"),
        (Told.UNKNOWN, "NO DATA: CPU is busy (host=web-1)"),
    ],
)
def test_the_subject_begins_with_what_it_is_about(kind: Told, line: str) -> None:
    assert messages.subject(message(kind)) == line


@pytest.mark.parametrize("name", ["x" * 255, "Größe 温度 \u2028\x7f", "ü" * 200])
def test_a_subject_is_short_ascii_on_one_line(name: str) -> None:
    line = messages.subject(message(alert=replace(BUSY, name=name)))

    assert len(line) < 100
    assert line.isascii() and line.isprintable()
    assert line.startswith("ALARM: ")


def test_subscriptions_can_filter_by_severity_state_alert_and_tenant() -> None:
    assert messages.attributes(message(Told.RESOLVED)) == {
        "severity": "critical",
        "state": "OK",
        "alert": "alert-1",
        "tenant": TENANT,
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5.0, "5"),
        (-0.1, "-0.1"),
        (1e300, "1e+300"),
        (0.1 + 0.2, "0.30000000000000004"),
        (None, "no data"),
    ],
)
def test_numbers_are_written_exactly_and_no_longer_than_needed(
    value: float | None, written: str
) -> None:
    assert number(value) == written


def test_moments_are_rfc_3339() -> None:
    assert moment(minute(0) + 7) == "2023-11-15T12:00:00.007Z"


@pytest.mark.parametrize(
    ("source", "target", "fired", "what"),
    [
        (OK, ALARM, False, Told.FIRING),
        (INSUFFICIENT, ALARM, True, Told.FIRING),
        (ALARM, OK, True, Told.RESOLVED),
        (INSUFFICIENT, OK, True, Told.RESOLVED),
        (INSUFFICIENT, OK, False, None),
        (ALARM, INSUFFICIENT, True, Told.UNKNOWN),
        (OK, INSUFFICIENT, False, None),
    ],
)
def test_silence_never_resolves_and_news_that_nobody_waits_for_are_not_told(
    source: State, target: State, fired: bool, what: Told | None
) -> None:
    notification = message(source=source, target=target).notification

    assert told(notification, fired) is what


def began(*story: State) -> int | None:
    """The minute since which an instance fires after these transitions, one a minute."""
    table = InMemoryTable()
    teller = Storyteller(table)
    for at, state in enumerate(story, start=1):
        teller.happens(state, at)
    log = [decision_from(str(x["body"])) for x in table.items.values() if x["k"] == "decision"]
    found = firing(sorted(log, key=lambda each: -each.bucket))
    return None if found is None else (found.began - minute(0)) // 60_000


@pytest.mark.parametrize(
    ("story", "since"),
    [
        ((), None),
        ((OK,), None),
        ((ALARM,), 1),
        ((OK, ALARM), 2),
        ((OK, ALARM, OK), None),
        ((OK, ALARM, INSUFFICIENT), 2),
        ((OK, ALARM, INSUFFICIENT, ALARM), 2),
        ((OK, ALARM, OK, INSUFFICIENT), None),
        ((ALARM, OK, INSUFFICIENT, ALARM), 4),
    ],
)
def test_it_fires_from_its_alarm_until_it_is_ok_with_or_without_data(
    story: tuple[State, ...], since: int | None
) -> None:
    assert began(*story) == since


def test_a_correction_tells_when_it_really_began() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    story.happens(OK, 1)
    story.happens(OK, 5)
    last = story.corrects(2, (OK, ALARM, 3))
    item = table.items[keys.decision(TENANT, "alert-1", last.split("-")[2], minute(5), 1)]

    found = firing([decision_from(str(item["body"]))])

    assert found is not None
    assert found.began == minute(3)
    assert found.notification == last
