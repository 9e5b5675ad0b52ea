"""The consumer of the deliveries queue: which messages are done, and when the others come again.

A message that could not be handed over to every channel is reported as failed and hidden for a
while that doubles from try to try; the queue parks it when it has come too often. How often, and
where, is the queue's own configuration.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.alerts.channels import ChannelStore
from skafu.alerts.deliveries import DeliveryStore
from skafu.alerts.dispatch import dispatcher
from skafu.alerts.notifier import HandedOver, Notifier
from skafu.alerts.senders.sns import Sns
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


class Asked(NamedTuple):
    """A message: which notification of which tenant is to be handed over."""

    tenant: str
    delivery: str


class DeliveriesConsumer:
    """Handles batches with `ReportBatchItemFailures`; messages are independent of each other."""

    def __init__(self, deliver: Deliver, sqs: Sqs, queue_url: str) -> None:
        self._deliver = deliver
        self._sqs = sqs
        self._queue_url = queue_url

    def consume(self, event: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
        """The batch's answer: the messages that must come again."""
        records = [(record, _asked(record)) for record in event["Records"]]
        # A batch may hold a message twice: the queue delivers at least once, and so does whoever
        # fills it.
        wanted = list(dict.fromkeys(asked for _, asked in records if asked is not None))
        outcomes: dict[Asked | None, HandedOver | None] = {}
        if wanted:
            with ThreadPoolExecutor(min(THREADS, len(wanted))) as pool:
                outcomes |= zip(wanted, pool.map(self._try, wanted), strict=True)
        # Metrics are counted here and not in the threads: their collector is not made for that.
        for outcome in outcomes.values():
            _count(outcome)
        failed = [record for record, asked in records if not _done(outcomes.get(asked))]
        for record in failed:
            self._postpone(record)
        return {"batchItemFailures": [{"itemIdentifier": x["messageId"]} for x in failed]}

    def _try(self, asked: Asked) -> HandedOver | None:
        """What came of one notification; None when it could not even be tried."""
        try:
            outcome = self._deliver(asked.tenant, asked.delivery)
        except Exception:  # pylint: disable=broad-exception-caught # one message is not the batch
            logger.exception("notification met a surprise", delivery=asked.delivery)
            return None
        if not outcome.known:
            logger.warning("notification is not there any more", delivery=asked.delivery)
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


def _asked(record: Mapping[str, Any]) -> Asked | None:
    """A message, or None when it is not one: then it comes again until the queue parks it."""
    try:
        message = orjson.loads(record["body"])
        return Asked(str(message["tenant"]), str(message["delivery"]))
    except (ValueError, KeyError, TypeError):
        logger.warning("message cannot be read", message_id=record["messageId"])
        return None


def _done(outcome: HandedOver | None) -> bool:
    return outcome is not None and outcome.done


def build(settings: NotifierSettings, table: Table, sns: Sns, sqs: Sqs, clock: Clock) -> Handler:
    """The whole function, given its settings, its table, its clients and its clock: what the
    handler file does with the real ones, a test does with others.
    """
    sender = dispatcher(settings, sns, clock)
    notifier = Notifier(
        DeliveryStore(table), ChannelStore(table), sender, clock, settings.cors_origin
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
