"""Who would hear of an instance at a moment, and what became of what there was to tell."""

from collections.abc import Iterable
from typing import Protocol

from skafu.alerts.explain.model import Muting, People
from skafu.alerts.explain.recorded import Recorded
from skafu.alerts.model import Alert, instance_id
from skafu.alerts.paging.account import Account
from skafu.alerts.paging.model import Policy, Silence, labels_of
from skafu.alerts.routing.choosing import choose
from skafu.alerts.silences.windows import mutes
from skafu.metrics.model import Tags
from skafu.shared.keys import MINUTE_MS

AFTERWARDS_MS = 30 * MINUTE_MS
"""So long after a firing's end what is told of it still belongs to it."""


class Policies(Protocol):
    """A tenant's routes (`routing.store.PolicyStore`)."""

    def get(self, tenant: str) -> Policy:
        """As they are now."""


class Silences(Protocol):
    """A tenant's silences (`silences.store.SilenceStore`)."""

    def recorded(self, tenant: str) -> Iterable[Silence]:
        """Also those that are over."""


class Accounts(Protocol):
    """What was told (`paging.account.Accounts`)."""

    def tellings(
        self,
        tenant: str,
        alert_id: str,
        instance_id: str,
        start: int,
        end: int,
        attempts: bool = True,
    ) -> Account:
        """What came of the transitions of [start, end), and what was told or withheld then."""


class PeopleReader:
    """All of its methods raise Unavailable."""

    def __init__(self, policies: Policies, silences: Silences, accounts: Accounts) -> None:
        self._policies = policies
        self._silences = silences
        self._accounts = accounts

    def of(
        self, tenant: str, alert: Alert, tags: Tags, recorded: Recorded, at: int, now: int
    ) -> People:
        """Silences as they were at a moment, routes as they are now, and the account of the
        firing that was on after the bucket or ended with it.
        """
        firing = recorded.firing
        severity = alert.severity_at(recorded.after.level)
        labels = labels_of(alert, tags, severity)
        began = firing[0] if firing else recorded.end
        mutings = [
            Muting(silence, until)
            for silence in self._silences.recorded(tenant)
            if (until := mutes(silence, labels, began, at)) is not None
        ]
        account = None
        if firing is not None:
            until = (now if firing[1] is None else firing[1]) + AFTERWARDS_MS
            mine = alert.id, instance_id(tags)
            account = self._accounts.tellings(tenant, *mine, began, until)
        return People(
            labels=labels,
            severity=severity,
            silences=tuple(mutings),
            choices=choose(self._policies.get(tenant), alert, labels),
            account=account,
        )
