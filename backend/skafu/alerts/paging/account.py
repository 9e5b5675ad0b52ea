"""What became of the transitions of an instance: what was told, by whom it was heard, and what was
withheld by what.
"""

from dataclasses import dataclass

from skafu.alerts.deliveries import Attempt, Status
from skafu.alerts.paging.group import Fate, Withheld
from skafu.alerts.paging.model import Engagement, PageCause, Told
from skafu.shared.table import Table


@dataclass(frozen=True)
class Heard:
    """One page that this instance is part of. `told` is what it says of the instance; `step` is the
    escalation. `attempts` are in order of channel and time.
    """

    page: str
    group: str
    route: str
    at: int
    cause: PageCause
    step: int
    told: Told
    status: Status
    channels: tuple[str, ...]
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class Muted:
    """From `at` on a group did not tell of the instance what it would have told."""

    at: int
    group: str
    route: str
    withheld: Withheld


@dataclass(frozen=True)
class Taken:
    """A transition (the id of its notification), and what became of it when it was taken: one fate
    for each group; None while nobody has had it in hand.
    """

    notification: str
    bucket: int
    fates: tuple[Fate, ...] | None


@dataclass(frozen=True)
class Account:
    """Everything in order of time. `engagement` is what people do about the last firing."""

    taken: tuple[Taken, ...]
    heard: tuple[Heard, ...]
    muted: tuple[Muted, ...]
    engagement: Engagement | None


class Accounts:
    """Reads accounts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def tellings(
        self,
        tenant: str,
        alert_id: str,
        instance_id: str,
        start: int,
        end: int,
        attempts: bool = True,
    ) -> Account:
        """What came of an instance's transitions of [start, end), and what was told or withheld in
        that time. Without `attempts` those are left out: they take a query for each page.
        """
        raise NotImplementedError
