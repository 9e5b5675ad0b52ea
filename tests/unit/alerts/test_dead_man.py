from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from skafu.alerts.dead_man import STALE_MS, DeadMan, beat, message
from skafu.alerts.outcome import Outcome, Result
from tests.support.clocks import NOON, FakeClock
from tests.support.queues import MemoryQueue

URL, TOPIC = "https://watch.example/ping", "arn:aws:sns:eu-west-1:210987654321:skafu-alive"


class Outside:
    """An address and a topic outside; each may refuse."""

    def __init__(self) -> None:
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.published: list[dict[str, Any]] = []
        self.answer = Outcome(Result.DELIVERED, 200)
        self.refuses = False

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        judge: Callable[[int, str], Result],
    ) -> Outcome:
        assert headers == {"Content-Type": "application/json"}
        assert judge(500, "") is Result.FAILED
        self.called.append((url, orjson.loads(body)))
        return self.answer

    def publish(self, **arguments: Any) -> None:
        if self.refuses:
            raise ClientError({"Error": {"Code": "NotFound"}}, "Publish")
        self.published.append(arguments)


def switch(outside: Outside, clock: FakeClock, url: str = URL, topic: str = TOPIC) -> DeadMan:
    return DeadMan(outside, outside, url, topic, "production", clock)


def test_a_beat_names_the_environment_and_the_moment_of_the_sweep() -> None:
    outside = Outside()

    switch(outside, FakeClock()).tell(NOON)

    said = {"environment": "production", "swept_at": NOON}
    assert outside.called == [(URL, said)]
    assert [each["TopicArn"] for each in outside.published] == [TOPIC]
    assert [orjson.loads(each["Message"]) for each in outside.published] == [said]


def test_a_beat_that_waited_too_long_is_not_passed_on() -> None:
    outside, clock = Outside(), FakeClock()
    clock.now += STALE_MS + 1

    switch(outside, clock).tell(NOON)

    assert not outside.called and not outside.published


def test_where_nobody_listens_nobody_is_told() -> None:
    outside = Outside()

    switch(outside, FakeClock(), url="", topic="").tell(NOON)

    assert not outside.called and not outside.published


@pytest.mark.parametrize("status", [500, 404])
def test_an_address_that_refuses_does_not_keep_the_topic_from_hearing(status: int) -> None:
    outside = Outside()
    outside.answer = Outcome(Result.FAILED, status, f"answered {status}")

    failed = switch(outside, FakeClock()).tell(NOON)

    assert failed == ("address",)
    assert len(outside.published) == 1


def test_a_topic_that_refuses_raises_nothing() -> None:
    outside = Outside()
    outside.refuses = True

    failed = switch(outside, FakeClock()).tell(NOON)

    assert failed == ("topic",)
    assert len(outside.called) == 1


def test_a_beat_goes_through_the_notifier_s_queue() -> None:
    queue = MemoryQueue()

    beat(queue, NOON)

    assert queue.messages == [message(NOON)]


def test_a_queue_that_is_down_stops_no_sweep() -> None:
    queue = MemoryQueue()
    queue.down = True

    beat(queue, NOON)

    assert not queue.messages
