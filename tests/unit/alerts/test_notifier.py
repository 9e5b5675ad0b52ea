from dataclasses import replace

import pytest

from skafu.alerts.channels import DEFAULT
from skafu.alerts.deliveries import Status
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.courier import HandedOver
from skafu.alerts.paging.group import Verdict
from skafu.alerts.paging.model import Page, Told
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, minute
from tests.support.paging import BROKEN, FINE, GONE, Paging


@pytest.fixture
def world() -> Paging:
    return Paging()


def test_an_alert_without_channels_goes_to_the_topic(world: Paging) -> None:
    world.publish()
    delivery = world.story.happens(ALARM, 9)

    handed = world.deliver(delivery)

    assert world.told() == [(DEFAULT, Told.FIRING)]
    assert handed.done and handed.delivered == 1
    assert world.status(delivery) is Status.SENT
    assert world.pending() == []


def test_every_channel_of_the_alert_is_told(world: Paging) -> None:
    world.publish("one", DEFAULT, "two")
    delivery = world.story.happens(ALARM, 9)

    world.deliver(delivery)

    assert sorted(world.told()) == [
        (DEFAULT, Told.FIRING),
        ("one", Told.FIRING),
        ("two", Told.FIRING),
    ]


def test_what_was_sent_is_not_sent_again(world: Paging) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.deliver(delivery)

    assert world.deliver(delivery) == HandedOver()
    assert len(world.sender.sent) == 1


def test_only_channels_that_did_not_take_it_are_tried_again(world: Paging) -> None:
    world.publish("one", "two")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["two"] = BROKEN

    first = world.deliver(delivery)
    assert (first.done, first.failed, first.waited) == (False, ("two",), None)
    assert world.status(world.page_of(delivery)) is Status.FAILED
    del world.sender.answers["two"]
    second = world.deliver(delivery)

    assert second.done and second.delivered == 1
    assert second.waited == world.clock() - minute(9) - 1_000
    assert world.told("one") == [("one", Told.FIRING)]
    assert world.status(world.page_of(delivery)) is Status.SENT


def test_what_was_sent_is_not_sent_again_when_its_tries_have_expired(world: Paging) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.deliver(delivery)
    for attempt in [key for key in world.table.items if "#attempts#" in key.pk]:
        del world.table.items[attempt]

    assert world.deliver(delivery) == HandedOver()
    assert len(world.sender.sent) == 1


def test_every_try_is_recorded(world: Paging) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["one"] = BROKEN
    world.deliver(delivery)
    world.deliver(delivery)
    world.sender.answers["one"] = FINE
    world.deliver(delivery)

    page = world.page_of(delivery)
    tries = world.deliveries.attempts(TENANT, page)

    assert [each.outcome for each in tries] == [BROKEN, BROKEN, FINE]
    assert [each.at for each in tries] == [minute(10) + i for i in (1, 2, 3)]
    item = world.table.items[keys.attempt(TENANT, page, "one", minute(10) + 1)]
    assert (item["k"], item["status"], item["http"]) == ("attempt", "failed", 500)
    assert item["ttl"] == minute(10) // 1000 + 90 * 86_400


def test_what_the_queue_holds_is_not_for_the_sweeper_to_send_again(world: Paging) -> None:
    """Or a webhook that is down would get one more message a minute."""
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    assert world.pending() == [delivery]
    world.sender.answers["one"] = BROKEN

    world.deliver(delivery)

    assert world.pending() == []


def test_a_notification_that_is_not_there_is_done_with(world: Paging) -> None:
    assert world.deliver("nothing") == HandedOver(known=False)


def test_a_deleted_channel_is_recorded_and_not_tried_for_ever(world: Paging) -> None:
    world.publish("one", "two")
    delivery = world.story.happens(ALARM, 9)
    world.table.items.pop(keys.channel(TENANT, "one"))

    assert world.deliver(delivery).done
    assert sorted(world.tries(delivery)) == [("one", Result.DELETED), ("two", Result.DELIVERED)]


@pytest.mark.parametrize("answer", [GONE, None])
def test_a_page_that_no_channel_of_its_own_can_take_goes_to_the_topic(
    world: Paging, answer: Outcome | None
) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    if answer is None:
        world.table.items.pop(keys.channel(TENANT, "one"))
    else:
        world.sender.answers["one"] = answer

    assert world.deliver(delivery).done
    channel, page = world.sender.sent[-1]
    assert channel == DEFAULT
    assert "default topic" in page.note
    assert world.status(world.page_of(delivery)) is Status.SENT


def test_the_last_resort_is_tried_until_it_works(world: Paging) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers |= {"one": GONE, DEFAULT: BROKEN}

    assert world.deliver(delivery).failed == (DEFAULT,)
    del world.sender.answers[DEFAULT]
    assert world.deliver(delivery).done
    assert [channel for channel, _ in world.sender.sent] == ["one", DEFAULT, DEFAULT]


def test_one_channel_that_works_is_enough(world: Paging) -> None:
    world.publish("one", "two")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["one"] = GONE

    assert world.deliver(delivery).done
    assert DEFAULT not in dict(world.told())


def test_news_that_nobody_waits_for_are_recorded_and_sent_to_nobody(world: Paging) -> None:
    world.publish("one", DEFAULT)
    delivery = world.story.happens(OK, 9)

    assert world.deliver(delivery).done
    assert world.sender.sent == []
    assert [each.verdict for each in world.fates(delivery)] == [Verdict.NOTHING]
    assert world.status(delivery) is Status.SENT
    assert world.pending() == []


def test_ok_after_silence_resolves_what_was_firing_before_it(world: Paging) -> None:
    world.publish("one")
    deliveries = [
        world.story.happens(state, at) for at, state in enumerate((ALARM, INSUFFICIENT, OK), 1)
    ]

    for delivery in deliveries:
        world.deliver(delivery)

    assert world.told() == [
        ("one", Told.FIRING),
        ("one", Told.UNKNOWN),
        ("one", Told.RESOLVED),
    ]
    assert [page.items[0].began for page in world.pages()] == [minute(1)] * 3


def test_resolved_waits_for_the_firing_it_belongs_to(world: Paging) -> None:
    world.publish("one", "two")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)
    world.sender.answers["one"] = BROKEN
    world.deliver(fired)

    assert world.deliver(resolved).failed == ("one",)
    assert world.tries(resolved) == [("one", Result.WAITING), ("two", Result.DELIVERED)]
    del world.sender.answers["one"]
    assert world.deliver(resolved).done
    assert world.deliver(fired).done
    assert world.told("one") == [("one", Told.FIRING), ("one", Told.RESOLVED)]


def test_a_page_that_waits_brings_the_one_before_it_along(world: Paging) -> None:
    """Whose own message may lie parked by then."""
    world.publish("one")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)
    world.sender.answers["one"] = BROKEN
    world.deliver(fired)
    del world.sender.answers["one"]

    assert world.deliver(resolved).done
    assert world.status(world.page_of(fired)) is Status.SENT


def test_a_page_that_somebody_else_is_handing_over_is_not_sent_twice(world: Paging) -> None:
    world.publish("one")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)

    def resolve(channel: str, page: object) -> None:
        del channel, page
        if len(world.sender.sent) == 1:
            assert not world.another().deliver(TENANT, resolved).done

    world.sender.meanwhile = resolve

    assert world.deliver(fired).done
    assert len(world.sender.sent) == 1
    assert world.deliver(resolved).done
    assert world.told() == [("one", Told.FIRING), ("one", Told.RESOLVED)]


def test_resolved_that_comes_first_brings_the_firing_along(world: Paging) -> None:
    world.publish("one")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)

    assert world.deliver(resolved).done
    assert world.deliver(fired).done
    assert world.told() == [("one", Told.FIRING), ("one", Told.RESOLVED)]


def test_nothing_that_happened_is_left_out_when_the_last_comes_first(world: Paging) -> None:
    world.publish("one")
    deliveries = [
        world.story.happens(state, at)
        for at, state in enumerate((ALARM, INSUFFICIENT, ALARM, OK, ALARM), 1)
    ]

    for delivery in reversed(deliveries):
        assert world.deliver(delivery).done

    assert [told for _, told in world.told()] == [
        Told.FIRING,
        Told.UNKNOWN,
        Told.FIRING,
        Told.RESOLVED,
        Told.FIRING,
    ]
    assert [page.items[0].began for page in world.pages()] == [minute(1)] * 4 + [minute(5)]


def test_who_was_told_of_the_firing_hears_that_it_is_resolved(world: Paging) -> None:
    """And nobody else, also when the alert has other channels by then."""
    world.publish("one")
    world.webhook("two")
    fired = world.story.happens(ALARM, 1)
    world.deliver(fired)
    world.story.alert = replace(world.story.alert, channels=("two",))
    resolved = world.story.happens(OK, 2)

    assert world.deliver(resolved).done
    assert world.told() == [("one", Told.FIRING), ("one", Told.RESOLVED)]


def test_the_topic_waits_for_nothing(world: Paging) -> None:
    """Its readers see times."""
    world.publish()
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)
    world.sender.answers[DEFAULT] = BROKEN
    world.deliver(fired)
    del world.sender.answers[DEFAULT]

    assert world.deliver(resolved).done
    assert world.deliver(fired).done
    assert world.told() == [(DEFAULT, Told.RESOLVED), (DEFAULT, Told.FIRING)]


def test_a_late_resolved_does_not_close_a_new_page(world: Paging) -> None:
    """It lay parked for more than an hour, and comes again when it is replayed."""
    world.publish("one")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)
    again = world.story.happens(ALARM, 3)
    world.deliver(fired)
    world.sender.answers["one"] = BROKEN
    world.deliver(resolved)
    world.clock.advance(3_600_000)

    def recover(channel: str, page: Page) -> None:
        del channel
        if page.told is Told.RESOLVED:
            world.sender.answers.clear()

    world.sender.meanwhile = recover
    assert world.deliver(again).done
    assert world.deliver(resolved).done
    assert world.told() == [("one", Told.FIRING)] * 2
    assert world.tries(resolved)[-1] == ("one", Result.SKIPPED)


def test_firing_waits_for_an_hour_at_most(world: Paging) -> None:
    world.publish("one")
    fired, resolved = world.story.happens(ALARM, 1), world.story.happens(OK, 2)
    again = world.story.happens(ALARM, 3)
    world.deliver(fired)
    world.sender.answers["one"] = BROKEN
    world.deliver(resolved)

    assert world.deliver(again).failed == ("one",)
    assert world.tries(again) == [("one", Result.WAITING)]


def test_a_correction_that_resolves_is_told(world: Paging) -> None:
    world.publish("one")
    fired = world.story.happens(ALARM, 2)
    resolved = world.story.corrects(2, (INSUFFICIENT, OK, 2))

    world.deliver(fired)
    world.deliver(resolved)

    assert world.told() == [("one", Told.FIRING), ("one", Told.RESOLVED)]


def test_without_the_table_nothing_is_sent(world: Paging) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.table.down = True

    with pytest.raises(Unavailable):
        world.deliver(delivery)
    assert world.sender.sent == []


@pytest.mark.parametrize("whole", [True, False])
def test_what_failed_may_be_opened_again(world: Paging, whole: bool) -> None:
    """The transition, or the page alone."""
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["one"] = BROKEN
    world.deliver(delivery)
    world.sender.answers["one"] = FINE
    again = delivery if whole else world.page_of(delivery)

    assert world.deliveries.reopen(TENANT, again, world.clock())
    assert world.pending() == [again]
    assert world.deliver(again).done
    assert world.pending() == []
    assert world.status(world.page_of(delivery)) is Status.SENT
    assert not world.deliveries.reopen(TENANT, "nothing", world.clock())


def test_a_page_that_vanishes_meanwhile_is_no_trouble(world: Paging) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.meanwhile = lambda _, page: world.table.items.pop(keys.outbox(TENANT, page.id))

    assert world.deliver(delivery).done


def test_a_receiver_that_asks_for_a_pause_gets_it(world: Paging) -> None:
    world.publish("one")
    delivery = world.story.happens(ALARM, 9)
    world.sender.answers["one"] = replace(BROKEN, status=429, retry_after=77)

    assert world.deliver(delivery).pause == 77
