"""Effects and decisions for tests, and the table that holds an alert and what was decided of it."""

from collections.abc import Sequence
from typing import Any

from skafu.alerts.journal import Subject
from skafu.alerts.codec import to_json
from skafu.alerts.model import Alert, Cause, Datapoint, Decision, Effect, State, instance_id
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.table import Put

from tests.support.clocks import NOON
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

TENANT = "acme"
HOST_A: Tags = (("host", "a"),)
MINUTE = 60_000


def minute(number: int) -> int:
    """The end of the number-th minute from noon on."""
    return NOON + number * MINUTE


def subject(version: Alert | None = None, tags: Tags = HOST_A) -> Subject:
    return Subject(TENANT, version or alert(), instance_id(tags), tags)


def effect(
    number: int, source: State, target: State, cause: Cause = Cause.DATA, version: int = 1
) -> Effect:
    """A transition in the number-th minute, on one datapoint."""
    value = 20.0 if target is State.ALARM else 3.0
    points = (Datapoint(minute(number), value, target is State.ALARM),)
    return Effect(minute(number), source, target, cause, version, points)


def decision(effects: Sequence[Effect], **changes: Any) -> Decision:
    """The record of one transition, or with changes anything else."""
    last = effects[-1] if effects else effect(0, State.OK, State.OK)
    fields: dict[str, Any] = {
        "alert": "alert-1",
        "instance": instance_id(HOST_A),
        "tags": HOST_A,
        "bucket": last.bucket,
        "revision": 0,
        "source": effects[0].source if effects else last.source,
        "target": last.target,
        "cause": last.cause,
        "version": 1,
        "base": effects[0].bucket if effects else last.bucket,
        "start": effects[0].source if effects else last.source,
        "effects": tuple(effects),
        "reason": "because",
        "decided_at": last.bucket + 1_000,
    }
    return Decision(**{**fields, **changes})


def table_with(head: Alert | None = None) -> InMemoryTable:
    """A table that has an alert."""
    table = InMemoryTable()
    version = head or alert()
    table.write(
        Put(
            {
                **keys.alert(TENANT, version.id)._asdict(),
                "k": "alert",
                "version": version.version,
                "body": to_json(version),
            }
        )
    )
    return table


def log(table: InMemoryTable, *records: Decision) -> None:
    """Put records into a log as if they had been written one after another."""
    for record in records:
        key = keys.decision(TENANT, record.alert, record.instance, record.bucket, record.revision)
        table.write(Put({**key._asdict(), "k": "decision", "body": to_json(record)}))
