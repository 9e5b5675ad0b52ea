"""What a stream may do to the evaluator: repeat, split anew, reorder, lose, delay, damage."""

from collections.abc import Sequence

import pytest

from skafu.alerts.model import Cause, MissingData, State
from skafu.shared import keys
from skafu.shared.keys import MINUTE_MS
from skafu.shared.table import Put
from tests.support.clocks import NOON
from tests.support.deciding import Deciding
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.stream import EventSourceMapping, Record, stream_record

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
VALUES = (3.0, 20.0, 20.0, 3.0, 20.0, 3.0, 3.0)
DAY_S = 86_400

type Story = list[tuple[str, int, State, State]]


def story(world: Deciding) -> Story:
    """Every transition that was told of, by minutes."""
    return [
        (str(dict(d.tags).get("host")), (d.bucket - NOON) // MINUTE_MS, d.source, d.target)
        for d in sorted(world.decisions, key=lambda each: (each.tags, each.bucket))
        if d.told
    ]


def sent(world: Deciding, seconds: int = 60) -> list[Record]:
    """Records of two hosts for some minutes, none of which has been delivered."""
    world.create(alert(group_by=("host",)))
    records: list[Record] = []
    for value in VALUES:
        records += world.send(value, host="a", lost=True)
        records += world.send(23.0 - value, host="b", lost=True)
        world.pass_time(seconds)
    for number, record in enumerate(records):
        record["dynamodb"]["SequenceNumber"] = f"{number:021d}"
    return records


@pytest.fixture(scope="module")
def plain() -> Story:
    """What comes of the records, delivered as they should be."""
    world = Deciding()
    world.mapping.feed(sent(world))
    world.stream()
    found = story(world)
    assert [each[1:] for each in found if each[0] == "a"] == [
        (1, INSUFFICIENT, OK),
        (2, OK, ALARM),
        (4, ALARM, OK),
        (5, OK, ALARM),
        (6, ALARM, OK),
    ]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_however_records_are_batched_the_transitions_are_the_same(size: int, plain: Story) -> None:
    world = Deciding()
    world.mapping.batch_size = size
    world.mapping.feed(sent(world))
    world.stream()

    assert story(world) == plain
    assert len(world.outbox) == len(plain)


def test_records_that_come_twice_change_nothing(plain: Story) -> None:
    world = Deciding()
    records = sent(world)
    world.mapping.feed([each for record in records for each in (record, record)])
    world.mapping.batch_size = 1
    world.stream()
    before = dict(world.table.items)
    beside = Deciding(beside=world)
    beside.mapping.feed(records)
    beside.stream()

    assert story(world) == plain
    assert world.table.items == before
    assert not beside.deliveries


@pytest.mark.parametrize("seed", range(5))
def test_shards_and_keys_in_any_order_come_to_the_same(seed: int, plain: Story) -> None:
    """Two shards by two environments, each in its own order, the one ahead of the other."""
    world = Deciding()
    beside = Deciding(beside=world)
    records = sent(world)
    orders: Sequence[Sequence[Record]] = (records[seed::2], records[1 - seed % 2 :: 2][::-1])
    for shard, function in zip(orders, (world.mapping, beside.mapping), strict=True):
        function.batch_size = 1 + seed
        function.feed(shard)
        function.run()
    world.pass_time(60)
    world.sweep()

    assert story(world) == plain
    told = world.deliveries + beside.deliveries
    assert set(told) == {each.id for each in world.outbox}


def test_records_that_never_come_are_found_by_the_sweeper(plain: Story) -> None:
    world = Deciding()
    sent(world)
    world.sweep()

    assert story(world) == plain
    assert world.deliveries == [each.id for each in world.outbox]


def test_records_that_come_days_late_change_nothing(plain: Story) -> None:
    world = Deciding()
    records = sent(world)
    world.sweep()
    world.pass_time(2 * DAY_S)
    world.mapping.feed(records)
    world.stream()

    # So long a silence is told, and nothing else: as the sweeper would have, had it been there.
    told = story(world)
    assert set(plain) < set(told)
    assert {each[3] for each in set(told) - set(plain)} == {INSUFFICIENT}


def test_data_that_come_days_late_page_nobody(plain: Story) -> None:
    world = Deciding()
    world.mapping.feed(sent(world))
    world.stream()
    pages = len(world.outbox)
    for back in (1, 2, 3):
        world.send(500.0, at=NOON - back * DAY_S * 1000, agent="backfill")
    world.stream()
    world.sweep()

    assert story(world) == plain
    assert len(world.outbox) == pages
    assert all(mark.cause is Cause.LATE for mark in world.late_marks)


def poison(number: int) -> Record:
    """A record whose payload is no segment."""
    key = keys.segment(TENANT, 0, keys.SegmentName("x" * 16, "202311151200", NOON, "r" * 16))
    return stream_record({**key._asdict(), "k": "segment", "p": b"\x07not a segment"}, number)


@pytest.mark.parametrize("place", range(0, 2 * len(VALUES) + 1, 3))
def test_a_poison_record_anywhere_is_parked_with_its_reason_and_costs_nobody_else_anything(
    place: int, plain: Story
) -> None:
    world = Deciding()
    records = sent(world)
    world.mapping.feed([*records[:place], poison(999), *records[place:]])
    world.stream()

    assert story(world) == plain
    (parked,) = world.parked
    assert parked["sequence_number"] == f"{999:021d}"
    assert parked["reason"]


def test_a_poison_alert_is_parked_and_costs_its_neighbours_nothing(plain: Story) -> None:
    world = Deciding()
    world.create(alert("poison", threshold=None))
    world.mapping.feed(sent(world))
    world.stream()

    assert story(world) == plain
    assert {str(each["reason"]).split(":", maxsplit=1)[0] for each in world.parked} == {
        "alert poison"
    }


def test_another_tenants_trouble_in_the_same_batch_is_not_ours(plain: Story) -> None:
    world = Deciding()
    records = sent(world)
    strange = [
        stream_record({**item, "pk": str(item["pk"]).replace(TENANT, "umbrella", 1)}, 500 + n)
        for n, item in enumerate(x for x in world.table.items.values() if x["k"] == "segment")
    ]
    mixed = [each for pair in zip(records, strange, strict=True) for each in pair]
    made = alert()
    world.table.write(
        Put({**keys.alert("umbrella", made.id)._asdict(), "k": "alert", "version": 1, "body": "{"})
    )
    world.mapping.attempts = 2
    world.mapping.feed(mixed)
    world.stream()
    world.sweep()

    assert story(world) == plain
    assert not [key for key in world.table.items if key.pk.startswith("umbrella#decisions")]


def test_a_partial_batch_comes_again_together_with_what_is_new(plain: Story) -> None:
    world = Deciding()
    records = sent(world)
    half = len(records) // 2
    world.table.down = True
    first = EventSourceMapping(world.evaluator, attempts=0)
    first.feed(records[:half])
    first.run()
    world.table.down = False
    world.mapping.feed([*first.destination, *records[half:]])
    world.stream()

    assert story(world) == plain
    assert first.destination == records[:half]
    assert not world.parked


def test_a_stream_that_stops_never_resolves_anything() -> None:
    world = Deciding()
    world.create(alert(group_by=("host",), missing_data=MissingData.MISSING, evaluation_periods=2))
    for _ in range(3):
        world.send(20.0)
        world.pass_time(60)
    world.stream()
    assert [each[3] for each in story(world)] == [ALARM]
    world.live(1_200)

    assert OK not in [each[3] for each in story(world)]
