"""Addresses of mail and phones as subscriptions to the channels' topic.

SNS knows one subscription for each address, so a filter by channel would not let two channels have
the same one, and SNS takes up to 15 minutes until a changed filter works everywhere. So a filter
names *audiences*: a hash of tenant, protocol and address. All channels of a tenant with one address
share its subscription, whose filter never changes. Only an address that several tenants of an
environment have gets a filter of several audiences.

A topic has at most 200 such filters by default (a quota of AWS).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from skafu.alerts.channels import Channel
from skafu.alerts.senders.sns import Sns
from skafu.shared.errors import Unavailable
from skafu.shared.observability import logger

TO = "to"
MAX_AUDIENCES = 100  # a filter may name 150 values
DIFFERENT = "already exists with different attributes"
FULL = frozenset({"FilterPolicyLimitExceeded", "SubscriptionLimitExceeded"})
GONE = frozenset({"NotFound", "NotFoundException"})
INVALID = frozenset({"InvalidParameter", "InvalidParameterException", "InvalidParameterValue"})


class AddressRefused(Exception):
    """SNS does not take an address; `str(error)` is a sentence that says why."""


class Standing(StrEnum):
    """Whether an address hears what is sent to it."""

    CONFIRMED = "confirmed"
    PENDING = "pending_confirmation"
    NONE = "none"
    UNKNOWN = "unknown"


class Subscriptions:
    """What is asked of SNS about subscriptions to the channels' topic."""

    def __init__(self, sns: Sns, topic: str) -> None:
        self._sns = sns
        self._topic = topic

    def join(self, channel: Channel) -> str:
        """Subscribe a channel's address; its subscription's ARN. Again it changes nothing.

        Raises AddressRefused, and Unavailable when SNS does not answer.
        """
        try:
            arn = self._subscription(channel)
            self._admit(arn, channel.audience)
        except ClientError as error:
            raise _refusal(error) from error
        except BotoCoreError as error:
            raise Unavailable("SNS is not answering; try again") from error
        return arn

    def leave(self, channel: Channel) -> None:
        """End what a channel was subscribed for. Whoever calls this has made sure that no other
        channel of the tenant has the same address. A failure is logged and left: nothing is
        published to an audience that has no channel.
        """
        try:
            found = self._audiences(self._attributes(channel.subscription))
            others = [each for each in found if each != channel.audience]
            if others:
                self._filter(channel.subscription, others)
            else:
                self._sns.unsubscribe(SubscriptionArn=channel.subscription)
        except (BotoCoreError, ClientError):
            # A subscription that waits for confirmation cannot be ended: it ends by itself.
            logger.info("subscription could not be ended", exc_info=True, channel=channel.id)

    def standing(self, channel: Channel) -> Standing:
        """Whether the address of a channel hears what is sent to it."""
        try:
            found = self._attributes(channel.subscription)
        except ClientError as error:
            gone = error.response.get("Error", {}).get("Code") in GONE
            return Standing.NONE if gone else Standing.UNKNOWN
        except BotoCoreError:
            return Standing.UNKNOWN
        if str(found.get("PendingConfirmation", "false")).lower() == "true":
            return Standing.PENDING
        return Standing.CONFIRMED if channel.audience in self._audiences(found) else Standing.NONE

    def _subscription(self, channel: Channel) -> str:
        """The ARN of an address's subscription, made with its filter: one without would hear
        what is meant for others.
        """
        attributes = {"FilterPolicy": _policy([channel.audience])}
        try:
            return self._subscribe(channel, Attributes=attributes)
        except ClientError as error:
            if DIFFERENT not in str(error):
                raise
        # Another tenant has the address: without attributes SNS answers with what there is.
        return self._subscribe(channel)

    def _subscribe(self, channel: Channel, **more: Any) -> str:
        answer = self._sns.subscribe(
            TopicArn=self._topic,
            Protocol=channel.type.value,
            Endpoint=channel.address,
            ReturnSubscriptionArn=True,
            **more,
        )
        return str(answer["SubscriptionArn"])

    def _admit(self, arn: str, audience: str) -> None:
        present = self._audiences(self._attributes(arn))
        if audience in present:
            return
        if len(present) >= MAX_AUDIENCES:
            raise AddressRefused("is used by too many others already")
        self._filter(arn, [*present, audience])

    def _attributes(self, arn: str) -> dict[str, Any]:
        answer = self._sns.get_subscription_attributes(SubscriptionArn=arn)
        return dict(answer["Attributes"])

    def _audiences(self, attributes: dict[str, Any]) -> list[str]:
        policy = attributes.get("FilterPolicy")
        return [str(each) for each in orjson.loads(policy).get(TO, ())] if policy else []

    def _filter(self, arn: str, audiences: Iterable[str]) -> None:
        self._sns.set_subscription_attributes(
            SubscriptionArn=arn,
            AttributeName="FilterPolicy",
            AttributeValue=_policy(audiences),
        )


def _policy(audiences: Iterable[str]) -> str:
    return orjson.dumps({TO: list(audiences)}).decode()


def _refusal(error: ClientError) -> Exception:
    told = error.response.get("Error", {})
    code = str(told.get("Code"))
    if code in FULL:
        return AddressRefused("cannot be added: this environment's topic has no room for more")
    if code in INVALID:
        return AddressRefused(f"is not one that SNS takes: {told.get('Message')}")
    return Unavailable("SNS is not answering; try again")
