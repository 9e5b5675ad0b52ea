"""Groups: notifications that are told together, as values. What happens to them is grouping.py's.

An instance in a group is a `Member`: where it stands by its newest transition, what was said of it
last, and, where what stands is not what was said, why that is not told (yet).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from skafu.alerts.model import Notification
from skafu.alerts.paging.model import Labels, Page, Route, Told, labels_of


class Who(NamedTuple):
    """An instance of an alert, by ids."""

    alert: str
    instance: str


class Reason(StrEnum):
    """Why somebody who should hear of an instance does not."""

    SILENCE = "silence"
    COOLDOWN = "cooldown"
    DELETED = "deleted"  # the alert is gone: nobody will ever decide that it is resolved


@dataclass(frozen=True)
class Withheld:
    """What is not told, until when (epoch milliseconds), and by what: the silence or the alert."""

    why: Reason
    by: str
    until: int


@dataclass(frozen=True)
class Said:
    """What was said of an instance last: of which firing, at which level, when."""

    told: Told
    began: int
    level: int
    at: int


@dataclass(frozen=True)
class Member:
    """An instance in a group.

    `told` is what there is to say of it by its newest transition, `notification`; `began` and
    `ended` are the bucket ends of the firing that this is about. `since` is when what stands began
    to differ from what was said. `fired_at` is when a firing of it was told (first): cooldown and
    escalation count from there.
    """

    notification: Notification
    told: Told
    began: int
    ended: int | None
    since: int
    said: Said | None = None
    fired_at: int | None = None
    withheld: Withheld | None = None

    @property
    def who(self) -> Who:
        return Who(self.notification.alert.id, self.notification.instance)

    @property
    def position(self) -> tuple[int, int]:
        """Where the newest transition stands in the log of the instance."""
        return self.notification.bucket, self.notification.revision

    @property
    def level(self) -> int:
        return self.notification.target_level

    @property
    def labels(self) -> dict[str, str]:
        notification = self.notification
        return labels_of(notification.alert, notification.tags, notification.severity)

    @property
    def open(self) -> bool:
        """Whether others hold it for firing: they were told so, and not that it is resolved."""
        return self.said is not None and self.said.told is not Told.RESOLVED


@dataclass(frozen=True)
class Group:
    """What is told together.

    `identity` tells whose group it is: a route of the policy or one that nobody wrote. `opened` is
    when its first member came, `told_at` when its route's channels were told last since then.
    `number` counts its pages, for ever; `last` is the newest one. `steps` escalations were told,
    the last at `escalated_at`. `reached` are the channels that hold it for firing. `due` is when it
    has to be looked at again. `version` and `size` in bytes are the item's, 0 before it is stored.
    """

    id: str
    identity: str
    route: Route
    labels: Labels
    opened: int
    members: Mapping[Who, Member] = field(default_factory=dict)
    number: int = 0
    last: str | None = None
    told_at: int | None = None
    steps: int = 0
    escalated_at: int | None = None
    reached: tuple[str, ...] = ()
    due: int = 0
    version: int = 0
    size: int = 0


@dataclass(frozen=True)
class Transition:
    """Something that happened to an instance. `began` is the end of the bucket in which the firing
    began that goes on or ends with it; None where others do not hold it for firing.
    """

    notification: Notification
    began: int | None

    @property
    def who(self) -> Who:
        return Who(self.notification.alert.id, self.notification.instance)

    @property
    def position(self) -> tuple[int, int]:
        return self.notification.bucket, self.notification.revision


@dataclass(frozen=True)
class Telling:
    """A page and whom it is for. It comes after `previous`, the group's page before it. `about` are
    all instances that it brings news of, also those that it does not list.
    """

    page: Page
    channels: tuple[str, ...]
    previous: str | None
    about: tuple[Who, ...]


@dataclass(frozen=True)
class Looked:
    """What came of looking at a group.

    `group` is None when it is closed: all that was told as firing is told as resolved. Its `due` is
    in the future. `withheld` are those of whom something is not told from now on, or until another
    moment than was known.
    """

    group: Group
    tellings: tuple[Telling, ...] = ()
    withheld: tuple[tuple[Who, Withheld], ...] = ()

    @property
    def closed(self) -> bool:
        """Whether nothing is left to tell or to wait for."""
        return not self.group.members


class Verdict(StrEnum):
    """What became of a transition in a group."""

    TOLD = "told"
    WAITS = "waits"  # for others to be told with, or for the interval between two pages
    WITHHELD = "withheld"
    NOTHING = "nothing"  # it changes nothing of what was said


@dataclass(frozen=True)
class Fate:
    """What became of a transition in one group, when it was taken: told in `page`, waiting `until`,
    or withheld.
    """

    group: str
    route: str
    verdict: Verdict
    at: int
    page: str | None = None
    until: int | None = None
    withheld: Withheld | None = None
