"""All functions of a release, put together on one table in memory, as checks call them."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.response import StreamingBody

from skafu.alerts import api as alerts
from skafu.alerts import deliveries_queue, engine
from skafu.canary import reserved
from skafu.canary.calls import Call, Function
from skafu.canary.invoking import InvokedApi
from skafu.canary.scene import Scene
from skafu.canary.workers import Stored, stored_in
from skafu.metrics import api as metrics
from skafu.metrics.compaction import engine as compaction
from skafu.shared.observability import Handler
from skafu.shared.queues import SqsQueue
from skafu.shared.settings import (
    AlertsApiSettings,
    ApiSettings,
    CompactorSettings,
    EvaluatorSettings,
    NotifierSettings,
    SweeperSettings,
    WorkspaceSettings,
)
from skafu.workspace import api as workspace
from tests.support.clocks import NOON, FakeClock
from tests.support.events import lambda_context
from tests.support.memory_table import InMemoryTable
from tests.support.sns import FakeSns

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
VALUE = 0.123456789012345678
COMMON: dict[str, Any] = {"table_name": "t", "environment": "local"}
API: dict[str, Any] = {**COMMON, "cors_origin": "https://skafu.example"}
QUEUES: dict[str, Any] = {"deliveries_queue_url": "d", "wakeups_queue_url": "w"}


class FakeSqs:
    """SQS that keeps what it is sent, by the queue's URL."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {}

    def send_message(self, **arguments: Any) -> dict[str, str]:
        self.sent.setdefault(arguments["QueueUrl"], []).append(json.loads(arguments["MessageBody"]))
        return {"MessageId": "1"}

    def change_message_visibility(self, **_: Any) -> None:
        """Any message may be hidden."""


class Called:
    """A Function that goes through JSON, as Lambda does; `spoil` changes what it answers."""

    def __init__(
        self, handler: Handler, spoil: Callable[[Any], Any] = lambda answer: answer
    ) -> None:
        self.handler = handler
        self.spoil = spoil
        self.events: list[Mapping[str, Any]] = []

    def __call__(self, event: Mapping[str, Any]) -> Any:
        self.events.append(event)
        answer = self.handler(json.loads(json.dumps(event)), lambda_context())
        return self.spoil(json.loads(json.dumps(answer)))


class ReleaseInMemory:
    """The functions of a release by logical id, the table that they share, and what they have told
    anybody.
    """

    def __init__(self) -> None:
        self.table = InMemoryTable()
        self.clock = FakeClock(NOON + 5_000)
        self.sns, self.sqs = FakeSns(), FakeSqs()
        telling: dict[str, Any] = {
            "alerts_topic_arn": TOPIC,
            "channels_topic_arn": f"{TOPIC}-channels",
        }
        for_alerts = AlertsApiSettings(**API, **telling, deliveries_queue_url="d")
        for_people = NotifierSettings(**API, **telling, deliveries_queue_url="d")
        for_workspace = WorkspaceSettings(**API, user_pool_id="p", token_url="https://t.example")
        evaluator = EvaluatorSettings(**COMMON, **QUEUES, parked_queue_url="p")
        compactor = CompactorSettings(**COMMON, metric_retention_days=30)
        table, sqs, sns, clock = self.table, self.sqs, self.sns, self.clock
        handlers = {
            "MetricsFunction": metrics.build(ApiSettings(**API), table, clock),
            "MetricsCompactorFunction": compaction.build_compactor(compactor, table, clock),
            "AlertsFunction": alerts.build(for_alerts, table, sns, SqsQueue(sqs, "d"), clock),
            "WorkspaceFunction": workspace.build(for_workspace, table, clock, lambda _: None),
            "AlertEvaluatorFunction": engine.build_evaluator(evaluator, table, sqs, clock),
            "AlertSweeperFunction": engine.build_sweeper(
                SweeperSettings(**COMMON, **QUEUES), table, sqs, clock
            ),
            "AlertNotifierFunction": deliveries_queue.build(for_people, table, sns, sqs, clock),
        }
        self.functions = {name: Called(handler) for name, handler in handlers.items()}
        reserved.found(table, clock())

    @property
    def called(self) -> Mapping[str, Function]:
        """The functions, as checks see them."""
        return self.functions

    @property
    def stored(self) -> Stored:
        """What is in the table."""
        return stored_in(self.table)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The document of a request of the reserved tenant's member."""
        return InvokedApi(self.functions, "asked")(Call(method, path, body)).body

    def scene(
        self,
        run: str = "run1",
        functions: Mapping[str, Function] | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> Scene:
        """A scene in which pauses let the clock go on."""
        return Scene(
            api=InvokedApi(functions or self.functions, run),
            run=run,
            clock=self.clock,
            chance=lambda: VALUE,
            pause=pause or (lambda seconds: self.clock.advance(int(seconds * 1000))),
            environment="local",
        )


class InvokedInMemory:
    """Lambda's Invoke over functions in memory; `broken` ones end with an error."""

    def __init__(self, release: ReleaseInMemory) -> None:
        self.release = release
        self.broken: set[str] = set()
        self.calls: list[str] = []

    def invoke(self, **arguments: Any) -> Mapping[str, Any]:
        name = str(arguments["FunctionName"]).split(":")[-2]
        self.calls.append(str(arguments["FunctionName"]))
        if name in self.broken:
            error = {"errorMessage": "No module named 'skafu.gone'"}
            return {"Payload": _body(error), "FunctionError": "Unhandled"}
        return {"Payload": _body(self.release.functions[name](json.loads(arguments["Payload"])))}


def _body(document: object) -> StreamingBody:
    text = json.dumps(document).encode()
    return StreamingBody(io.BytesIO(text), len(text))
