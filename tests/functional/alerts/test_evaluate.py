"""The evaluator as the stream drives it: real wiring, real store, no network."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.alerts.history import HistoryReader
from skafu.alerts.model import Cause, Comparison, MissingData, State, delivery_id
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Series, Statistic
from skafu.shared import keys
from skafu.shared.dynamo import deserialize
from skafu.shared.table import Check, ConditionFailed, Delete, Put, Write
from tests.support.clocks import NOON
from tests.support.deciding import SECOND, Deciding, Queries
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.events import lambda_context, sample_event
from tests.support.stream import StreamHandler

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
MINUTE = 60_000
HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)


@pytest.fixture
def world() -> Deciding:
    return Deciding()


def test_a_closed_bucket_above_the_threshold_is_an_alarm_and_somebody_is_told(
    world: Deciding,
) -> None:
    made = world.create(alert(group_by=("host",)))
    world.send(20.0)
    world.pass_time(60)
    world.send(3.0)
    world.stream()

    (decision,) = world.decisions
    assert (decision.source, decision.target, decision.cause) == (INSUFFICIENT, ALARM, Cause.DATA)
    assert decision.reason == "avg of cpu.load was 20, above 10"
    assert world.states[HOST_A].state is ALARM
    (notification,) = world.outbox
    assert notification.alert == made
    assert notification.id == delivery_id(made.id, decision.instance, NOON + MINUTE, 0)
    assert world.deliveries == [notification.id]


def test_an_alarm_comes_back_and_each_transition_is_told_once(world: Deciding) -> None:
    world.create(alert())
    for value in (20.0, 20.0, 3.0, 3.0):
        world.send(value)
        world.pass_time(60)
        world.stream()

    assert [decision.target for decision in world.decisions] == [ALARM, OK]
    assert len(world.deliveries) == len(set(world.deliveries)) == 2


def test_each_host_has_an_instance_of_its_own(world: Deciding) -> None:
    world.create(alert(group_by=("host",)))
    for _ in range(2):
        world.send(20.0, host="a")
        world.send(3.0, host="b")
        world.pass_time(60)
    world.stream()

    assert {tags: state.state for tags, state in world.states.items()} == {
        HOST_A: ALARM,
        HOST_B: OK,
    }


def test_the_same_records_again_change_nothing(world: Deciding) -> None:
    world.create(alert())
    records = world.send(20.0)
    world.pass_time(60)
    records += world.send(3.0)
    world.stream()
    before = dict(world.table.items)

    world.mapping.feed(records * 2)
    world.stream()

    assert world.table.items == before
    assert len(world.deliveries) == 1


def test_nothing_is_written_where_nothing_changes(world: Deciding) -> None:
    world.create(alert())
    for _ in range(3):
        world.send(3.0)
        world.pass_time(60)
        world.stream()
    before = dict(world.table.items)

    for _ in range(5):
        world.send(3.0)
        world.pass_time(60)
        world.stream()

    added = set(world.table.items) - set(before)
    assert {world.table.items[key]["k"] for key in added} == {"segment"}


def test_a_maximum_above_the_threshold_does_not_wait_for_the_bucket_to_close(
    world: Deciding,
) -> None:
    world.create(alert(statistic=Statistic.MAX))
    world.send(3.0)
    world.pass_time(60)
    world.send(3.0)
    world.stream()
    world.pass_time(5)
    world.send(20.0)
    world.stream()

    assert [(d.target, d.cause) for d in world.decisions] == [
        (OK, Cause.DATA),
        (ALARM, Cause.EARLY),
    ]
    assert world.decisions[1].reason.endswith("before the period's end")


def test_a_count_that_is_reached_in_an_open_bucket_alarms_at_once(world: Deciding) -> None:
    world.create(alert(statistic=Statistic.COUNT, comparison=Comparison.AT_LEAST, threshold=3.0))
    for _ in range(3):
        assert not world.states
        world.pass_time(1)
        world.send(0.0)
        world.stream()

    assert world.states[()].state is ALARM


def test_late_data_within_the_lateness_correct_what_was_decided(world: Deciding) -> None:
    world.create(alert())
    world.send(3.0)
    world.pass_time(60)
    world.send(3.0)
    world.stream()
    world.pass_time(100)
    world.send(90.0, at=NOON + 1, agent="slow")
    world.stream()

    first, correction = world.decisions
    assert (first.target, correction.cause) == (OK, Cause.CORRECTION)
    assert correction.base == NOON + MINUTE
    assert [(e.source, e.target) for e in correction.effects][0] == (INSUFFICIENT, ALARM)
    assert "late data changed what was decided" in correction.reason


def test_a_correction_of_the_history_alone_tells_nobody(world: Deciding) -> None:
    world.create(alert())
    for value in (3.0, 3.0, 3.0):
        world.send(value)
        world.pass_time(60)
        world.stream()
    world.pass_time(30)
    world.send(90.0, at=NOON + 1, agent="slow")
    world.stream()

    correction = world.decisions[-1]
    assert (correction.source, correction.target) == (OK, OK)
    assert [effect.target for effect in correction.effects] == [ALARM, OK]
    assert len(world.outbox) == len(world.deliveries) == 1


def test_a_backfill_pages_nobody_and_is_marked_in_the_history(world: Deciding) -> None:
    made = world.create(alert())
    world.pass_time(3_600)
    for minute in range(30):
        world.send(90.0, at=NOON + minute * MINUTE)
    world.stream()
    world.live(120)

    assert not world.decisions
    assert not world.outbox
    assert not world.states
    (mark,) = world.late_marks
    assert (mark.bucket, mark.source, mark.target) == (NOON + 3_600_000, INSUFFICIENT, INSUFFICIENT)
    assert mark.reason == (
        "1 point of cpu.load came more than 300 seconds after the end of the period and decided "
        "nothing"
    )
    events = HistoryReader(world.table).page(TENANT, made.id, 10).events
    assert [(event.decision.cause, event.replaced) for event in events] == [(Cause.LATE, False)]


def test_late_marks_do_not_touch_the_log(world: Deciding) -> None:
    made = world.create(alert())
    for _ in range(10):
        world.send(20.0)
        world.pass_time(60)
        world.stream()
    world.send(3.0, at=NOON, agent="backfill")
    world.send(3.0)
    world.stream()
    world.pass_time(60)
    world.send(3.0)
    world.stream()

    assert [d.target for d in world.decisions] == [ALARM, OK]
    assert [mark.target for mark in world.late_marks] == [ALARM]
    events = HistoryReader(world.table).page(TENANT, made.id, 10).events
    assert not any(event.replaced for event in events)


def test_a_bucket_waits_for_every_agent_that_fed_it(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0, agent="one")
    world.send(3.0, agent="two")
    world.pass_time(60)
    world.send(20.0, agent="one")
    world.stream()
    assert not world.decisions

    world.send(3.0, agent="two")
    world.stream()

    assert world.decisions[0].effects[0].datapoints[-1].value == 11.5


def test_a_new_alert_is_known_ten_seconds_later_at_most(world: Deciding) -> None:
    world.send(20.0)
    world.stream()
    world.create(alert())
    world.pass_time(10.001)
    world.send(20.0)
    world.pass_time(60)
    world.send(20.0)
    world.stream()

    assert world.states[()].state is ALARM


def test_an_edit_is_obeyed_even_by_a_function_that_has_not_heard_of_it(world: Deciding) -> None:
    made = world.create(alert())
    world.send(3.0)
    world.stream()  # the rules are known now, for ten seconds
    world.pass_time(58)
    world.stream()
    world.send(20.0)
    world.stream()
    world.edit(made, threshold=100.0)
    world.pass_time(3)
    world.send(20.0)
    world.stream()

    (decision,) = world.decisions
    assert (decision.target, decision.version) == (OK, 2)


def test_a_deleted_alert_decides_nothing(world: Deciding) -> None:
    made = world.create(alert())
    world.send(20.0)
    world.stream()
    world.pass_time(59)
    world.send(20.0)
    world.stream()
    world.table.write(Delete(keys.alert(TENANT, made.id)))
    world.pass_time(2)
    world.send(20.0)
    world.stream()

    assert not world.decisions


def test_an_alert_that_was_deleted_and_made_again_begins_anew(world: Deciding) -> None:
    made = world.create(alert())
    for _ in range(2):
        world.send(20.0)
        world.pass_time(60)
    world.stream()
    world.alerts.delete(TENANT, made.id, None)
    world.pass_time(30)
    again = world.create(made)
    assert again.version == 2
    for _ in range(3):
        world.pass_time(20)
        world.send(20.0)
    world.pass_time(60)
    world.send(20.0)
    world.stream()

    assert [(d.source, d.target, d.version) for d in world.decisions] == [
        (INSUFFICIENT, ALARM, 1),
        (INSUFFICIENT, ALARM, 2),
    ]


def test_the_evaluator_leaves_it_to_the_sweeper_to_end_instances(world: Deciding) -> None:
    """Its role may not delete anything."""
    made = world.create(alert(group_by=("host",)))
    for _ in range(2):
        world.send(20.0)
        world.pass_time(60)
        world.stream()
    edited = world.edit(made, group_by=("zone",))
    world.pass_time(60)
    world.edit(edited, group_by=("host",))
    world.pass_time(30)  # the grace of the one bucket that was ruled by zones
    world.send(20.0)
    world.stream()
    assert [d.target for d in world.decisions] == [ALARM]

    world.sweep()

    assert [d.target for d in world.decisions if d.tags == HOST_A][:2] == [ALARM, INSUFFICIENT]


# --- failures -------------------------------------------------------------------------------------


def test_a_record_that_cannot_be_read_is_parked_and_the_next_one_processed(
    world: Deciding,
) -> None:
    world.create(alert())
    world.send(20.0)
    world.pass_time(60)
    poison = world.send(3.0)[0]
    poison["dynamodb"]["NewImage"]["p"] = {"B": "YwAAAAA="}
    world.send(3.0)
    world.stream()

    (parked,) = world.parked
    assert parked["reason"] == "CodecError: payload version 99 is not known"
    assert parked["tenant"] == TENANT
    assert parked["keys"] == poison["dynamodb"]["Keys"]
    assert parked["event_id"] == poison["eventID"]
    assert parked["sequence_number"] == poison["dynamodb"]["SequenceNumber"]
    assert world.states[()].state is ALARM
    assert len(world.mapping.invocations) == 1


def test_a_record_whose_layout_is_missing_is_parked(world: Deciding) -> None:
    world.create(alert())
    (record,) = world.send(20.0)
    layout = record["dynamodb"]["Keys"]["sk"]["S"].split("#")[0]
    world.table.write(Delete(keys.layout(TENANT, layout)))
    world.stream()

    (parked,) = world.parked
    assert parked["reason"] == f"layout {layout} cannot be read"


def test_a_record_without_an_image_is_parked_without_its_tenant(world: Deciding) -> None:
    record = {"eventID": "1", "dynamodb": {"SequenceNumber": "1"}}

    answer = world.evaluator({"Records": [record]}, lambda_context())

    assert answer == {"batchItemFailures": []}
    assert (world.parked[0]["tenant"], world.parked[0]["keys"]) == (None, None)


def test_an_alert_that_cannot_be_evaluated_is_not_the_others_trouble(world: Deciding) -> None:
    world.create(alert("broken", threshold=None))
    world.create(alert("sound"))
    records = world.send(20.0)
    world.pass_time(60)
    records += world.send(3.0)
    world.stream()

    assert [state.alert for state in world.states.values()] == ["sound"]
    assert [each["event_id"] for each in world.parked] == [each["eventID"] for each in records]
    assert world.parked[0]["reason"] == "alert broken: ValueError: > needs a threshold"


def test_what_cannot_be_parked_comes_again(world: Deciding) -> None:
    poison = world.send(20.0)[0]
    poison["dynamodb"]["NewImage"]["p"] = {"B": "YwAAAAA="}
    world.sqs.down = {"parked"}
    world.mapping.attempts = 2
    world.mapping.handler = recovering(world, 2, world.sqs.down.clear)
    world.stream()

    assert len(world.parked) == 1
    assert len(world.mapping.invocations) == 2


def recovering(world: Deciding, invocation: int, recover: Callable[[], None]) -> StreamHandler:
    """The evaluator, with what is down coming back before the given invocation."""

    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        if len(world.mapping.invocations) == invocation:
            recover()
        return world.evaluator(event, context)

    return handler


def test_a_table_that_is_down_is_never_parked_and_comes_again(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0)
    world.pass_time(60)
    world.send(3.0)
    world.table.down = True

    def recover() -> None:
        world.table.down = False

    world.mapping.handler = recovering(world, 3, recover)
    world.stream()

    assert not world.parked
    assert not world.mapping.destination
    assert len(world.mapping.invocations) == 3
    assert world.states[()].state is ALARM


def test_everything_from_the_first_failed_record_on_comes_again(world: Deciding) -> None:
    """One tenant's table is throttled: what came before it in the batch is done with."""
    world.create(alert())
    poison = world.send(1.0)[0]
    poison["dynamodb"]["NewImage"]["p"] = {"B": "YwAAAAA="}
    world.send(20.0)
    world.pass_time(60)
    world.send(3.0)
    world.table.down = True

    def recover() -> None:
        world.table.down = False

    world.mapping.handler = recovering(world, 2, recover)
    world.stream()

    first, second = world.mapping.invocations
    assert second == first[1:]
    assert len(world.parked) == 1


def test_what_there_is_no_time_for_comes_again(world: Deciding) -> None:
    world.create(alert())
    world.send(20.0)
    world.pass_time(60)
    world.send(3.0)
    world.mapping.remaining_ms = 4_000
    world.mapping.attempts = 1
    world.stream()

    assert len(world.mapping.destination) == 2
    assert not world.decisions


def test_an_alert_that_needs_too_much_reading_is_left_to_the_sweeper(world: Deciding) -> None:
    """It must neither hold up the stream nor be parked."""
    world.create(alert(period=86_400))
    for number in range(20):
        world.send(20.0, agent=f"agent-{number}", lost=True)
    world.pass_time(43_200)  # midnight
    for number in range(20):
        world.send(20.0, agent=f"agent-{number}", lost=number > 0)
    world.stream()
    assert not world.decisions
    assert not world.parked

    world.pass_time(30)
    world.sweep()

    assert world.states[()].state is ALARM


def test_a_notification_that_cannot_be_queued_is_left_to_the_sweeper(world: Deciding) -> None:
    world.create(alert())
    world.sqs.down = {"deliveries"}
    world.send(20.0)
    world.pass_time(60)
    world.send(3.0)
    world.stream()

    assert world.states[()].state is ALARM
    assert not world.deliveries
    world.sqs.down.clear()
    world.pass_time(61)
    world.sweep()

    assert world.deliveries == [notification.id for notification in world.outbox]


def test_two_writers_at_the_same_moment_write_once(world: Deciding) -> None:
    """Another evaluator decides between this one's reading and its writing."""
    world.create(alert())
    other = Deciding(world)
    world.send(20.0)
    world.pass_time(60)
    world.send(3.0)

    def overtake(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(write, Put) and write.item["k"] == "decision" for write in writes):
            world.table.before_write = lambda writes: None
            other.mapping.feed(world.send(3.0, lost=True))
            other.stream()

    world.table.before_write = overtake
    world.stream()

    assert len(world.decisions) == 1
    assert len(world.deliveries) == 0
    assert len(other.deliveries) == 1


def test_an_instance_that_keeps_changing_is_left_to_the_sweeper(world: Deciding) -> None:
    """To try again at once would hold up everybody else's records."""
    world.create(alert())
    world.send(20.0)
    world.pass_time(60)
    world.send(3.0)

    def conflict(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(write, Put) and write.item["k"] == "decision" for write in writes):
            raise ConditionFailed

    world.table.before_write = conflict
    world.stream()
    assert len(world.mapping.invocations) == 1
    assert not world.parked
    world.table.before_write = lambda writes: None
    world.sweep()

    assert world.states[()].state is ALARM


# --- waking ---------------------------------------------------------------------------------------


def test_a_bucket_that_nothing_closes_is_woken_when_its_grace_is_over(world: Deciding) -> None:
    made = world.create(alert())
    world.send(20.0)
    world.stream()

    ((visible, message),) = world.sqs.sent["wakeups"]
    due = NOON + MINUTE + 30 * SECOND
    assert message == {"tenant": TENANT, "alerts": [made.id], "due": due}
    assert visible == due + SECOND
    world.live(92, sweeps=False)

    (decision,) = world.decisions
    assert (decision.target, decision.cause) == (ALARM, Cause.CLOCK)
    assert decision.decided_at == due + SECOND


def test_a_chain_of_wakeups_follows_silence_as_long_as_it_may_change_something(
    world: Deciding,
) -> None:
    """With periods of ten seconds nobody waits for the minute's sweep."""
    world.create(
        alert(
            period=10,
            evaluation_periods=2,
            datapoints_to_alarm=2,
            missing_data=MissingData.BREACHING,
            grace=5,
        )
    )
    world.send(3.0)
    world.live(300, sweeps=False)

    decided = [(d.bucket - NOON, d.target, d.decided_at - d.bucket) for d in world.decisions]
    assert decided == [(10_000, OK, 6_000), (50_000, ALARM, 6_000)]
    # The chain ends with the first bucket whose evaluation range is empty, and no later.
    assert not world.sqs.sent["wakeups"]


def test_records_that_change_nothing_read_nothing_and_still_see_to_the_wakeup(
    world: Deciding,
) -> None:
    world.create(alert(period=3_600))
    world.send(3.0)
    world.stream()
    assert not world.sqs.sent["wakeups"]  # more than fifteen minutes off
    world.pass_time(2_760)
    reads = Queries(world.table)
    world.send(3.0)
    world.stream()

    assert world.sqs.sent["wakeups"][0][1]["due"] == NOON + 3_630 * SECOND
    assert reads.of("segments") == 0


def test_alerts_that_share_a_layout_share_its_reading(world: Deciding) -> None:
    for number in range(20):
        world.create(alert(f"alert-{number}", threshold=float(number)))
    world.send(50.0)
    world.pass_time(60)
    world.send(50.0)
    reads = Queries(world.table)
    world.stream()

    assert len(world.decisions) == 20
    assert reads.of("segments") == 2  # of the hour, and of the one before


# --- the sample events ----------------------------------------------------------------------------


def test_the_sample_event_of_new_segments_raises_an_alarm(world: Deciding) -> None:
    event = sample_event("alert-evaluator.new-segments")
    layout = layout_of([Series("cpu.load", (("host", "web-1"),), "Percent")])
    world.create(alert(group_by=("host",), threshold=80.0))
    world.write([layout], [])
    for record in event["Records"]:
        world.table.write(Put(deserialize(record["dynamodb"]["NewImage"])))
    world.pass_time(61)

    answer = world.evaluator(event, lambda_context())

    assert answer == {"batchItemFailures": []}
    assert world.states[(("host", "web-1"),)].state is ALARM


def test_the_sample_event_with_a_poison_record_is_parked(world: Deciding) -> None:
    event = sample_event("alert-evaluator.poison-record")

    answer = world.evaluator(event, lambda_context())

    assert answer == {"batchItemFailures": []}
    assert world.parked[0]["reason"] == "CodecError: payload version 99 is not known"
