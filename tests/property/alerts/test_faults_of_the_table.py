"""The two functions that decide, over a table that fails at any one of their calls: afterwards all
is as if nothing had happened.

Some of the calls are tried, one after another; SKAFU_EVERY_CALL=1 tries every one.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.alerts.model import MissingData
from skafu.metrics.model import Statistic
from skafu.shared.errors import Unavailable
from tests.support.deciding import Deciding
from tests.support.definitions import alert
from tests.support.events import lambda_context
from tests.support.shaky_table import Fault, ShakyTable
from tests.support.stream import EventSourceMapping, Record, StreamHandler

STRIDE = 1 if os.environ.get("SKAFU_EVERY_CALL") else 23

MINUTES = (
    # Of hosts a and b.
    (3.0, 20.0),
    (20.0, 20.0),
    (20.0, 3.0),
    (None, 3.0),
    (3.0, 20.0),
    (3.0, 3.0),
)

type Outcome = tuple[object, ...]


class Shaken(Deciding):
    """Whatever the two functions ask of the table is counted."""

    def __init__(self, beside: "Shaken | None" = None) -> None:
        self.shaky: ShakyTable = beside.shaky if beside else ShakyTable()
        self.others: list[Shaken] = []
        super().__init__(beside, self.shaky)
        self.mapping = EventSourceMapping(self._watched(self.evaluator))
        self.sweeper = self._watched(self.sweeper)

    def _watched(self, function: StreamHandler) -> StreamHandler:
        def watched(event: dict[str, object], context: LambdaContext) -> object:
            with self.shaky.watched():
                return function(event, context)

        return watched

    def send(self, *values: float, **how: Any) -> list[Record]:
        """The records come to the other evaluators too, when it is their turn."""
        records = super().send(*values, **how)
        for other in self.others:
            other.mapping.feed(records)
        return records

    def swept(self) -> None:
        """A sweep; when it fails it is the next one's work."""
        try:
            self.sweeper({"source": "aws.events"}, lambda_context())
        except Unavailable:
            pass

    def minute(self, *values: float | None) -> None:
        """What each host sends, a minute, and what it brings."""
        for host, value in zip(("a", "b"), values):
            if value is not None:
                self.send(value, host=host)
        self.pass_time(60)
        self.stream()
        self.swept()

    @property
    def outcome(self) -> Outcome:
        """What must be the same whatever has happened: histories, states and who was told."""
        effects = {
            (record.alert, record.tags, e.bucket, e.source, e.target)
            for record in self.decisions
            for e in record.effects
        }
        states = {
            (str(item["pk"]), str(item["sk"]), str(item["state"]))
            for item in self.table.items.values()
            if item["k"] == "instance"
        }
        outbox = {notification.id for notification in self.outbox}
        return effects, states, outbox, set(self.deliveries) == outbox


def incident(world: Shaken) -> Outcome:
    """Six minutes of two hosts under three alerts, and some quiet minutes."""
    world.create(alert("each", group_by=("host",), evaluation_periods=2, datapoints_to_alarm=2))
    world.create(alert("top", statistic=Statistic.MAX, missing_data=MissingData.IGNORE))
    world.create(alert("count", statistic=Statistic.COUNT, threshold=1.5, group_by=("host",)))
    for values in MINUTES:
        world.minute(*values)
    for _ in range(5):
        world.minute(3.0, 3.0)
    return world.outcome


@pytest.fixture(scope="module")
def undisturbed() -> Outcome:
    """What comes of it when nothing fails."""
    world = Shaken()
    found = incident(world)
    assert len(world.outbox) == 11
    return found


def calls(fault: Fault | None) -> Iterator[int]:
    """The numbers of calls that may have this fault; of a few all, of many some."""
    world = Shaken()
    world.shaky.fault = fault
    incident(world)
    last = world.shaky.calls
    yield from range(1, last + 1, STRIDE if last > 4 * STRIDE else 1)


@pytest.mark.parametrize("fault", Fault)
def test_whatever_call_fails_nothing_is_lost_and_nothing_repeated(
    fault: Fault, undisturbed: Outcome
) -> None:
    for number in calls(fault):
        world = Shaken()
        world.shaky.fault, world.shaky.at = fault, number

        assert incident(world) == undisturbed, f"{fault} at call {number}"
        assert not world.parked
        ids = [each.id for each in world.outbox]
        assert len(ids) == len(set(ids)) == len([x for x in world.decisions if x.told])


def test_whenever_another_evaluator_gets_in_with_the_same_records_each_transition_is_written_once(
    undisturbed: Outcome,
) -> None:
    for number in calls(None):
        world = Shaken()
        other = Shaken(beside=world)
        world.shaky.at, world.shaky.meanwhile = number, other.stream
        world.others.append(other)

        assert incident(world)[:3] == undisturbed[:3], f"at call {number}"
        told = set(world.deliveries) | set(other.deliveries)
        assert told == {each.id for each in world.outbox}
        assert len(world.outbox) == len([x for x in world.decisions if x.told])
