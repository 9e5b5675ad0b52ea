from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.messages import Message, Told, firing, told
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
