"""What people do with alerts: make, read, change, remove and list them, and read their history."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from skafu.alerts import audited
from skafu.alerts.definitions import problems
from skafu.alerts.directory import Wanted
from skafu.alerts.history import HistoryPage, HistoryReader
from skafu.alerts.model import Alert, Draft, InstanceState, State
from skafu.alerts.states import MAX_INSTANCES, Instances, StateReader
from skafu.alerts.store import AlertStore, UnknownChannels
from skafu.shared.clock import Clock
from skafu.shared.errors import (
    Conflict,
    FieldError,
    NotFound,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)
from skafu.shared.identity import NewId
from skafu.shared.table import ConditionFailed

type Position = Mapping[str, str] | None

SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
INSTANCES_IN_LISTS = 100
TRIES = 5
ROUNDS = 20  # a filter that lets little pass ends a page early rather than reading on and on


@dataclass(frozen=True)
class Listed:
    """One page: alerts with instances, and where the list goes on."""

    alerts: tuple[tuple[Alert, Instances], ...]
    after: Position


class AlertService:
    """Use cases over the stores. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(
        self,
        alerts: AlertStore,
        states: StateReader,
        history: HistoryReader,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._alerts = alerts
        self._states = states
        self._history = history
        self._clock = clock
        self._new_id = new_id

    def create(self, tenant: str, actor: str, draft: Draft, alert_id: str | None = None) -> Alert:
        """Make an alert, with an id of its own if none is given.

        Raises Unprocessable naming the fields that are wrong, Conflict when the id is taken.
        """
        refuse(draft)
        now = self._clock()
        made = Alert(
            **vars(draft), id=alert_id or self._new_id(), version=1, created_at=now, edited_at=now
        )
        # Of an alert that was deleted the versions stay: its numbers go on.
        last = 0 if alert_id is None else self._alerts.last_version(tenant, safe(alert_id))
        made = replace(made, version=last + 1)
        entry = audited.entry(tenant, actor, audited.CREATE, None, made, now)
        try:
            return self._alerts.create(tenant, made, [entry], last)
        except UnknownChannels as unknown:
            raise unknown_channels(draft, unknown) from unknown
        except ConditionFailed as failure:
            raise Conflict("there is an alert with this id already") from failure

    def read(self, tenant: str, alert_id: str) -> tuple[Alert, Instances]:
        """An alert with its instances."""
        alert = self.present(tenant, alert_id)
        return alert, self._states.of_alert(tenant, alert_id, MAX_INSTANCES)

    def change(
        self, tenant: str, actor: str, alert_id: str, version: int, draft: Draft
    ) -> tuple[Alert, Instances]:
        """Give an alert that is at `version` its next one; saying what is so already makes none.

        Raises PreconditionFailed when it is at another version, and Unprocessable.
        """
        changed = self.replace(tenant, actor, alert_id, version, draft)
        return changed, self._states.of_alert(tenant, alert_id, MAX_INSTANCES)

    def replace(
        self,
        tenant: str,
        actor: str,
        alert_id: str,
        version: int,
        draft: Draft,
        action: str = audited.CHANGE,
    ) -> Alert:
        """As `change`, without looking for instances; `action` is what the audit calls it."""
        refuse(draft)
        present = self.present(tenant, alert_id)
        if present.version != version:
            raise outdated(present)
        # A clock that stepped back must not let a version rule buckets of the one before it.
        edited = max(self._clock(), present.edited_at)
        changed = replace(present, **vars(draft), version=version + 1, edited_at=edited)
        if replace(changed, version=version, edited_at=present.edited_at) == present:
            return present
        entry = audited.entry(tenant, actor, action, present, changed, edited)
        try:
            return self._alerts.replace(tenant, changed, version, [entry])
        except UnknownChannels as unknown:
            raise unknown_channels(draft, unknown) from unknown
        except ConditionFailed as failure:
            raise outdated(self.present(tenant, alert_id)) from failure

    def delete(self, tenant: str, actor: str, alert_id: str, version: int | None) -> None:
        """Remove an alert; if `version` is given, only at that version (PreconditionFailed)."""
        for _ in range(TRIES):
            present = self.present(tenant, alert_id)
            if version is not None and present.version != version:
                raise outdated(present)
            at = max(self._clock(), present.edited_at)
            entry = audited.entry(tenant, actor, audited.DELETE, present, None, at)
            try:
                return self._alerts.delete(tenant, alert_id, present.version, [entry])
            except ConditionFailed:
                continue  # it has changed meanwhile: the entry has to say what is deleted
        raise Unavailable("this alert is being changed at this very moment; try again")

    def history(self, tenant: str, alert_id: str, limit: int, after: Position) -> HistoryPage:
        """What happened to an alert, newest first."""
        self.present(tenant, alert_id)
        return self._history.page(tenant, alert_id, limit, after)

    def page(self, tenant: str, limit: int, after: Position) -> Listed:
        """Alerts in the order of their ids, each with up to a hundred instances."""
        found, after = self._alerts.page(tenant, limit, after)
        return self.listed(tenant, found, after)

    def listed(self, tenant: str, found: Sequence[Alert], after: Position) -> Listed:
        """Alerts with up to a hundred instances each."""
        instances = self._states.of_alerts(tenant, (x.id for x in found), INSTANCES_IN_LISTS)
        return Listed(tuple((alert, instances[alert.id]) for alert in found), after)

    def page_in(
        self, tenant: str, state: State, wanted: Wanted, limit: int, after: Position
    ) -> Listed:
        """Alerts with instances in a state, and of their instances only those, the longest in that
        state first. `limit` is for instances: an alert with many may come again on the next page.
        """
        alerts: dict[str, Alert] = {}
        found: list[InstanceState] = []
        for _ in range(ROUNDS):
            some, after = self._states.in_state(tenant, state, limit - len(found), after)
            alerts |= self._alerts.get_many(tenant, {x.alert for x in some} - alerts.keys())
            # What is left of an alert that was removed is nobody's any more.
            here = (x for x in some if x.alert in alerts)
            found += [x for x in here if _is_wanted(wanted, alerts[x.alert], x)]
            if after is None or len(found) == limit:
                break
        return Listed(_grouped(alerts, found, more=after is not None), after)

    def present(self, tenant: str, alert_id: str) -> Alert:
        """An alert as it is now."""
        alert = self._alerts.get(tenant, safe(alert_id))
        if alert is None:
            raise NotFound("there is no such alert")
        return alert


def safe(alert_id: str) -> str:
    """Ids come from paths: what could not be an id is no alert's id."""
    if not SAFE_ID.fullmatch(alert_id):
        raise NotFound("there is no such alert")
    return alert_id


def refuse(draft: Draft) -> None:
    """Raises Unprocessable naming what is wrong over several fields."""
    wrong = problems(draft.definition)
    if wrong:
        raise Unprocessable("the alert does not make sense", wrong)


def unknown_channels(draft: Draft | Alert, unknown: UnknownChannels) -> Unprocessable:
    """What a caller hears who named channels that do not exist."""
    wrong = [
        FieldError(f"channels.{i}", "there is no such channel")
        for i, channel in enumerate(draft.channels)
        if channel in unknown.channels
    ]
    return Unprocessable("the alert names channels that do not exist", wrong)


def outdated(alert: Alert) -> PreconditionFailed:
    """What a caller hears who meant another version."""
    return PreconditionFailed(
        f"the alert is at version {alert.version}: read it again before you change it"
    )


def _is_wanted(wanted: Wanted, alert: Alert, instance: InstanceState) -> bool:
    """An instance matters as its alert does, in ALARM as its level."""
    level = instance.level if instance.state is State.ALARM else 0
    severity = alert.severity_at(min(level, len(alert.definition.levels)))
    return wanted.severity in (None, severity) and wanted.describes(alert)


def _grouped(
    alerts: Mapping[str, Alert], found: list[InstanceState], more: bool
) -> tuple[tuple[Alert, Instances], ...]:
    groups: dict[str, list[InstanceState]] = {}
    for each in found:
        groups.setdefault(each.alert, []).append(each)
    return tuple((alerts[x], Instances(tuple(group), more)) for x, group in groups.items())
