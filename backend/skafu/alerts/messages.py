"""What channels say: a notification as an Alertmanager webhook body, and as a message for people.

Three things are told. *Firing*: an instance went to ALARM. *Resolved*: it went to OK, and somebody
had been told that it was firing. *Unknown*: it left ALARM because its data stopped. A webhook body
of version 4 knows the first two words only, and sending "resolved" for the third would close the
page of a machine that burned down; so a webhook hears nothing of it and its page stays open, as it
does with Alertmanager when a target goes away with its alert kept firing. People read about it
through the topic. Transitions between OK and INSUFFICIENT_DATA are told nobody, as peers do it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import orjson

from skafu.alerts.model import (
    Comparison,
    Decision,
    Definition,
    Notification,
    State,
    delivery_id,
)

NOT_ENDED = "0001-01-01T00:00:00Z"  # what Alertmanager writes for an alert that is still firing
MAX_SUBJECT = 99  # SNS: "less than 100 characters"
ELLIPSIS = "..."


class Told(StrEnum):
    """What a notification says."""

    FIRING = "firing"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Message:
    """A notification with what is needed to say it. `began` is when it began to fire."""

    notification: Notification
    told: Told
    began: int
    tenant: str
    console: str
    note: str = ""

    @property
    def link(self) -> str:
        """The alert on the console."""
        return f"{self.console}/alerts/{self.notification.alert.id}"


@dataclass(frozen=True)
class Firing:
    """Since when an instance fires, as others were told, and the notification that said so last."""

    began: int
    notification: str


def firing(log: Iterable[Decision]) -> Firing | None:
    """Whether an instance fires, as others were told; `log` holds its decisions, newest first.

    Without data is neither here nor there: what was firing before the data stopped has not been
    resolved by that.
    """
    found: Firing | None = None
    for entry in log:
        if entry.target is State.OK:
            break
        if entry.target is State.ALARM and entry.source is not State.ALARM:
            began = next(
                (x.bucket for x in reversed(entry.effects) if x.target is State.ALARM),
                entry.bucket,
            )
            name = delivery_id(entry.alert, entry.instance, entry.bucket, entry.revision)
            found = Firing(began, found.notification if found else name)
    return found


def told(notification: Notification, fired: bool) -> Told | None:
    """What a transition means to others; `fired`: they hold it for firing. None: nothing."""
    match notification.target:
        case State.ALARM:
            return Told.FIRING
        case State.OK:
            return Told.RESOLVED if fired else None
        case State.INSUFFICIENT_DATA:
            return Told.UNKNOWN if notification.source is State.ALARM else None


def moment(at: int) -> str:
    """Epoch milliseconds as RFC 3339, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def number(value: float | None) -> str:
    """A number as people write it: no more digits than needed, and exactly these."""
    if value is None:
        return "no data"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def condition(definition: Definition) -> str:
    """`avg of cpu.load over 60 s > 0.9`."""
    what = f"{definition.statistic} of {definition.metric} over {definition.period} s"
    if definition.comparison in (Comparison.OUTSIDE, Comparison.INSIDE):
        bounds = f"{number(definition.lower)} to {number(definition.upper)}"
        return f"{what} {definition.comparison} {bounds}"
    return f"{what} {definition.comparison} {number(definition.threshold)}"


# --- for webhooks ---------------------------------------------------------------------------------


def alertmanager(message: Message, receiver: str) -> bytes:
    """The body of a webhook, as Alertmanager's version 4. `message.told` is firing or resolved.

    Fingerprint and group key are made of ids: whoever renames an alert that is firing must still
    see it resolved.
    """
    notification = message.notification
    alert = notification.alert
    labels = {
        **dict(notification.tags),
        **alert.labels,
        "alertname": alert.name,
        "severity": alert.severity.value,
    }
    notes = {
        "summary": _headline(message),
        "description": alert.description,
        "runbook_url": alert.runbook_url or "",
        "reason": notification.reason,
        "value": "" if notification.value is None else number(notification.value),
    }
    annotations = {name: text for name, text in notes.items() if text}
    resolved = message.told is Told.RESOLVED
    return orjson.dumps(
        {
            "version": "4",
            "groupKey": f'{{}}:{{alert="{alert.id}", instance="{notification.instance}"}}',
            "truncatedAlerts": 0,
            "status": message.told.value,
            "receiver": receiver,
            "groupLabels": {"alertname": alert.name, **dict(notification.tags)},
            "commonLabels": labels,
            "commonAnnotations": annotations,
            "externalURL": message.console,
            "alerts": [
                {
                    "status": message.told.value,
                    "labels": labels,
                    "annotations": annotations,
                    "startsAt": moment(message.began),
                    "endsAt": moment(notification.bucket) if resolved else NOT_ENDED,
                    "generatorURL": message.link,
                    "fingerprint": _fingerprint(notification),
                }
            ],
        }
    )


def _fingerprint(notification: Notification) -> str:
    name = f"{notification.alert.id}#{notification.instance}".encode()
    return hashlib.blake2b(name, digest_size=8).hexdigest()


# --- for people -----------------------------------------------------------------------------------


def subject(message: Message) -> str:
    """The subject of a mail: ASCII, one line, under 100 characters, as SNS wants it."""
    head = {Told.FIRING: "ALARM", Told.RESOLVED: "OK", Told.UNKNOWN: "NO DATA"}[message.told]
    line = f"{head}: {message.notification.alert.name}{_where(message.notification)}"
    plain = "".join(c if c.isprintable() else " " for c in line).encode("ascii", "replace").decode()
    if len(plain) <= MAX_SUBJECT:
        return plain
    return plain[: MAX_SUBJECT - len(ELLIPSIS)] + ELLIPSIS


def text(message: Message) -> str:
    """The text of a mail, for somebody who was asleep: what, since when, how bad, what to do."""
    notification = message.notification
    alert, definition = notification.alert, notification.alert.definition
    needed = f"{definition.datapoints_to_alarm} of {definition.evaluation_periods} periods"
    parts = [
        [_headline(message)],
        [message.note],
        [
            f"Condition: {condition(definition)} in {needed}",
            f"Value: {number(notification.value)}",
            f"Since: {_utc(notification.bucket)}",
            f"Firing since: {_utc(message.began)}" if message.told is not Told.FIRING else "",
            f"Severity: {alert.severity}",
            f"Why: {notification.reason}" if notification.reason else "",
        ],
        [f"What to do: {alert.runbook_url}" if alert.runbook_url else ""],
        [alert.description],
        [
            f"Look: {message.link}",
            f"Alert {alert.id} version {alert.version}, instance {notification.instance}, "
            f"notification {notification.id}",
        ],
    ]
    blocks = ("\n".join(line for line in part if line) for part in parts)
    return "\n\n".join(block for block in blocks if block) + "\n"


def attributes(message: Message) -> dict[str, str]:
    """What subscriptions to the topic can filter by."""
    notification = message.notification
    return {
        "severity": notification.alert.severity.value,
        "state": notification.target.value,
        "alert": notification.alert.id,
        "tenant": message.tenant,
    }


def _headline(message: Message) -> str:
    notification = message.notification
    what = f"{notification.alert.name}{_where(notification)}"
    match message.told:
        case Told.FIRING:
            return f"{what} is in ALARM"
        case Told.RESOLVED:
            return f"{what} is OK again"
        case Told.UNKNOWN:
            return f"{what} was in ALARM and sends no data any more: this is not resolved"


def _where(notification: Notification) -> str:
    tags = ", ".join(f"{name}={value}" for name, value in notification.tags)
    return f" ({tags})" if tags else ""


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
