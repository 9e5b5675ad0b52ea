"""Backtests of drafts and stored alerts, over what is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from skafu.alerts.backtest.limits import Budget, check_range
from skafu.alerts.backtest.model import Backtested, Difference
from skafu.alerts.backtest.pure import backtest, buckets_of, first_needed
from skafu.alerts.backtest.reading import Source, Wanted, read
from skafu.alerts.backtest.stock import Stock
from skafu.alerts.backtest.tally import difference
from skafu.alerts.definitions import problems
from skafu.alerts.model import Alert, Definition, Draft
from skafu.alerts.service import SAFE_ID
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Tags
from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, NotFound, Unprocessable

DRAFT_ID = "draft"


@dataclass(frozen=True)
class Asked:
    """The range, in epoch milliseconds, and tags that the instances must have. The request arrived
    at `now`.
    """

    start: int
    end: int
    now: int
    tags: Mapping[str, str] = field(default_factory=dict)


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
        warnings: list[str] = []
        if asked.end > asked.now:
            warnings.append("the range goes on in the future: it was tested up to now")
        budget = Budget(self._clock, asked.now)
        shelf = _Shelf(self._source, tenant, asked, budget, warnings)
        shelf.fetch([alert.definition for alert in alerts])
        return [
            backtest(
                alert,
                shelf.stocks(alert.definition),
                asked.start,
                min(asked.end, asked.now),
                warnings=warnings,
                check=budget.check,
            )
            for alert in alerts
        ]


type _Shared = tuple[object, ...]


class _Shelf:
    """What was read for one request; definitions that look at the same series share it."""

    def __init__(
        self, source: Source, tenant: str, asked: Asked, budget: Budget, warnings: list[str]
    ) -> None:
        self._source = source
        self._tenant = tenant
        self._asked = asked
        self._budget = budget
        self._warnings = warnings
        self._found: dict[_Shared, dict[Tags, Stock]] = {}

    def fetch(self, definitions: Iterable[Definition]) -> None:
        """Read what these definitions need."""
        asked = self._asked
        end = min(asked.end, asked.now)
        sharing: dict[_Shared, list[Definition]] = {}
        for definition in definitions:
            sharing.setdefault(_shared(definition), []).append(definition)
        for key, some in sharing.items():
            first = min(first_needed(each, asked.start) for each in some)
            buckets = sum(buckets_of(each, asked.start, end) for each in some)
            wanted = Wanted(some[0], first, end, asked.tags)
            self._found[key] = read(
                self._source,
                self._tenant,
                wanted,
                asked.now,
                self._budget,
                buckets,
                self._warnings,
            )

    def stocks(self, definition: Definition) -> Mapping[Tags, Stock]:
        """What was read for a definition."""
        return self._found[_shared(definition)]


def _shared(definition: Definition) -> _Shared:
    """What makes two definitions read the same."""
    filters, groups = definition.filters, definition.group_by
    return definition.metric, filters, groups, definition.statistic, definition.period


def _alert(draft: Draft, asked: Asked) -> Alert:
    """A draft as if it had been made at the range's start. Raises Unprocessable."""
    wrong = [FieldError(f"alert.{each.field}", each.reason) for each in problems(draft.definition)]
    if wrong:
        raise Unprocessable("the alert does not make sense", wrong)
    at = asked.start
    return Alert(**vars(draft), id=DRAFT_ID, version=1, created_at=at, edited_at=at)
