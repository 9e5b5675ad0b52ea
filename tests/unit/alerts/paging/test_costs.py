"""What a transition costs: calls of the table, which are what a page waits for."""

from collections.abc import Sequence
from dataclasses import replace

from skafu.alerts.paging.model import Route, Step
from skafu.shared.table import Check, Write
from tests.support.alerting import ALARM, OK, TENANT
from tests.support.counting import CountingTable
from tests.support.paging import Paging, host

OPS = Route("ops", channels=("ops",), group_by=("alertname",), wait=30)


class Bill(CountingTable):
    """Reads and writes, one line for each call."""

    def write(self, write: Write) -> None:
        self.asked.append("write")
        super().write(write)

    def transact(self, writes: Sequence[Write | Check]) -> None:
        self.asked.append(f"transact {len(writes)}")
        super().transact(writes)


def told(world: Paging, table: Bill, *happened: str) -> list[str]:
    """The calls that handing transitions over takes."""
    table.forget()
    for each in happened:
        assert world.notifier.deliver(TENANT, each).done
    return [each.split("#")[0].replace(f" {TENANT}", "") for each in table.asked]


def test_a_page_of_an_alert_with_channels_takes_nine_calls() -> None:
    table = Bill()
    world = Paging(table)
    world.publish("one")

    calls = told(world, table, world.story.happens(ALARM, 1, host("a")))

    assert calls == [
        "get",  # the transition
        "get 2",  # where the instance is, and the routes
        "query",  # its log
        "get 1",  # its group
        "query",  # silences
        "transact 4",  # group, page, transition, whereabouts
        "get 1",  # the channel
        "write",  # what came of it
        "write",  # the page is sent
    ]


def test_the_end_of_it_takes_one_more() -> None:
    """The page before is looked at: this one must not overtake it."""
    table = Bill()
    world = Paging(table)
    world.publish("one")
    world.deliver(world.story.happens(ALARM, 1, host("a")))

    calls = told(world, table, world.story.happens(OK, 2, host("a")))

    assert len(calls) == 10
    assert calls.count("transact 4") == 1


def test_one_of_many_that_wait_takes_six() -> None:
    table = Bill()
    world = Paging(table)
    world.publish()
    world.route(OPS)
    for number in range(50):
        world.deliver(world.story.happens(ALARM, 1, host(f"web-{number}")))

    calls = told(world, table, world.story.happens(ALARM, 1, host("one-more")))

    assert len(calls) == 6
    assert calls[-1] == "transact 3"


def test_who_has_acknowledged_is_read_at_once_for_all() -> None:
    table = Bill()
    world = Paging(table)
    world.publish()
    world.route(replace(OPS, wait=0, steps=(Step(60, ("boss",)),)))
    for number in range(50):
        world.deliver(world.story.happens(ALARM, 1, host(f"web-{number}")))

    calls = told(world, table, world.story.happens(ALARM, 1, host("one-more")))

    assert "get 50" in calls
    assert len(calls) <= 12


def test_news_that_nobody_waits_for_write_once() -> None:
    table = Bill()
    world = Paging(table)
    world.publish("one")

    calls = told(world, table, world.story.happens(OK, 1, host("a")))

    assert [each for each in calls if not each.startswith(("get", "query"))] == ["transact 1"]
