"""The consumer of the deliveries queue: which messages are done, and when the others come again.

A message that could not be handed over to every channel is reported as failed and hidden for a
while that doubles from try to try; the queue parks it when it has come too often. How often, and
where, is the queue's own configuration.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.alerts.channels import ChannelStore
from skafu.alerts.deliveries import DeliveryStore
from skafu.alerts.dispatch import Dispatcher
from skafu.alerts.notifier import HandedOver, Notifier
from skafu.alerts.topic import Sns, TopicSender
from skafu.alerts.webhook import WebhookSender
from skafu.shared.clock import Clock
from skafu.shared.observability import (
    Count,
    Duration,
    Handler,
    count,
    logger,
    observed,
    timing,
)
from skafu.shared.settings import NotifierSettings
from skafu.shared.table import Table

FIRST_PAUSE_S = 10
LONGEST_PAUSE_S = 900
THREADS = 10  # SQS hands over at most ten messages at once by default

type Deliver = Callable[[str, str], HandedOver]
"""Tenant and notification: `Notifier.deliver`."""


class Sqs(Protocol):
    """The one call of botocore's SQS client that is used."""

    def change_message_visibility(self, **arguments: Any) -> Any:
        """Raises ClientError."""


def pause(received: int) -> int:
    """Seconds before a message that came `received` times (1, 2, ...) comes again."""
    # The shift is capped: a queue without a limit counts on and on.
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S << min(received - 1, 20))


class DeliveriesConsumer:
    """Handles batches with `ReportBatchItemFailures`; messages are independent of each other."""

    def __init__(self, deliver: Deliver, sqs: Sqs, queue_url: str) -> None:
        self._deliver = deliver
        self._sqs = sqs
        self._queue_url = queue_url

    def consume(self, event: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
        """The batch's answer: the messages that must come again."""
        records = list(event["Records"])
        if not records:
            return {"batchItemFailures": []}
        with ThreadPoolExecutor(min(THREADS, len(records))) as pool:
            outcomes = list(pool.map(self._one, records))
        # Metrics are counted here and not in the threads: their collector is not made for that.
        for outcome in outcomes:
            _count(outcome)
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]}
                for record, outcome in zip(records, outcomes, strict=True)
                if outcome is None or not outcome.done
            ]
        }

    def _one(self, record: Mapping[str, Any]) -> HandedOver | None:
        """What came of one message; None when it could not even be tried."""
        outcome = None
        try:
            message = orjson.loads(record["body"])
            outcome = self._deliver(str(message["tenant"]), str(message["delivery"]))
        except Exception:  # pylint: disable=broad-exception-caught # one message is not the batch
            logger.exception("notification met a surprise", message_id=record["messageId"])
        if outcome is None or not outcome.done:
            self._postpone(record)
        elif not outcome.known:
            logger.warning("notification is not there any more", message_id=record["messageId"])
        return outcome

    def _postpone(self, record: Mapping[str, Any]) -> None:
        received = int(record["attributes"]["ApproximateReceiveCount"])
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url,
                ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=pause(received),
            )
        except Exception:  # pylint: disable=broad-exception-caught # it comes again all the same
            logger.warning("message keeps the queue's own pause", exc_info=True)


def build(settings: NotifierSettings, table: Table, sns: Sns, sqs: Sqs, clock: Clock) -> Handler:
    """The whole function, given its settings, its table, its clients and its clock: what the
    handler file does with the real ones, a test does with others.
    """
    webhooks = WebhookSender(clock, settings.allow_loopback_webhooks)
    dispatcher = Dispatcher(webhooks, TopicSender(sns, settings.alerts_topic_arn))
    notifier = Notifier(
        DeliveryStore(table), ChannelStore(table), dispatcher, clock, settings.cors_origin
    )
    consumer = DeliveriesConsumer(notifier.deliver, sqs, settings.deliveries_queue_url)

    def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, list[dict[str, str]]]:
        return consumer.consume(event)

    return observed(handler, settings.environment)


def _count(outcome: HandedOver | None) -> None:
    if outcome is None:
        count(Count.DELIVERY_FAILED)
        return
    count(Count.DELIVERED, outcome.delivered)
    count(Count.DELIVERY_FAILED, len(outcome.failed))
    if outcome.waited is not None:
        timing(Duration.HAND_OVER, outcome.waited)
