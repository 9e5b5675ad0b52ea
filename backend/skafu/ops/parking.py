"""A dead-letter queue, as an operator deals with it: message by message."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BATCH = 10  # SQS hands over no more at once
HIDDEN_S = 120  # how long a message that is looked at is hidden from others
WAIT_S = 1  # long polling: a short poll may find nothing where there is something


@dataclass(frozen=True)
class Message:
    """A parked message; `sent` is when it first entered a queue, in epoch milliseconds."""

    id: str
    handle: str
    body: str
    sent: int

    def read(self) -> dict[str, Any]:
        """The body as JSON; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Parking:
    """A dead-letter queue and, where there is one, the queue that its messages came from."""

    def __init__(self, sqs: Any, parked: str, source: str | None, wait_s: int = WAIT_S) -> None:
        self._sqs = sqs
        self._parked = parked
        self._source = source
        self._wait_s = wait_s

    def messages(self, at_most: int) -> Iterator[Message]:
        """What is parked, each once: what was handed out stays hidden for a while."""
        left = at_most
        while left > 0:
            found = self._sqs.receive_message(
                QueueUrl=self._parked,
                MaxNumberOfMessages=min(BATCH, left),
                VisibilityTimeout=HIDDEN_S,
                WaitTimeSeconds=self._wait_s,
                AttributeNames=["SentTimestamp"],
            ).get("Messages", [])
            if not found:
                return
            left -= len(found)
            for each in found:
                sent = int(each.get("Attributes", {}).get("SentTimestamp", 0))
                yield Message(each["MessageId"], each["ReceiptHandle"], each["Body"], sent)

    def send_back(self, message: Message) -> None:
        """Into the queue it came from, and only then out of this one."""
        self._sqs.send_message(QueueUrl=self._source, MessageBody=message.body)
        self.discard(message)

    def discard(self, message: Message) -> None:
        """Out of this queue, for good."""
        self._sqs.delete_message(QueueUrl=self._parked, ReceiptHandle=message.handle)

    def put_back(self, message: Message) -> None:
        """Let others see it again at once."""
        self._sqs.change_message_visibility(
            QueueUrl=self._parked, ReceiptHandle=message.handle, VisibilityTimeout=0
        )


def age(milliseconds: int) -> str:
    """How long ago, in the two greatest units: `2 h  5 min`."""
    minutes = max(0, milliseconds) // 60_000
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"
