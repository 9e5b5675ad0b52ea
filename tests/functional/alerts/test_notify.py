"""The notifier as the queue drives it: its real composition, a receiver on loopback, time that the
test moves.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from standardwebhooks.webhooks import Webhook

from skafu.alerts import signature
from skafu.alerts.channels import Channel, ChannelStore, ChannelType
from skafu.alerts.deliveries import Delivery, DeliveryStore, Status
from skafu.alerts.deliveries_queue import build
from skafu.shared import keys
from skafu.shared.settings import NotifierSettings
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.alerts_api import CONSOLE, TOPIC_ARN
from tests.support.clocks import FakeClock
from tests.support.events import lambda_context, sample_event
from tests.support.memory_table import InMemoryTable
from tests.support.queue import URL, FakeQueue
from tests.support.receiver import Received, Receiver, receiving
from tests.support.sns import FakeSns

SECRET = signature.new_secret()


@dataclass
class World:
    table: InMemoryTable = field(default_factory=InMemoryTable)
    clock: FakeClock = field(default_factory=lambda: FakeClock(minute(10)))
    sns: FakeSns = field(default_factory=FakeSns)

    def __post_init__(self) -> None:
        self.queue = FakeQueue(self.clock)
        self.story = Storyteller(self.table)
        self.deliveries = DeliveryStore(self.table)
        settings = NotifierSettings(
            table_name="skafu-test",
            environment="local",
            deliveries_queue_url=URL,
            alerts_topic_arn=TOPIC_ARN,
            channels_topic_arn=TOPIC_ARN,
            cors_origin=CONSOLE,
            allow_loopback_webhooks=True,
        )
        self.handler = build(settings, self.table, self.sns, self.queue, self.clock)

    def webhook(self, channel_id: str, receiver: Receiver) -> str:
        channel = Channel(
            channel_id, 1, "On call", ChannelType.WEBHOOK, receiver.url(), SECRET, 0, 0
        )
        ChannelStore(self.table).create(TENANT, channel)
        return channel_id

    def hand_over(self, *deliveries: str) -> None:
        """What the evaluator sends after its transaction."""
        for each in deliveries:
            self.queue.send({"tenant": TENANT, "delivery": each})

    def page(self, delivery: str) -> str:
        """The page that a transition was told in."""
        found = self.deliveries.get(TENANT, delivery)
        assert isinstance(found, Delivery) and found.fates is not None
        [name] = [fate.page for fate in found.fates if fate.page is not None]
        return name

    def status(self, delivery: str) -> Status:
        """Of the page that a transition was told in."""
        found = self.deliveries.get(TENANT, self.page(delivery))
        assert found is not None
        return found.status


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def verified(received: Received) -> dict[str, Any]:
    """The body, after the reference library has verified its signature.

    The library wants timestamps of today, and these tests' clock is not: the signature is made
    again by the library for the header's time.
    """
    headers = received.headers
    seconds = int(headers["webhook-timestamp"])
    when = datetime.fromtimestamp(seconds, UTC)
    body = received.body.decode()
    assert headers["webhook-signature"] == Webhook(SECRET).sign(headers["webhook-id"], when, body)
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_page_and_its_end_arrive_once_each_signed_and_in_order(
    world: World, receiver: Receiver
) -> None:
    world.story.publish(channels=(world.webhook("one", receiver),))
    fired = world.story.happens(ALARM, 3, (("host", "a"),))
    resolved = world.story.happens(OK, 7, (("host", "a"),))
    world.hand_over(fired, resolved, fired, resolved)

    world.queue.drain(world.handler)

    told = [verified(each) for each in receiver.received]
    assert [each["status"] for each in told] == ["firing", "resolved"]
    assert [each.headers["webhook-id"] for each in receiver.received] == [
        world.page(fired),
        world.page(resolved),
    ]
    assert {each["alerts"][0]["startsAt"] for each in told} == {"2023-11-15T12:03:00.000Z"}
    assert told[1]["alerts"][0]["endsAt"] == "2023-11-15T12:07:00.000Z"
    assert world.status(fired) is world.status(resolved) is Status.SENT


def test_one_receiver_that_is_down_does_not_hold_up_the_other(
    world: World, receiver: Receiver
) -> None:
    with receiving() as broken:
        broken.answers = [(500, {}), (503, {}), (200, {})]
        channels = (world.webhook("fine", receiver), world.webhook("broken", broken), "default")
        world.story.publish(channels=channels)
        fired = world.story.happens(ALARM, 3)
        world.hand_over(fired)

        world.queue.drain(world.handler)

        assert [each.headers["webhook-id"] for each in broken.received] == [world.page(fired)] * 3
    assert len(receiver.received) == 1
    assert len(world.sns.published) == 1
    assert world.queue.pauses == [10, 20]
    assert world.status(fired) is Status.SENT


def test_every_try_is_signed_for_its_own_moment(world: World, receiver: Receiver) -> None:
    receiver.answers = [(500, {}), (200, {})]
    world.story.publish(channels=(world.webhook("one", receiver),))
    world.hand_over(world.story.happens(ALARM, 3))

    world.queue.drain(world.handler)

    first, second = (int(each.headers["webhook-timestamp"]) for each in receiver.received)
    assert second == first + 10
    assert [verified(each)["status"] for each in receiver.received] == ["firing"] * 2


def test_what_nobody_takes_is_parked_visible_and_can_be_replayed(
    world: World, receiver: Receiver
) -> None:
    receiver.answers = [(500, {})]
    world.story.publish(channels=(world.webhook("one", receiver),))
    fired = world.story.happens(ALARM, 3)
    world.hand_over(fired)
    world.queue.drain(world.handler)

    assert [json.loads(each.body)["delivery"] for each in world.queue.parked] == [fired]
    assert world.status(fired) is Status.FAILED
    tries = world.deliveries.attempts(TENANT, world.page(fired))
    assert [each.outcome.status for each in tries] == [500] * 16

    receiver.answers = [(200, {})]
    world.deliveries.reopen(TENANT, fired, world.clock())
    world.hand_over(fired)
    world.queue.drain(world.handler)
    assert world.status(fired) is Status.SENT


def test_a_receiver_that_is_gone_is_not_asked_again_and_the_topic_is_told(
    world: World, receiver: Receiver
) -> None:
    receiver.answers = [(410, {})]
    world.story.publish(channels=(world.webhook("one", receiver),))
    world.hand_over(world.story.happens(ALARM, 3))

    world.queue.drain(world.handler)

    assert len(receiver.received) == 1
    [published] = world.sns.published
    assert "none of the alert's own channels" in published["Message"]


def test_a_mail_goes_out_with_what_subscriptions_filter_by(world: World) -> None:
    world.story.publish()
    world.hand_over(world.story.happens(ALARM, 3, (("host", "a"),)))

    world.queue.drain(world.handler)

    [published] = world.sns.published
    assert published["TopicArn"] == TOPIC_ARN
    assert published["Subject"] == "ALARM: CPU is busy (host=a)"
    assert "Since: 2023-11-15 12:03:00 UTC" in published["Message"]
    assert published["MessageAttributes"]["state"] == {
        "DataType": "String",
        "StringValue": "ALARM",
    }


def test_a_topic_that_is_down_is_tried_again(world: World) -> None:
    world.story.publish()
    fired = world.story.happens(ALARM, 3)
    world.hand_over(fired)
    world.sns.refusal = EndpointConnectionError(endpoint_url="sns")

    world.queue.deliver(world.handler)
    assert world.status(fired) is Status.FAILED
    world.sns.refusal = None
    world.queue.drain(world.handler)

    assert len(world.sns.published) == 1
    assert world.status(fired) is Status.SENT


def test_a_table_that_is_down_loses_nothing(world: World) -> None:
    world.story.publish()
    fired = world.story.happens(ALARM, 3)
    world.hand_over(fired)
    world.table.down = True

    for _ in range(3):
        world.queue.deliver(world.handler)
        world.clock.advance(60_000)
    world.table.down = False
    world.queue.drain(world.handler)

    assert len(world.sns.published) == 1


def test_data_that_stop_do_not_close_a_page(world: World, receiver: Receiver) -> None:
    world.story.publish(channels=(world.webhook("one", receiver), "default"))
    deliveries = [
        world.story.happens(state, at) for at, state in enumerate((ALARM, INSUFFICIENT, OK), 1)
    ]
    for delivery in deliveries:
        world.hand_over(delivery)
        world.queue.drain(world.handler)

    assert [verified(each)["status"] for each in receiver.received] == ["firing", "resolved"]
    assert [each["Subject"].split(":")[0] for each in world.sns.published] == [
        "ALARM",
        "NO DATA",
        "OK",
    ]


def test_a_notification_of_a_tenant_that_is_gone_is_done_with(world: World) -> None:
    world.hand_over("nothing")

    world.queue.drain(world.handler)

    assert not world.queue.waiting and not world.queue.parked


def test_an_outbox_item_that_cannot_be_read_is_parked_and_the_others_go_on(world: World) -> None:
    world.story.publish()
    poison = world.story.happens(ALARM, 3, (("host", "a"),))
    fine = world.story.happens(ALARM, 3, (("host", "b"),))
    world.table.items[keys.outbox(TENANT, poison)]["body"] = "{}"
    world.hand_over(poison, fine)

    world.queue.drain(world.handler)

    assert world.status(fine) is Status.SENT
    assert [json.loads(each.body)["delivery"] for each in world.queue.parked] == [poison]


def test_the_queues_own_event_is_understood(world: World) -> None:
    world.story.publish()
    event = sample_event("alert-notifier.two-deliveries")
    fired = world.story.happens(ALARM, 3, (("host", "web-1"),))
    again = world.story.happens(OK, 5, (("host", "web-1"),))
    for record, delivery in zip(event["Records"], (fired, again), strict=True):
        record["body"] = json.dumps({"tenant": TENANT, "delivery": delivery})

    assert world.handler(event, lambda_context()) == {"batchItemFailures": []}
    assert len(world.sns.published) == 2
