"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

from collections import Counter
from typing import Any

from skafu.alerts.channels import ChannelStore
from skafu.alerts.code.planning import Act, Plan
from skafu.alerts.code.policies import PolicyPlan
from skafu.alerts.code.reading import read
from skafu.alerts.code.routes import YAML
from skafu.alerts.code.service import (
    FAILED,
    LEFT,
    CodeService,
    Outcome,
    PolicyOutcome,
    Stores,
)
from skafu.alerts.code.writing import write
from skafu.alerts.history import HistoryReader
from skafu.alerts.paging.looking import Looking
from skafu.alerts.parts import Parts
from skafu.alerts.routing.service import RoutingService
from skafu.alerts.routing.store import PolicyStore
from skafu.alerts.service import AlertService
from skafu.alerts.states import StateReader
from skafu.alerts.store import AlertStore
from skafu.shared.errors import BadRequest, FieldError, SkafuError
from skafu.shared.paging import chosen
from skafu.shared.routes import Reply, Request, Text

TRUTH = ("true", "false")


class CodeEndpoints:
    """Alerts as code, as people and machines ask for them."""

    def __init__(self, code: CodeService) -> None:
        self._code = code

    def export_alerts(self, request: Request) -> Reply:
        """A file that an import takes, and that the same alerts always make."""
        scope = _scope(request)
        with_routes = chosen(request, "routes", TRUTH) != "false" and not scope
        found = self._code.export(request.identity.tenant, scope, with_routes)
        return Reply(Text(write(found), YAML))

    def import_alerts(self, request: Request) -> Reply:
        """What was done, or would be, alert by alert."""
        dry = chosen(request, "dry_run", TRUTH) == "true"
        prune = chosen(request, "prune", TRUTH) == "true"
        scope = _scope(request)
        who = request.identity
        plan = self._code.plan(who, read(request.body), prune, scope)
        outcomes, policy = _as_planned(plan) if dry else self._code.apply(who, plan)
        ordered = sorted(outcomes, key=lambda each: each.step.line or 10**9)
        counts = Counter(each.outcome for each in outcomes)
        return Reply(
            {
                "dry_run": dry,
                "counts": {str(name): counts[name] for name in (*Act, FAILED, LEFT)},
                "alerts": [_alert(each, dry) for each in ordered],
                "routes": None if policy is None else _routes(policy),
            }
        )


def _as_planned(plan: Plan) -> tuple[list[Outcome], PolicyOutcome | None]:
    outcomes = [
        Outcome(step, step.act.value, None if step.present is None else step.present.version)
        for step in plan.steps
    ]
    if plan.policy is None:
        return outcomes, None
    act = Act.CHANGED if plan.policy.is_news else Act.UNCHANGED
    return outcomes, PolicyOutcome(plan.policy, act)


def _alert(outcome: Outcome, dry: bool) -> dict[str, Any]:
    step = outcome.step
    news = step.act in (Act.CREATED, Act.CHANGED)
    made_up = step.present is None and outcome.version is None
    return {
        "id": None if made_up else step.id,
        "name": step.name,
        "line": step.line,
        "outcome": outcome.outcome,
        "version": outcome.version,
        "changes": step.differences,
        "alert": step.body if dry and news else None,
        **_trouble(outcome.error),
    }


def _routes(outcome: PolicyOutcome) -> dict[str, Any]:
    plan: PolicyPlan = outcome.plan
    return {
        "outcome": outcome.outcome,
        "moved": plan.moved,
        "routes": plan.changes,
        **_trouble(outcome.error),
    }


def _trouble(error: SkafuError | None) -> dict[str, Any]:
    return {
        "detail": None if error is None else str(error),
        "errors": () if error is None else error.errors,
    }


def _scope(request: Request) -> dict[str, str]:
    """Labels that alerts have to have. Raises BadRequest."""
    found: dict[str, str] = {}
    for text in request.query.get("label", ()):
        name, equals, value = text.partition("=")
        if not equals or not name:
            wrong = FieldError("label", "must be name=value")
            raise BadRequest("the query string cannot be read", [wrong])
        found[name] = value
    return found


def build(parts: Parts) -> CodeEndpoints:
    """The endpoints over a table and the notifier's queue."""
    table, clock, new_id = parts.table, parts.clock, parts.new_id
    stores = Stores(AlertStore(table), ChannelStore(table), PolicyStore(table))
    service = AlertService(stores.alerts, StateReader(table), HistoryReader(table), clock, new_id)
    looking = Looking(parts.deliveries)
    routing = RoutingService(stores.policies, stores.alerts, looking, clock)
    return CodeEndpoints(CodeService(stores, service, routing, clock, new_id))
