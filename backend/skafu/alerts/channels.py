"""Channels: where notifications go. Webhooks are made by admins; the topic comes with the
environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson

from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.table import (
    Absent,
    Check,
    Condition,
    Delete,
    Equals,
    Put,
    Query,
    Table,
    Value,
)

DEFAULT = "default"


class ChannelType(StrEnum):
    WEBHOOK = "webhook"
    TOPIC = "topic"


@dataclass(frozen=True)
class Channel:
    """One version of a channel. A topic has neither address nor secret of its own."""

    id: str
    version: int
    name: str
    type: ChannelType
    url: str
    secret: str
    created_at: int
    edited_at: int


TOPIC = Channel(DEFAULT, 1, "Default topic", ChannelType.TOPIC, "", "", 0, 0)
"""The environment's SNS topic: what alerts without channels go to. Nobody makes or changes it."""


def channel_from(text: str | bytes) -> Channel:
    raw = orjson.loads(text)
    return Channel(**{**raw, "type": ChannelType(raw["type"])})


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

    def create(self, tenant: str, channel: Channel) -> None:
        """Raises ConditionFailed when the id is taken."""
        self._table.write(Put(_item(tenant, channel), Absent()))

    def replace(self, tenant: str, channel: Channel, version: int) -> None:
        """Raises ConditionFailed unless `version` is still the present one."""
        self._table.write(Put(_item(tenant, channel), Equals("version", version)))

    def delete(self, tenant: str, channel: Channel, rules_version: int) -> None:
        """Remove a channel, unless it or any alert has changed since they were read.

        Raises ConditionFailed then, and TransactionConflict.
        """
        rules = keys.rules_version(tenant)
        unchanged: Condition = Equals("version", rules_version) if rules_version else Absent()
        self._table.transact(
            [
                Delete(keys.channel(tenant, channel.id), Equals("version", channel.version)),
                Check(rules, unchanged),
            ]
        )


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
