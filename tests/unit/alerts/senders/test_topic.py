import json
from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.channels import TOPIC, Channel, ChannelType, audience_of
from skafu.alerts.outcome import Result
from skafu.alerts.paging.model import PageCause, Told
from skafu.alerts.senders import topic
from skafu.alerts.senders.subscriptions import Subscriptions
from skafu.alerts.senders.topic import SubscribedSender, TopicSender
from skafu.alerts.senders.words import STANDARD, Words
from tests.support.alerting import TENANT
from tests.support.pages import BUSY, drill, hosts, item, page
from tests.support.sns import FakeSns, refused

ARN = "arn:aws:sns:us-east-1:123456789012:channels"


def reached(sns: FakeSns, kind: ChannelType = ChannelType.EMAIL) -> Channel:
    """A channel whose address is subscribed and confirmed."""
    address = "ops@example.com" if kind is ChannelType.EMAIL else "+4915112345678"
    made = Channel("one", 1, "Ops", kind, "", "", 0, 0, address=address)
    made = replace(made, audience=audience_of(TENANT, kind, address))
    made = replace(made, subscription=Subscriptions(sns, ARN).join(made))
    sns.confirm()
    return made


def send(sns: FakeSns, channel: Channel, **changes: Any) -> Result:
    sender = SubscribedSender(sns, ARN, Subscriptions(sns, ARN))
    return sender.send(channel, page(**changes), STANDARD).result


@pytest.mark.parametrize("name", ["x" * 255, "Größe 温度 \u2028\x7f", "ü" * 200])
def test_a_subject_is_short_ascii_on_one_line(name: str) -> None:
    line = topic.subject(page(item(of=replace(BUSY, name=name))), STANDARD)

    assert len(line) < 100
    assert line.isascii() and line.isprintable()
    assert line.startswith("ALARM: ")


def test_a_text_message_says_what_how_bad_and_since_when() -> None:
    assert topic.short(page(), STANDARD) == (
        "ALARM: CPU is busy (host=web-1) (critical since 12:02 UTC)"
    )


@pytest.mark.parametrize(("name", "limit"), [("x" * 255, 140), ("温" * 255, 70)])
def test_a_text_message_fits_into_one(name: str, limit: int) -> None:
    told = topic.short(page(item(of=replace(BUSY, name=name))), STANDARD)

    assert len(told) == limit
    assert told.endswith("... (critical since 12:02 UTC)")
    assert len(topic.short(page(), Words(text="y" * 400))) == 140


def test_a_text_message_of_many_fits_and_says_that_it_is_a_drill() -> None:
    assert len(topic.short(page(hosts(300)), STANDARD)) <= 140
    assert topic.short(drill(), STANDARD).startswith("[DRILL] ")


def test_subscriptions_can_filter_by_severity_state_alert_tenant_and_drill() -> None:
    other = replace(BUSY, id="alert-2")

    assert topic.attributes(page(item(Told.RESOLVED))) == {
        "severity": "critical",
        "state": "OK",
        "alert": "alert-1",
        "tenant": TENANT,
        "drill": "false",
    }
    assert topic.attributes(page(item(), item(of=other)))["alert"] == ["alert-1", "alert-2"]
    assert topic.attributes(drill())["drill"] == "true"


def test_the_default_topic_is_told_as_people_read() -> None:
    sns = FakeSns()

    TopicSender(sns, "arn:default").send(TOPIC, page(), STANDARD)
    TopicSender(sns, "arn:default").send(
        TOPIC, page(hosts(2), item(of=replace(BUSY, id="b"))), STANDARD
    )

    [published, several] = sns.published
    assert published["TopicArn"] == "arn:default"
    assert published["Subject"] == "ALARM: CPU is busy (host=web-1)"
    assert published["Message"].startswith("CPU is busy (host=web-1) is in ALARM\n")
    assert "MessageStructure" not in published
    assert several["MessageAttributes"]["alert"] == {
        "DataType": "String.Array",
        "StringValue": '["alert-1","b"]',
    }


@pytest.mark.parametrize("kind", [ChannelType.EMAIL, ChannelType.SMS])
def test_the_address_of_a_channel_hears_it_and_no_other_does(kind: ChannelType) -> None:
    sns = FakeSns()
    channel = reached(sns, kind)
    other = replace(channel, address="other@example.com", audience="other", type=ChannelType.EMAIL)
    Subscriptions(sns, ARN).join(other)

    assert send(sns, channel, cause=PageCause.REPEAT) is Result.DELIVERED

    [heard] = sns.heard_by(channel.address)
    assert not sns.heard_by("other@example.com")
    assert heard["TopicArn"] == ARN
    assert heard["MessageAttributes"]["channel"] == {"DataType": "String", "StringValue": "one"}
    assert heard["MessageStructure"] == "json"
    told = json.loads(heard["Message"])
    assert set(told) == {"default", "email", "sms"}
    assert told["email"].startswith("CPU is busy (host=web-1) is in ALARM\n\nStill firing")
    assert told["sms"].startswith("STILL IN ALARM: CPU is busy") and len(told["sms"]) <= 140


def test_what_nobody_would_read_is_not_delivered() -> None:
    sns = FakeSns()
    channel = reached(sns)
    for known in sns.subscriptions.values():
        known["PendingConfirmation"] = "true"

    assert send(sns, channel) is Result.GONE
    sns.confirm()
    assert send(sns, channel) is Result.DELIVERED
    sns.unsubscribe(SubscriptionArn=channel.subscription)
    assert send(sns, channel) is Result.GONE
    assert len(sns.published) == 1


def test_where_nobody_can_say_whether_it_is_read_it_is_sent_all_the_same() -> None:
    class Unsure(FakeSns):
        """Throttles questions and takes messages."""

        def get_subscription_attributes(self, **arguments: Any) -> dict[str, Any]:
            raise refused("Throttled", "Rate exceeded", "GetSubscriptionAttributes")

    sns = FakeSns()
    channel = reached(sns)
    unsure = Unsure()

    sender = SubscribedSender(unsure, ARN, Subscriptions(unsure, ARN))
    outcome = sender.send(channel, page(), STANDARD)

    assert outcome.result is Result.DELIVERED
    assert outcome.note == topic.UNSURE
    assert len(unsure.published) == 1


def test_a_topic_that_is_down_is_tried_again() -> None:
    sns = FakeSns(refusal=refused("InternalError", "down", "Publish"))

    outcome = TopicSender(sns, "arn:default").send(TOPIC, page(), STANDARD)

    assert outcome.result is Result.FAILED
    assert outcome.error is not None and "InternalError" in outcome.error
