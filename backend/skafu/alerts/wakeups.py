"""Waking the sweeper when a bucket's grace runs out, by delayed messages: an economy of time.

A message that is lost, or was not asked for because its time is too far off, costs at most the
minute until the next sweep.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.observability import logger
from skafu.shared.queues import LONGEST_DELAY_S, Queue

REMEMBERED = 20_000
SLACK_S = 1
"""Whole seconds are rounded down by the queue; a wakeup that comes too early decides nothing."""


@dataclass
class Wakeups:
    """Asks for each (alert, moment) once in an environment's life."""

    queue: Queue
    clock: Clock
    _asked: OrderedDict[tuple[str, str, int], None] = field(default_factory=OrderedDict)

    def ask(self, tenant: str, alert_id: str, due: int) -> None:
        """Have the alert evaluated at `due` (epoch milliseconds), unless that is more than fifteen
        minutes off: then somebody asks again later.
        """
        key = (tenant, alert_id, due)
        if key in self._asked:
            return
        delay = max(0, -(-(due - self.clock()) // 1000)) + SLACK_S
        if delay > LONGEST_DELAY_S:
            return
        try:
            self.queue.send({"tenant": tenant, "alert": alert_id, "due": due}, delay)
        except Unavailable:
            logger.warning("wakeup not asked for; the sweep will do", exc_info=True)
            return
        self._asked[key] = None
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
