"""Functions that are away, clocks that differ, people who edit in between, and one tenant who is a
thousand times as large as another.
"""

from collections.abc import Callable

import pytest

from skafu.alerts.model import Cause, State
from skafu.metrics.model import Operator, Statistic, TagFilter
from skafu.shared import keys
from skafu.shared.keys import MINUTE_MS
from skafu.shared.table import Put
from tests.support.clocks import NOON
from tests.support.deciding import Deciding, Queries
from tests.support.definitions import alert
from tests.support.events import lambda_context

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
SECOND = 1000


def effects(world: Deciding) -> list[tuple[int, State, State]]:
    """The history in force: each record replaces what is at or after its base."""
    found: list[tuple[int, State, State]] = []
    for record in world.decisions:
        found = [each for each in found if each[0] < record.base]
        found += [(e.bucket, e.source, e.target) for e in record.effects]
    return found


# --- a sweeper that is away -----------------------------------------------------------------------


def silent_half_hour(world: Deciding, away: range) -> None:
    """Data for some minutes, then none; the sweeper and its wakeups are away for some of them."""
    world.create(alert(evaluation_periods=2, datapoints_to_alarm=2))
    for minute in range(30):
        if minute < 6 or minute > 20:
            world.send(20.0 if minute in (2, 3, 22, 23) else 3.0)
        present = minute not in away
        world.live(60, sweeps=present, wakes=present)


def test_a_sweeper_that_is_away_for_ten_minutes_finds_all_when_it_is_back() -> None:
    usual, late = Deciding(), Deciding()
    silent_half_hour(usual, range(0))
    silent_half_hour(late, range(5, 16))

    assert INSUFFICIENT in [target for _, _, target in effects(usual)]
    assert effects(late) == effects(usual)
    assert {each.id for each in late.outbox} == {each.id for each in usual.outbox}


def test_without_stream_and_sweeper_for_ten_minutes_no_transition_is_lost() -> None:
    usual, late = Deciding(), Deciding()
    for world, away in ((usual, range(0)), (late, range(3, 13))):
        world.create(alert(group_by=("host",)))
        for minute in range(20):
            world.send(20.0 if minute % 4 == 1 else 3.0)
            world.pass_time(60)
            if minute not in away:
                world.stream()
                world.sweep()

    assert len(effects(usual)) == 11
    assert effects(late) == effects(usual)
    assert len(late.outbox) == len(usual.outbox)


def test_notifications_wait_for_a_queue_that_is_away_under_one_id() -> None:
    world = Deciding()
    world.create(alert())
    world.sqs.down = {"deliveries", "wakeups"}
    for minute in range(10):
        world.send(20.0 if minute % 2 else 3.0)
        world.pass_time(60)
        world.stream()
        world.sweep()
    assert not world.deliveries
    missed = [each.id for each in world.outbox]
    assert len(missed) == 9
    world.sqs.down = set()
    world.live(600)

    assert set(missed) <= set(world.deliveries)
    assert set(world.deliveries) == {each.id for each in world.outbox}


# --- clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-1_900, 1_900])
def test_servers_whose_clocks_differ_take_nothing_back_of_each_other(ahead: int) -> None:
    usual, skewed = Deciding(), Deciding()
    wrong = Deciding(table=skewed.table)  # the same functions by another clock
    wrong.clock.now += ahead
    for world in (usual, skewed):
        world.create(alert(statistic=Statistic.MAX, group_by=("host",)))
    for minute in range(15):
        value = 20.0 if minute in (3, 4, 9) else 3.0
        usual.send(value)
        wrong.mapping.feed(skewed.send(value))
        for _ in range(60):
            for each in (usual, skewed, wrong):
                each.live(1)

    assert effects(skewed) == effects(usual)
    assert Cause.CORRECTION not in {each.cause for each in skewed.decisions}
    told = skewed.deliveries + wrong.deliveries
    assert set(told) == {each.id for each in skewed.outbox} == {each.id for each in usual.outbox}


@pytest.mark.parametrize("ahead_s", [-45, 45])
def test_an_agent_whose_clock_is_wrong_decides_by_what_it_says(ahead_s: int) -> None:
    world = Deciding()
    world.create(alert())
    for minute in range(10):
        world.send(20.0 if minute in (4, 5) else 3.0, at=world.clock.now + ahead_s * SECOND)
        world.live(60)
    world.live(120)

    moment = NOON + 4 * MINUTE_MS + ahead_s * SECOND
    began = moment // MINUTE_MS * MINUTE_MS + MINUTE_MS
    first, second = [each for each in effects(world) if ALARM in each[1:]][:2]
    assert first == (began, OK, ALARM)
    assert second == (began + 2 * MINUTE_MS, ALARM, OK)


def test_an_agent_that_is_far_in_the_future_closes_nothing() -> None:
    world = Deciding()
    world.create(alert())
    for _ in range(3):
        world.send(3.0)
        world.send(500.0, at=world.clock.now + 3_600 * SECOND, agent="dreamer")
        world.pass_time(59)
        world.stream()
        world.pass_time(1)

    assert {cause for d in world.decisions for cause in [d.cause]} <= {Cause.DATA, Cause.CLOCK}
    assert ALARM not in [target for _, _, target in effects(world)]


# --- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", range(0, 60, 7))
def test_an_edit_rules_the_buckets_that_end_after_it_and_no_other(second: int) -> None:
    world = Deciding()
    made = world.create(alert())
    for minute in range(6):
        world.send(12.0)
        if minute == 3:
            world.live(second)
            world.edit(made, threshold=15.0)
            world.live(60 - second)
        else:
            world.live(60)
    world.live(60)

    assert effects(world) == [
        (NOON + MINUTE_MS, INSUFFICIENT, ALARM),
        (NOON + 4 * MINUTE_MS, ALARM, OK),
    ]
    assert [d.version for d in world.decisions] == [1, 2]
    assert len(world.outbox) == 2


def test_an_edit_between_reading_and_writing_is_obeyed() -> None:
    world = Deciding()
    made = world.create(alert())
    world.send(12.0)
    world.pass_time(60)
    world.send(12.0)
    edits: list[Callable[[], object]] = [lambda: world.edit(made, threshold=15.0)]

    def meanwhile(writes: object) -> None:
        del writes
        if edits:
            edits.pop()()

    world.table.before_write = meanwhile
    world.stream()

    first, *_ = world.decisions
    assert not edits
    assert first.version == 2
    assert first.target is ALARM  # the bucket had ended under the older threshold


# --- a large tenant -------------------------------------------------------------------------------

MANY = 10_000
GIANT = "giant"


@pytest.fixture(scope="module")
def crowded() -> Deciding:
    """A tenant with ten thousand alerts next to one that has one."""
    world = Deciding()
    world.table.page_size = 1_000
    world.table.write(Put({**keys.registry(GIANT)._asdict(), "k": "registry", "tenant": GIANT}))
    for number in range(MANY):
        only = (TagFilter("host", Operator.EQUAL, f"h{number}"),)
        world.alerts.create(GIANT, alert(f"alert-{number:05d}", filters=only), last=0)
    world.create(alert("small"))
    return world


def test_what_a_small_tenant_reads_does_not_grow_with_a_large_one(crowded: Deciding) -> None:
    alone = Deciding()
    alone.table.page_size = crowded.table.page_size
    alone.create(alert("small"))
    counts = []
    for world in (alone, crowded):
        queries = Queries(world.table)
        for value in (3.0, 20.0, 3.0):
            world.send(value)
            world.pass_time(60)
        world.stream()
        counts.append(len(queries.asked))
        assert [d.target for d in world.decisions if d.alert == "small"] == [OK, ALARM]

    assert counts[0] == counts[1]


def test_a_small_tenant_is_swept_in_its_turn_whatever_the_large_one_takes(
    crowded: Deciding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sweep has time for a thousand alerts; no tenant is left out for ever."""
    world = Deciding(table=crowded.table)
    world.clock.now = crowded.clock.now
    world.send(20.0, lost=True)
    world.pass_time(120)
    swept: list[int] = []

    for sweep in range(12):
        context = lambda_context()
        looks = iter([60_000] * 1_000)
        monkeypatch.setattr(
            context, "get_remaining_time_in_millis", lambda looks=looks: next(looks, 0)
        )
        world.sweeper({"source": "aws.events"}, context)
        if any(d.target is ALARM and d.alert == "small" for d in world.decisions):
            swept.append(sweep)

    assert swept and swept[0] <= MANY // 1_000
