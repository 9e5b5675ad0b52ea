import pytest

from skafu.alerts.paging.model import Route
from skafu.alerts.paging.timers import Timers, TimerSweep, delay_s
from skafu.shared import keys
from skafu.shared.table import Query
from tests.support.alerting import TENANT
from tests.support.clocks import NOON, FakeClock
from tests.support.paging import Paging
from tests.support.queues import MemoryQueue

WAITING = Route("ops", channels=("ops",), wait=3_600)


def test_a_look_is_asked_for_just_after_it_is_due() -> None:
    queue = MemoryQueue()

    Timers(queue, FakeClock()).ask("t", [("g", NOON + 30_000), ("h", NOON - 5)])

    assert queue.sent == [({"tenant": "t", "group": "g"}, 31), ({"tenant": "t", "group": "h"}, 0)]


@pytest.mark.parametrize(("due", "delay"), [(1, 2), (1_000, 2), (1_001, 3), (0, 0), (-9, 0)])
def test_whole_seconds_are_never_too_early(due: int, delay: int) -> None:
    assert delay_s(NOON + due, NOON) == delay


def test_what_is_due_later_than_a_message_can_be_delayed_is_left_to_the_sweep() -> None:
    queue = MemoryQueue()

    Timers(queue, FakeClock()).ask("t", [("g", NOON + 900_000)])

    assert not queue.sent


def test_a_queue_that_is_down_leaves_it_to_the_sweep() -> None:
    queue = MemoryQueue()
    queue.down = True

    Timers(queue, FakeClock()).ask("t", [("g", NOON)])

    assert not queue.sent


@pytest.fixture
def world() -> Paging:
    """One group that waits for an hour."""
    world = Paging()
    world.publish()
    world.route(WAITING)
    world.fires("a", 1)
    return world


def sweep(world: Paging, queue: MemoryQueue) -> int:
    return TimerSweep(world.table, queue, world.clock).sweep(TENANT)


def test_the_sweep_asks_for_what_is_due_before_the_next_one(world: Paging) -> None:
    queue = MemoryQueue()
    assert sweep(world, queue) == 0
    world.clock.advance(3_600_000 - 20_000)

    assert sweep(world, queue) == 1
    group = world.open_groups()[0].id
    assert queue.sent == [({"tenant": TENANT, "group": group}, 21)]


def test_while_nobody_answers_it_is_asked_for_ever_more_rarely(world: Paging) -> None:
    queue = MemoryQueue()
    world.clock.advance(3_600_000)
    asked = []
    for at in range(60):
        if sweep(world, queue):
            asked.append(at)
        world.clock.advance(60_000)

    assert asked == sorted(asked)
    assert 3 <= len(asked) <= 8
    assert asked[0] == 0


def test_what_the_queue_does_not_take_the_next_sweep_finds(world: Paging) -> None:
    queue = MemoryQueue()
    world.clock.advance(3_600_000)
    queue.down = True
    assert sweep(world, queue) == 0
    queue.down = False

    assert sweep(world, queue) == 1


def test_a_group_that_was_told_meanwhile_keeps_its_own_time(world: Paging) -> None:
    world.clock.advance(3_600_000)
    group = world.open_groups()[0].id
    sweep(world, MemoryQueue())
    world.notifier.look(TENANT, [group])

    [item] = world.table.query_all(Query(keys.timers(TENANT), index="GSI1"))
    assert int(item["due"]) > world.clock() + 86_400_000
    assert item["gsi1sk"] == keys.timer_index(TENANT, int(item["due"]), group).gsi1sk
