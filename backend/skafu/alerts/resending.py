"""Notifications that were recorded and that nobody has had in hand: sent to the queue once more."""

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.observability import Count, count, logger
from skafu.shared.queues import Queue
from skafu.shared.table import ConditionFailed, Equals, Query, Table, Update

RESEND_MS = 60_000
"""So long the queue is given to hand a notification over before it is sent again."""


class Resending:
    """Looks for notifications that wait."""

    def __init__(self, table: Table, deliveries: Queue, clock: Clock) -> None:
        self._table = table
        self._deliveries = deliveries
        self._clock = clock

    def resend(self, tenant: str) -> None:
        """Put notifications that nobody has had in hand for a minute into the queue once more.
        Raises Unavailable when the table is down.
        """
        now = self._clock()
        # Entries of a moment come before the next moment's bare name.
        until = keys.instant(now - RESEND_MS + 1)
        waiting = Query(keys.pending(tenant), index="GSI1", between=(keys.instant(0), until))
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
