"""Once a minute, from the table alone: what no record of the stream and no wakeup has decided, what
was decided and not handed over, and what is left of alerts that are gone.
"""

from collections.abc import Callable, Iterator
from hashlib import blake2b

from skafu.alerts.evaluation import Evaluation
from skafu.alerts.model import Alert, State, alert_from
from skafu.alerts.rules import RuleBook
from skafu.alerts.scope import advance_mark
from skafu.alerts.wakeups import Wakeups
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import MINUTE_MS, Key
from skafu.shared.observability import Count, count, logger
from skafu.shared.queues import Queue
from skafu.shared.table import (
    Absent,
    Check,
    ConditionFailed,
    Delete,
    Equals,
    Query,
    Table,
    TransactionConflict,
    Update,
)

RESERVE_MS = 8_000
"""With less time than this left no further alert is begun."""

RESEND_MS = 60_000
"""So long the queue is given to hand a notification over before it is sent again."""

MARK_STEP_MS = 15 * MINUTE_MS
"""A mark is moved when it can move by so much: a write a minute for each alert would cost more than
reading these minutes again does; segments are kept by quarters of an hour anyway."""

LEFTOVER_LOOKS = 3
"""The index of states lags behind the table: after a change of the rules it is looked through
again in the next sweeps."""


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
    ) -> None:
        self._table = table
        self._evaluation = evaluation
        self._rules = rules
        self._wakeups = wakeups
        self._deliveries = deliveries
        self._clock = clock
        self._last: str | None = None  # the alert that was swept last, when the time was up
        self._looked: dict[str, tuple[int, int]] = {}

    def sweep(self, remaining: Callable[[], int]) -> int:
        """Sweep; returns how many alerts were left for the next time.

        `remaining` tells how many milliseconds are left. Raises Unavailable when the table is.
        """
        tenants = sorted(self._tenants())
        for tenant in tenants:
            self._resend(tenant)
        turns = self._in_turn(tenants)
        for position, (tenant, alert) in enumerate(turns):
            if remaining() < RESERVE_MS:
                left = len(turns) - position
                logger.warning("sweep ran out of time", left=left)
                count(Count.UNSWEPT, left)
                return left
            self._alert(tenant, alert)
            self._last = _turn(tenant, alert)
        for tenant in tenants:
            self._clear_leftovers(tenant)
        self._last = None
        return 0

    def wake(self, tenant: str, alert_id: str) -> None:
        """Evaluate one alert, whose time has come. Raises Unavailable."""
        item = self._table.get(keys.alert(tenant, alert_id), consistent=True)
        if item is not None:
            self._evaluate(tenant, alert_from(str(item["body"])))

    def _tenants(self) -> Iterator[str]:
        for item in self._table.query_all(Query(keys.TENANTS)):
            yield str(item["tenant"])

    def _in_turn(self, tenants: list[str]) -> list[tuple[str, Alert]]:
        """Every alert, in an order in which none is always last: by a hash, going on after the one
        that was swept last, or from a place that changes with the minute.
        """
        everything = [
            (tenant, alert)
            for tenant in tenants
            for alert in self._rules.rules(tenant).alerts.values()
        ]
        everything.sort(key=lambda each: _turn(*each))
        start = self._last or _hash(str(self._clock() // MINUTE_MS))
        first = sum(1 for each in everything if _turn(*each) <= start)
        return everything[first:] + everything[:first]

    def _alert(self, tenant: str, alert: Alert) -> None:
        """One alert's trouble is not the others'; that of the table is everybody's."""
        try:
            final = self._evaluate(tenant, alert)
        except Unavailable:
            raise
        except Exception:  # pylint: disable=broad-exception-caught # logged, counted, tried again
            logger.exception("alert cannot be swept", alert_id=alert.id)
            count(Count.UNSWEPT)
            return
        if final is not None:
            scope = self._evaluation.scope(tenant, alert)
            if final - scope.after >= MARK_STEP_MS:
                advance_mark(self._table, tenant, alert.id, final)
                self._evaluation.forget(tenant, alert.id)

    def _evaluate(self, tenant: str, alert: Alert) -> int | None:
        evaluated = self._evaluation.evaluate(alert, self._evaluation.snapshot(tenant))
        count(Count.DECISIONS, len(evaluated.decisions))
        for due in evaluated.dues:
            self._wakeups.ask(tenant, alert.id, due)
        return evaluated.final

    # --- deliveries ---

    def _resend(self, tenant: str) -> None:
        """Put notifications that nobody has had in hand for a minute into the queue once more."""
        now = self._clock()
        waiting = Query(
            keys.pending(tenant),
            index="GSI1",
            between=(keys.instant(0), keys.instant(now - RESEND_MS)),
        )
        for item in self._table.query_all(waiting):
            delivery = str(item["sk"])
            try:
                self._deliveries.send({"tenant": tenant, "delivery": delivery})
            except Unavailable:
                logger.warning("notifications cannot be sent again now", exc_info=True)
                return
            count(Count.RESENT)
            self._wait_longer(tenant, delivery, now, int(item["created"]))

    def _wait_longer(self, tenant: str, delivery: str, now: int, created: int) -> None:
        """Next time after twice the age: while the queue's consumer is down, a message a minute for
        each notification would bury it when it comes back.
        """
        index = keys.pending_index(tenant, 2 * now - created - RESEND_MS, delivery)
        pending = Equals("status", "pending")
        try:
            self._table.write(
                Update(keys.outbox(tenant, delivery), set=index._asdict(), when=pending)
            )
        except ConditionFailed:
            pass  # handed over meanwhile

    # --- leftovers ---

    def _clear_leftovers(self, tenant: str) -> None:
        """Remove the instances of alerts that were deleted: deleting may have been cut short."""
        rules = self._rules.rules(tenant)
        version, looks = self._looked.get(tenant, (-1, 0))
        looks = looks + 1 if version == rules.version else 1
        self._looked[tenant] = rules.version, looks
        if looks > LEFTOVER_LOOKS:
            return
        for state in State:
            query = Query(keys.states(tenant, state.value), index="GSI1")
            for item in self._table.query_all(query):
                key = Key(str(item["pk"]), str(item["sk"]))
                alert_id = keys.alert_of(key)
                if alert_id not in rules.alerts:
                    self._clear(tenant, alert_id, key)

    def _clear(self, tenant: str, alert_id: str, instance: Key) -> None:
        gone = Check(keys.alert(tenant, alert_id), Absent())
        try:
            self._table.transact([gone, Delete(instance)])
        except (ConditionFailed, TransactionConflict):
            return  # there is such an alert after all, or somebody is at it: the next sweep looks
        self._table.write(Delete(keys.mark(tenant, alert_id)))


def _turn(tenant: str, alert: Alert) -> str:
    return _hash(f"{tenant} {alert.id}")


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
