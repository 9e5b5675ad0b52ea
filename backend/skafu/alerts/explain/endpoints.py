"""The endpoint that explains."""

from skafu.alerts.explain.people import PeopleReader
from skafu.alerts.explain.service import Explainer, Question
from skafu.alerts.explain.views import explanation_view
from skafu.alerts.paging.account import Accounts
from skafu.alerts.parts import Parts
from skafu.alerts.routing.store import PolicyStore
from skafu.alerts.silences.store import SilenceStore
from skafu.metrics.deletions import Deletions
from skafu.metrics.store import MetricsStore
from skafu.metrics.times import instant_from
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.paging import single
from skafu.shared.routes import Reply, Request


def build(parts: Parts) -> "ExplainEndpoints":
    """Over the table, with points read as the evaluator reads them."""
    table, clock = parts.table, parts.clock
    people = PeopleReader(PolicyStore(table), SilenceStore(table), Accounts(table))
    store, deletions = MetricsStore(table, clock), Deletions(table, clock)
    return ExplainEndpoints(Explainer(table, store, people, deletions, clock))


class ExplainEndpoints:
    """The endpoint of routes.ROUTES."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer

    def explain_alert(self, request: Request) -> Reply:
        """One document about one instance at one moment."""
        question = Question(request.path["id"], _tags(request), _at(request))
        found = self._explainer.explain(request.identity.tenant, question)
        return Reply(explanation_view(found))


def _at(request: Request) -> int | None:
    text = single(request, "at")
    if text is None:
        return None
    try:
        return instant_from(int(text) if text.isascii() and text.isdigit() else text)
    except ValueError as error:
        raise _unreadable("at", str(error)) from error


def _tags(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in request.query.get("tags", ()):
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise _unreadable("tags", "must be key=value, as in tags=host=web-1")
        if found.setdefault(key, value) != value:
            raise _unreadable("tags", f"says two things of {key}")
    return found


def _unreadable(name: str, reason: str) -> BadRequest:
    return BadRequest("the query string cannot be read", [FieldError(name, reason)])
