"""Waking the sweeper when a bucket's grace runs out, by delayed messages: an economy of time.

A message that is lost, or was not asked for because its time is too far off, costs at most the
minute until the next sweep.
"""

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from itertools import batched

from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.observability import logger
from skafu.shared.queues import LONGEST_DELAY_S, Queue

REMEMBERED = 100_000

TOGETHER = 1_000
"""Alerts in one message, far below SQS's limit of 256 KB. Buckets are aligned, so most alerts of a
tenant wait for the same few moments."""

SLACK_S = 1
"""Whole seconds are rounded down by the queue; a wakeup that comes too early decides nothing."""


@dataclass
class Wakeups:
    """Collects what is asked for in an invocation, and sends it: for each (alert, moment) once in
    an environment's life.
    """

    queue: Queue
    clock: Clock
    _asked: OrderedDict[tuple[str, str, int], None] = field(default_factory=OrderedDict)
    _waiting: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, tenant: str, alert_id: str, due: int) -> None:
        """Have the alert evaluated at `due` (epoch milliseconds), unless that is more than fifteen
        minutes off: then somebody asks again later.
        """
        key = (tenant, alert_id, due)
        if key not in self._asked and self._delay(due) <= LONGEST_DELAY_S:
            self._asked[key] = None
            self._waiting[tenant, due].append(alert_id)

    def send(self) -> None:
        """Send what was asked for since the last time."""
        waiting, self._waiting = self._waiting, defaultdict(list)
        for (tenant, due), alerts in waiting.items():
            for some in batched(alerts, TOGETHER):
                self._send(tenant, due, some)
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)

    def _send(self, tenant: str, due: int, alerts: tuple[str, ...]) -> None:
        message = {"tenant": tenant, "alerts": list(alerts), "due": due}
        try:
            self.queue.send(message, min(self._delay(due), LONGEST_DELAY_S))
        except Unavailable:
            logger.warning("wakeups not asked for; the sweep will do", exc_info=True)
            for alert_id in alerts:
                self._asked.pop((tenant, alert_id, due), None)

    def _delay(self, due: int) -> int:
        return max(0, -(-(due - self.clock()) // 1000)) + SLACK_S
