"""A drill's steps, taken by the notifier: each when it is due, asked for by a delayed message.

Every step may be taken twice: points are stored once however often they are sent, a stand-in is
deleted once. A message that was lost leaves the drill where it is, and the sweeper removes its
stand-in when it has expired.
"""

from collections.abc import Mapping
from dataclasses import replace

import orjson

from skafu.alerts.drills.model import Drill, Stage
from skafu.alerts.drills.store import DrillStore
from skafu.alerts.store import AlertStore
from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.store import MetricsStore
from skafu.shared.clock import Clock
from skafu.shared.queues import LONGEST_DELAY_S, Queue
from skafu.shared.table import ConditionFailed, Table


class DrillSteps:
    """Takes a drill as far as it is due."""

    def __init__(
        self, drills: DrillStore, alerts: AlertStore, ingest: Ingest, queue: Queue, clock: Clock
    ) -> None:
        self._drills = drills
        self._alerts = alerts
        self._ingest = ingest
        self._queue = queue
        self._clock = clock

    def step(self, tenant: str, drill_id: str) -> None:
        """Take the next step if it is due, and ask for the one after it. Raises Unavailable: then
        the message comes again.
        """
        drill = self._drills.get(tenant, drill_id)
        if drill is None or drill.due is None:
            return
        if drill.due <= self._clock():
            try:
                drill = self._advance(tenant, drill)
            except ConditionFailed:
                return  # another message has taken this step, and asks for the next
        if drill.due is not None:
            self._queue.send(message(tenant, drill), delay(drill.due, self._clock()))

    def _advance(self, tenant: str, drill: Drill) -> Drill:
        match drill.stage:
            case Stage.WAITING:
                at = self._send(tenant, drill, 1.0)
                after = replace(drill, stage=Stage.FIRING, fired_at=at)
            case Stage.FIRING:
                at = self._send(tenant, drill, 0.0)
                after = replace(drill, stage=Stage.ENDING, resolved_at=at)
            case _:
                self._remove(tenant, drill)
                after = replace(drill, stage=Stage.OVER)
        self._drills.advance(tenant, drill, after)
        return after

    def _send(self, tenant: str, drill: Drill, value: float) -> int:
        now = self._clock()
        name = f"drill-{drill.id}-{value:g}"
        body = orjson.dumps(drill.point(value))
        self._ingest.take(Delivery(tenant, body, name, now, name))
        return now

    def _remove(self, tenant: str, drill: Drill) -> None:
        try:
            self._alerts.delete(tenant, drill.stand_in, None)
        except ConditionFailed:
            pass  # an earlier try, or the sweeper, was quicker


def build(table: Table, queue: Queue, clock: Clock) -> DrillSteps:
    """The steps over a table; points go in by the same door as those of POST /api/metrics."""
    ingest = Ingest(MetricsStore(table, clock))
    return DrillSteps(DrillStore(table), AlertStore(table), ingest, queue, clock)


def message(tenant: str, drill: Drill) -> Mapping[str, object]:
    """What asks for a drill's next step."""
    return {"tenant": tenant, "drill": drill.id}


def delay(due: int, now: int) -> int:
    """Seconds until a step is due, as far as a queue can delay: then it is asked for again."""
    return min(max(0, -(-(due - now) // 1000)), LONGEST_DELAY_S)
