"""What decisions rest on, over every table: conditions, transactions, consistent reads, index."""

from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.evaluation import Evaluation
from skafu.alerts.history import HistoryReader
from skafu.alerts.ledger import Ask
from skafu.alerts.model import Alert, Cause, Decision, State
from skafu.alerts.plan import Entry
from skafu.alerts.rules import RuleBook
from skafu.alerts.scribe import Scribe, Written
from skafu.alerts.states import StateReader
from skafu.alerts.store import AlertStore
from skafu.alerts.sweeper import Sweeper
from skafu.alerts.wakeups import Wakeups
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Segment, Series
from skafu.metrics.store import MetricsStore
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS
from skafu.shared.table import Put, Table
from tests.support.clocks import NOON, FakeClock
from tests.support.decisions import HOST_A, TENANT, decision, effect, minute, subject
from tests.support.definitions import alert
from tests.support.queues import MemoryQueue

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
MINUTE = 60_000


class Engine:
    """The engine over a table, in time that the test moves."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.clock = FakeClock()
        self.queue = MemoryQueue()
        self.alerts = AlertStore(table)
        self.points = MetricsStore(table, self.clock)
        self.evaluation = Evaluation(
            table, self.points, self.clock, lambda tenant, delivery: None, lambda attempt: None
        )
        self.sweeper = Sweeper(
            table,
            self.evaluation,
            RuleBook(table, self.clock),
            Wakeups(MemoryQueue(), self.clock),
            self.queue,
            self.clock,
        )
        registry = keys.registry(TENANT)._asdict()
        table.write(Put({**registry, "k": "registry", "tenant": TENANT}))

    def create(self, **changes: Any) -> Alert:
        return self.alerts.create(TENANT, alert(edited_at=self.clock.now, **changes))

    def edit(self, present: Alert, **changes: Any) -> Alert:
        definition = replace(present.definition, **changes)
        changed = replace(present, definition=definition, edited_at=self.clock.now)
        return self.alerts.replace(TENANT, changed, present.version)

    def send(self, value: float, at: int | None = None, host: str = "a") -> None:
        moment = self.clock.now if at is None else at
        layout = layout_of([Series("cpu.load", (("host", host),))])
        segment = Segment(
            layout=layout.hash,
            bucket=moment // BUCKET_MS * BUCKET_MS,
            request=f"request{self.clock.now}{moment}",
            receipt=self.clock.now,
            late=False,
            series=[0],
            timestamps=[moment],
            values=[value],
        )
        self.points.write(TENANT, [layout], [segment])

    def minutes(self, *values: float) -> None:
        """A value a minute, and a sweep after each."""
        for value in values:
            self.send(value)
            self.clock.advance(MINUTE)
            self.sweep()

    def sweep(self) -> None:
        self.sweeper.sweep(lambda: 60_000)

    def history(self, alert_id: str = "alert-1") -> list[tuple[State, State, Cause]]:
        events = HistoryReader(self.table).page(TENANT, alert_id, 100).events
        return [(e.source, e.target, e.decision.cause) for e in reversed(events)]


@pytest.fixture
def engine(table: Table) -> Engine:
    return Engine(table)


def test_an_alarm_comes_and_goes(engine: Engine) -> None:
    engine.create()
    engine.minutes(20.0, 20.0, 3.0, 3.0)

    assert engine.history() == [(INSUFFICIENT, ALARM, Cause.DATA), (ALARM, OK, Cause.DATA)]


def test_late_data_are_corrected(engine: Engine) -> None:
    engine.create()
    engine.minutes(3.0, 3.0)
    engine.send(99.0, at=NOON + 1)
    engine.sweep()

    assert engine.history() == [
        (INSUFFICIENT, OK, Cause.DATA),
        (INSUFFICIENT, ALARM, Cause.CORRECTION),
    ]


def test_an_instance_that_is_over_is_removed_with_its_last_record(engine: Engine) -> None:
    made = engine.create(group_by=("host",))
    engine.minutes(20.0, 20.0)
    engine.edit(made, group_by=("zone",))
    engine.minutes(20.0, 20.0)

    states = StateReader(engine.table).of_alert(TENANT, made.id, 10).shown
    assert [state.tags for state in states] == [()]
    assert (ALARM, INSUFFICIENT, Cause.DATA) not in engine.history()
    assert (ALARM, INSUFFICIENT, Cause.CLOCK) in engine.history()


def test_notifications_are_found_again_until_somebody_has_had_them(engine: Engine) -> None:
    engine.create()
    engine.minutes(20.0, 20.0)
    engine.clock.advance(2 * MINUTE)
    engine.sweep()
    engine.sweep()

    assert len(engine.queue.messages) == 1


def test_a_mark_moves_forward_only(engine: Engine) -> None:
    made = engine.create()
    engine.minutes(*[3.0] * 25)

    item = engine.table.get(keys.mark(TENANT, made.id), consistent=True)
    assert item is not None
    assert NOON < int(item["end"]) < engine.clock.now


def test_an_alert_that_is_gone_leaves_no_state(engine: Engine) -> None:
    made = engine.create()
    engine.minutes(20.0, 20.0)
    engine.alerts.delete(TENANT, made.id, None)
    engine.clock.advance(MINUTE)
    engine.sweep()

    assert not StateReader(engine.table).of_alert(TENANT, made.id, 10).shown
    assert not StateReader(engine.table).in_state(TENANT, ALARM, 10, None)[0]


def test_evaluating_again_changes_nothing(engine: Engine) -> None:
    made = engine.create()
    engine.minutes(20.0, 20.0)

    assert not engine.evaluation.evaluate(TENANT, Ask(made)).decisions


@pytest.mark.parametrize(
    ("record", "written"),
    [
        (decision([effect(5, OK, ALARM)]), Written.DONE),
        (decision([effect(5, ALARM, OK)]), Written.STALE),
        (decision([effect(5, INSUFFICIENT, OK)]), Written.STALE),
        (decision([effect(5, OK, ALARM)], bucket=minute(2)), Written.STALE),
        (decision([effect(5, OK, ALARM)], bucket=minute(3), revision=2), Written.STALE),
        (decision([effect(5, OK, ALARM)], bucket=minute(3), revision=3), Written.DONE),
        (decision([effect(5, OK, ALARM)], bucket=minute(4), revision=1), Written.DONE),
        (decision([effect(5, OK, ALARM)], version=2), Written.STALE),
    ],
)
def test_the_guards_hold(table: Table, record: Decision, written: Written) -> None:
    made = AlertStore(table).create(TENANT, alert())
    scribe = Scribe(table, FakeClock(), lambda attempt: None)
    begun = decision([effect(1, INSUFFICIENT, OK)], bucket=minute(3), revision=2)
    assert scribe.write(subject(made, HOST_A), Entry(begun, minute(1)), NOON) is Written.DONE
    evaluated = replace(made, version=record.version)

    found = scribe.write(subject(evaluated, HOST_A), Entry(record, record.bucket), NOON)

    assert found is written
