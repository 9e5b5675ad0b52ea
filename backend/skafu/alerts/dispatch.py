"""Handing a page to a channel, whatever its type."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from skafu.alerts.channels import Channel, ChannelType
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.model import Page, Told
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.sns import Sns
from skafu.alerts.senders.words import STANDARD, Words
from skafu.shared.clock import Clock

# pylint: disable=import-outside-toplevel # of the senders a cold start loads those that it needs

NO_WORDS = (
    "this channel says firing or resolved, and this is neither: the data stopped, and silence "
    "never resolves"
)
NOT_WANTED = "this channel does not want to hear of ends"
MASK = "***"


class Sender(Protocol):
    """Sends to channels of one type."""

    def send(self, channel: Channel, page: Page, words: Words) -> Outcome:
        """One try; nothing is raised for what a receiver does."""


class Addresses(Protocol):
    """What of a function's settings says where pages go."""

    @property
    def alerts_topic_arn(self) -> str:
        """The default topic."""

    @property
    def channels_topic_arn(self) -> str:
        """The topic that addresses of mail and phones are subscribed to."""

    @property
    def allow_loopback_webhooks(self) -> bool:
        """True in the local environment alone."""


class Dispatcher:
    """Sends to channels of any type."""

    def __init__(self, poster: Poster, sns: Sns, addresses: Addresses, clock: Clock) -> None:
        self._poster = poster
        self._sns = sns
        self._addresses = addresses
        self._clock = clock
        self._senders: dict[ChannelType, Sender] = {}

    def send(self, channel: Channel, page: Page) -> Outcome:
        """One try; nothing is raised for what a receiver does."""
        why = unspoken(channel, page)
        if why:
            return Outcome(Result.SKIPPED, error=why)
        words, note = STANDARD, None
        if channel.template is not None:
            from skafu.alerts.templates.rendering import said

            words, note = said(channel.type, channel.template, page)
        outcome = self._sender(channel.type).send(channel, page, words)
        return _masked(channel, replace(outcome, note=note or outcome.note))

    def _sender(self, kind: ChannelType) -> Sender:
        if kind not in self._senders:
            self._senders[kind] = MAKERS[kind](self)
        return self._senders[kind]

    # --- what makes each of them ---

    def webhook(self) -> Sender:
        """Signed bodies of Alertmanager's version 4."""
        from skafu.alerts.senders.webhook import WebhookSender

        return WebhookSender(self._poster, self._clock)

    def slack(self) -> Sender:
        """Incoming webhooks."""
        from skafu.alerts.senders.slack import SlackSender

        return SlackSender(self._poster)

    def teams(self) -> Sender:
        """Webhooks of Workflows."""
        from skafu.alerts.senders.teams import TeamsSender

        return TeamsSender(self._poster)

    def pagerduty(self) -> Sender:
        """Events API v2."""
        from skafu.alerts.senders.pagerduty import PagerDutySender

        return PagerDutySender(self._poster)

    def subscribed(self) -> Sender:
        """Addresses of mail and phones."""
        from skafu.alerts.senders.subscriptions import Subscriptions
        from skafu.alerts.senders.topic import SubscribedSender

        topic = self._addresses.channels_topic_arn
        return SubscribedSender(self._sns, topic, Subscriptions(self._sns, topic))

    def topic(self) -> Sender:
        """The default topic."""
        from skafu.alerts.senders.topic import TopicSender

        return TopicSender(self._sns, self._addresses.alerts_topic_arn)


MAKERS: dict[ChannelType, Callable[[Dispatcher], Sender]] = {
    ChannelType.WEBHOOK: Dispatcher.webhook,
    ChannelType.SLACK: Dispatcher.slack,
    ChannelType.TEAMS: Dispatcher.teams,
    ChannelType.PAGERDUTY: Dispatcher.pagerduty,
    ChannelType.EMAIL: Dispatcher.subscribed,
    ChannelType.SMS: Dispatcher.subscribed,
    ChannelType.TOPIC: Dispatcher.topic,
}


def dispatcher(addresses: Addresses, sns: Sns, clock: Clock) -> Dispatcher:
    """A dispatcher for a function's settings."""
    return Dispatcher(Poster(addresses.allow_loopback_webhooks), sns, addresses, clock)


def unspoken(channel: Channel, page: Page) -> str | None:
    """Why a channel is told nothing of a page; None when it is."""
    if channel.type is ChannelType.WEBHOOK:
        # Of several instances each is told by itself: some may be resolved, and that can be said.
        said = {*(item.told for item in page.items), *page.omitted}
        silent = said == {Told.UNKNOWN}
    else:
        silent = channel.type.keeps_open and page.told is Told.UNKNOWN
    if silent:
        return NO_WORDS
    if page.told is Told.RESOLVED and not channel.sends_resolved:
        return NOT_WANTED
    return None


def _masked(channel: Channel, outcome: Outcome) -> Outcome:
    """Without what a receiver may have repeated of our secrets."""
    error = outcome.error or ""
    hidden = [channel.secret, channel.previous_secret]
    hidden += [channel.url] if channel.type.secret_url else []
    for secret in hidden:
        error = error.replace(secret, MASK) if secret else error
    return replace(outcome, error=error or None)
