"""What people do with alerts as code: write all of them out, and bring them to what a file says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skafu.alerts.channels import TOPIC, ChannelStore
from skafu.alerts.code import entries, policies
from skafu.alerts.code.claims import ALERTS
from skafu.alerts.code.names import Names, names
from skafu.alerts.code.planning import (
    MAX_ALERTS,
    ROUTES,
    Act,
    Plan,
    Present,
    Refused,
    Scope,
    Step,
    in_scope,
    plan,
)
from skafu.alerts.code.policies import PolicyPlan
from skafu.alerts.code.reading import Document
from skafu.alerts.model import Alert, Draft
from skafu.alerts.routing.service import RoutingService
from skafu.alerts.routing.store import PolicyStore
from skafu.alerts.service import AlertService
from skafu.alerts.store import AlertStore
from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, Forbidden, SkafuError, Unprocessable
from skafu.shared.identity import Identity, NewId, Role

BUDGET_MS = 20_000
"""So long an import goes on: the gateway gives up after 29 s, and one more change must fit."""

LEFT, FAILED = "left", "failed"

MAX_TOLD = 1_000  # complaints about a file: more help nobody


@dataclass(frozen=True)
class Outcome:
    """What came of a step: its act, `left` (time ran out: import again) or `failed` (why says
    `error`). `version` is the alert's afterwards.
    """

    step: Step
    outcome: str
    version: int | None = None
    error: SkafuError | None = None


@dataclass(frozen=True)
class PolicyOutcome:
    """What came of the routes."""

    plan: PolicyPlan
    outcome: str
    error: SkafuError | None = None


@dataclass(frozen=True)
class Stores:
    """Where everything that a file may speak of is kept."""

    alerts: AlertStore
    channels: ChannelStore
    policies: PolicyStore


class CodeService:
    """Use cases over the stores and the services that change things."""

    def __init__(
        self,
        stores: Stores,
        service: AlertService,
        routing: RoutingService,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._stores = stores
        self._service = service
        self._routing = routing
        self._clock = clock
        self._new_id = new_id

    def export(self, tenant: str, scope: Scope, with_routes: bool) -> Mapping[str, Any]:
        """All alerts of a scope, sorted by name, and the routes if they are wanted and there are
        any. Raises Unprocessable when there are more alerts than an import takes.
        """
        present = self._present(tenant)
        chosen = [x for x in present.alerts.values() if in_scope(x, scope)]
        if len(chosen) > MAX_ALERTS:
            raise Unprocessable(
                f"{len(chosen):,} alerts are more than a file may have ({MAX_ALERTS:,})",
                [FieldError("label", "choose some of them: label=team=core")],
            )
        called = _names_of(present.alerts.values())
        chosen.sort(key=lambda alert: (alert.name, alert.id))
        found: dict[str, Any] = {
            ALERTS: [entries.written(each, called, present.channels) for each in chosen]
        }
        if with_routes and present.routes:
            found[ROUTES] = policies.written(present.routes, present.channels)
        return found

    def plan(self, who: Identity, document: Document, prune: bool, scope: Scope) -> Plan:
        """What an import would do. Raises Unprocessable naming every field at fault with its line,
        and Forbidden when it would change routes for somebody who may not.
        """
        try:
            found = plan(document, self._present(who.tenant), self._new_id, prune, scope)
        except Refused as refusal:
            raise _refused(refusal) from refusal
        if found.policy is not None and found.policy.is_news and who.role < Role.ADMIN:
            raise Forbidden("changing routes needs the role admin: leave routes out of the file")
        return found

    def apply(self, who: Identity, found: Plan) -> tuple[list[Outcome], PolicyOutcome | None]:
        """Do what a plan says, step by step: one that fails does not keep the others from being
        done. Doing the same file again does what is left.
        """
        end = self._clock() + BUDGET_MS
        outcomes = list(self._steps(who, found.steps, end))
        if found.policy is None:
            return outcomes, None
        return outcomes, self._route(who, found.policy, end)

    def _steps(self, who: Identity, steps: tuple[Step, ...], end: int) -> Iterator[Outcome]:
        for step in steps:
            if step.act is not Act.UNCHANGED and self._clock() >= end:
                yield Outcome(step, LEFT)
                continue
            try:
                yield Outcome(step, step.act.value, self._do(who, step))
            except SkafuError as error:
                yield Outcome(step, FAILED, error=error)

    def _do(self, who: Identity, step: Step) -> int | None:
        """One step; the version that the alert then has."""
        tenant, actor, present = who.tenant, who.subject, step.present
        if present is None:
            return None if step.draft is None else self._make(who, step.id, step.draft)
        if step.act is Act.UNCHANGED:
            return present.version
        if step.draft is None:
            self._service.delete(tenant, actor, step.id, present.version)
            return None
        return self._service.replace(tenant, actor, step.id, present.version, step.draft).version

    def _make(self, who: Identity, alert_id: str, draft: Draft) -> int:
        return self._service.create(who.tenant, who.subject, draft, alert_id).version

    def _route(self, who: Identity, wanted: PolicyPlan, end: int) -> PolicyOutcome:
        if not wanted.is_news:
            return PolicyOutcome(wanted, Act.UNCHANGED)
        if self._clock() >= end:
            return PolicyOutcome(wanted, LEFT)
        try:
            present = self._routing.read(who.tenant)
            self._routing.change(who.tenant, who.subject, present.version, wanted.routes)
        except SkafuError as error:
            return PolicyOutcome(wanted, FAILED, error)
        return PolicyOutcome(wanted, Act.CHANGED)

    def _present(self, tenant: str) -> Present:
        alerts = self._stores.alerts.all(tenant)
        routes = self._stores.policies.get(tenant).routes
        mine = {each.id: each for each in alerts if each.drill_of is None}
        return Present(mine, self._channels(tenant), routes)

    def _channels(self, tenant: str) -> Names:
        found = [(TOPIC.id, TOPIC.id)]
        after = None
        while True:
            some, after = self._stores.channels.page(tenant, 1_000, after)
            found += [(each.id, each.name) for each in some]
            if after is None:
                return names("channel", found)


def _refused(refusal: Refused) -> Unprocessable:
    wrong = len(refusal.errors)
    more = f"; of {wrong:,} complaints the first {MAX_TOLD:,} are told"
    sentence = "the file cannot be applied" + (more if wrong > MAX_TOLD else "")
    return Unprocessable(sentence, refusal.errors[:MAX_TOLD])


def _names_of(alerts: Iterable[Alert]) -> Names:
    return names("alert", ((each.id, each.name) for each in alerts))
