"""Queues, as the domains see them: a port, and its adapter for SQS."""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from skafu.shared.errors import Unavailable

LONGEST_DELAY_S = 900
"""SQS's limit for one message."""


class Queue(Protocol):
    """Where messages are left for another function, at least once each, in no order."""

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        """Leave a message, not to be seen for so many seconds (at most 900). Raises Unavailable."""


class SqsQueue:
    """A queue over botocore's SQS client (aws.client("sqs"))."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        body = orjson.dumps(message).decode()
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay_s)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable("the queue is not answering; try again") from error
