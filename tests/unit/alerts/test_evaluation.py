"""What may happen between an evaluator's reading and its writing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.evaluation import FRESH_MS, TOGETHER, Evaluation
from skafu.alerts.ledger import Ask, Evaluated
from skafu.alerts.model import Alert, State
from skafu.alerts.scribe import WRITE_DEADLINE_MS
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Segment, Series, Statistic
from skafu.shared.errors import Unavailable
from tests.support.clocks import NOON, FakeClock
from tests.support.decisions import HOST_A, TENANT
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable
from tests.support.points import MemoryPoints, layout_of, segment_of

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
MINUTE = 60_000
LAYOUT = layout_of("x", Series("cpu.load", (("host", "a"),)))


class Interrupted(MemoryPoints):
    """Calls `meanwhile` once, when points have been read and nothing is made of them yet."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], None] | None = None

    def segments(self, *arguments: Any, **options: Any) -> list[Segment]:
        found = super().segments(*arguments, **options)
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return found


class Scene:
    """An alert, two minutes of points, and evaluators that share the table."""

    def __init__(self, **changes: Any) -> None:
        self.table = InMemoryTable()
        self.clock = FakeClock()
        self.points = Interrupted()
        self.store = AlertStore(self.table)
        self.told: list[str] = []
        self.alert = self.store.create(TENANT, alert(group_by=("host",), **changes))
        for minute, value in enumerate((20.0, 3.0, 20.0)):
            self.send(NOON + minute * MINUTE, value)
        self.clock.now = NOON + 2 * MINUTE + 1_000

    def send(self, at: int, value: float) -> None:
        self.points.put(TENANT, LAYOUT, segment_of(LAYOUT, [(at, value)], at))

    def evaluator(self) -> Evaluation:
        return Evaluation(
            self.table, self.points, self.clock, lambda _, name: self.told.append(name), print
        )

    def edit(self, **changes: Any) -> Alert:
        present = self.store.get(TENANT, self.alert.id)
        assert present is not None
        definition = replace(present.definition, **changes)
        changed = replace(present, definition=definition, edited_at=self.clock.now)
        return self.store.replace(TENANT, changed, present.version)

    def evaluate(self, version: Alert | None = None, whole: bool = False) -> Evaluated:
        only = None if whole else frozenset({HOST_A})
        return self.evaluator().evaluate(TENANT, Ask(version or self.alert, only))


def targets(evaluated: Evaluated) -> list[State]:
    return [decision.target for decision in evaluated.decisions]


def test_without_interruption_every_closed_bucket_is_decided() -> None:
    scene = Scene()

    assert targets(scene.evaluate()) == [ALARM, OK]
    assert len(scene.told) == 2


@pytest.mark.parametrize("whole", [True, False])
def test_what_another_has_decided_meanwhile_is_not_decided_again(whole: bool) -> None:
    scene = Scene()
    scene.points.meanwhile = lambda: scene.told.extend(
        decision.instance for decision in scene.evaluate().decisions
    )

    assert not scene.evaluate(whole=whole).decisions
    assert len(scene.told) == 2 + 2


def test_an_alert_that_is_deleted_meanwhile_decides_nothing() -> None:
    scene = Scene()
    scene.points.meanwhile = lambda: scene.store.delete(TENANT, scene.alert.id, None)

    assert not scene.evaluate().decisions
    assert not scene.told


def test_an_alert_that_is_edited_meanwhile_is_decided_by_its_new_version() -> None:
    scene = Scene()

    def edit() -> None:
        scene.edit(threshold=100.0)

    scene.points.meanwhile = edit

    decisions = scene.evaluate().decisions

    # The edit rules what ends after it: these buckets ended before.
    assert [(d.target, d.version, d.effects[0].version) for d in decisions] == [
        (ALARM, 2, 1),
        (OK, 2, 1),
    ]


def test_an_evaluator_that_knows_an_old_version_looks_again_where_a_newer_one_has_decided() -> None:
    scene = Scene(statistic=Statistic.MAX, threshold=50.0)
    old = scene.alert
    scene.evaluate()
    newer = scene.edit(threshold=15.0)
    scene.clock.advance(1_000)
    assert targets(scene.evaluate(newer)) == [ALARM]  # early, in the open bucket

    assert not scene.evaluate(old).decisions


def test_what_was_read_too_long_ago_is_read_again_before_it_is_written() -> None:
    scene = Scene()

    def dawdle() -> None:
        scene.clock.advance(WRITE_DEADLINE_MS + 1)
        scene.send(NOON + 1, 0.0)  # on time for the bucket that was read without it

    scene.points.meanwhile = dawdle

    first = scene.evaluate().decisions[0]

    assert first.effects[0].datapoints[-1].value == 10.0
    assert first.target is OK


def test_several_asks_are_told_one_by_one_when_the_table_is_down() -> None:
    scene = Scene()
    scene.table.down = True

    outcomes = list(scene.evaluator().evaluate_all(TENANT, [Ask(scene.alert)] * 3))

    assert len(outcomes) == 3
    assert all(isinstance(outcome, Unavailable) for _, outcome in outcomes)


def test_several_asks_go_on_where_the_points_cannot_be_read() -> None:
    scene = Scene()
    scene.points.down = True

    (outcome,) = (o for _, o in scene.evaluator().evaluate_all(TENANT, [Ask(scene.alert)]))

    assert isinstance(outcome, Unavailable)


def test_what_several_asks_have_read_is_read_again_when_it_has_become_old() -> None:
    scene = Scene()
    others = [scene.store.create(TENANT, alert(f"other-{n}")) for n in range(TOGETHER)]
    asks = [Ask(each) for each in (scene.alert, *others)]
    evaluator = scene.evaluator()
    reads = []
    for _, outcome in evaluator.evaluate_all(TENANT, asks[:3]):
        assert isinstance(outcome, Evaluated)
        scene.clock.advance(FRESH_MS + 1)
        reads.append(scene.points.reads)

    assert reads[1] > reads[0]
    assert reads[2] > reads[1]


def test_more_asks_than_fit_together_are_all_evaluated() -> None:
    scene = Scene()
    others = [scene.store.create(TENANT, alert(f"other-{n}")) for n in range(TOGETHER)]

    asks = [Ask(each) for each in (scene.alert, *others)]
    outcomes = list(scene.evaluator().evaluate_all(TENANT, asks))

    assert [ask for ask, _ in outcomes] == asks
    assert all(isinstance(o, Evaluated) and len(o.decisions) == 2 for _, o in outcomes)
