from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from skafu.alerts.channels import DEFAULT, TOPIC, Channel, ChannelStore, ChannelType
from skafu.alerts.deliveries import DeliveryStore, Status
from skafu.alerts.messages import Message, Told
from skafu.alerts.notifier import HandedOver, Notifier
from skafu.alerts.outcome import Outcome, Result
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import Query
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

FINE = Outcome(Result.DELIVERED, 200)
BROKEN = Outcome(Result.FAILED, 500, "answered 500")
GONE = Outcome(Result.GONE, 410, "answered 410")


@dataclass
class FakeSender:
    """Channels that answer as they are told to, fine if nothing is said."""

    answers: dict[str, Outcome] = field(default_factory=dict)
    sent: list[tuple[str, Message]] = field(default_factory=list)

    def send(self, channel: Channel, message: Message) -> Outcome:
        self.sent.append((channel.id, message))
        return self.answers.get(channel.id, FINE)


@dataclass
class World:
    table: InMemoryTable = field(default_factory=InMemoryTable)
    clock: FakeClock = field(default_factory=lambda: FakeClock(minute(10)))
    sender: FakeSender = field(default_factory=FakeSender)

    def __post_init__(self) -> None:
        self.channels = ChannelStore(self.table)
        self.deliveries = DeliveryStore(self.table)
        self.story = Storyteller(self.table)
        self.notifier = Notifier(
            self.deliveries, self.channels, self.sender, self.clock, "https://skafu.example"
        )

    def publish(self, *channels: str) -> None:
        for each in channels:
            if each != DEFAULT:
                webhook = replace(TOPIC, id=each, type=ChannelType.WEBHOOK, url="https://h.x/")
                self.channels.create(TENANT, webhook)
        self.story.publish(channels=channels)

    def deliver(self, delivery: str) -> HandedOver:
        self.clock.advance(1)
        return self.notifier.deliver(TENANT, delivery)

    def told(self) -> list[tuple[str, Told]]:
        return [(channel, message.told) for channel, message in self.sender.sent]

    def status(self, delivery: str) -> Status:
        found = self.deliveries.get(TENANT, delivery)
        assert found is not None
        return found.status

    def tries(self, delivery: str) -> list[tuple[str, Result]]:
        found = self.deliveries.attempts(TENANT, delivery)
        return [(each.channel, each.outcome.result) for each in found]

    def pending(self) -> list[object]:
        index = Query(keys.pending_index(TENANT, 0, "x").gsi1pk, index="GSI1")
        return [item["sk"] for item in self.table.query_all(index)]


@pytest.fixture
def world() -> World:
    return World()


def test_an_alert_without_channels_goes_to_the_topic(world: World) -> None:
    world.publish()
    delivery = world.story.happens(ALARM, 9)

    handed = world.deliver(delivery)

    assert world.told() == [(DEFAULT, Told.FIRING)]
    assert handed.done and handed.delivered == 1
    assert world.status(delivery) is Status.SENT
    assert world.pending() == []


def test_every_channel_of_the_alert_is_told(world: World) -> None:
    world.publish("one", DEFAULT, "two")
    delivery = world.story.happens(ALARM, 9)

    world.deliver(delivery)

    assert sorted(world.told()) == [
        (DEFAULT, Told.FIRING),
        ("one", Told.FIRING),
        ("two", Told.FIRING),
    ]


def test_what_was_sent_is_not_sent_again(world: World) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.deliver(delivery)

    assert world.deliver(delivery) == HandedOver()
    assert len(world.sender.sent) == 1


def test_only_channels_that_did_not_take_it_are_tried_again(world: World) -> None:
    world.publish("one", "two")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["two"] = BROKEN

    first = world.deliver(delivery)
    assert (first.done, first.failed, first.waited) == (False, ("two",), None)
    assert world.status(delivery) is Status.FAILED
    del world.sender.answers["two"]
    second = world.deliver(delivery)

    assert second.done and second.delivered == 1
    assert second.waited == world.clock() - minute(9) - 1_000
    assert [channel for channel, _ in world.told()].count("one") == 1
    assert world.status(delivery) is Status.SENT


def test_what_was_sent_is_not_sent_again_when_its_tries_have_expired(world: World) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.deliveries.mark(TENANT, delivery, Status.SENT, world.clock())

    assert world.deliver(delivery) == HandedOver()
    assert not world.sender.sent


def test_every_try_is_recorded(world: World) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["one"] = BROKEN
    world.deliver(delivery)
    world.deliver(delivery)
    world.sender.answers["one"] = FINE
    world.deliver(delivery)

    tries = world.deliveries.attempts(TENANT, delivery)

    assert [each.outcome for each in tries] == [BROKEN, BROKEN, FINE]
    assert [each.at for each in tries] == [minute(10) + i for i in (1, 2, 3)]
    item = world.table.items[keys.attempt(TENANT, delivery, "one", minute(10) + 1)]
    assert (item["k"], item["status"], item["http"]) == ("attempt", "failed", 500)
    assert item["ttl"] == minute(10) // 1000 + 90 * 86_400


def test_what_the_queue_holds_is_not_for_the_sweeper_to_send_again(world: World) -> None:
    """Or a webhook that is down would get one more message a minute."""
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    assert world.pending() == [delivery]
    world.sender.answers["one"] = BROKEN

    world.deliver(delivery)

    assert world.pending() == []


def test_a_notification_that_is_not_there_is_done_with(world: World) -> None:
    assert world.deliver("nothing") == HandedOver(known=False)


def test_a_deleted_channel_is_recorded_and_not_tried_for_ever(world: World) -> None:
    world.publish("one", "two")
    delivery = world.story.happens(ALARM, 9)
    world.table.items.pop(keys.channel(TENANT, "one"))

    assert world.deliver(delivery).done
    assert sorted(world.tries(delivery)) == [("one", Result.DELETED), ("two", Result.DELIVERED)]


@pytest.mark.parametrize("answer", [GONE, None])
def test_a_page_that_no_channel_of_its_own_can_take_goes_to_the_topic(
    world: World, answer: Outcome | None
) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    if answer is None:
        world.table.items.pop(keys.channel(TENANT, "one"))
    else:
        world.sender.answers["one"] = answer

    assert world.deliver(delivery).done
    channel, message = world.sender.sent[-1]
    assert channel == DEFAULT
    assert "default topic" in message.note
    assert world.status(delivery) is Status.SENT


def test_the_last_resort_is_tried_until_it_works(world: World) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers |= {"one": GONE, DEFAULT: BROKEN}

    assert world.deliver(delivery).failed == (DEFAULT,)
    del world.sender.answers[DEFAULT]
    assert world.deliver(delivery).done
    assert [channel for channel, _ in world.told()] == ["one", DEFAULT, DEFAULT]


def test_one_channel_that_works_is_enough(world: World) -> None:
    world.publish("one", "two")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["one"] = GONE

    assert world.deliver(delivery).done
    assert DEFAULT not in dict(world.told())


def test_news_that_nobody_waits_for_are_recorded_and_sent_to_nobody(world: World) -> None:
    world.publish("one", DEFAULT)
    delivery = world.story.happens(OK, 9)

    assert world.deliver(delivery).done
    assert world.told() == []
    assert sorted(world.tries(delivery)) == [(DEFAULT, Result.SKIPPED), ("one", Result.SKIPPED)]
    assert world.status(delivery) is Status.SENT


def test_ok_after_silence_resolves_what_was_firing_before_it(world: World) -> None:
    world.publish("one")
    deliveries = [
        world.story.happens(state, at) for at, state in enumerate((ALARM, INSUFFICIENT, OK), 1)
    ]

    for delivery in deliveries:
        world.deliver(delivery)

    assert world.told() == [
        ("one", Told.FIRING),
        ("one", Told.UNKNOWN),
        ("one", Told.RESOLVED),
    ]
    assert [message.began for _, message in world.sender.sent] == [minute(1)] * 3


def test_resolved_waits_for_the_firing_it_belongs_to(world: World) -> None:
    world.publish("one", "two")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)
    world.sender.answers["one"] = BROKEN
    world.deliver(fired)

    assert world.deliver(resolved).failed == ("one",)
    assert world.tries(resolved) == [("one", Result.WAITING), ("two", Result.DELIVERED)]
    del world.sender.answers["one"]
    assert not world.deliver(resolved).done
    world.deliver(fired)
    assert world.deliver(resolved).done
    assert [told for channel, told in world.told() if channel == "one"] == [
        Told.FIRING,
        Told.FIRING,
        Told.RESOLVED,
    ]


def test_resolved_that_comes_first_waits(world: World) -> None:
    world.publish("one")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)

    assert not world.deliver(resolved).done
    world.deliver(fired)
    assert world.deliver(resolved).done
    assert world.told() == [("one", Told.FIRING), ("one", Told.RESOLVED)]


def test_resolved_waits_for_the_last_of_several_firings(world: World) -> None:
    world.publish("one")
    deliveries = [
        world.story.happens(state, at)
        for at, state in enumerate((ALARM, INSUFFICIENT, ALARM, OK), 1)
    ]
    world.deliver(deliveries[0])

    assert not world.deliver(deliveries[3]).done
    world.deliver(deliveries[2])
    assert world.deliver(deliveries[3]).done
    assert [message.began for _, message in world.sender.sent] == [minute(1)] * 3


def test_a_channel_that_was_not_told_of_the_firing_does_not_wait(world: World) -> None:
    world.publish("one")
    world.story.happens(ALARM, 1)
    world.story.alert = replace(world.story.alert, channels=("two",))
    world.channels.create(
        TENANT, replace(TOPIC, id="two", type=ChannelType.WEBHOOK, url="https://h.x/")
    )
    resolved = world.story.happens(OK, 2)

    assert world.deliver(resolved).done
    assert world.told() == [("two", Told.RESOLVED)]


def test_the_topic_gets_everything_as_it_comes(world: World) -> None:
    world.publish()
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)

    assert world.deliver(resolved).done
    assert world.deliver(fired).done
    assert world.told() == [(DEFAULT, Told.RESOLVED), (DEFAULT, Told.FIRING)]


def test_a_late_resolved_does_not_close_a_new_page(world: World) -> None:
    world.publish("one")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)
    again = world.story.happens(ALARM, 3)
    world.deliver(fired)
    world.deliver(again)

    assert world.deliver(resolved).done
    assert world.told() == [("one", Told.FIRING)] * 2
    assert world.tries(resolved) == [("one", Result.SKIPPED)]


def test_firing_waits_for_nothing(world: World) -> None:
    world.publish("one")
    world.story.happens(ALARM, 1)
    world.story.happens(OK, 2)
    again = world.story.happens(ALARM, 3)

    assert world.deliver(again).done
    assert world.told() == [("one", Told.FIRING)]


def test_a_correction_that_resolves_is_told(world: World) -> None:
    world.publish("one")
    fired = world.story.happens(ALARM, 2)
    resolved = world.story.corrects(2, (INSUFFICIENT, OK, 2))

    world.deliver(fired)
    world.deliver(resolved)

    assert world.told() == [("one", Told.FIRING), ("one", Told.RESOLVED)]


def test_without_the_table_nothing_is_sent(world: World) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.table.down = True

    with pytest.raises(Unavailable):
        world.deliver(delivery)
    assert world.sender.sent == []


def test_a_notification_may_be_opened_again(world: World) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["one"] = BROKEN
    world.deliver(delivery)
    world.sender.answers["one"] = FINE

    assert world.deliveries.reopen(TENANT, delivery, world.clock())
    assert world.pending() == [delivery]
    assert world.deliver(delivery).done
    assert not world.deliveries.reopen(TENANT, "nothing", world.clock())


def test_a_notification_that_vanishes_meanwhile_is_no_trouble(world: World) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    vanish: Callable[[Key], object] = world.table.items.pop

    class Vanishing(FakeSender):
        def send(self, channel: Channel, message: Message) -> Outcome:
            vanish(keys.outbox(TENANT, delivery))
            return FINE

    notifier = Notifier(world.deliveries, world.channels, Vanishing(), world.clock, "https://c")

    assert notifier.deliver(TENANT, delivery).done
