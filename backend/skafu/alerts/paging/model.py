"""What stands between a transition and the people who hear of it: labels, routes, silences, pages.

Whatever happens to an instance is a `Notification`. Its labels lead it along a *route*; the route
says which notifications are told together (a *group*), when, to which channels, and who is told
next when nobody acknowledges. A *page* is one telling of a group: what channels are handed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from skafu.alerts.model import Alert, Notification, Severity
from skafu.metrics.model import Tags, TagFilter

ALERT_NAME = "alertname"
SEVERITY = "severity"
DRILL = "drill"
"""Labels that Skafu sets itself: the alert's name, the severity, and "true" in a fire drill."""

type Labels = Mapping[str, str]

type Matchers = tuple[TagFilter, ...]
"""Conditions on labels, all of which must hold, with the operators of the query language."""


def labels_of(alert: Alert, tags: Tags, severity: Severity) -> dict[str, str]:
    """What routes, silences and groups look at: the instance's tags, the alert's labels (which win
    over tags of the same name), and what Skafu sets.
    """
    labels = {**dict(tags), **alert.labels, ALERT_NAME: alert.name, SEVERITY: severity.value}
    if alert.drill_of is not None:
        labels[DRILL] = "true"
    return labels


@dataclass(frozen=True)
class Step:
    """Who else is told when nobody has acknowledged `after` seconds after the first telling."""

    after: int
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """Where notifications with certain labels go. Times are in seconds.

    `group_by`: notifications with the same values of these labels are told together; None: every
    instance by itself; empty: all of the route together. `wait` collects before the first telling
    of a group, `interval` between later ones; `repeat` tells again what still fires (0: never).
    `proceed`: later routes are looked at too.
    """

    name: str
    matchers: Matchers = ()
    channels: tuple[str, ...] = ()
    group_by: tuple[str, ...] | None = None
    wait: int = 0
    interval: int = 0
    repeat: int = 0
    steps: tuple[Step, ...] = ()
    proceed: bool = False


@dataclass(frozen=True)
class Policy:
    """A tenant's routes, in the order in which they are tried, at one version (0: never changed).

    What no route takes goes to the environment's topic.
    """

    version: int = 0
    routes: tuple[Route, ...] = ()
    edited_at: int = 0


@dataclass(frozen=True)
class Silence:
    """What is not told for a while. Everything it mutes is recorded all the same.

    Once: from `starts_at` to `ends_at`. Recurring: `rrule` (RFC 5545, from `starts_at` on, in
    `time_zone`), each time for `duration` seconds, until `ends_at` if that is given. Until
    resolved: what was firing at `starts_at`, each instance until it is resolved. Times are epoch
    milliseconds; ids and comment are for people. Whatever it is, it is over at `ended_at`, where
    somebody (`ended_by`) has ended it; `edited_at` is when this version was made. `early` are ends
    of buckets after `starts_at`: what fired then and had begun in one of them was decided before
    the bucket was over.
    """

    id: str
    version: int
    matchers: Matchers
    starts_at: int
    ends_at: int | None = None
    rrule: str | None = None
    duration: int = 0
    time_zone: str = "UTC"
    until_resolved: bool = False
    comment: str = ""
    created_by: str = ""
    created_at: int = 0
    edited_at: int = 0
    ended_at: int | None = None
    ended_by: str = ""
    early: tuple[int, ...] = ()


@dataclass(frozen=True)
class Engagement:
    """What people do about one firing of an instance, the one that began at `began`.

    Times are epoch milliseconds; people are identities' subjects.
    """

    alert: str
    instance: str
    began: int
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None
    assignee: str | None = None


class Told(StrEnum):
    """What is said of an instance."""

    FIRING = "firing"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


class PageCause(StrEnum):
    """Why a group is told (again)."""

    FIRST = "first"  # something began to fire
    UPDATE = "update"  # more fires, at another level, less, or nothing any more
    REPEAT = "repeat"  # it still fires
    ESCALATION = "escalation"  # and nobody has acknowledged
    TEST = "test"  # somebody asked whether a channel works


@dataclass(frozen=True)
class PageItem:
    """One instance in a page, as it is told.

    `notification` is the transition that is told, or the one that stands; `began` is the end of the
    bucket in which the instance began to fire, `ended` when it stopped (None: it has not). `news`:
    this was not told before.
    """

    notification: Notification
    told: Told
    began: int
    ended: int | None = None
    news: bool = True

    @property
    def labels(self) -> dict[str, str]:
        notification = self.notification
        return labels_of(notification.alert, notification.tags, notification.severity)


@dataclass(frozen=True)
class Page:
    """One telling of one group.

    `id` is the same in every try to hand it over, and of no other page: receivers recognise
    repetitions by it. `group` is the same in all pages of a group: receivers recognise what they
    have open by it. `step` counts escalations (0: the route's own channels). `console` is the
    console's address. `items` has news first; `omitted` counts the instances that it has no room
    for, by what is said of them.
    """

    id: str
    group: str
    tenant: str
    cause: PageCause
    route: str
    group_labels: Labels
    items: tuple[PageItem, ...]
    sent_at: int
    console: str
    step: int = 0
    note: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    omitted: Mapping[Told, int] = field(default_factory=dict)

    @property
    def told(self) -> Told:
        """What is said of the group as a whole: it fires as long as one instance does; it is
        resolved only when all are.
        """
        said = {*(item.told for item in self.items), *self.omitted}
        if Told.FIRING in said:
            return Told.FIRING
        return Told.UNKNOWN if Told.UNKNOWN in said else Told.RESOLVED

    @property
    def drill(self) -> bool:
        """Whether this is a fire drill and nothing is wrong."""
        return any(item.notification.alert.drill_of is not None for item in self.items)
