"""Hands notifications over to channels: at least once, under a stable id, every try recorded.

When to try again, and when to give up, is the queue's business: a notification that some channel
did not take is a failed message, and those that took it are not asked again.

The queue keeps no order, and a webhook that heard "resolved" before "firing" would keep its page
open for ever, or close one that is new. So "resolved" waits until the channel is done with the
"firing" that it belongs to, and is dropped when the instance fires again. "Firing" waits for
nothing. The topic's readers see times, and get everything as it comes.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from skafu.alerts.channels import DEFAULT, TOPIC, Channel, ChannelStore, ChannelType
from skafu.alerts.deliveries import Attempt, DeliveryStore, Status
from skafu.alerts.messages import Firing, Message, Told, told
from skafu.alerts.model import Notification
from skafu.alerts.outcome import Outcome, Result
from skafu.shared.clock import Clock

NOTHING_TO_TELL = "nobody was told that it was firing, so there is nothing to resolve"
FIRES_AGAIN = "it fires again: resolving now would close the new page"
OVERTAKES = "waits until this channel is done with the notification that it fires ({firing})"
DELETED = "the channel was deleted after the alert had asked for it"
LAST_RESORT = (
    "This comes to the default topic because none of the alert's own channels exists or wants it."
)


class Sender(Protocol):
    """Hands a message to a channel: `dispatch.Dispatcher`."""

    def send(self, channel: Channel, message: Message) -> Outcome:
        """One try; nothing is raised for what a receiver does."""


@dataclass(frozen=True)
class Plan:
    """One notification on its way: what to say, and the firing that it is about."""

    tenant: str
    notification: Notification
    message: Message | None
    firing: Firing | None


@dataclass(frozen=True)
class HandedOver:
    """What came of one message. `known` is False when there is no such notification (any more).

    `waited` is how long a notification that is now with everybody took since it was written.
    """

    known: bool = True
    done: bool = True
    delivered: int = 0
    failed: tuple[str, ...] = ()
    waited: int | None = None


class Notifier:
    """Delivers one notification at a time, to all its channels at once."""

    def __init__(
        self,
        deliveries: DeliveryStore,
        channels: ChannelStore,
        sender: Sender,
        clock: Clock,
        console: str,
    ) -> None:
        self._deliveries = deliveries
        self._channels = channels
        self._sender = sender
        self._clock = clock
        self._console = console

    def deliver(self, tenant: str, delivery_id: str) -> HandedOver:
        """Try every channel that is not done with it. Raises Unavailable when the table is down."""
        delivery = self._deliveries.get(tenant, delivery_id)
        if delivery is None:
            return HandedOver(known=False)
        if delivery.status is Status.SENT:
            return HandedOver()
        plan = self._plan(tenant, delivery.notification)
        outcomes = self._final(tenant, delivery_id)
        before = len(outcomes)
        wanted = delivery.notification.alert.channels or (DEFAULT,)
        outcomes |= self._try(plan, [x for x in wanted if x not in outcomes])
        if DEFAULT not in outcomes and plan.message is not None and _lost(outcomes.values()):
            # A page must reach somebody, and there is always the topic.
            last = replace(plan, message=replace(plan.message, note=LAST_RESORT))
            outcomes |= self._try(last, [DEFAULT])
        return self._close(plan, outcomes, before)

    def _final(self, tenant: str, delivery_id: str) -> dict[str, Outcome]:
        """Channels that are done with it already."""
        tried = self._deliveries.attempts(tenant, delivery_id)
        return {x.channel: x.outcome for x in tried if x.outcome.result.final}

    def _plan(self, tenant: str, notification: Notification) -> Plan:
        firing = self._deliveries.firing(tenant, notification)
        what = told(notification, fired=firing is not None)
        message = None
        if what is not None:
            began = notification.bucket if firing is None else firing.began
            message = Message(notification, what, began, tenant, self._console)
        return Plan(tenant, notification, message, firing)

    def _try(self, plan: Plan, channel_ids: list[str]) -> dict[str, Outcome]:
        """Send to these channels, side by side: one that hangs must not hold up the others."""
        if not channel_ids:
            return {}
        own = tuple(each for each in channel_ids if each != DEFAULT)
        present = {DEFAULT: TOPIC, **self._channels.get_many(plan.tenant, own)}

        def one(channel_id: str) -> Outcome:
            outcome = self._outcome(plan, present.get(channel_id))
            attempt = Attempt(channel_id, self._clock(), outcome)
            self._deliveries.record(plan.tenant, plan.notification.id, attempt)
            return outcome

        with ThreadPoolExecutor(len(channel_ids)) as pool:
            return dict(zip(channel_ids, pool.map(one, channel_ids), strict=True))

    def _outcome(self, plan: Plan, channel: Channel | None) -> Outcome:
        if plan.message is None:
            return Outcome(Result.SKIPPED, error=NOTHING_TO_TELL)
        if channel is None:
            return Outcome(Result.DELETED, error=DELETED)
        if channel.type is ChannelType.WEBHOOK and plan.message.told is Told.RESOLVED:
            if self._deliveries.fires_again(plan.tenant, plan.notification):
                return Outcome(Result.SKIPPED, error=FIRES_AGAIN)
            if plan.firing is not None and self._undecided(plan.tenant, plan.firing, channel.id):
                error = OVERTAKES.format(firing=plan.firing.notification)
                return Outcome(Result.WAITING, error=error)
        return self._sender.send(channel, plan.message)

    def _undecided(self, tenant: str, firing: Firing, channel_id: str) -> bool:
        """Whether a channel may still be told of a firing."""
        delivery = self._deliveries.get(tenant, firing.notification)
        if delivery is None or delivery.status is Status.SENT:
            return False
        if channel_id not in delivery.notification.alert.channels:
            return False
        return channel_id not in self._final(tenant, firing.notification)

    def _close(self, plan: Plan, outcomes: dict[str, Outcome], before: int) -> HandedOver:
        failed = tuple(x for x, outcome in outcomes.items() if not outcome.result.final)
        now = self._clock()
        status = Status.FAILED if failed else Status.SENT
        self._deliveries.mark(plan.tenant, plan.notification.id, status, now)
        fresh = list(outcomes.values())[before:]
        delivered = sum(outcome.result is Result.DELIVERED for outcome in fresh)
        waited = now - plan.notification.created_at if delivered and not failed else None
        return HandedOver(True, not failed, delivered, failed, waited)


def _lost(outcomes: Iterable[Outcome]) -> bool:
    """Whether every channel is out of the question, so that nobody would hear of it."""
    return all(outcome.result in (Result.DELETED, Result.GONE) for outcome in outcomes)
