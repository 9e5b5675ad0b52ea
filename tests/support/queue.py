"""An SQS queue with a Lambda function behind it, as the event source mapping treats them: batches
of up to ten, partial failures, visibility, a dead-letter queue, at least one delivery.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from skafu.shared.errors import Unavailable
from skafu.shared.observability import Handler
from tests.support.clocks import FakeClock
from tests.support.events import lambda_context

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/deliveries"
ARN = "arn:aws:sqs:us-east-1:123456789012:deliveries"


@dataclass
class Waiting:
    """A message in the queue; `visible` is when it may be received (again), in epoch
    milliseconds.
    """

    id: str
    body: str
    visible: int = 0
    received: int = 0


@dataclass
class FakeQueue:
    """The queue, and the calls of SQS's client that a consumer makes. `down`: it takes nothing."""

    clock: FakeClock
    visibility_s: int = 180
    most: int = 16
    waiting: list[Waiting] = field(default_factory=list)
    parked: list[Waiting] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)
    down: bool = False
    _sent: int = 0

    def send(self, message: object, delay_s: int = 0) -> None:
        """Put a message in; text goes in as it is. Raises Unavailable while it is down."""
        if self.down:
            raise Unavailable("the queue is not answering; try again")
        assert 0 <= delay_s <= 900
        body = message if isinstance(message, str) else json.dumps(message)
        visible = self.clock() + delay_s * 1000
        self.waiting.append(Waiting(f"message-{self._sent}", body, visible))
        self._sent += 1

    def send_message(self, **arguments: Any) -> None:
        """As SQS."""
        assert arguments["QueueUrl"] == URL
        self.send(arguments["MessageBody"], arguments["DelaySeconds"])

    def change_message_visibility(self, **arguments: Any) -> None:
        """As SQS: hide a message for so many seconds from now."""
        assert arguments["QueueUrl"] == URL
        seconds = arguments["VisibilityTimeout"]
        assert 0 <= seconds <= 43_200
        self.pauses.append(seconds)
        [message] = [x for x in self.waiting if x.id == arguments["ReceiptHandle"]]
        message.visible = self.clock() + seconds * 1000

    def deliver(self, handler: Handler) -> int:
        """One batch of what is visible now; how many messages it had."""
        batch = [x for x in self.waiting if x.visible <= self.clock()][:10]
        for message in list(batch):
            if message.received >= self.most:
                self.waiting.remove(message)
                self.parked.append(message)
                batch.remove(message)
        if not batch:
            return 0
        for message in batch:
            message.received += 1
            message.visible = self.clock() + self.visibility_s * 1000
        answer = handler({"Records": [_record(x) for x in batch]}, lambda_context())
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        assert failed <= {x.id for x in batch}
        self.waiting = [x for x in self.waiting if x not in batch or x.id in failed]
        return len(batch)

    def drain(self, handler: Handler) -> None:
        """Deliver, moving the clock on to the next message that becomes visible, until nothing is
        waiting.
        """
        while self.waiting:
            if not self.deliver(handler):
                ahead = [x.visible - self.clock() for x in self.waiting]
                if ahead:
                    self.clock.advance(max(0, min(ahead)))


def _record(message: Waiting) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.id,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.received)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "us-east-1",
    }
