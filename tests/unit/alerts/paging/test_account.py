from dataclasses import replace

import pytest

from skafu.alerts.model import instance_id
from skafu.alerts.outcome import Result
from skafu.alerts.paging.account import Account, Accounts
from skafu.alerts.paging.group import Reason, Verdict
from skafu.alerts.paging.model import PageCause, Route, Step, Told
from skafu.alerts.silences.windows import FOREVER
from tests.support.alerting import ALARM, OK, TENANT, minute
from tests.support.paging import BROKEN, Paging, host, on_host

OPS = Route("ops", channels=("ops",), steps=(Step(300, ("lead",)),), repeat=3600)


@pytest.fixture
def world() -> Paging:
    world = Paging()
    world.publish()
    world.route(OPS)
    return world


def account(
    world: Paging, name: str = "a", start: int = 0, end: int = FOREVER, attempts: bool = True
) -> Account:
    member = instance_id(host(name))
    accounts = Accounts(world.table)
    return accounts.tellings(TENANT, world.story.alert.id, member, start, end, attempts)


def test_of_what_never_happened_there_is_nothing_to_tell(world: Paging) -> None:
    assert account(world) == Account((), (), (), None)


def test_a_night_is_told_with_pages_steps_and_people(world: Paging) -> None:
    fired = world.fires("a", 1)
    world.passes(400)
    world.acknowledge(host("a"), minute(1))
    world.passes(100)
    resolved = world.resolves("a", 9)

    found = account(world)

    assert [(x.cause, x.told, x.step, x.channels) for x in found.heard] == [
        (PageCause.FIRST, Told.FIRING, 0, ("ops",)),
        (PageCause.ESCALATION, Told.FIRING, 1, ("lead",)),
        (PageCause.UPDATE, Told.RESOLVED, 0, ("ops", "lead")),
    ]
    assert [each.notification for each in found.taken] == [fired, resolved]
    assert [[fate.verdict for fate in each.fates or ()] for each in found.taken] == [
        [Verdict.TOLD],
        [Verdict.TOLD],
    ]
    assert found.engagement is not None
    assert found.engagement.acknowledged_by == "ann"


def test_every_try_is_told_by_channel(world: Paging) -> None:
    world.sender.answers["ops"] = BROKEN
    world.fires("a", 1)
    world.sender.answers.clear()
    world.passes(20)

    [heard] = account(world).heard
    assert [x.outcome.result for x in heard.attempts] == [Result.FAILED, Result.DELIVERED]
    [heard] = account(world, attempts=False).heard
    assert not heard.attempts


def test_what_was_muted_is_told_with_who_muted_it(world: Paging) -> None:
    silence = world.silence(on_host("a"), seconds=600)
    now = world.clock()
    world.fires("a", 1)
    world.fires("b", 1)

    found = account(world)

    assert not found.heard
    [muted] = found.muted
    assert (muted.at, muted.route) == (now, "ops")
    assert (muted.withheld.why, muted.withheld.by) == (Reason.SILENCE, silence)
    assert muted.withheld.until == now + 600_000
    assert not account(world, "b").muted


def test_a_transition_that_nobody_has_taken_is_there_without_fate(world: Paging) -> None:
    delivery = world.story.happens(ALARM, 1, host("a"))

    [taken] = account(world).taken
    assert (taken.notification, taken.fates) == (delivery, None)


def test_only_what_falls_into_the_range_is_told(world: Paging) -> None:
    world.fires("a", 1)
    told_at = world.clock()
    world.passes(4000)
    world.resolves("a", 9)

    late = account(world, start=told_at + 1)
    assert PageCause.FIRST not in [each.cause for each in late.heard]
    assert PageCause.ESCALATION in [each.cause for each in late.heard]
    assert not account(world, end=told_at).heard
    assert len(account(world, start=told_at, end=told_at + 1).heard) == 1
    assert not account(world, start=minute(2), end=minute(9)).taken


def test_what_was_told_by_groups_of_before_is_told_too(world: Paging) -> None:
    world.fires("a", 1)
    world.resolves("a", 2)
    world.route(replace(OPS, name="other"))
    world.fires("a", 3)
    world.hears(OK, "a", 4)

    found = account(world)
    assert [each.route for each in found.heard] == ["ops", "ops", "other", "other"]


def test_pages_about_others_are_not_told_of_an_instance(world: Paging) -> None:
    world.route(replace(OPS, group_by=()))
    world.fires("a", 1)
    world.fires("b", 1)

    assert len(account(world, "a").heard) == 1
    assert len(account(world, "b").heard) == 1
