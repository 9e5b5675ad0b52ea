"""Having groups looked at when something is due, by delayed messages: an economy of time. What a
message cannot be asked for, or is lost, the sweep of every minute finds.
"""

from collections.abc import Iterable

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import MINUTE_MS
from skafu.shared.observability import logger
from skafu.shared.queues import LONGEST_DELAY_S, Queue
from skafu.shared.table import ConditionFailed, Equals, Query, Table, Update

SLACK_S = 1
"""Whole seconds are rounded down by the queue; who looks too early tells nothing."""

AHEAD_MS = MINUTE_MS
"""The sweep asks for what is due before the next one comes."""


class Timers:
    """Asks for looks."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock

    def ask(self, tenant: str, dues: Iterable[tuple[str, int]]) -> None:
        """Have groups looked at when they are due, as far as that is within fifteen minutes."""
        for group, due in dues:
            delay = delay_s(due, self._clock())
            if delay > LONGEST_DELAY_S:
                continue
            try:
                self._queue.send({"tenant": tenant, "group": group}, delay)
            except Unavailable:
                logger.warning("group is left to the sweep", exc_info=True)


class TimerSweep:
    """Finds, once a minute, the groups for which something is due."""

    def __init__(self, table: Table, queue: Queue, clock: Clock) -> None:
        self._table = table
        self._queue = queue
        self._clock = clock

    def sweep(self, tenant: str) -> int:
        """Ask for a look at every group that is due now or before the next sweep; how many there
        were. Raises Unavailable when the table is down; what the queue does not take now, the next
        sweep finds.
        """
        now = self._clock()
        # Entries of a moment come before the next moment's bare name.
        until = keys.instant(now + AHEAD_MS + 1)
        due = Query(keys.timers(tenant), index="GSI1", between=(keys.instant(0), until))
        found = 0
        for item in self._table.query_all(due):
            group = str(item["sk"])
            try:
                delay = delay_s(int(item["due"]), now)
                self._queue.send({"tenant": tenant, "group": group}, delay)
            except Unavailable:
                logger.warning("groups cannot be looked at now", exc_info=True)
                return found
            found += 1
            self._wait_longer(tenant, group, str(item["gsi1sk"]), int(item["due"]), now)
        return found

    def _wait_longer(self, tenant: str, group: str, place: str, due: int, now: int) -> None:
        """Next time after twice the delay: while the queue's consumer is down, a message a minute
        for each group would bury it when it comes back. A group that is told moves by itself.
        """
        late = max(0, now - due)
        index = keys.timer_index(tenant, max(due, now) + 2 * MINUTE_MS + late, group)
        key = keys.page_group(tenant, group)
        try:
            self._table.write(Update(key, set=index._asdict(), when=Equals("gsi1sk", place)))
        except ConditionFailed:
            pass  # it was told meanwhile


def delay_s(due: int, now: int) -> int:
    """Seconds until a moment, for a queue."""
    return max(0, -(-(due - now) // 1000)) + (SLACK_S if due > now else 0)
