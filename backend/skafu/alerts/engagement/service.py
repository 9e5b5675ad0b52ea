"""What people do about firings: acknowledge, assign, comment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched

from skafu.alerts.engagement.firing import Firing, Firings
from skafu.alerts.engagement.store import WHOLE, Action, EngagementStore, Remark
from skafu.alerts.model import Alert, instance_id
from skafu.alerts.paging.looking import Looking
from skafu.alerts.paging.model import Engagement
from skafu.alerts.service import SAFE_ID
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Tags
from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.errors import Conflict, FieldError, NotFound, Unavailable, Unprocessable
from skafu.shared.identity import NewId
from skafu.shared.membership import Members
from skafu.shared.table import ConditionFailed, Put

type Position = Mapping[str, str] | None
type Alteration = Callable[[Engagement], Engagement]

KIND = "engagement"
AT_ONCE = 45
"""Firings of a transaction: each has an engagement and a remark, and 100 items are its most."""

TRIES = 5


@dataclass(frozen=True)
class Engaged:
    """A firing, and what people do about it."""

    firing: Firing
    engagement: Engagement


@dataclass(frozen=True)
class Deed:
    """What somebody does, about which firings of an alert: of the instance with these tags, or all
    there are (None). `text` is what is said with it.
    """

    actor: str
    alert: str
    tags: Tags | None
    text: str = ""


@dataclass(frozen=True)
class _Act:
    """A deed and what it makes of the engagements that it is about."""

    deed: Deed
    action: Action
    alteration: Alteration
    assignee: str | None = None


class EngagementService:
    """Use cases over the stores. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(
        self,
        alerts: AlertStore,
        firings: Firings,
        engagements: EngagementStore,
        members: Members,
        looking: Looking,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._alerts = alerts
        self._firings = firings
        self._engagements = engagements
        self._members = members
        self._looking = looking
        self._clock = clock
        self._new_id = new_id

    def acknowledge(self, tenant: str, deed: Deed) -> tuple[list[Engaged], bool]:
        """Say that somebody looks after what fires now; whoever was first stays the one.

        Returns the firings, and whether there are more. Raises NotFound, and Conflict when nothing
        fires.
        """
        now = self._clock()

        def acknowledged(engagement: Engagement) -> Engagement:
            if engagement.acknowledged_by is not None:
                return engagement
            return replace(engagement, acknowledged_by=deed.actor, acknowledged_at=now)

        return self._alter(tenant, _Act(deed, Action.ACKNOWLEDGE, acknowledged))

    def unacknowledge(self, tenant: str, deed: Deed) -> tuple[list[Engaged], bool]:
        """Take that back, whoever said it."""

        def left(engagement: Engagement) -> Engagement:
            return replace(engagement, acknowledged_by=None, acknowledged_at=None)

        return self._alter(tenant, _Act(deed, Action.UNACKNOWLEDGE, left))

    def assign(self, tenant: str, deed: Deed, assignee: str | None) -> tuple[list[Engaged], bool]:
        """Say who shall look after what fires now: a member of the tenant, or nobody (None).

        Raises Unprocessable when it is no member, or a disabled one.
        """
        if assignee is not None and not self._members.among(tenant, [assignee], disabled=False):
            wrong = FieldError(
                "assignee", "is the id of a member, as /api/me and the audit show it"
            )
            raise Unprocessable("there is no such member", [wrong])

        def assigned(engagement: Engagement) -> Engagement:
            return replace(engagement, assignee=assignee)

        return self._alter(tenant, _Act(deed, Action.ASSIGN, assigned, assignee))

    def comment(self, tenant: str, deed: Deed) -> Remark:
        """Say something about an instance, firing or not, or about the alert as a whole."""
        alert = self._alert(tenant, deed.alert)
        firing: Firing | None = None
        instance = WHOLE
        if deed.tags is not None:
            state = self._firings.state_of(tenant, alert.id, deed.tags)
            if state is None:
                raise _no_instance()
            firing, instance = self._firings.of(tenant, state), state.instance
        remark = self._remark(deed, Action.COMMENT, instance, firing)
        said = {"tags": dict(deed.tags or ()), "comment": deed.text}
        entry = self._entry(tenant, deed, Action.COMMENT, None, said)
        self._engagements.change(tenant, [], [remark], [entry])
        return remark

    def remarks(
        self, tenant: str, alert_id: str, tags: Tags | None, limit: int, after: Position
    ) -> tuple[list[Remark], Position]:
        """What was done and said about an instance, or about the alert as a whole, newest first."""
        alert = self._alert(tenant, alert_id)
        instance = WHOLE if tags is None else instance_id(tags)
        return self._engagements.remarks(tenant, alert.id, instance, limit, after)

    # --- how it is done ---

    def _alter(self, tenant: str, act: _Act) -> tuple[list[Engaged], bool]:
        alert = self._alert(tenant, act.deed.alert)
        firings, more = self._wanted(tenant, alert, act.deed.tags)
        found: list[Engaged] = []
        for some in batched(firings, AT_ONCE):
            found += self._alter_some(tenant, act, some)
        # Also after a try whose message was lost.
        self._looking.look(tenant)
        return found, more

    def _wanted(self, tenant: str, alert: Alert, tags: Tags | None) -> tuple[list[Firing], bool]:
        if tags is None:
            firings, more = self._firings.all(tenant, alert.id)
            if not firings:
                raise Conflict("nothing of this alert fires now")
            return firings, more
        state = self._firings.state_of(tenant, alert.id, tags)
        if state is None:
            raise _no_instance()
        firing = self._firings.of(tenant, state)
        if firing is None:
            raise Conflict(f"this instance does not fire now: it is {state.state}")
        return [firing], False

    def _alter_some(self, tenant: str, act: _Act, firings: Sequence[Firing]) -> list[Engaged]:
        named = [(act.deed.alert, each.instance) for each in firings]
        for _ in range(TRIES):
            stored = self._engagements.stored(tenant, named)
            present = [
                Engaged(firing, of_firing(act.deed.alert, firing, stored[name].engagement))
                for name, firing in zip(named, firings, strict=True)
            ]
            altered = [Engaged(x.firing, act.alteration(x.engagement)) for x in present]
            pairs = [(x, y) for x, y in zip(present, altered, strict=True) if x != y]
            remarks = self._remarks(act, firings, [y.firing for _, y in pairs])
            if not remarks:
                return altered
            changed = [
                (y.engagement, stored[act.deed.alert, y.firing.instance].revision) for _, y in pairs
            ]
            before, after = _shown([x for x, _ in pairs]), _shown([y for _, y in pairs])
            entry = self._entry(tenant, act.deed, act.action, before, after)
            try:
                self._engagements.change(tenant, changed, remarks, [entry])
                return altered
            except ConditionFailed:
                continue  # somebody else does something about one of them: look again
        raise Unavailable("others are doing something about this at this very moment; try again")

    def _remarks(
        self, act: _Act, firings: Sequence[Firing], changed: Sequence[Firing]
    ) -> list[Remark]:
        """What tells of it: of each firing that it changes, of others if something is said."""
        found = []
        for each in firings:
            if each in changed:
                found.append(self._remark(act.deed, act.action, each.instance, each, act.assignee))
            elif act.deed.text:
                found.append(self._remark(act.deed, Action.COMMENT, each.instance, each))
        return found

    def _remark(
        self,
        deed: Deed,
        action: Action,
        instance: str,
        firing: Firing | None,
        assignee: str | None = None,
    ) -> Remark:
        return Remark(
            id=self._new_id(),
            alert=deed.alert,
            instance=instance,
            at=self._clock(),
            by=deed.actor,
            action=action,
            began=None if firing is None else firing.began,
            text=deed.text,
            assignee=assignee,
        )

    def _entry(
        self,
        tenant: str,
        deed: Deed,
        action: Action,
        before: Mapping[str, object] | None,
        after: Mapping[str, object],
    ) -> Put:
        change = audit.Change(
            deed.actor, self._clock(), action.value, KIND, deed.alert, before, after
        )
        return audit.entry(tenant, change)

    def _alert(self, tenant: str, alert_id: str) -> Alert:
        alert = self._alerts.get(tenant, alert_id) if SAFE_ID.fullmatch(alert_id) else None
        if alert is None:
            raise NotFound("there is no such alert")
        return alert


def of_firing(alert: str, firing: Firing, stored: Engagement | None) -> Engagement:
    """What people do about a firing; what they did about an earlier one does not count."""
    # A correction may have found since then that it began earlier.
    if stored is not None and stored.began >= firing.began:
        return stored
    return Engagement(alert, firing.instance, firing.began)


def _shown(engaged: Sequence[Engaged]) -> Mapping[str, object]:
    return {
        "instances": [
            {
                "tags": dict(each.firing.tags),
                "began": each.firing.began,
                "acknowledged_by": each.engagement.acknowledged_by,
                "assignee": each.engagement.assignee,
            }
            for each in engaged
        ]
    }


def _no_instance() -> NotFound:
    return NotFound("this alert has no instance with these tags")
