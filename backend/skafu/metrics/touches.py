"""When somebody last looked at a metric: a query, an alert, a dashboard. Metrics that nobody looks
at cost as much as others; GET /api/metrics/usage lists them.
"""

from collections.abc import Iterable

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.observability import logger
from skafu.shared.table import Item, Present, Table, Update

QUERIED, WATCHED, SHOWN = "queried", "watched", "shown"
"""Attributes of a metric's record: the day's start, epoch milliseconds."""

UNUSED_MS = 30 * DAY_MS
"""Nobody has looked for so long: the metric is listed as unused."""

AGAIN_MS = 6 * HOUR_MS
"""So long a metric without a record is not looked up again: it has one once a day is merged."""

_MOST_KNOWN = 50_000


class Touches:
    """Records looks, at most once a day for each metric; who has recorded one in this process asks
    the table no more that day.
    """

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._rests: dict[tuple[str, str, str], int] = {}

    def queried(self, tenant: str, metrics: Iterable[str]) -> None:
        """A query has read these metrics."""
        self._touch(tenant, QUERIED, metrics)

    def watched(self, tenant: str, metrics: Iterable[str]) -> None:
        """Alerts watch these metrics."""
        self._touch(tenant, WATCHED, metrics)

    def shown(self, tenant: str, metrics: Iterable[str]) -> None:
        """Dashboards show these metrics."""
        self._touch(tenant, SHOWN, metrics)

    def _touch(self, tenant: str, how: str, metrics: Iterable[str]) -> None:
        now = self._clock()
        wanted = sorted({x for x in metrics if self._rests.get((tenant, how, x), 0) <= now})
        if not wanted:
            return
        try:
            self._record(tenant, how, wanted, now)
        except Unavailable:
            # What was asked for is answered; the next look records as well as this one.
            logger.warning("looks at metrics cannot be recorded", exc_info=True)

    def _record(self, tenant: str, how: str, metrics: list[str], now: int) -> None:
        today = now // DAY_MS * DAY_MS
        found = self._table.get_many(keys.metric_record(tenant, metric) for metric in metrics)
        stale = [key for key, item in found.items() if int(item.get(how, 0)) < today]
        # Never make a record: whoever asks for a name does not make it a metric.
        self._table.write_many([Update(key, set={how: today}, when=Present()) for key in stale])
        if len(self._rests) + len(metrics) > _MOST_KNOWN:
            self._rests.clear()
        for metric in metrics:
            known = keys.metric_record(tenant, metric) in found
            self._rests[tenant, how, metric] = today + DAY_MS if known else now + AGAIN_MS


def unused_since(record: Item, now: int) -> int | None:
    """Since which day nobody has looked at a metric, by its record: of the last look, or the first
    with points. None where that is less than 30 days ago.
    """
    looks = [int(record[how]) for how in (QUERIED, WATCHED, SHOWN) if how in record]
    since = max(looks, default=int(record.get("first_day", now)))
    return since if since <= now - UNUSED_MS else None
