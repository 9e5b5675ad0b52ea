"""What people do with alerts: make, read, change, remove and list them, and read their history."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from skafu.alerts.definitions import problems
from skafu.alerts.history import HistoryPage, HistoryReader
from skafu.alerts.model import Alert, Draft, InstanceState, Severity, State
from skafu.alerts.states import MAX_INSTANCES, Instances, StateReader
from skafu.alerts.store import AlertStore, UnknownChannels
from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, NotFound, PreconditionFailed, Unprocessable
from skafu.shared.identity import NewId
from skafu.shared.table import ConditionFailed

type Position = Mapping[str, str] | None

SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
INSTANCES_IN_LISTS = 100
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

    def create(self, tenant: str, draft: Draft) -> Alert:
        """Make an alert. Raises Unprocessable naming the fields that are wrong."""
        _refuse(draft)
        now = self._clock()
        alert = Alert(**vars(draft), id=self._new_id(), version=1, created_at=now, edited_at=now)
        try:
            return self._alerts.create(tenant, alert)
        except UnknownChannels as unknown:
            raise _unknown(draft, unknown) from unknown

    def read(self, tenant: str, alert_id: str) -> tuple[Alert, Instances]:
        """An alert with its instances."""
        alert = self._present(tenant, alert_id)
        return alert, self._states.of_alert(tenant, alert_id, MAX_INSTANCES)

    def change(
        self, tenant: str, alert_id: str, version: int, draft: Draft
    ) -> tuple[Alert, Instances]:
        """Give an alert that is at `version` its next one; saying what is so already makes none.

        Raises PreconditionFailed when it is at another version, and Unprocessable.
        """
        _refuse(draft)
        present = self._present(tenant, alert_id)
        if present.version != version:
            raise _outdated(present)
        # A clock that stepped back must not let a version rule buckets of the one before it.
        edited = max(self._clock(), present.edited_at)
        changed = replace(present, **vars(draft), edited_at=edited)
        if replace(changed, edited_at=present.edited_at) != present:
            changed = self._replace(tenant, changed, version)
        else:
            changed = present
        return changed, self._states.of_alert(tenant, alert_id, MAX_INSTANCES)

    def delete(self, tenant: str, alert_id: str, version: int | None) -> None:
        """Remove an alert; if `version` is given, only at that version (PreconditionFailed)."""
        try:
            self._alerts.delete(tenant, _safe(alert_id), version)
        except ConditionFailed as failure:
            raise _outdated(self._present(tenant, alert_id)) from failure

    def history(self, tenant: str, alert_id: str, limit: int, after: Position) -> HistoryPage:
        """What happened to an alert, newest first."""
        self._present(tenant, alert_id)
        return self._history.page(tenant, alert_id, limit, after)

    def page(self, tenant: str, severity: Severity | None, limit: int, after: Position) -> Listed:
        """Alerts in the order of their ids, each with up to a hundred instances."""
        found: list[Alert] = []
        for _ in range(ROUNDS):
            some, after = self._alerts.page(tenant, limit - len(found), after)
            found += [x for x in some if severity is None or x.severity is severity]
            if after is None or len(found) == limit:
                break
        instances = self._states.of_alerts(tenant, (x.id for x in found), INSTANCES_IN_LISTS)
        return Listed(tuple((alert, instances[alert.id]) for alert in found), after)

    def page_in(
        self, tenant: str, state: State, severity: Severity | None, limit: int, after: Position
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
            found += [x for x in here if severity is None or alerts[x.alert].severity is severity]
            if after is None or len(found) == limit:
                break
        return Listed(_grouped(alerts, found, more=after is not None), after)

    def _present(self, tenant: str, alert_id: str) -> Alert:
        alert = self._alerts.get(tenant, _safe(alert_id))
        if alert is None:
            raise NotFound("there is no such alert")
        return alert

    def _replace(self, tenant: str, alert: Alert, version: int) -> Alert:
        try:
            return self._alerts.replace(tenant, alert, version)
        except UnknownChannels as unknown:
            raise _unknown(alert, unknown) from unknown
        except ConditionFailed as failure:
            raise _outdated(self._present(tenant, alert.id)) from failure


def _safe(alert_id: str) -> str:
    """Ids come from paths: what could not be an id is no alert's id."""
    if not SAFE_ID.fullmatch(alert_id):
        raise NotFound("there is no such alert")
    return alert_id


def _refuse(draft: Draft) -> None:
    wrong = problems(draft.definition)
    if wrong:
        raise Unprocessable("the alert does not make sense", wrong)


def _unknown(draft: Draft | Alert, unknown: UnknownChannels) -> Unprocessable:
    wrong = [
        FieldError(f"channels.{i}", "there is no such channel")
        for i, channel in enumerate(draft.channels)
        if channel in unknown.channels
    ]
    return Unprocessable("the alert names channels that do not exist", wrong)


def _outdated(alert: Alert) -> PreconditionFailed:
    return PreconditionFailed(
        f"the alert is at version {alert.version}: read it again before you change it"
    )


def _grouped(
    alerts: Mapping[str, Alert], found: list[InstanceState], more: bool
) -> tuple[tuple[Alert, Instances], ...]:
    groups: dict[str, list[InstanceState]] = {}
    for each in found:
        groups.setdefault(each.alert, []).append(each)
    return tuple((alerts[x], Instances(tuple(group), more)) for x, group in groups.items())
