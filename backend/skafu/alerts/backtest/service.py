"""Backtests of drafts and stored alerts, over what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from skafu.alerts.backtest.limits import Budget, check_range
from skafu.alerts.backtest.model import Backtested, Difference
from skafu.alerts.backtest.family import composite, read_family
from skafu.alerts.backtest.pure import backtest
from skafu.alerts.backtest.reading import Source
from skafu.alerts.backtest.shelf import Asked, Look, Shelf
from skafu.alerts.backtest.tally import difference, tally
from skafu.alerts.composites.fold import Story, histories
from skafu.alerts.composites.logic import named
from skafu.alerts.definitions import problems
from skafu.alerts.model import Alert, Draft
from skafu.alerts.service import SAFE_ID
from skafu.alerts.store import AlertStore
from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, NotFound, Unprocessable

DRAFT_ID = "draft"


@dataclass(frozen=True)
class Compared:
    """A stored alert, a change of it, and what would be otherwise."""

    before: Backtested
    after: Backtested
    difference: Difference


class Backtests:
    """All methods raise Unprocessable naming the field at fault, where a draft makes no sense or a
    backtest would be too much, and Unavailable.
    """

    def __init__(self, alerts: AlertStore, source: Source, clock: Clock) -> None:
        self._alerts = alerts
        self._source = source
        self._clock = clock

    def draft(self, tenant: str, draft: Draft, asked: Asked) -> Backtested:
        """A draft as if it had been made at the range's start."""
        found = self._run(tenant, [_alert(draft, asked)], asked)
        return found[0]

    def stored(self, tenant: str, alert_id: str, asked: Asked) -> Backtested:
        """A stored alert's present version, as if it had ruled the whole range. Raises NotFound."""
        found = self._run(tenant, [self._present(tenant, alert_id)], asked)
        return found[0]

    def changed(self, tenant: str, alert_id: str, draft: Draft, asked: Asked) -> Compared:
        """Both a stored alert and a change of it. Raises NotFound."""
        present = self._present(tenant, alert_id)
        changed = replace(_alert(draft, asked), id=present.id, version=present.version + 1)
        before, after = self._run(tenant, [present, changed], asked)
        return Compared(before, after, difference(before, after))

    def _present(self, tenant: str, alert_id: str) -> Alert:
        alert = self._alerts.get(tenant, alert_id) if SAFE_ID.fullmatch(alert_id) else None
        if alert is None:
            raise NotFound("there is no such alert")
        return alert

    def _run(self, tenant: str, alerts: list[Alert], asked: Asked) -> list[Backtested]:
        check_range(asked.start, asked.end, asked.now)
        budget = Budget(self._clock, asked.now)
        family = read_family(self._alerts, tenant, alerts)
        shelf = Shelf(self._source, tenant, asked, budget)
        # A composite's instances have its tags, those of the alerts that it names may have others.
        heads = {id(alert) for alert in alerts}
        plain = [alert for alert in (*alerts, *family.values()) if not composite(alert)]
        shelf.fetch([Look(x.definition, _tags(asked, id(x) in heads)) for x in plain])
        play = _Play(family, shelf, asked, budget)
        return [play.backtested(alert, _tags(asked, True)) for alert in alerts]


def _tags(asked: Asked, head: bool) -> Mapping[str, str]:
    return asked.tags if head else {}


class _Play:
    """The alerts of one request, each tried once."""

    def __init__(
        self, family: Mapping[str, Alert], shelf: Shelf, asked: Asked, budget: Budget
    ) -> None:
        self._family = family
        self._shelf = shelf
        self._asked = asked
        self._budget = budget
        self._done: dict[str, Backtested] = {}

    def backtested(self, alert: Alert, tags: Mapping[str, str]) -> Backtested:
        """What an alert would have done; of its instances those with these tags."""
        asked, end = self._asked, min(self._asked.end, self._asked.now)
        if not composite(alert):
            stocks = self._shelf.stocks(Look(alert.definition, tags))
            warnings, check = self._shelf.warnings, self._budget.check
            return backtest(alert, stocks, asked.start, end, warnings=warnings, check=check)
        children = [self._child(each) for each in named(alert.definition.expression)]
        stories = [
            Story(child.alert.id, of, effects=effects)
            for child in children
            for of, effects in child.histories.items()
        ]
        made = replace(alert, created_at=asked.start, edited_at=asked.start)
        found = histories([made], stories, asked.start, end)
        return tally(
            alert,
            asked.start,
            end,
            {of: effects for of, effects in found.items() if tags.items() <= dict(of).items()},
            buckets=sum(child.buckets for child in children),
            points=sum(child.points for child in children),
            warnings=self._shelf.warnings,
        )

    def _child(self, alert_id: str) -> Backtested:
        if alert_id not in self._done:
            self._done[alert_id] = self.backtested(self._family[alert_id], {})
        return self._done[alert_id]


def _alert(draft: Draft, asked: Asked) -> Alert:
    """A draft as if it had been made at the range's start. Raises Unprocessable."""
    wrong = [FieldError(f"alert.{each.field}", each.reason) for each in problems(draft.definition)]
    if wrong:
        raise Unprocessable("the alert does not make sense", wrong)
    at = asked.start
    return Alert(**vars(draft), id=DRAFT_ID, version=1, created_at=at, edited_at=at)
