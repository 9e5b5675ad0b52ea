"""Handing a message to a channel, whatever its type; and the message that tests a channel."""

from skafu.alerts import messages
from skafu.alerts.channels import Channel, ChannelType
from skafu.alerts.messages import Message, Told
from skafu.alerts.model import (
    Alert,
    Cause,
    Comparison,
    Definition,
    Notification,
    Severity,
    State,
)
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.topic import TopicSender
from skafu.alerts.webhook import WebhookSender
from skafu.metrics.model import Statistic

NO_WORDS = (
    "a webhook body says firing or resolved, and this is neither: the data stopped, and silence "
    "never resolves"
)


class Dispatcher:
    """Sends to channels of any type."""

    def __init__(self, webhooks: WebhookSender, topic: TopicSender) -> None:
        self._webhooks = webhooks
        self._topic = topic

    def send(self, channel: Channel, message: Message) -> Outcome:
        """One try; nothing is raised for what a receiver does."""
        if channel.type is ChannelType.TOPIC:
            return self._topic.send(message)
        if message.told is Told.UNKNOWN:
            return Outcome(Result.SKIPPED, error=NO_WORDS)
        body = messages.alertmanager(message, channel.name)
        return self._webhooks.send(channel, message.notification.id, body)


def trial(channel: Channel, tenant: str, console: str, test_id: str, now: int) -> Message:
    """A message that tests a channel: like any other, of an alert that says so itself."""
    definition = Definition(
        metric="skafu.test",
        statistic=Statistic.LAST,
        period=60,
        comparison=Comparison.AT_LEAST,
        threshold=1.0,
    )
    alert = Alert(
        id="test",
        version=1,
        name=f"Test of {channel.name}",
        definition=definition,
        created_at=now,
        edited_at=now,
        severity=Severity.INFO,
        channels=(channel.id,),
        labels={"test": "true"},
        description="Somebody asked whether this channel works. Nothing is wrong.",
    )
    notification = Notification(
        id=f"test-{test_id}",
        alert=alert,
        instance="test",
        tags=(),
        source=State.OK,
        target=State.ALARM,
        bucket=now,
        revision=1,
        cause=Cause.DATA,
        value=1.0,
        reason="a test of this channel",
        created_at=now,
    )
    return Message(notification, Told.FIRING, now, tenant, console)
