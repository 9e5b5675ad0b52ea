"""Which firing an instance is in."""

import pytest

from skafu.alerts.engagement.firing import MAX_FIRING, Firing, Firings
from skafu.alerts.model import instance_id
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.memory_table import InMemoryTable

ONE = (("host", "a"),)


@pytest.fixture
def story() -> Storyteller:
    found = Storyteller(InMemoryTable())
    found.publish()
    return found


def firing(story: Storyteller) -> Firing | None:
    firings = Firings(story.table)
    state = firings.state_of(TENANT, story.alert.id, ONE)
    assert state is not None
    return firings.of(TENANT, state)


def test_it_began_with_the_bucket_that_brought_it(story: Storyteller) -> None:
    story.happens(ALARM, 1, ONE)
    story.happens(OK, 2, ONE)
    story.happens(ALARM, 3, ONE)

    assert firing(story) == Firing(instance_id(ONE), ONE, minute(3))


@pytest.mark.parametrize("state", [OK, INSUFFICIENT])
def test_what_is_not_in_alarm_does_not_fire(story: Storyteller, state: str) -> None:
    story.happens(ALARM, 1, ONE)
    story.happens(type(OK)(state), 2, ONE)

    assert firing(story) is None
    assert Firings(story.table).all(TENANT, story.alert.id) == ([], False)


def test_nobody_fires_under_other_tags(story: Storyteller) -> None:
    story.happens(ALARM, 1, ONE)

    assert Firings(story.table).state_of(TENANT, story.alert.id, ()) is None
    assert Firings(story.table).state_of("tenant2", story.alert.id, ONE) is None


def test_data_that_come_and_go_are_one_firing_however_often(story: Storyteller) -> None:
    story.happens(OK, 0, ONE)
    for number in range(1, 31):
        story.happens(ALARM if number % 2 else INSUFFICIENT, number, ONE)
    story.happens(ALARM, 31, ONE)

    found = firing(story)
    assert found is not None and found.began == minute(1)


def test_a_thousand_are_read_and_more_are_known(story: Storyteller) -> None:
    for number in range(MAX_FIRING + 1):
        story.happens(ALARM, 1, (("host", str(number)),))

    found, more = Firings(story.table).all(TENANT, story.alert.id)

    assert (len(found), more) == (MAX_FIRING, True)
    assert len({each.instance for each in found}) == MAX_FIRING
