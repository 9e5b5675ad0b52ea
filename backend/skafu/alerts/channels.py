"""Channels: where pages go. They are made by admins; the topic comes with the environment."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson

from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.table import (
    Absent,
    Check,
    Delete,
    Equals,
    Put,
    Query,
    Table,
    Value,
    Write,
)

DEFAULT = "default"


class ChannelType(StrEnum):
    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    EMAIL = "email"
    SMS = "sms"
    TOPIC = "topic"

    @property
    def keeps_open(self) -> bool:
        """Whether the receiver holds something open until it is told that it is resolved. To it
        "resolved" must not come before "firing", and it has no word for "unknown".
        """
        return self in (ChannelType.WEBHOOK, ChannelType.PAGERDUTY)

    @property
    def secret_url(self) -> bool:
        """Whether the address is all that it takes to send there."""
        return self in (ChannelType.SLACK, ChannelType.TEAMS)

    @property
    def subscribed(self) -> bool:
        """Whether it is an address that is subscribed to the channels' topic."""
        return self in (ChannelType.EMAIL, ChannelType.SMS)


class Region(StrEnum):
    """Where a PagerDuty account lives."""

    US = "us"
    EU = "eu"


@dataclass(frozen=True)
class Template:
    """What a channel says in place of the standard title and text; empty: the standard one."""

    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class Channel:
    """One version of a channel. What a type does not need is empty.

    `url`: webhook, Slack and Teams. `secret`: what a webhook is signed with, PagerDuty's routing
    key. `previous_secret` signs too until `previous_until`. `address`, `audience` and
    `subscription`: mail and text messages (senders/subscriptions.py). Without `sends_resolved` it
    hears only of what begins and goes on.
    """

    id: str
    version: int
    name: str
    type: ChannelType
    url: str
    secret: str
    created_at: int
    edited_at: int
    previous_secret: str = ""
    previous_until: int = 0
    address: str = ""
    audience: str = ""
    subscription: str = ""
    region: Region = Region.US
    template: Template | None = None
    sends_resolved: bool = True

    def live_secrets(self, now: int) -> tuple[str, ...]:
        """What receivers may verify with now, the newest first."""
        rotating = self.previous_secret and now < self.previous_until
        return (self.secret, self.previous_secret) if rotating else (self.secret,)


TOPIC = Channel(DEFAULT, 1, "Default topic", ChannelType.TOPIC, "", "", 0, 0)
"""The environment's SNS topic: what alerts without channels go to. Nobody makes or changes it."""


def audience_of(tenant: str, kind: ChannelType, address: str) -> str:
    """The name of all channels of a tenant with one address, told nobody who reads it."""
    name = orjson.dumps([tenant, kind, address])
    return hashlib.blake2b(name, digest_size=16).hexdigest()


def channel_from(text: str | bytes) -> Channel:
    raw = orjson.loads(text)
    template = raw.get("template")
    return Channel(
        **{
            **raw,
            "type": ChannelType(raw["type"]),
            "region": Region(raw.get("region", Region.US)),
            "template": None if template is None else Template(**template),
        }
    )


class ChannelStore:
    """The tenant's own channels in the table; TOPIC is not among them."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, channel_id: str) -> Channel | None:
        """A channel as it is now (read consistently)."""
        item = self._table.get(keys.channel(tenant, channel_id), consistent=True)
        return None if item is None else channel_from(str(item["body"]))

    def get_many(self, tenant: str, channel_ids: tuple[str, ...]) -> dict[str, Channel]:
        """Those that exist, by id (read consistently)."""
        wanted = [keys.channel(tenant, each) for each in channel_ids]
        found = self._table.get_many(wanted, consistent=True)
        return {key.sk: channel_from(str(item["body"])) for key, item in found.items()}

    def page(
        self, tenant: str, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[Channel], Mapping[str, str] | None]:
        """Channels in the order of their ids, and the position after them."""
        page = self._table.query(Query(keys.channels(tenant), limit=limit, after=after))
        return [channel_from(str(item["body"])) for item in page.items], page.after

    def all(self, tenant: str) -> list[Channel]:
        """Every channel of a tenant (read consistently)."""
        found = self._table.query_all(Query(keys.channels(tenant), consistent=True))
        return [channel_from(str(item["body"])) for item in found]

    def create(self, tenant: str, channel: Channel, also: Sequence[Write] = ()) -> None:
        """`also` is written with it or not at all. Raises ConditionFailed when the id is taken."""
        self._table.transact([Put(_item(tenant, channel), Absent()), *also])

    def replace(
        self, tenant: str, channel: Channel, version: int, also: Sequence[Write] = ()
    ) -> None:
        """Raises ConditionFailed unless `version` is still the present one."""
        item = _item(tenant, channel)
        self._table.transact([Put(item, Equals("version", version)), *also])

    def delete(self, tenant: str, channel: Channel, also: Sequence[Write | Check] = ()) -> None:
        """Remove a channel, unless it has changed since it was read, with everything that must be
        so or be written then. Raises ConditionFailed, and TransactionConflict.
        """
        key = keys.channel(tenant, channel.id)
        self._table.transact([Delete(key, Equals("version", channel.version)), *also])


def present(tenant: str, channel_ids: tuple[str, ...]) -> list[tuple[str, Key]]:
    """The keys whose items an alert needs, by channel id: all of its channels but the topic."""
    return [(each, keys.channel(tenant, each)) for each in channel_ids if each != DEFAULT]


def _item(tenant: str, channel: Channel) -> dict[str, Value]:
    key = keys.channel(tenant, channel.id)
    return {
        "pk": key.pk,
        "sk": key.sk,
        "k": "channel",
        "version": channel.version,
        "body": orjson.dumps(channel).decode(),
    }
