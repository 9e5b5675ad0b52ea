"""Channels as they are kept."""

import json
from dataclasses import asdict, replace

from skafu.alerts.channels import (
    Channel,
    ChannelStore,
    ChannelType,
    Region,
    Template,
    audience_of,
    channel_from,
)
from tests.support.alerting import TENANT
from tests.support.memory_table import InMemoryTable

FULL = Channel(
    id="one",
    version=3,
    name="On call",
    type=ChannelType.PAGERDUTY,
    url="",
    secret="key",
    created_at=1,
    edited_at=2,
    previous_secret="before",
    previous_until=3,
    address="a",
    audience="b",
    subscription="c",
    region=Region.EU,
    template=Template("title", "text"),
    sends_resolved=False,
)


def test_a_channel_is_read_as_it_was_written() -> None:
    store = ChannelStore(InMemoryTable())
    plain = replace(FULL, id="two", template=None, type=ChannelType.SLACK)
    for each in (FULL, plain):
        store.create(TENANT, each)

    assert store.get(TENANT, "one") == FULL
    assert store.all(TENANT) == [FULL, plain]


def test_a_webhook_of_before_is_read_as_one_that_nothing_was_said_of() -> None:
    before = {
        "id": "one",
        "version": 1,
        "name": "Hook",
        "type": "webhook",
        "url": "https://hooks.example.com/",
        "secret": "whsec_x",
        "created_at": 1,
        "edited_at": 1,
    }

    read = channel_from(json.dumps(before))

    assert {name: asdict(read)[name] for name in before} == before
    assert (read.template, read.sends_resolved, read.region) == (None, True, Region.US)
    assert read.live_secrets(5) == ("whsec_x",)


def test_a_secret_before_is_live_until_its_moment() -> None:
    assert FULL.live_secrets(2) == ("key", "before")
    assert FULL.live_secrets(3) == ("key",)


def test_an_audience_is_of_one_tenant_one_protocol_and_one_address() -> None:
    names = {
        audience_of(tenant, kind, address)
        for tenant in ("a", "b")
        for kind in (ChannelType.EMAIL, ChannelType.SMS)
        for address in ("x", "y")
    }

    assert len(names) == 8
    assert audience_of("a", ChannelType.SMS, "x") in names


def test_what_holds_something_open_is_known() -> None:
    assert {x for x in ChannelType if x.keeps_open} == {ChannelType.WEBHOOK, ChannelType.PAGERDUTY}
    assert {x for x in ChannelType if x.secret_url} == {ChannelType.SLACK, ChannelType.TEAMS}
    assert {x for x in ChannelType if x.subscribed} == {ChannelType.EMAIL, ChannelType.SMS}
