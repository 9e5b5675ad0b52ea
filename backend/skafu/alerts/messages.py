"""What a transition means to others.

Three things are told. *Firing*: an instance went to ALARM. *Resolved*: it went to OK, and somebody
had been told that it was firing. *Unknown*: it left ALARM because its data stopped. Transitions
between OK and INSUFFICIENT_DATA are told nobody, as peers do it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from skafu.alerts.model import Decision, Notification, State, delivery_id


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
