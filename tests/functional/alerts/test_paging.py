"""From transitions to pages, over the table, the queue and the sweep: groups, silences, cooldown,
escalation, and what is recorded of all that.
"""

from dataclasses import replace
from random import Random
from string import printable

import pytest

from skafu.alerts.channels import DEFAULT
from skafu.alerts.deliveries import Status
from skafu.alerts.model import Level, Severity, instance_id
from skafu.alerts.paging.account import Accounts
from skafu.alerts.paging.group import Reason, Verdict
from skafu.alerts.paging.model import PageCause, Route, Step, Told
from skafu.alerts.silences.windows import FOREVER
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Operator, TagFilter, Tags
from skafu.shared import keys
from skafu.shared.table import Delete
from tests.support.alerting import ALARM, OK, TENANT, minute
from tests.support.definitions import definition
from tests.support.paging import BROKEN, Paging, host, on_host

OPS = Route("ops", channels=("ops",), group_by=("alertname",), wait=30, interval=300)
CRITICAL = TagFilter("severity", Operator.EQUAL, "critical")


@pytest.fixture
def world() -> Paging:
    return Paging()


def severe(world: Paging) -> None:
    """An alert with two levels: medium and critical."""
    levels = (Level(Severity.CRITICAL, threshold=20),)
    world.publish(definition=definition(levels=levels))


def test_what_happens_together_is_told_together(world: Paging) -> None:
    world.publish()
    world.route(OPS)
    for name in ("a", "b", "c"):
        world.fires(name)
    assert world.told() == []

    world.passes(32)

    [page] = world.pages()
    assert world.says(page) == ["+a", "+b", "+c"]
    assert (page.cause, page.route) == (PageCause.FIRST, "ops")
    assert page.group_labels == {"alertname": "CPU is busy"}
    assert world.pending() == []


def test_a_delayed_message_is_not_needed(world: Paging) -> None:
    """The sweep finds what is due."""
    world.publish()
    world.route(OPS)
    world.fires("a")
    world.queue.waiting.clear()

    world.passes(120)

    assert world.told() == [("ops", Told.FIRING)]


def test_what_is_due_in_hours_is_told_on_time(world: Paging) -> None:
    world.publish()
    world.route(replace(OPS, wait=0, repeat=4 * 3600))
    world.fires("a")
    began = world.clock()
    assert world.queue.waiting == []

    world.passes(4 * 3600 + 70)

    first, again = world.pages()
    assert (first.cause, again.cause) == (PageCause.FIRST, PageCause.REPEAT)
    assert again.sent_at - began == pytest.approx(4 * 3_600_000, abs=2_000)


def test_instances_of_different_groups_are_told_apart(world: Paging) -> None:
    world.publish()
    world.route(replace(OPS, group_by=("host",)))
    world.fires("a")
    world.fires("b")
    world.passes(40)

    assert sorted(world.says(page) for page in world.pages()) == [["+a"], ["+b"]]
    assert len({page.group for page in world.pages()}) == 2


def test_every_route_that_takes_it_tells_it(world: Paging) -> None:
    world.publish()
    first = Route("all", channels=("log",), proceed=True)
    world.route(first, replace(OPS, wait=0))
    delivery = world.fires("a")

    assert sorted(world.told()) == [("log", Told.FIRING), ("ops", Told.FIRING)]
    assert [(x.route, x.verdict) for x in world.fates(delivery)] == [
        ("all", Verdict.TOLD),
        ("ops", Verdict.TOLD),
    ]


def test_what_no_route_takes_goes_to_the_topic(world: Paging) -> None:
    world.publish()
    world.route(Route("b", matchers=(on_host("b"),), channels=("ops",)))

    world.fires("a")

    assert world.told() == [(DEFAULT, Told.FIRING)]


def test_a_route_without_channels_tells_the_topic(world: Paging) -> None:
    world.publish()
    world.route(Route("nobody"))

    world.fires("a")

    assert world.told() == [(DEFAULT, Told.FIRING)]


def test_who_was_told_of_a_level_hears_how_it_goes_on(world: Paging) -> None:
    """Though the route of the greater severity is another one."""
    severe(world)
    world.route(
        Route("pager", matchers=(CRITICAL,), channels=("pager",)),
        Route("rest", channels=("chat",)),
    )

    world.fires("a", 1)
    world.fires("a", 2, level=1)
    world.fires("a", 3, level=0)
    world.resolves("a", 4)

    assert world.told("chat") == [("chat", Told.FIRING)] * 3 + [("chat", Told.RESOLVED)]
    assert world.told("pager") == [("pager", Told.FIRING)] * 2 + [("pager", Told.RESOLVED)]
    assert not world.open_groups()


def test_who_was_told_hears_the_end_when_the_routes_have_changed(world: Paging) -> None:
    world.publish()
    world.route(Route("old", channels=("old",)))
    world.fires("a", 1)
    world.route(Route("new", channels=("new",)))
    world.resolves("a", 2)

    assert world.told() == [("old", Told.FIRING), ("old", Told.RESOLVED)]
    assert not world.open_groups()


def test_a_group_that_was_closed_opens_again_and_its_pages_go_on(world: Paging) -> None:
    world.publish()
    world.route(replace(OPS, wait=0, interval=0))
    for at in range(1, 7, 2):
        world.fires("a", at)
        world.resolves("a", at + 1)

    assert [told for _, told in world.told()] == [Told.FIRING, Told.RESOLVED] * 3
    assert len({page.id for page in world.pages()}) == 6
    assert len({page.group for page in world.pages()}) == 1
    assert [page.cause for page in world.pages()] == [PageCause.FIRST, PageCause.UPDATE] * 3


def test_a_silence_keeps_people_asleep_and_is_recorded(world: Paging) -> None:
    world.publish("ops")
    silence = world.silence(on_host("a"), seconds=600)
    began = world.clock()

    fired = world.fires("a", 1)

    assert world.told() == []
    [fate] = world.fates(fired)
    assert fate.verdict is Verdict.WITHHELD
    assert fate.withheld is not None
    assert (fate.withheld.why, fate.withheld.by) == (Reason.SILENCE, silence)
    world.passes(601)
    [page] = world.pages()
    assert page.sent_at >= began + 600_000


def test_what_is_over_when_the_silence_ends_is_told_nobody(world: Paging) -> None:
    world.publish("ops")
    world.silence(on_host("a"), seconds=600)
    world.fires("a", 1)
    resolved = world.resolves("a", 2)
    world.passes(1000)

    assert world.told() == []
    assert [x.verdict for x in world.fates(resolved)] == [Verdict.NOTHING]


def test_a_silence_that_ends_early_is_noticed_at_once(world: Paging) -> None:
    world.publish("ops")
    silence = world.silence(on_host("a"), seconds=86_400)
    world.fires("a", 1)
    world.table.write(Delete(keys.silence(TENANT, silence)))
    world.queue.send({"tenant": TENANT, "look": True})
    world.drain()

    assert world.told() == [("ops", Told.FIRING)]


def test_a_silence_of_what_waits_is_minded(world: Paging) -> None:
    world.publish()
    world.route(OPS)
    world.fires("a", 1)
    world.silence(on_host("a"), seconds=600)
    world.passes(300)

    assert world.told() == []
    account = Accounts(world.table).tellings(
        TENANT, world.story.alert.id, instance_id(host("a")), 0, FOREVER
    )
    assert [each.withheld.why for each in account.muted] == [Reason.SILENCE]


def test_nobody_answers_and_the_next_ones_are_told(world: Paging) -> None:
    world.publish()
    steps = (Step(300, ("lead",)), Step(600, ("boss",)))
    world.route(replace(OPS, wait=0, steps=steps))
    world.fires("a", 1)
    world.passes(400)
    world.acknowledge(host("a"), minute(1))
    world.queue.send({"tenant": TENANT, "look": True})
    world.passes(4000)
    world.resolves("a", 2)
    world.passes(400)

    assert world.told() == [
        ("ops", Told.FIRING),
        ("lead", Told.FIRING),
        ("ops", Told.RESOLVED),
        ("lead", Told.RESOLVED),
    ]


def test_an_acknowledgement_stops_the_repetition(world: Paging) -> None:
    world.publish()
    world.route(replace(OPS, wait=0, repeat=600))
    world.fires("a", 1)
    world.passes(601)
    world.acknowledge(host("a"), minute(1))
    world.passes(4000)

    assert [page.cause for page in world.pages()] == [PageCause.FIRST, PageCause.REPEAT]


def test_an_alert_that_flaps_is_told_once_in_its_cooldown(world: Paging) -> None:
    world.publish("ops", cooldown=900)
    for at in range(1, 9, 2):
        world.fires("a", at)
        world.passes(20)
        world.resolves("a", at + 1)
        world.passes(20)
    world.passes(2000)

    assert world.told() == [("ops", Told.FIRING), ("ops", Told.RESOLVED)]


def test_of_a_deleted_alert_nothing_is_repeated(world: Paging) -> None:
    alert = world.publish()
    world.route(replace(OPS, wait=0, repeat=600))
    world.fires("a", 1)
    AlertStore(world.table).delete(TENANT, alert.id, None)
    world.passes(4000)

    assert world.told() == [("ops", Told.FIRING)]
    assert not world.open_groups()


def test_a_page_of_a_look_that_fails_is_tried_until_it_works(world: Paging) -> None:
    world.publish()
    world.route(OPS)
    world.fires("a", 1)
    world.sender.answers["ops"] = BROKEN
    world.passes(1000)
    assert world.told() == []
    assert len({page.id for _, page in world.sender.sent}) == 1
    world.sender.answers.clear()
    world.passes(1000)

    assert world.told() == [("ops", Told.FIRING)]
    [page] = world.pages()
    assert world.status(page.id) is Status.SENT


def test_a_page_of_a_look_is_left_to_the_sweep_when_the_queue_is_down(world: Paging) -> None:
    world.publish()
    world.route(OPS)
    world.fires("a", 1)
    world.sender.answers["ops"] = BROKEN
    world.clock.advance(31_000)
    world.queue.down = True
    world.notifier.look(TENANT, [world.open_groups()[0].id])
    [(_, page)] = world.sender.sent
    assert world.pending() == [page.id]
    world.queue.down = False
    world.sender.answers.clear()
    world.passes(200)

    assert [x.id for x in world.pages()] == [page.id]


def test_many_groups_are_looked_at_by_several_messages(world: Paging) -> None:
    world.publish("ops")
    silence = world.silence(TagFilter("host", Operator.EXISTS, True), seconds=86_400)
    for number in range(60):
        world.fires(f"web-{number}", 1)
    world.table.write(Delete(keys.silence(TENANT, silence)))
    world.queue.send({"tenant": TENANT, "look": True})
    world.drain()

    assert len(world.told()) == 60


def test_a_group_that_is_full_goes_on_in_another_part(world: Paging) -> None:
    world.publish()
    world.route(replace(OPS, group_by=(), wait=60))
    random = Random(7)
    crowd: list[Tags] = [
        tuple((f"tag-{i}", "".join(random.choices(printable, k=250)).strip()) for i in range(10))
        for _ in range(80)
    ]
    for tags in crowd:
        world.deliver(world.story.happens(ALARM, 1, tags))
    groups = world.open_groups()

    assert len(groups) == 2
    assert sum(len(group.members) for group in groups) == len(crowd)
    assert max(group.size for group in groups) < 150_000
    world.passes(120)
    told = [page for page in world.pages() if page.cause is PageCause.FIRST]
    assert {page.group for page in told} == {group.id for group in groups}
    assert sum(len(x.items) + sum(x.omitted.values()) for x in told) == len(crowd)

    for tags in (crowd[0], crowd[-1]):  # one of each part
        world.deliver(world.story.happens(OK, 2, tags))
    world.passes(600)
    ended = [page for page in world.pages() if page.cause is PageCause.UPDATE]
    assert {page.group for page in ended} == {group.id for group in groups}
    assert sum(len(group.members) for group in world.open_groups()) == len(crowd) - 2
