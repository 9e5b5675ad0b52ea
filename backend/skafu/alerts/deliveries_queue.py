"""The consumer of the deliveries queue: which messages are done, and when the others come again.

A message names its tenant and one thing to do:

    {"tenant", "delivery"}   a transition or a page of the outbox is to be handed over
    {"tenant", "group"}      something is due in a group; "groups": in several
    {"tenant", "look": true} silences, routes or acknowledgements have changed
    {"tenant", "drill"}      a step of a fire drill is due
    {"tenant": "", "alive"}  a sweep has left nothing undone: the dead-man switch is told

One that could not be answered, or whose page not every channel took, is reported as failed and
hidden for a while that doubles from try to try; the queue parks it when it has come too often. How
often, and where, is the queue's own configuration.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.alerts.channels import ChannelStore
from skafu.alerts.deliveries import DeliveryStore
from skafu.alerts.dispatch import dispatcher
from skafu.alerts.notifier import Notifier
from skafu.alerts.paging.courier import Courier, HandedOver
from skafu.alerts.paging.groups import GroupStore
from skafu.alerts.paging.taking import Taker
from skafu.alerts.senders.sns import Sns
from skafu.shared.backoff import Backoff
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
from skafu.shared.queues import SqsQueue
from skafu.shared.settings import NotifierSettings
from skafu.shared.table import Table

FIRST_PAUSE_S = 10
LONGEST_PAUSE_S = 900
THREADS = 10  # SQS hands over at most ten messages at once by default

type Message = Mapping[str, Any]

type Answer = Callable[[str, Message], HandedOver]
"""Does what a tenant's message asks for; what it raises makes the message come again."""


class Sqs(Protocol):
    """What is used of botocore's SQS client. Raises ClientError and BotoCoreError."""

    def change_message_visibility(self, **arguments: Any) -> Any:
        """Hide a message for a while."""

    def send_message(self, **arguments: Any) -> Any:
        """Leave a message."""


def pause(received: int) -> int:
    """Seconds before a message that came `received` times (1, 2, ...) comes again."""
    # The shift is capped: a queue without a limit counts on and on.
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S << min(received - 1, 20))


class Asked(NamedTuple):
    """A message that can be answered; `text` is all of it."""

    tenant: str
    kind: str
    text: str

    @property
    def message(self) -> Message:
        """What it says."""
        read: Message = orjson.loads(self.text)
        return read


class DeliveriesConsumer:
    """Handles batches with `ReportBatchItemFailures`; messages are independent of each other.
    `answers` are by the word that tells what a message asks for.
    """

    def __init__(self, answers: Mapping[str, Answer], sqs: Sqs, queue_url: str) -> None:
        self._answers = answers
        self._sqs = sqs
        self._queue_url = queue_url

    def consume(self, event: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
        """The batch's answer: the messages that must come again."""
        records = [(record, self._asked(record)) for record in event["Records"]]
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
        failed = [(record, x) for record, asked in records if not _done(x := outcomes.get(asked))]
        for record, outcome in failed:
            self._postpone(record, 0 if outcome is None else outcome.pause)
        return {"batchItemFailures": [{"itemIdentifier": x["messageId"]} for x, _ in failed]}

    def _asked(self, record: Mapping[str, Any]) -> Asked | None:
        """A message, or None when it is not one: then it comes again until the queue parks it."""
        try:
            text = str(record["body"])
            message = orjson.loads(text)
            [kind] = self._answers.keys() & message.keys()
            return Asked(str(message["tenant"]), kind, text)
        except (ValueError, KeyError, TypeError, AttributeError):
            logger.warning("message cannot be read", message_id=record["messageId"])
            return None

    def _try(self, asked: Asked) -> HandedOver | None:
        """What came of one message; None when it could not even be tried."""
        message = asked.message
        what = {asked.kind: message[asked.kind]}
        try:
            outcome = self._answers[asked.kind](asked.tenant, message)
        except Exception:  # pylint: disable=broad-exception-caught # one message is not the batch
            logger.exception("notification met a surprise", **what)
            return None
        if not outcome.known:
            logger.warning("notification is not there any more", **what)
        if outcome.failed:
            logger.warning("channels refused a notification", channels=list(outcome.failed), **what)
        return outcome

    def _postpone(self, record: Mapping[str, Any], asked_for: int) -> None:
        """Hide a message until its next try, which a receiver may have asked to be later."""
        received = int(record["attributes"]["ApproximateReceiveCount"])
        seconds = max(pause(received), min(asked_for, LONGEST_PAUSE_S))
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url,
                ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=seconds,
            )
        except Exception:  # pylint: disable=broad-exception-caught # it comes again all the same
            logger.warning("message keeps the queue's own pause", exc_info=True)


def _done(outcome: HandedOver | None) -> bool:
    return outcome is not None and outcome.done


def answers_of(notifier: Notifier) -> dict[str, Answer]:
    """What the notifier does, by what a message asks for."""
    return {
        "delivery": lambda tenant, x: notifier.deliver(tenant, str(x["delivery"])),
        "group": lambda tenant, x: notifier.look(tenant, [str(x["group"])]),
        "groups": lambda tenant, x: notifier.look(tenant, [str(each) for each in x["groups"]]),
        "look": lambda tenant, x: notifier.look_at_all(tenant, bool(x.get("again", True))),
    }


def rare_answers(
    settings: NotifierSettings, table: Table, sns: Sns, sqs: Sqs, clock: Clock
) -> dict[str, Answer]:
    """What is asked for once a minute, or in a drill: imported then, so that a page need not wait
    for it.
    """
    # pylint: disable=import-outside-toplevel # see above

    def drill(tenant: str, message: Message) -> HandedOver:
        from skafu.alerts.drills.steps import build as build_steps

        queue = SqsQueue(sqs, settings.deliveries_queue_url)
        build_steps(table, queue, clock).step(tenant, str(message["drill"]))
        return HandedOver()

    def alive(_: str, message: Message) -> HandedOver:
        from skafu.alerts.dead_man import DeadMan
        from skafu.alerts.senders.posting import Poster

        switch = DeadMan(
            Poster(settings.allow_loopback_webhooks),
            sns,
            settings.dead_man_url,
            settings.dead_man_topic_arn,
            settings.environment,
            clock,
        )
        return HandedOver(failed=switch.tell(int(message["alive"])))

    return {"drill": drill, "alive": alive}


def build(settings: NotifierSettings, table: Table, sns: Sns, sqs: Sqs, clock: Clock) -> Handler:
    """The whole function, given its settings, its table, its clients and its clock: what the
    handler file does with the real ones, a test does with others.
    """
    deliveries = DeliveryStore(table)
    sender = dispatcher(settings, sns, clock)
    notifier = Notifier(
        deliveries,
        GroupStore(table),
        Taker(table, deliveries, clock, settings.cors_origin, Backoff()),
        Courier(deliveries, ChannelStore(table), sender, clock),
        SqsQueue(sqs, settings.deliveries_queue_url),
        clock,
    )
    answers = answers_of(notifier) | rare_answers(settings, table, sns, sqs, clock)
    consumer = DeliveriesConsumer(answers, sqs, settings.deliveries_queue_url)

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
