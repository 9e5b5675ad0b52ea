"""What people do with routes: read, replace and try them."""

from collections.abc import Mapping, Sequence

import orjson

from skafu.alerts.model import Severity
from skafu.alerts.paging.looking import Looking
from skafu.alerts.paging.model import Labels, Policy, Route, labels_of
from skafu.alerts.routing.choosing import Choice, choose, choose_by_labels
from skafu.alerts.routing.store import PolicyStore, channels_of
from skafu.alerts.routing.views import policy_view
from skafu.alerts.service import SAFE_ID
from skafu.alerts.store import AlertStore, UnknownChannels
from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, NotFound, PreconditionFailed, Unprocessable
from skafu.shared.table import ConditionFailed

KIND, SUBJECT = "routing", "routes"
"""What the audit calls them."""

MAX_CHANNELS = 90
"""Each is checked in the transaction that stores the routes, which has room for 100 items."""

MAX_SIZE = 150_000
"""Bytes as JSON: the audit has them twice in an item of 400 KB, before and after a change."""


class RoutingService:
    """Use cases over the store."""

    def __init__(
        self, policies: PolicyStore, alerts: AlertStore, looking: Looking, clock: Clock
    ) -> None:
        self._policies = policies
        self._alerts = alerts
        self._looking = looking
        self._clock = clock

    def read(self, tenant: str) -> Policy:
        """The routes as they are now."""
        return self._policies.get(tenant)

    def change(self, tenant: str, actor: str, version: int, routes: Sequence[Route]) -> Policy:
        """Replace the routes that are at `version`; saying what is so already makes no new one.

        Raises PreconditionFailed when they are at another version, Unprocessable naming channels
        that do not exist.
        """
        present = self._policies.get(tenant)
        if present.version != version:
            raise _outdated(present)
        _refuse_too_many(routes)
        if tuple(routes) != present.routes:
            # A clock that stepped back must not make a version older than the one before.
            now = max(self._clock(), present.edited_at)
            changed = Policy(version + 1, tuple(routes), now)
            self._store(tenant, actor, present, changed)
            present = changed
        self._looking.look(tenant)
        return present

    def try_labels(
        self, tenant: str, labels: Labels, routes: Sequence[Route] | None
    ) -> Sequence[Choice]:
        """The routes that a notification with these labels takes: of the stored ones, or of those
        that are given.
        """
        return choose_by_labels(self._tried(tenant, routes), labels)

    def try_alert(
        self,
        tenant: str,
        alert_id: str,
        tags: Mapping[str, str],
        severity: Severity | None,
        routes: Sequence[Route] | None,
    ) -> tuple[Labels, Sequence[Choice]]:
        """The same for an instance of an alert, with the labels that its notifications have.
        Raises NotFound.
        """
        alert = self._alerts.get(tenant, alert_id) if SAFE_ID.fullmatch(alert_id) else None
        if alert is None:
            raise NotFound("there is no such alert")
        labels = labels_of(alert, tuple(sorted(tags.items())), severity or alert.severity)
        return labels, choose(self._tried(tenant, routes), alert, labels)

    def _tried(self, tenant: str, routes: Sequence[Route] | None) -> Policy:
        return self._policies.get(tenant) if routes is None else Policy(routes=tuple(routes))

    def _store(self, tenant: str, actor: str, present: Policy, changed: Policy) -> None:
        before = policy_view(present) if present.version else None
        change = audit.Change(
            actor=actor,
            at=changed.edited_at,
            action="change" if before else "create",
            kind=KIND,
            subject=SUBJECT,
            before=before,
            after=policy_view(changed),
        )
        try:
            self._policies.replace(tenant, changed, [audit.entry(tenant, change)])
        except UnknownChannels as unknown:
            raise _unknown(changed.routes, unknown) from unknown
        except ConditionFailed as failure:
            raise _outdated(self._policies.get(tenant)) from failure


def _refuse_too_many(routes: Sequence[Route]) -> None:
    named = len(list(channels_of(routes)))
    wrong = []
    if named > MAX_CHANNELS:
        reason = f"name {named} channels altogether; {MAX_CHANNELS} are allowed"
        wrong.append(FieldError("routes", reason))
    size = len(orjson.dumps(policy_view(Policy(routes=tuple(routes)))))
    if size > MAX_SIZE:
        reason = f"have {size} bytes altogether; {MAX_SIZE} are allowed"
        wrong.append(FieldError("routes", reason))
    if wrong:
        raise Unprocessable("the routes are too many", wrong)


def _unknown(routes: Sequence[Route], unknown: UnknownChannels) -> Unprocessable:
    wrong = []
    for i, route in enumerate(routes):
        places = [(f"routes.{i}.channels", route.channels)]
        places += [
            (f"routes.{i}.steps.{j}.channels", x.channels) for j, x in enumerate(route.steps)
        ]
        wrong += [
            FieldError(f"{place}.{n}", "there is no such channel")
            for place, channels in places
            for n, channel in enumerate(channels)
            if channel in unknown.channels
        ]
    return Unprocessable("routes name channels that do not exist", wrong)


def _outdated(policy: Policy) -> PreconditionFailed:
    return PreconditionFailed(
        f"the routes are at version {policy.version}: read them again before you change them"
    )
