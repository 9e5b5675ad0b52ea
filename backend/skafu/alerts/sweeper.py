"""Once a minute, from the table alone: what no record of the stream and no wakeup has decided, what
was decided and not handed over, and what is left of alerts that are gone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b

from skafu.alerts.composites.cascade import cascade
from skafu.alerts.evaluation import TOGETHER, Evaluation
from skafu.alerts.ledger import Ask, Evaluated
from skafu.alerts.leftovers import Leftovers
from skafu.alerts.repacking import Repacker
from skafu.alerts.codec import alert_from
from skafu.alerts.model import Alert
from skafu.alerts.paging.timers import TimerSweep
from skafu.alerts.resending import Resending
from skafu.alerts.rules import RuleBook
from skafu.alerts.scope import advance_mark
from skafu.alerts.scribe import Contended
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.touches import Touches
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import MINUTE_MS
from skafu.shared.observability import Count, count, logger
from skafu.shared.queues import Queue
from skafu.shared.table import Query, Table

RESERVE_MS = 8_000
"""With less time than this left no further alert is begun."""

WIDTH_A_MINUTE = 20
LONGEST_REST_MS = 10 * MINUTE_MS
"""An alert that so many layouts feed is looked at as a whole every minute, one with more of them
more rarely, at least every ten minutes; in between only where a layout lags behind. To read a
layout costs as much as twenty looks at how far it has come."""

MARK_STEP_MS = 15 * MINUTE_MS
"""A mark is moved when it can move by so much: a write a minute for each alert would cost more than
reading these minutes again does; segments are kept by quarters of an hour anyway."""


class Sweeper:
    """Sweeps all tenants, as far as the time allows; the next sweep goes on from there."""

    def __init__(
        self,
        table: Table,
        evaluation: Evaluation,
        rules: RuleBook,
        wakeups: Wakeups,
        deliveries: Queue,
        clock: Clock,
        mark_step: int = MARK_STEP_MS,
        width_a_minute: int = WIDTH_A_MINUTE,
    ) -> None:
        self._table = table
        self._evaluation = evaluation
        self._rules = rules
        self._wakeups = wakeups
        self._timers = TimerSweep(table, deliveries, clock)
        self._touches = Touches(table, clock)
        self._repacker = Repacker(table, rules, clock)
        self._leftovers = Leftovers(table, rules, clock)
        self._clear_leftovers = self._leftovers.clear
        self._resend = Resending(table, deliveries, clock).resend
        self._clock = clock
        self._mark_step = mark_step
        self._width_a_minute = width_a_minute
        self._rests: dict[tuple[str, str], int] = {}  # until when only lagging ones are looked at
        self._last: dict[str, str] = {}  # of each tenant the alert that was swept last, hashed
        self._last_tenant: str | None = None  # who was at it when the time was up, hashed

    def sweep(self, remaining: Callable[[], int]) -> int:
        """Sweep; returns how many alerts were left for the next time.

        `remaining` tells how many milliseconds are left. Raises Unavailable when the table is.
        """
        tenants = sorted(self._tenants())
        for tenant in tenants:
            self._resend(tenant)
            self._timers.sweep(tenant)
        for tenant in tenants:
            self._repacker.look(tenant)
        left = self._walk(tenants, remaining)
        self._wakeups.send()
        for tenant in tenants:
            if left.get(tenant) or remaining() < RESERVE_MS // 2:
                continue
            self._clear_leftovers(tenant)
            alerts = self._rules.rules(tenant).alerts.values()
            watched = {each.definition.metric for each in alerts if not each.definition.expression}
            self._touches.watched(tenant, watched)
        unswept = sum(left.values())
        if unswept:
            logger.warning("sweep ran out of time", left=unswept)
            count(Count.UNSWEPT, unswept)
        return unswept

    def wake(self, tenant: str, alert_ids: Iterable[str]) -> None:
        """Evaluate alerts whose time has come. Raises what the last one that failed raised."""
        wanted = (keys.alert(tenant, each) for each in alert_ids)
        items = self._table.get_many(wanted, consistent=True)
        asks = [Ask(alert_from(str(x["body"])), lagging=True) for x in items.values()]
        trouble: Exception | None = None
        decided: list[str] = []
        for ask, outcome in self._evaluation.evaluate_all(tenant, asks):
            if isinstance(outcome, Evaluated):
                self._conclude(tenant, ask.alert, outcome)
                decided += [ask.alert.id] if outcome.decisions else []
            else:
                trouble = outcome
        self._cascade(tenant, decided, lambda: True)
        self._wakeups.send()
        if trouble is not None:
            raise trouble

    def _tenants(self) -> Iterator[str]:
        for item in self._table.query_all(Query(keys.TENANTS)):
            yield str(item["tenant"])

    def _in_turn(self, tenant: str) -> list[Alert]:
        """A tenant's alerts, in an order in which none is always last: by a hash, going on after
        the one that was swept last, or from a place that changes with the minute.
        """
        alerts = sorted(self._rules.rules(tenant).alerts.values(), key=_turn)
        start = self._last.get(tenant) or _turn_at(self._clock())
        first = sum(1 for each in alerts if _turn(each) <= start)
        return alerts[first:] + alerts[:first]

    def _walk(self, tenants: Iterable[str], remaining: Callable[[], int]) -> dict[str, int]:
        """Evaluate all; returns how many alerts of each tenant there was no time for.

        Some alerts of every tenant, then some more of every tenant that has more: who has ten
        thousand holds nobody up. The next sweep begins with the tenant after the one that was at it
        when the time was up.
        """

        def more() -> bool:
            return remaining() >= RESERVE_MS

        left = {tenant: self._in_turn(tenant) for tenant in sorted(tenants, key=_hash)}
        start = self._last_tenant or _turn_at(self._clock())
        order = [*(t for t in left if _hash(t) > start), *(t for t in left if _hash(t) <= start)]
        while order := [tenant for tenant in order if left[tenant]]:
            for tenant in order:
                some, left[tenant] = left[tenant][:TOGETHER], left[tenant][TOGETHER:]
                done = self._some(tenant, some, more)
                left[tenant] = some[done:] + left[tenant]
                if any(left.values()) and not more():
                    self._last_tenant = _hash(tenant)
                    return {each: len(alerts) for each, alerts in left.items()}
                if not left[tenant]:
                    self._last.pop(tenant, None)
        self._last_tenant = None
        return {}

    def _some(self, tenant: str, alerts: Sequence[Alert], more: Callable[[], bool]) -> int:
        """Evaluate some alerts and the composites above them; returns how many of these alerts
        there was time for.
        """
        done, decided = 0, []
        asks = (Ask(alert, lagging=self._rests_now(tenant, alert)) for alert in alerts)
        for ask, outcome in self._evaluation.evaluate_all(tenant, asks):
            self._outcome(tenant, ask, outcome)
            if isinstance(outcome, Evaluated) and outcome.decisions:
                decided.append(ask.alert.id)
            self._last[tenant] = _turn(ask.alert)
            done += 1
            if not more():
                break
        for alert in alerts[:done]:
            self._leftovers.expire(tenant, alert)
        self._cascade(tenant, decided, more)
        return done

    def _cascade(self, tenant: str, decided: Sequence[str], more: Callable[[], bool]) -> None:
        if decided:
            rules = self._rules.rules(tenant)
            if made := cascade(self._evaluation, rules, tenant, decided, more):
                count(Count.DECISIONS, made)

    def _rests_now(self, tenant: str, alert: Alert) -> bool:
        return self._clock() < self._rests.get((tenant, alert.id), 0)

    def _outcome(self, tenant: str, ask: Ask, outcome: Evaluated | Exception) -> None:
        """One alert's trouble is not the others'; that of the table is everybody's."""
        if isinstance(outcome, Unavailable) and not isinstance(outcome, Contended):
            raise outcome
        if isinstance(outcome, Evaluated):
            self._conclude(tenant, ask.alert, outcome)
            self._move_mark(tenant, ask.alert, outcome.final)
            if not ask.lagging:
                minutes = outcome.width // self._width_a_minute
                rest = min(minutes * MINUTE_MS, LONGEST_REST_MS - MINUTE_MS)
                self._rests[tenant, ask.alert.id] = self._clock() + rest
        else:
            logger.error("alert cannot be swept", alert_id=ask.alert.id, exc_info=outcome)
            count(Count.UNSWEPT)

    def _conclude(self, tenant: str, alert: Alert, evaluated: Evaluated) -> None:
        if evaluated.decisions:
            count(Count.DECISIONS, len(evaluated.decisions))
        for due in sorted(evaluated.dues):
            self._wakeups.ask(tenant, alert.id, due)

    def _move_mark(self, tenant: str, alert: Alert, final: int | None) -> None:
        scope = self._evaluation.ledger.scope(tenant, alert)
        if final is not None and final - scope.after >= self._mark_step:
            advance_mark(self._table, tenant, alert.id, final)
            self._evaluation.ledger.forget(tenant, alert.id)


def _turn(alert: Alert) -> str:
    return _hash(alert.id)


def _turn_at(now: int) -> str:
    """Some turn that changes with the minute: where to begin when nothing is remembered."""
    return _hash(str(now // MINUTE_MS))


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
