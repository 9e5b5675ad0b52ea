"""What goes wrong on the way from a transition to people, at every point of it: in the end each
page has arrived, under one name and with one content, in order, and nothing is told as new twice.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from skafu.alerts.channels import DEFAULT, ChannelType
from skafu.alerts.deliveries import PageDelivery, Status, outgoing_from
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.model import Page, Route, Step, Told
from skafu.shared.table import Item
from tests.support.alerting import ALARM, OK, TENANT
from tests.support.paging import BROKEN, FINE, GONE, Paging, host
from tests.support.shaky_table import Fault, ShakyTable

HANGING = Outcome(Result.FAILED, None, "no answer within 10 s", 10_000)
OPS = Route("ops", channels=("ops",), group_by=("alertname",))
OTHER = Route("other", channels=("other",))
FAULTS = [Fault.THROTTLED, Fault.LOST, Fault.CONFLICT, Fault.STORM]


def shaky() -> tuple[Paging, ShakyTable]:
    table = ShakyTable()
    world = Paging(table)
    world.publish()
    world.route(replace(OPS, proceed=True), OTHER)
    return world, table


def night(world: Paging) -> None:
    """Two instances fire and are resolved, minute by minute; messages come as they come."""
    for at, (target, name) in enumerate([(ALARM, "a"), (ALARM, "b"), (OK, "a"), (OK, "b")]):
        delivery = world.story.happens(target, at, host(name))
        world.queue.send({"tenant": TENANT, "delivery": delivery})
        with watched(world):
            world.batch()
        world.clock.advance(1_000)


def watched(world: Paging) -> AbstractContextManager[None]:
    """What the notifier asks of the table is where a fault may be."""
    return world.table.watched() if isinstance(world.table, ShakyTable) else nullcontext()


def news(world: Paging, channel: str) -> dict[str, list[Told]]:
    """What a channel heard of each instance, repetitions of a page left out."""
    heard: dict[str, list[Told]] = defaultdict(list)
    seen: dict[str, Page] = {}
    for page in world.pages(channel):
        if page.id in seen:
            assert seen[page.id] == page, "one name, two contents"
            continue
        seen[page.id] = page
        for item in page.items:
            if item.news:
                heard["".join(value for _, value in item.notification.tags)].append(item.told)
    return heard


def settled(world: Paging, *channels: str) -> None:
    """Nobody is waiting for anything any more, and everybody heard of everything in order."""
    for channel in channels:
        expected = [Told.FIRING, Told.RESOLVED]
        assert news(world, channel) == {"a": expected, "b": expected}, channel
    assert world.pending() == []
    assert {item["status"] for item in outbox(world)} == {Status.SENT.value}
    assert not world.open_groups()
    assert not world.queue.waiting and not world.queue.parked


def outbox(world: Paging) -> list[Item]:
    return [item for key, item in world.table.items.items() if key.pk.endswith("#outbox")]


def calls_of_a_night(fault: Fault) -> int:
    world, table = shaky()
    table.fault = fault
    night(world)
    return table.calls


CASES = [(fault, n) for fault in FAULTS for n in range(1, calls_of_a_night(fault) + 1)]


@pytest.mark.parametrize(("fault", "number"), CASES, ids=lambda x: getattr(x, "name", x))
def test_a_fault_of_the_table_at_any_call_loses_and_repeats_nothing(
    fault: Fault, number: int
) -> None:
    world, table = shaky()
    table.fault, table.at = fault, number
    night(world)
    world.passes(900)

    settled(world, "ops", "other")


@pytest.mark.parametrize("number", range(1, calls_of_a_night(Fault.THROTTLED) + 1))
def test_a_second_notifier_on_the_same_messages_changes_nothing(number: int) -> None:
    world, table = shaky()
    table.at = number

    def meanwhile() -> None:
        for item in outbox(world):
            world.another().deliver(TENANT, str(item["sk"]))

    table.meanwhile = meanwhile
    night(world)
    world.passes(900)

    settled(world, "ops", "other")
    assert len({page.id for page in world.pages("ops")}) == 4


@pytest.mark.parametrize("number", range(1, calls_of_a_night(Fault.THROTTLED) + 1))
def test_a_second_notifier_on_the_same_group_changes_nothing(number: int) -> None:
    """It takes a transition of another instance in between."""
    world, table = shaky()
    table.at = number

    others = {"a", "b"}

    def meanwhile() -> None:
        others.add("c")
        for target in (ALARM, OK):
            delivery = world.story.happens(target, 20 if target is ALARM else 21, host("c"))
            if not world.another().deliver(TENANT, delivery).done:
                world.queue.send({"tenant": TENANT, "delivery": delivery})

    table.meanwhile = meanwhile
    night(world)
    world.passes(900)

    for channel in ("ops", "other"):
        expected = {name: [Told.FIRING, Told.RESOLVED] for name in others}
        assert news(world, channel) == expected
    assert not world.open_groups()


class Crash(RuntimeError):
    """The function is gone in the middle of something."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_crash_before_or_after_a_page_is_sent_sends_it_again_under_its_name(
    number: int, after: bool
) -> None:
    world, _ = shaky()

    def crash(channel: str, page: Page) -> None:
        del channel, page
        if len(world.sender.sent) == number:
            if not after:
                world.sender.taken.pop()
            raise Crash

    world.sender.meanwhile = crash
    night(world)
    world.passes(900)

    settled(world, "ops", "other")


def kinds() -> list[tuple[str, ChannelType]]:
    return [
        (DEFAULT, ChannelType.TOPIC),
        ("hook", ChannelType.WEBHOOK),
        ("chat", ChannelType.SLACK),
        ("pager", ChannelType.PAGERDUTY),
    ]


@pytest.mark.parametrize(("channel", "kind"), kinds())
@pytest.mark.parametrize("trouble", [BROKEN, HANGING])
def test_a_channel_that_is_down_for_an_hour_gets_everything_when_it_is_back(
    channel: str, kind: ChannelType, trouble: Outcome
) -> None:
    world = Paging()
    world.publish()
    world.webhook(channel, kind=kind)
    world.route(replace(OPS, channels=(channel, "fine")))
    world.sender.answers[channel] = trouble
    night(world)
    assert len(world.told("fine")) >= 4, "the other channel waits for nothing"
    world.passes(3_600)
    assert world.told(channel) == []
    world.sender.answers.clear()
    world.passes(3_600)

    settled(world, channel, "fine")


def test_a_receiver_that_is_gone_costs_no_page() -> None:
    world = Paging()
    world.publish()
    world.route(OPS)
    world.sender.answers["ops"] = GONE
    night(world)
    world.passes(900)

    settled(world, DEFAULT)
    assert all("default topic" in page.note for page in world.pages(DEFAULT))


def test_one_group_that_cannot_be_told_leaves_the_others_alone() -> None:
    world = Paging()
    world.publish()
    world.route(replace(OPS, group_by=None), OTHER)
    world.sender.answers["ops"] = BROKEN
    night(world)
    world.passes(600)
    world.sender.answers["ops"] = FINE
    tried = {page.group for _, page in world.sender.sent}
    world.passes(3_600)

    assert len(tried) == 2
    settled(world, "ops")


def test_a_table_that_is_down_for_ten_minutes_delays_and_loses_nothing() -> None:
    world, table = shaky()
    deliveries = []
    for at, (target, name) in enumerate([(ALARM, "a"), (ALARM, "b"), (OK, "a"), (OK, "b")]):
        deliveries.append(world.story.happens(target, at, host(name)))
        world.queue.send({"tenant": TENANT, "delivery": deliveries[-1]})
    table.down = True
    for _ in range(20):
        world.batch()
        world.clock.advance(30_000)
    assert world.told() == []
    table.down = False
    world.passes(3_600)

    settled(world, "ops", "other")


@pytest.mark.parametrize("lost", ["transitions", "timers", "everything"])
def test_messages_that_are_lost_are_sent_again_by_the_sweep(lost: str) -> None:
    world = Paging()
    world.publish()
    world.route(replace(OPS, wait=30, interval=60))
    for at, (target, name) in enumerate([(ALARM, "a"), (ALARM, "b"), (OK, "a"), (OK, "b")]):
        delivery = world.story.happens(target, at, host(name))
        if lost == "timers":
            world.queue.send({"tenant": TENANT, "delivery": delivery})
            world.drain()
        if lost != "transitions":
            world.queue.waiting.clear()
        world.passes(200)

    settled(world, "ops")


def test_escalations_outlive_a_table_that_fails_at_any_call() -> None:
    steps = (Step(60, ("lead",)), Step(120, ("boss",)))

    def story(fault: Callable[[ShakyTable], None]) -> tuple[Paging, ShakyTable]:
        table = ShakyTable()
        world = Paging(table)
        world.publish()
        world.route(replace(OPS, steps=steps))
        fault(table)
        delivery = world.story.happens(ALARM, 1, host("a"))
        world.queue.send({"tenant": TENANT, "delivery": delivery})
        with table.watched():
            world.passes(200)
        return world, table

    _, table = story(lambda table: None)
    for number in range(1, table.calls + 1):

        def throttled(table: ShakyTable, number: int = number) -> None:
            table.fault, table.at = Fault.THROTTLED, number

        world, _ = story(throttled)
        world.passes(600)
        ids = {page.id: channel for channel, page in world.sender.taken}
        assert sorted(ids.values()) == ["boss", "lead", "ops"], number


def test_what_is_stored_of_a_page_is_what_was_sent() -> None:
    world, _ = shaky()
    night(world)

    sent = {page.id: page for page in world.pages()}
    for item in outbox(world):
        found = outgoing_from(item)
        if isinstance(found, PageDelivery):
            assert found.telling.page == sent[found.telling.page.id]


@pytest.mark.parametrize("number", range(1, 7))
def test_of_those_who_wait_together_nobody_is_forgotten(number: int) -> None:
    """Another notifier takes another instance's transition at any point, and nothing is told yet
    that would show it.
    """
    world, table = shaky()
    world.route(replace(OPS, wait=30))
    table.at = number

    def meanwhile() -> None:
        delivery = world.story.happens(ALARM, 1, host("c"))
        world.another().deliver(TENANT, delivery)

    table.meanwhile = meanwhile
    world.queue.send({"tenant": TENANT, "delivery": world.story.happens(ALARM, 1, host("a"))})
    with table.watched():
        world.batch()
    world.passes(120)

    assert news(world, "ops") == {"a": [Told.FIRING], "c": [Told.FIRING]}
