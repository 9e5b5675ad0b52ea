"""Explanations over a table in which the real evaluator and sweeper have decided."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from skafu.alerts.explain.model import Explanation
from skafu.alerts.explain.people import PeopleReader
from skafu.alerts.explain.service import Explainer, Question
from skafu.alerts.explain.views import explanation_view
from skafu.alerts.explain.schemas import ExplainOut
from skafu.alerts.paging.account import Account
from skafu.alerts.paging.model import Policy, Silence
from skafu.alerts.routing.store import PolicyStore
from skafu.alerts.silences.store import SilenceStore
from skafu.metrics.deletions import Deletions
from tests.support.deciding import Deciding
from tests.support.decisions import TENANT

NOTHING = Account((), (), (), None)


@dataclass
class Spoken:
    """An account that a test writes; `asked` remembers what was asked for."""

    account: Account = NOTHING
    asked: list[tuple[str, str, int, int]] = field(default_factory=list)

    def tellings(
        self,
        tenant: str,
        alert_id: str,
        instance_id: str,
        start: int,
        end: int,
        attempts: bool = True,
    ) -> Account:
        assert tenant == TENANT and attempts
        self.asked.append((alert_id, instance_id, start, end))
        return self.account


class Explaining:
    """A world, and an explainer of it."""

    def __init__(self, world: Deciding) -> None:
        self.spoken = Spoken()
        self._policies = PolicyStore(world.table)
        self._silences = SilenceStore(world.table)
        people = PeopleReader(self._policies, self._silences, self.spoken)
        deletions = Deletions(world.table, world.clock)
        self._explainer = Explainer(world.table, world.store, people, deletions, world.clock)

    def routes(self, policy: Policy) -> None:
        self._policies.replace(TENANT, policy)

    def silences(self, *silences: Silence) -> None:
        for each in silences:
            self._silences.create(TENANT, each)

    def of(
        self, alert: str, at: int | None = None, tags: Iterable[tuple[str, str]] = ()
    ) -> Explanation:
        """One explanation, whose document is as the API promises."""
        found = self._explainer.explain(TENANT, Question(alert, dict(tags), at))
        ExplainOut.model_validate(explanation_view(found))
        return found
