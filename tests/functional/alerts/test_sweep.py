"""The sweeper as the schedule and its queue drive it: real wiring, real store, no network."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.alerts.codec import to_json
from skafu.alerts.model import Cause, MissingData, State
from skafu.alerts.scope import final_delay
from skafu.alerts.sweeper import MARK_STEP_MS
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import DAY_MS
from skafu.shared.table import Check, ConditionFailed, Delete, Item, Put, Update, Write
from tests.support.clocks import NOON
from tests.support.deciding import SECOND, Deciding, Queries
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.events import lambda_context, sample_event

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
MINUTE = 60_000
HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)


@pytest.fixture
def world() -> Deciding:
    return Deciding()


def told(world: Deciding) -> list[tuple[int, State, State, Cause]]:
    return [((d.bucket - NOON) // MINUTE, d.source, d.target, d.cause) for d in world.decisions]


# --- the clock ------------------------------------------------------------------------------------


def test_what_the_stream_has_lost_is_decided_from_the_table(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0, lost=True)
    world.pass_time(90)
    world.sweep()

    assert told(world) == [(1, INSUFFICIENT, ALARM, Cause.CLOCK)]
    assert world.deliveries == [notification.id for notification in world.outbox]


def test_silence_is_decided_by_the_clock(world: Deciding) -> None:
    world.create(alert())
    world.send(3.0)
    world.live(300, wakes=False)

    assert told(world) == [
        (1, INSUFFICIENT, OK, Cause.CLOCK),
        (4, OK, INSUFFICIENT, Cause.CLOCK),
    ]


def test_silence_alone_does_not_resolve(world: Deciding) -> None:
    world.create(alert(missing_data=MissingData.IGNORE, evaluation_periods=3))
    world.send(3.0)
    world.pass_time(60)
    world.send(20.0)
    world.live(600)

    assert world.states[()].state is ALARM


def test_a_sweep_that_finds_nothing_writes_nothing(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0)
    world.pass_time(95)
    world.sweep()
    before = dict(world.table.items)
    world.sweep()

    assert world.table.items == before


def test_a_metric_that_an_alert_watches_is_marked_as_watched(world: Deciding) -> None:
    world.create(alert())
    for metric in ("cpu.load", "nobody.watches"):
        record: Item = {**keys.metric_record(TENANT, metric)._asdict(), "k": "metric"}
        world.table.write(Put(record))
    world.sweep()

    today = NOON // DAY_MS * DAY_MS
    assert world.table.items[keys.metric_record(TENANT, "cpu.load")]["watched"] == today
    assert "watched" not in world.table.items[keys.metric_record(TENANT, "nobody.watches")]


def test_the_event_does_not_say_what_time_it_is(world: Deciding) -> None:
    """Its moment is of the past here, and would be of the future in a drill."""
    event = sample_event("alert-sweeper.schedule")
    world.create(alert())
    world.send(20.0)
    for moment in ("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z"):
        world.sweeper({**event, "time": moment}, lambda_context())
    assert not world.decisions

    world.pass_time(90)
    world.sweeper(event, lambda_context())

    assert world.states[()].state is ALARM


def test_instances_of_every_tenant_are_swept(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0, lost=True)
    entry = keys.registry("umbrella")._asdict()
    world.table.write(Put({**entry, "k": "registry", "tenant": "umbrella"}))
    world.pass_time(90)
    world.sweep()

    assert world.states[()].state is ALARM


# --- wakeups --------------------------------------------------------------------------------------


def test_a_wakeup_evaluates_its_alert_and_one_that_is_unreadable_comes_again(
    world: Deciding,
) -> None:
    event = sample_event("alert-sweeper.wakeups")
    world.create(alert("alert-1"))
    world.create(alert("alert-2"))
    world.send(20.0, lost=True)
    world.pass_time(91)

    answer = world.sweeper(event, lambda_context())

    assert [state.alert for state in world.states.values()] == ["alert-1"]
    poison = event["Records"][2]["messageId"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": poison}]}


def test_several_wakeups_of_one_alert_are_one_evaluation(world: Deciding) -> None:
    event = sample_event("alert-sweeper.wakeups")
    event["Records"] = event["Records"][:1] * 5
    world.create(alert())
    world.send(20.0, lost=True)
    world.pass_time(91)
    queries = Queries(world.table)
    world.sweeper(event, lambda_context())

    parts = keys.alert_parts(TENANT, "alert-1")
    states = [each for each in queries.asked if each.pk == parts and each.begins == "instance"]
    assert len(states) == 1


def test_wakeups_come_again_while_the_table_is_down(world: Deciding) -> None:
    event = sample_event("alert-sweeper.wakeups")
    world.table.down = True

    answer: Any = world.sweeper(event, lambda_context())

    names = [each["messageId"] for each in event["Records"]]
    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == names


def test_a_wakeup_before_its_time_decides_nothing_and_asks_for_another(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0, lost=True)
    world.pass_time(70)
    world.sweeper(sample_event("alert-sweeper.wakeups"), lambda_context())

    assert not world.decisions
    assert world.sqs.bodies("wakeups")[0]["due"] == NOON + 90 * SECOND


# --- sending again --------------------------------------------------------------------------------


def test_a_notification_that_nobody_has_taken_in_hand_is_sent_again_after_a_minute(
    world: Deciding,
) -> None:
    world.create(alert())
    world.send(20.0)
    world.pass_time(90)
    world.sweep()
    (first,) = world.deliveries
    world.pass_time(59)
    world.sweep()
    assert world.deliveries == [first]

    world.pass_time(1)
    world.sweep()

    assert world.deliveries == [first, first]


def test_groups_that_something_is_due_for_are_looked_at(world: Deciding) -> None:
    for group, due in (("late", -5 * MINUTE), ("soon", MINUTE), ("later", 10 * MINUTE)):
        at = world.clock() + due
        item: Item = {
            **keys.page_group(TENANT, group)._asdict(),
            **keys.timer_index(TENANT, at, group)._asdict(),
            "k": "group",
            "due": at,
        }
        world.table.write(Put(item))

    world.sweep()

    assert [each["group"] for each in world.sqs.bodies("deliveries")] == ["late", "soon"]


def test_it_is_sent_again_ever_more_rarely(world: Deciding) -> None:
    world.create(alert(missing_data=MissingData.IGNORE))
    world.send(20.0)
    world.pass_time(90)
    world.sweep()
    ages = []
    for minute in range(1, 61):
        world.pass_time(60)
        before = len(world.deliveries)
        world.sweep()
        if len(world.deliveries) > before:
            ages.append(minute)

    assert ages == [1, 2, 4, 8, 16, 32]


def test_what_has_been_handed_over_is_not_sent_again(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0)
    world.pass_time(90)
    world.sweep()
    key = keys.outbox(TENANT, world.deliveries[0])
    world.table.write(Update(key, {"status": "sent"}, remove=("gsi1pk", "gsi1sk")))
    world.pass_time(120)
    world.sweep()

    assert len(world.deliveries) == 1


def test_deciding_goes_on_while_the_queue_is_down(world: Deciding) -> None:
    world.create(alert())
    world.sqs.down = {"deliveries", "wakeups"}
    world.send(20.0)
    world.pass_time(90)
    world.sweep()
    world.pass_time(90)
    world.send(3.0, lost=True)
    world.pass_time(90)
    world.sweep()

    assert world.states[()].state is OK
    assert not world.deliveries


# --- marks ----------------------------------------------------------------------------------------


def mark(world: Deciding, alert_id: str = "alert-1") -> int | None:
    item = world.table.get(keys.mark(TENANT, alert_id))
    return None if item is None else int(item["end"])


def test_the_mark_moves_when_it_can_move_by_a_quarter_of_an_hour(world: Deciding) -> None:
    made = world.create(alert())
    delay = final_delay(made.definition)
    for _ in range(40):
        world.send(3.0)
        world.pass_time(60)
        world.stream()
        world.sweep()
        if world.clock.now - delay - NOON < MARK_STEP_MS:
            assert mark(world) is None

    found = mark(world)
    assert found is not None
    assert NOON + MARK_STEP_MS <= found <= world.clock.now - delay
    # What is before the mark is not looked at again, and nothing is lost by that.
    assert told(world) == [(1, INSUFFICIENT, OK, Cause.DATA)]


def test_a_mark_stays_where_something_was_left_to_write(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0, lost=True)
    world.pass_time(1_800)
    world.sweep()
    assert mark(world) is None

    world.pass_time(60)
    world.sweep()
    assert mark(world) is not None


def test_a_sweeper_that_begins_anew_goes_on_from_the_mark(world: Deciding) -> None:
    world.create(alert())
    for _ in range(40):
        world.send(3.0)
        world.pass_time(60)
        world.sweep()
    world.send(20.0, lost=True)
    world.pass_time(90)
    Deciding(world).sweep()

    assert told(world)[-1][1:3] == (OK, ALARM)


# --- time -----------------------------------------------------------------------------------------


def test_what_one_sweep_has_no_time_for_the_next_one_begins_with(world: Deciding) -> None:
    names = {f"alert-{number}" for number in range(8)}
    for name in sorted(names):
        world.create(alert(name))
    world.send(20.0, lost=True)
    world.pass_time(90)
    for sweep in range(1, 9):
        world.sweep(remaining_ms=1_000)
        assert len(world.decisions) == sweep

    assert {decision.alert for decision in world.decisions} == names


def tenant(world: Deciding, name: str, alerts: int) -> None:
    """Another tenant, with alerts that nothing feeds."""
    world.table.write(Put({**keys.registry(name)._asdict(), "k": "registry", "tenant": name}))
    for number in range(alerts):
        made, now = alert(f"alert-{number:05d}"), world.clock.now
        body = to_json(replace(made, created_at=now, edited_at=now))
        key = keys.alert(name, made.id)._asdict()
        world.table.write(Put({**key, "k": "alert", "version": 1, "body": body}))
    world.table.write(Put({**keys.rules_version(name)._asdict(), "k": "rules", "version": alerts}))


def swept(queries: Queries) -> list[str]:
    """The tenants whose alerts were looked at, in order."""
    return [keys.split(each.pk)[0] for each in queries.asked if each.begins == "instance"]


def brief_context(looks: int) -> LambdaContext:
    """Of an invocation whose time is up after so many looks at the clock."""
    clock = iter([30_000] * looks)
    context: Any = lambda_context()
    context.get_remaining_time_in_millis = lambda: next(clock, 1_000)
    found: LambdaContext = context
    return found


def test_tenants_with_thousands_of_alerts_hold_up_nobody(world: Deciding) -> None:
    tenant(world, "giant", 10_000)
    tenant(world, "titan", 1_000)
    for number in range(5):
        tenant(world, f"small-{number}", 3)
    world.create(alert())
    world.send(20.0, lost=True)
    world.pass_time(90)
    queries = Queries(world.table)

    for _ in range(4):
        world.sweeper({"source": "aws.events"}, brief_context(300))
        world.pass_time(60)

    assert [state for _, _, state, _ in told(world)][0] is ALARM
    looked = swept(queries)
    counts = {name: looked.count(name) for name in set(looked)}
    assert all(counts[f"small-{number}"] == 3 * 4 for number in range(5))
    # and they get what time there is, each time somewhere else: only what was begun when the time
    # was up is looked at again
    for name in ("giant", "titan"):
        mine = [x.pk for x in queries.asked if x.begins == "instance" and name in x.pk]
        assert len(mine) - len(set(mine)) < 4 * 50 and len(set(mine)) > 150


def test_an_alert_that_cannot_be_read_stops_nobody(world: Deciding) -> None:
    world.create(alert("sound"))
    broken = keys.alert(TENANT, "broken")._asdict()
    world.table.write(Put({**broken, "k": "alert", "version": 1, "body": "{"}))
    world.send(20.0, lost=True)
    world.pass_time(90)
    world.sweep()

    assert [state.alert for state in world.states.values()] == ["sound"]


def test_a_stand_in_is_removed_when_its_time_is_over(world: Deciding) -> None:
    now = world.clock.now
    stand_in = replace(alert("drill"), drill_of="alert-1", expires_at=now + 5 * MINUTE)
    world.alerts.create(TENANT, stand_in)
    world.create(alert())
    world.send(20.0, lost=True)
    world.pass_time(299)
    world.sweep()
    assert {state.alert for state in world.states.values()} <= {"drill", "alert-1"}
    assert world.alerts.get(TENANT, "drill") is not None

    world.pass_time(1)
    world.sweep()

    assert world.alerts.get(TENANT, "drill") is None
    assert world.alerts.get(TENANT, "alert-1") is not None
    assert "drill" not in {state.alert for state in world.states.values()}


def test_many_alerts_are_packed_by_the_sweep(world: Deciding) -> None:
    tenant(world, "many", 40)
    world.sweep()

    assert keys.packed_rules("many") in world.table.items
    assert keys.packed_rules(TENANT) not in world.table.items


def wide(world: Deciding, layouts: int) -> None:
    """An alert that so many layouts feed, each a host's, all of them quite alive."""
    world.create(alert(group_by=("host",)))
    for _ in range(3):
        for number in range(layouts):
            world.send(3.0, host=f"host-{number}", lost=True)
        world.pass_time(60)


def test_a_wide_alert_rests_between_sweeps_of_the_whole(world: Deciding) -> None:
    wide(world, 60)
    world.sweep()
    assert len(world.states) == 60
    for number in range(60):
        world.send(20.0, host=f"host-{number}", lost=True)

    whole = []
    for minute in range(1, 8):
        world.pass_time(60)
        for number in range(60):
            world.send(20.0, host=f"host-{number}", lost=True)
        queries = Queries(world.table)
        world.sweep()
        if queries.of("late"):
            whole.append(minute)

    assert whole == [3, 6]
    assert {state.state for state in world.states.values()} == {ALARM}


def test_between_sweeps_of_the_whole_what_lags_is_decided_by_the_clock(world: Deciding) -> None:
    wide(world, 60)
    world.sweep()
    for number in range(1, 60):
        world.send(3.0, host=f"host-{number}", lost=True)
    world.send(20.0, host="host-0", lost=True)
    world.pass_time(60)
    for number in range(1, 60):
        world.send(3.0, host=f"host-{number}", lost=True)
    world.pass_time(30)
    queries = Queries(world.table)
    world.sweep()

    assert world.states[(("host", "host-0"),)].state is ALARM
    # One look at each layout; only the one that lags was read, in the hour and the one before.
    assert queries.of("late") == 1


def test_a_wakeup_reads_nothing_where_the_stream_has_kept_up(world: Deciding) -> None:
    world.create(alert())
    for _ in range(2):
        world.send(3.0)
        world.pass_time(60)
        world.stream()
    world.send(3.0)
    world.stream()
    queries = Queries(world.table)
    event = sample_event("alert-sweeper.wakeups")
    event["Records"] = event["Records"][:1]
    world.sweeper(event, lambda_context())

    assert queries.of("segments") == 1
    assert queries.of("late") == 0


def test_a_layout_that_sends_of_the_future_is_looked_at_closely(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0, lost=True)
    world.send(20.0, at=NOON + 10 * MINUTE, lost=True)
    world.pass_time(90)
    event = sample_event("alert-sweeper.wakeups")
    event["Records"] = event["Records"][:1]
    world.sweeper(event, lambda_context())

    assert world.states[()].state is ALARM


def test_a_sweep_of_a_table_that_is_down_fails_to_be_seen(world: Deciding) -> None:
    world.table.down = True

    with pytest.raises(Unavailable):
        world.sweep()


def test_an_alert_that_others_keep_changing_does_not_stop_the_sweep(world: Deciding) -> None:
    world.create(alert("contended"))
    world.create(alert("calm"))
    world.send(20.0, lost=True)
    world.pass_time(90)

    def conflict(writes: Sequence[Write | Check]) -> None:
        for write in writes:
            if isinstance(write, Put) and "contended" in str(write.item["pk"]):
                raise ConditionFailed

    world.table.before_write = conflict
    world.sweep()

    assert [state.alert for state in world.states.values()] == ["calm"]


def test_one_alerts_trouble_is_not_the_others(world: Deciding) -> None:
    world.create(alert("broken", threshold=None))
    world.create(alert("sound"))
    world.send(20.0, lost=True)
    world.pass_time(90)
    world.sweep()

    assert [state.alert for state in world.states.values()] == ["sound"]


# --- what is gone ---------------------------------------------------------------------------------


def test_what_a_deletion_that_was_cut_short_left_behind_is_removed(world: Deciding) -> None:
    made = world.create(alert())
    world.send(20.0)
    world.pass_time(90)
    world.sweep()
    rules = Update(keys.rules_version(TENANT), add={"version": 1})
    world.table.transact([Delete(keys.alert(TENANT, made.id)), rules])
    world.pass_time(60)
    world.sweep()

    assert not world.states
    assert len(world.decisions) == 1  # the history stays


def test_instances_of_an_alert_that_is_there_are_not_removed(world: Deciding) -> None:
    """Rules that are behind may not know an alert that has been made a moment ago."""
    world.create(alert("alert-1"))
    world.sweep()
    made = world.create(alert("alert-2"))
    world.send(20.0)
    world.pass_time(5)
    other = Deciding(world)
    other.send(20.0)
    other.pass_time(2)
    other.stream()
    world.table.write(
        Update(keys.rules_version(TENANT), set={"version": 1})  # as a read that is behind
    )
    world.sweep()

    head = world.table.get(keys.alert(TENANT, made.id))
    assert head is not None


def test_after_an_edit_of_the_grouping_old_instances_end_and_somebody_is_told(
    world: Deciding,
) -> None:
    made = world.create(alert(group_by=("host",)))
    for _ in range(2):
        world.send(20.0, host="a")
        world.send(20.0, host="b")
        world.pass_time(60)
        world.stream()
    assert set(world.states) == {HOST_A, HOST_B}

    world.edit(made, group_by=())
    for _ in range(3):
        world.send(20.0, host="a")
        world.pass_time(60)
        world.stream()
        world.sweep()

    assert {tags: state.state for tags, state in world.states.items()} == {(): ALARM}
    ended = [d for d in world.decisions if d.target is INSUFFICIENT]
    assert {d.tags for d in ended} == {HOST_A, HOST_B}
    assert ended[0].reason == "no series belongs to this instance any more"
    assert len(set(world.deliveries)) == 2 + 1 + 2


def test_a_host_that_is_only_silent_does_not_end(world: Deciding) -> None:
    world.create(alert(group_by=("host",), missing_data=MissingData.IGNORE))
    world.send(20.0)
    world.live(1_200)

    assert world.states[HOST_A].state is ALARM


def test_an_instance_without_series_that_has_nothing_to_tell_is_removed_quietly(
    world: Deciding,
) -> None:
    made = world.create(alert(group_by=("host",)))
    world.send(20.0)
    world.live(400)
    assert world.states[HOST_A].state is INSUFFICIENT
    count = len(world.decisions)

    world.edit(made, group_by=("zone",))
    world.live(180)

    assert HOST_A not in world.states
    assert len(world.decisions) == count


def test_an_instance_comes_back_when_the_grouping_does(world: Deciding) -> None:
    made = world.create(alert(group_by=("host",)))
    for _ in range(2):
        world.send(20.0)
        world.pass_time(60)
        world.stream()
    edited = world.edit(made, group_by=("zone",))
    world.live(120)
    world.edit(edited, group_by=("host",))
    for _ in range(3):
        world.send(20.0)
        world.live(60)

    mine = [d for d in world.decisions if d.tags == HOST_A]
    assert [(d.source, d.target) for d in mine] == [
        (INSUFFICIENT, ALARM),
        (ALARM, INSUFFICIENT),
        (INSUFFICIENT, ALARM),
    ]
    assert world.states[HOST_A].state is ALARM


def test_silence_is_decided_at_its_wakeup_also_where_the_range_is_shorter_than_the_grace(
    world: Deciding,
) -> None:
    """By the time that grace has run out, the last points are far behind the newest range."""
    world.create(alert(period=5, grace=30))
    world.send(3.0)
    world.live(120, sweeps=False)

    silent = [each for each in world.decisions if each.target is INSUFFICIENT]
    assert [each.bucket - NOON for each in silent] == [20 * SECOND]
    assert silent[0].decided_at - silent[0].bucket <= (30 + 2) * SECOND
