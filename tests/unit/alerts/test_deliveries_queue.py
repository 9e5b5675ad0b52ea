from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from skafu.alerts.deliveries_queue import Answer, DeliveriesConsumer, pause
from skafu.alerts.paging.courier import HandedOver
from skafu.shared.errors import Unavailable
from tests.support.clocks import FakeClock
from tests.support.log_lines import log_lines
from tests.support.queue import URL, FakeQueue


@dataclass
class Deliverer:
    """Delivers as told: what is not named works."""

    trouble: dict[str, Exception | HandedOver] = field(default_factory=dict)
    delivered: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, tenant: str, delivery: str) -> HandedOver:
        self.delivered.append((tenant, delivery))
        found = self.trouble.get(delivery, HandedOver(delivered=1, waited=5))
        if isinstance(found, Exception):
            raise found
        return found


def answers(deliverer: Deliverer) -> dict[str, Answer]:
    return {
        "delivery": lambda tenant, x: deliverer(tenant, x["delivery"]),
        "look": lambda tenant, x: deliverer(tenant, "everything"),
    }


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    deliverer: Deliverer = field(default_factory=Deliverer)

    def __post_init__(self) -> None:
        self.queue = FakeQueue(self.clock)
        self.consumer = DeliveriesConsumer(answers(self.deliverer), self.queue, URL)

    def send(self, *deliveries: str) -> None:
        for each in deliveries:
            self.queue.send({"tenant": "t", "delivery": each})

    def batch(self) -> None:
        self.queue.deliver(lambda event, _: self.consumer.consume(event))


NOT_DONE = HandedOver(done=False, failed=("one",))


@pytest.fixture
def world() -> World:
    return World()


def test_a_batch_that_works_is_done(world: World) -> None:
    world.send("a", "b", "c")

    world.batch()

    assert sorted(world.deliverer.delivered) == [("t", "a"), ("t", "b"), ("t", "c")]
    assert world.queue.waiting == []


def test_an_empty_batch_is_done(world: World) -> None:
    assert world.consumer.consume({"Records": []}) == {"batchItemFailures": []}


@pytest.mark.parametrize("trouble", [NOT_DONE, Unavailable("down"), RuntimeError("a surprise")])
def test_one_message_that_fails_does_not_hold_the_others(world: World, trouble: Any) -> None:
    world.send("a", "b", "c")
    world.deliverer.trouble["b"] = trouble

    world.batch()

    assert [x.body for x in world.queue.waiting] == ['{"tenant": "t", "delivery": "b"}']


UNREADABLE = [
    "",
    "not json",
    "[]",
    "{}",
    '{"tenant": "t"}',
    '{"tenant": "t", "dance": true}',
    '{"tenant": "t", "delivery": "a", "look": true}',
    '{"delivery": "a"}',
    "null",
    "7",
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_message_that_cannot_be_read_is_parked_in_the_end(world: World, text: str) -> None:
    world.queue.send(text)
    world.send("a")

    while world.queue.waiting:
        world.batch()
        world.clock.advance(900_000)

    assert [x.body for x in world.queue.parked] == [text]
    assert world.deliverer.delivered == [("t", "a")]


def test_the_pause_doubles_up_to_a_quarter_of_an_hour(world: World) -> None:
    world.send("a")
    world.deliverer.trouble["a"] = NOT_DONE

    while world.queue.waiting:
        world.batch()
        world.clock.advance(900_000)

    assert world.queue.pauses == [10, 20, 40, 80, 160, 320, 640] + [900] * 9
    assert pause(1_000_000) == 900


def test_a_message_comes_again_when_its_pause_is_over(world: World) -> None:
    world.send("a")
    world.deliverer.trouble["a"] = NOT_DONE
    world.batch()

    world.clock.advance(9_999)
    world.batch()
    assert len(world.deliverer.delivered) == 1
    world.clock.advance(1)
    world.batch()
    assert len(world.deliverer.delivered) == 2


def test_without_a_pause_of_its_own_a_message_comes_again_all_the_same(world: World) -> None:
    world.send("a")
    world.deliverer.trouble["a"] = NOT_DONE

    class NoSqs:
        def change_message_visibility(self, **_: Any) -> None:
            raise ConnectionError("no queue")

        def send_message(self, **_: Any) -> None:
            raise ConnectionError("no queue")

    consumer = DeliveriesConsumer(answers(world.deliverer), NoSqs(), URL)
    world.queue.deliver(lambda event, _: consumer.consume(event))

    assert len(world.queue.waiting) == 1


def test_what_is_not_there_any_more_is_done_with_and_logged(world: World) -> None:
    world.send("a")
    world.deliverer.trouble["a"] = HandedOver(known=False)

    with log_lines() as lines:
        world.batch()

    assert world.queue.waiting == []
    assert [line["message"] for line in lines] == ["notification is not there any more"]


def test_each_message_is_answered_by_what_it_asks_for(world: World) -> None:
    world.send("a")
    world.queue.send({"tenant": "t", "look": True})

    world.batch()

    assert sorted(world.deliverer.delivered) == [("t", "a"), ("t", "everything")]


def test_a_receiver_that_asks_for_a_longer_pause_gets_it(world: World) -> None:
    world.send("a")
    world.deliverer.trouble["a"] = replace(NOT_DONE, pause=77)

    world.batch()

    assert world.queue.pauses == [77]


def test_a_receiver_cannot_put_its_pages_off_for_ever(world: World) -> None:
    world.send("a")
    world.deliverer.trouble["a"] = replace(NOT_DONE, pause=86_400)

    world.batch()

    assert world.queue.pauses == [900]
