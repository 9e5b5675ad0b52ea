"""The two functions that decide, put together: what the handler files do with the real clients, a
test does with others.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.alerts import dead_man
from skafu.alerts.evaluation import Evaluation
from skafu.alerts.late import LateMarks
from skafu.alerts.rules import RuleBook
from skafu.alerts.stream import StreamConsumer
from skafu.alerts.sweeper import Sweeper
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.store import MetricsStore
from skafu.shared.backoff import Backoff
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.observability import Handler, logger, observed
from skafu.shared.queues import Queue, SqsQueue
from skafu.shared.settings import EvaluatorSettings, SweeperSettings
from skafu.shared.table import Table

EVALUATORS_MOST = 4_000
"""Quarters of an hour of layouts that the evaluator reads for one alert: what needs more must not
hold up the stream, and is left to the sweeper."""

SWEEPERS_READERS = 8
"""The states of an alert's instances are a query of their own, and ten thousand alerts have to be
looked at within a minute: so many at the same time."""

type Answer = dict[str, list[dict[str, str]]]


def deliver_to(queue: Queue) -> Callable[[str, str], None]:
    """Hand notifications to the notifier's queue. What cannot be handed over is pending in the
    outbox, and the sweeper sends it again.
    """

    def deliver(tenant: str, delivery: str) -> None:
        try:
            queue.send({"tenant": tenant, "delivery": delivery})
        except Unavailable:
            logger.warning("notification is left to the sweeper", exc_info=True)

    return deliver


def build_evaluator(settings: EvaluatorSettings, table: Table, sqs: Any, clock: Clock) -> Handler:
    """AlertEvaluatorFunction: the consumer of the table's stream."""
    source = MetricsStore(table, clock)
    deliver = deliver_to(SqsQueue(sqs, settings.deliveries_queue_url))
    consumer = StreamConsumer(
        Evaluation(table, source, clock, deliver, Backoff(), EVALUATORS_MOST),
        RuleBook(table, clock),
        source,
        Wakeups(SqsQueue(sqs, settings.wakeups_queue_url), clock),
        SqsQueue(sqs, settings.parked_queue_url),
        LateMarks(table, clock),
        clock,
    )

    def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
        return consumer.consume(event, context.get_remaining_time_in_millis)

    return observed(handler, settings.environment)


def build_sweeper(settings: SweeperSettings, table: Table, sqs: Any, clock: Clock) -> Handler:
    """AlertSweeperFunction: every minute, and at the wakeups that were asked for.

    Whatever moment an event names, what is decided is decided by the function's own clock.
    """
    # pylint: disable=import-outside-toplevel # the evaluator, which people wait for, needs neither
    from skafu.metrics.deletions import Deletions
    from skafu.metrics.reader import Reader

    source = MetricsStore(table, clock)
    reader = Reader(table, clock, store=source, deletions=Deletions(table, clock))
    deliveries = SqsQueue(sqs, settings.deliveries_queue_url)
    deliver = deliver_to(deliveries)
    evaluation = Evaluation(table, source, clock, deliver, Backoff(), reader=reader)
    evaluation.ledger.readers = SWEEPERS_READERS
    sweeper = Sweeper(
        table,
        evaluation,
        RuleBook(table, clock),
        Wakeups(SqsQueue(sqs, settings.wakeups_queue_url), clock),
        deliveries,
        clock,
    )

    def handler(event: dict[str, Any], context: LambdaContext) -> Answer | None:
        if "Records" in event:
            return wake_all(sweeper, event)
        began = clock()
        left = sweeper.sweep(context.get_remaining_time_in_millis)
        if settings.dead_man and not left:
            dead_man.beat(deliveries, began)
        return None

    return observed(handler, settings.environment)


def wake_all(sweeper: Sweeper, event: Mapping[str, Any]) -> Answer:
    """Answer a batch of wakeups, `{"tenant", "alerts", "due"}`: alerts that several ask for are
    evaluated once. Messages whose alerts could not be evaluated come again, and are parked by their
    queue in the end.
    """
    failed: list[str] = []
    done: set[tuple[str, str]] = set()
    for record in event["Records"]:
        try:
            message = orjson.loads(record["body"])
            tenant = str(message["tenant"])
            alerts = [str(each) for each in message["alerts"] if (tenant, each) not in done]
            sweeper.wake(tenant, alerts)
            done.update((tenant, each) for each in alerts)
        except Exception:  # pylint: disable=broad-exception-caught # one message is not the batch
            logger.exception("wakeup failed", message_id=record["messageId"])
            failed.append(str(record["messageId"]))
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
