"""The evaluator and the sweeper, wired as deployed, with what is around them: points arrive through
the real store, the stream and the queues are as their harnesses document them, time is moved.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import EndpointConnectionError

from skafu.alerts.engine import build_evaluator, build_sweeper
from skafu.alerts.codec import decision_from, instance_state_from, notification_from
from skafu.alerts.model import Alert, Cause, Decision, InstanceState, Notification
from skafu.alerts.store import AlertStore
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Layout, Segment, Series, Tags
from skafu.metrics.store import MetricsStore
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, MINUTE_MS
from skafu.shared.settings import EvaluatorSettings, SweeperSettings
from skafu.shared.table import Page, Put, Query, Value

from tests.support.clocks import FakeClock
from tests.support.decisions import TENANT
from tests.support.events import lambda_context
from tests.support.memory_table import InMemoryTable
from tests.support.stream import EventSourceMapping, Record, stream_record

QUEUES = "https://sqs.us-east-1.amazonaws.com/123456789012/"
SECOND = 1000
WRITERS_LEAVE_MS = 120 * SECOND


class FakeSqs:
    """The one call that the engine makes. `down` names queues that do not answer."""

    def __init__(self, clock: FakeClock) -> None:
        self.down: set[str] = set()
        self.sent: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        self._clock = clock

    def send_message(self, **call: Any) -> None:
        name = call["QueueUrl"].removeprefix(QUEUES)
        if name in self.down:
            raise EndpointConnectionError(endpoint_url=call["QueueUrl"])
        assert 0 <= call["DelaySeconds"] <= 900
        visible = self._clock.now + call["DelaySeconds"] * SECOND
        self.sent[name].append((visible, json.loads(call["MessageBody"])))

    def bodies(self, name: str) -> list[dict[str, Any]]:
        return [body for _, body in self.sent[name]]


class Queries:
    """Counts the queries of a table from now on, by a part of the partition's name."""

    def __init__(self, table: InMemoryTable) -> None:
        self.asked: list[Query] = []
        query = table.query

        def counting(asked: Query) -> Page:
            self.asked.append(asked)
            return query(asked)

        table.query = counting  # type: ignore[method-assign,assignment]  # it counts

    def of(self, name: str) -> int:
        return sum(1 for each in self.asked if name in each.pk.split("#"))


class Deciding:
    """A tenant's points and alerts, and the two functions over them. `beside` another one: the same
    table and time, other processes and queues. `table` is one with faults, perhaps.
    """

    def __init__(
        self, beside: "Deciding | None" = None, table: InMemoryTable | None = None
    ) -> None:
        self.table: InMemoryTable = table or InMemoryTable(page_size=4)
        if beside:
            self.table = beside.table
        self.clock: FakeClock = beside.clock if beside else FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.alerts = AlertStore(self.table)
        self.store = MetricsStore(self.table, self.clock)
        self.table.write(
            Put({**keys.registry(TENANT)._asdict(), "k": "registry", "tenant": TENANT})
        )
        settings: dict[str, Any] = {
            "table_name": "skafu-test",
            "environment": "local",
            "deliveries_queue_url": f"{QUEUES}deliveries",
            "wakeups_queue_url": f"{QUEUES}wakeups",
        }
        parked = f"{QUEUES}parked"
        self.evaluator = build_evaluator(
            EvaluatorSettings(**settings, parked_queue_url=parked),
            self.table,
            self.sqs,
            self.clock,
        )
        self.sweeper = build_sweeper(SweeperSettings(**settings), self.table, self.sqs, self.clock)
        self.mapping = EventSourceMapping(self.evaluator)
        self._requests = 0

    # --- people and machines ----------------------------------------------------------------------

    def create(self, alert: Alert) -> Alert:
        now = self.clock.now
        return self.alerts.create(TENANT, replace(alert, created_at=now, edited_at=now))

    def edit(self, alert: Alert, **changes: Any) -> Alert:
        definition = replace(alert.definition, **changes)
        changed = replace(alert, definition=definition, edited_at=self.clock.now)
        return self.alerts.replace(TENANT, changed, alert.version)

    def send(
        self,
        *values: float,
        host: str = "a",
        at: int | None = None,
        agent: str = "agent",
        lost: bool = False,
    ) -> list[Record]:
        """A request with a host's load, stamped now or otherwise; its records come by the stream
        unless they are lost.
        """
        moment = self.clock.now if at is None else at
        series = Series("cpu.load", (("agent", agent), ("host", host)))
        layout = layout_of([series])
        self._requests += 1
        bucket = moment // BUCKET_MS * BUCKET_MS
        segment = Segment(
            layout=layout.hash,
            bucket=bucket,
            request=f"request{self._requests}",
            receipt=self.clock.now,
            late=self.clock.now > bucket + BUCKET_MS + WRITERS_LEAVE_MS,
            series=[0] * len(values),
            timestamps=[moment] * len(values),
            values=list(values),
        )
        return self.write([layout], [segment], lost)

    def write(
        self, layouts: Sequence[Layout], segments: Sequence[Segment], lost: bool = False
    ) -> list[Record]:
        """Store segments; returns their records of the stream."""
        before = set(self.table.items)
        self.store.write(TENANT, layouts, segments)
        new = [self.table.items[key] for key in sorted(set(self.table.items) - before)]
        records = [
            stream_record(item, self._requests) for item in new if item["k"] in ("segment", "late")
        ]
        if not lost:
            self.mapping.feed(records)
        return records

    # --- time -------------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Let time go by; nothing happens in it."""
        self.clock.advance(int(seconds * SECOND))

    def stream(self) -> None:
        """Let the stream deliver what it has."""
        self.mapping.run()

    def sweep(self, remaining_ms: int = 30_000) -> None:
        self.sweeper({"source": "aws.events"}, lambda_context(remaining_ms=remaining_ms))

    def wake(self) -> int:
        """Deliver the wakeups that are visible by now; returns how many."""
        queue = self.sqs.sent["wakeups"]
        due = [body for visible, body in queue if visible <= self.clock.now]
        self.sqs.sent["wakeups"] = [each for each in queue if each[0] > self.clock.now]
        if due:
            event = {
                "Records": [
                    {"messageId": str(number), "body": json.dumps(body)}
                    for number, body in enumerate(due)
                ]
            }
            answer = self.sweeper(event, lambda_context())
            assert answer == {"batchItemFailures": []}
        return len(due)

    def live(self, seconds: int, *, sweeps: bool = True, wakes: bool = True) -> None:
        """Let time go by second by second, with what it brings."""
        for _ in range(seconds):
            self.pass_time(1)
            self.stream()
            if wakes:
                self.wake()
            if sweeps and self.clock.now % MINUTE_MS == 0:
                self.sweep()

    # --- what is recorded -------------------------------------------------------------------------

    def _items(self, kind: str) -> list[dict[str, Value]]:
        return [item for _, item in sorted(self.table.items.items()) if item["k"] == kind]

    @property
    def states(self) -> dict[Tags, InstanceState]:
        found = [instance_state_from(str(item["body"])) for item in self._items("instance")]
        return {state.tags: state for state in found}

    @property
    def history(self) -> list[Decision]:
        """The log, and what stands beside it."""
        return [decision_from(str(item["body"])) for item in self._items("decision")]

    @property
    def decisions(self) -> list[Decision]:
        return [each for each in self.history if each.cause is not Cause.LATE]

    @property
    def late_marks(self) -> list[Decision]:
        return [each for each in self.history if each.cause is Cause.LATE]

    @property
    def outbox(self) -> list[Notification]:
        return [notification_from(str(item["body"])) for item in self._items("outbox")]

    @property
    def deliveries(self) -> list[str]:
        """The ids that were handed to the notifier's queue, in order."""
        return [str(body["delivery"]) for body in self.sqs.bodies("deliveries")]

    @property
    def parked(self) -> list[dict[str, Any]]:
        return self.sqs.bodies("parked")
