"""Sending to the environment's SNS topic, from where it goes to mail and phones."""

import time
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from skafu.alerts import messages
from skafu.alerts.messages import Message
from skafu.alerts.outcome import Outcome, Result


class Sns(Protocol):
    """The one call of botocore's SNS client that is used."""

    def publish(self, **arguments: Any) -> Any:
        """Raises BotoCoreError or ClientError."""


class TopicSender:
    """Publishes messages for people."""

    def __init__(self, sns: Sns, topic: str) -> None:
        self._sns = sns
        self._topic = topic

    def send(self, message: Message) -> Outcome:
        """One try; whatever SNS answers becomes an Outcome."""
        begin = time.monotonic()
        attributes = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in messages.attributes(message).items()
        }
        error = None
        try:
            self._sns.publish(
                TopicArn=self._topic,
                Subject=messages.subject(message),
                Message=messages.text(message),
                MessageAttributes=attributes,
            )
        except (BotoCoreError, ClientError) as failure:
            error = f"the topic did not take it: {failure}"
        result = Result.DELIVERED if error is None else Result.FAILED
        return Outcome(result, None, error, round((time.monotonic() - begin) * 1000))
