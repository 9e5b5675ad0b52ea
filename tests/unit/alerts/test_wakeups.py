from skafu.alerts.wakeups import Wakeups
from tests.support.clocks import NOON, FakeClock
from tests.support.queues import MemoryQueue


def asking() -> tuple[Wakeups, MemoryQueue, FakeClock]:
    queue, clock = MemoryQueue(), FakeClock()
    return Wakeups(queue, clock), queue, clock


def test_an_alert_is_woken_just_after_its_moment() -> None:
    wakeups, queue, _ = asking()

    wakeups.ask("acme", "alert-1", NOON + 40_001)
    wakeups.send()

    message = {"tenant": "acme", "alerts": ["alert-1"], "due": NOON + 40_001}
    assert queue.sent == [(message, 42)]


def test_a_moment_is_asked_for_once() -> None:
    wakeups, queue, _ = asking()

    for _ in range(3):
        wakeups.ask("acme", "alert-1", NOON + 40_000)
        wakeups.send()
    wakeups.ask("acme", "alert-1", NOON + 50_000)
    wakeups.ask("umbrella", "alert-1", NOON + 40_000)
    wakeups.send()

    assert len(queue.sent) == 3


def test_alerts_of_a_tenant_that_wait_for_the_same_moment_share_a_message() -> None:
    wakeups, queue, _ = asking()

    for number in range(1_500):
        wakeups.ask("acme", f"alert-{number}", NOON + 40_000)
    wakeups.send()

    sizes = [message["alerts"] for message in queue.messages]
    assert [len(each) for each in sizes if isinstance(each, list)] == [1_000, 500]


def test_what_is_more_than_fifteen_minutes_off_is_asked_for_later() -> None:
    wakeups, queue, clock = asking()

    wakeups.ask("acme", "alert-1", NOON + 900_000)
    wakeups.send()
    assert not queue.sent
    clock.advance(1_000)
    wakeups.ask("acme", "alert-1", NOON + 900_000)
    wakeups.send()

    assert queue.sent[0][1] == 900


def test_a_moment_that_has_passed_is_asked_for_at_once() -> None:
    wakeups, queue, _ = asking()

    wakeups.ask("acme", "alert-1", NOON - 5_000)
    wakeups.send()

    assert queue.sent[0][1] == 1


def test_a_queue_that_is_down_is_asked_again() -> None:
    wakeups, queue, _ = asking()
    queue.down = True
    wakeups.ask("acme", "alert-1", NOON + 40_000)
    wakeups.send()
    queue.down = False

    wakeups.ask("acme", "alert-1", NOON + 40_000)
    wakeups.send()

    assert len(queue.sent) == 1
