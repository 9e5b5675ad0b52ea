"""A stack's releases, where its account keeps them."""

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.release.journal import Journal
from skafu.ops.release.record import Hold
from tests.support.clocks import NOON
from tests.support.clouds import CALLER, Cloud
from tests.support.released import account_in, release


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def journal(cloud: Cloud) -> Journal:
    return account_in(cloud).journal("skafu-prod")


def test_a_stack_that_was_never_recorded_has_nothing_and_may_be_deployed(journal: Journal) -> None:
    assert journal.current() is None
    assert not journal.ids()
    assert journal.held() is None
    journal.lift()


def test_releases_are_told_newest_first(journal: Journal) -> None:
    made = [release(minute) for minute in range(5)]
    for each in made:
        journal.keep(each, "Resources: {}")
    assert journal.ids() == [each.id for each in reversed(made)]
    assert journal.current() == made[-1]


def test_stacks_do_not_see_each_others_releases(cloud: Cloud, journal: Journal) -> None:
    other = account_in(cloud).journal("skafu-prod-2")
    journal.keep(release(), "")
    assert not other.ids() and other.current() is None


def test_a_release_that_nobody_made_is_refused(journal: Journal) -> None:
    with pytest.raises(Refused, match="skafu-prod has no release 20200101T000000Z-aaaaaaaa"):
        journal.read("20200101T000000Z-aaaaaaaa")


def test_a_hold_says_why_until_it_is_lifted(cloud: Cloud, journal: Journal) -> None:
    hold = Hold(release=release().id, at=NOON, by=CALLER, reason="it answers 500")
    journal.hold(hold)
    assert journal.held() == hold
    assert account_in(cloud).journal("skafu-dev").held() is None
    journal.lift()
    assert journal.held() is None
