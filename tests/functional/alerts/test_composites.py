"""Composite alerts through the deployed wiring: stream, sweeper and wakeups over one table."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from skafu.alerts.codec import alert_from
from skafu.alerts.composites.fold import Story, histories
from skafu.alerts.evaluation import Evaluation
from skafu.alerts.ledger import Ask
from skafu.alerts.model import Alert, Cause, Decision, Effect, Expression, State, instance_id
from skafu.alerts.scope import final_delay
from skafu.alerts.states import StateReader
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.table import Check, ConditionFailed, Delete, Put, Write
from tests.support.clocks import NOON
from tests.support.composites import composite, every, no, one, some
from tests.support.deciding import Deciding, Queries
from tests.support.decisions import TENANT
from tests.support.definitions import alert

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
MINUTE = 60_000
HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)
Told = list[tuple[int, State, State]]


class Composed(Deciding):
    """Two alerts on the load of hosts, high above 10 and very high above 100, grouped or not."""

    def begin(self, expression: Expression, **changes: Any) -> Alert:
        grouped = {"group_by": changes["group_by"]} if "group_by" in changes else {}
        for name, threshold in (("high", 10.0), ("huge", 100.0)):
            made = replace(alert(name, threshold=threshold, **grouped), name=name)
            now = self.clock.now
            self.alerts.create(TENANT, replace(made, created_at=now, edited_at=now))
        return self.compose(expression, **changes)

    def compose(self, expression: Expression, name: str = "both", **changes: Any) -> Alert:
        made, now = composite(expression, name, **changes), self.clock.now
        return self.alerts.create(TENANT, replace(made, created_at=now, edited_at=now))

    def minutes(self, *values: float, host: str = "a", sweeps: bool = False) -> None:
        """Report one value a minute, each closing the minute before it."""
        for value in values:
            self.send(value, host=host)
            self.stream()
            if sweeps:
                self.sweep()
            self.pass_time(60)

    def log(self, name: str = "both", tags: Tags = ()) -> list[Decision]:
        return [each for each in self.decisions if (each.alert, each.tags) == (name, tags)]

    def told(self, name: str = "both", tags: Tags = ()) -> Told:
        return [
            ((each.bucket - NOON) // MINUTE, each.source, each.target)
            for each in self.log(name, tags)
        ]

    def state(self, name: str = "both", tags: Tags = ()) -> State | None:
        item = self.table.items.get(keys.instance(TENANT, name, instance_id(tags)))
        return None if item is None else State(str(item["state"]))


@pytest.fixture
def world() -> Composed:
    return Composed()


# --- triggered ------------------------------------------------------------------------------------


def test_a_composite_is_decided_in_the_invocation_that_decided_what_it_names(
    world: Composed,
) -> None:
    world.begin(every("high", no("huge")))
    world.minutes(20.0, 20.0, 200.0, 3.0, 3.0)

    assert world.told() == [
        (1, INSUFFICIENT, ALARM),
        (3, ALARM, OK),
    ]
    first, second = world.log()
    assert first.effects[0].inputs == {"high": ALARM, "huge": OK}
    assert first.reason == "high is in ALARM, huge is OK"
    assert second.reason == "huge is in ALARM"
    assert (first.cause, first.version) == (Cause.DATA, 1)


def test_a_composite_appears_as_any_alert_does(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.minutes(200.0, 200.0)

    (found,) = StateReader(world.table).of_alert(TENANT, "both", 10).shown
    assert (found.state, found.value, found.since) == (ALARM, None, NOON + MINUTE)
    (told,) = [each for each in world.outbox if each.alert.id == "both"]
    assert told.reason == "high and huge are in ALARM"
    assert told.id in world.deliveries


def test_composites_of_composites_are_decided_with_them(world: Composed) -> None:
    world.begin(every("high", no("huge")))
    world.compose(no("both"), "calm")
    world.compose(every("calm", "huge"), "top")
    world.minutes(20.0, 200.0, 200.0)

    assert world.told("calm") == [(1, INSUFFICIENT, OK), (2, OK, ALARM)]
    assert world.told("top") == [(1, INSUFFICIENT, OK), (2, OK, ALARM)]


def test_the_sweeper_triggers_composites_too(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.send(20.0, lost=True)
    world.pass_time(90)
    world.sweep()

    assert world.told() == [(1, INSUFFICIENT, ALARM)]
    assert world.log()[0].cause is Cause.CLOCK


def test_a_wakeup_triggers_composites_too(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.send(20.0)
    world.stream()
    world.pass_time(92)
    assert world.wake()

    assert world.told() == [(1, INSUFFICIENT, ALARM)]


def test_a_trigger_that_was_lost_is_found_by_the_next_sweep(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.send(20.0)
    world.stream()
    world.pass_time(60)

    def crash(writes: Sequence[Write | Check]) -> None:
        for write in writes:
            if isinstance(write, Put) and write.item.get("k") == "decision":
                if keys.split(str(write.item["pk"]))[2] == "both":
                    raise Unavailable("throttled")

    world.table.before_write = crash
    world.send(20.0)
    world.stream()
    assert world.state("high") is ALARM and not world.told()

    world.table.before_write = lambda writes: None
    world.pass_time(30)
    world.sweep()
    assert world.told() == [(1, INSUFFICIENT, ALARM)]


def test_what_holds_when_it_is_made_is_told_by_the_next_sweep(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.minutes(20.0, 20.0)
    made = world.compose(one("high"), "later")
    world.pass_time(1)
    world.sweep()

    (first,) = world.log("later")
    assert (first.bucket, first.target) == (made.created_at + 1, ALARM)


def test_nothing_is_written_where_nothing_changes(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.minutes(20.0, 20.0)
    world.sweep()
    before = dict(world.table.items)
    world.sweep()

    assert world.table.items == before


# --- corrections, versions, ends ------------------------------------------------------------------


def test_what_is_corrected_below_is_corrected_above(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.minutes(3.0, 20.0, 3.0, 3.0)
    assert world.told() == [(1, INSUFFICIENT, OK), (2, OK, ALARM), (3, ALARM, OK)]

    world.send(500.0, 500.0, at=NOON + 130_000, agent="slow")  # within the lateness
    world.stream()

    (corrected,) = [each for each in world.log() if each.cause is Cause.CORRECTION]
    assert (corrected.source, corrected.target) == (OK, ALARM)
    assert corrected.base == NOON + 3 * MINUTE
    effects = effective(world.log())
    assert [(e.bucket, e.target) for e in effects] == [
        (NOON + MINUTE, OK),
        (NOON + 2 * MINUTE, ALARM),
    ]
    assert world.state() is ALARM


def effective(log: Sequence[Decision]) -> list[Effect]:
    found: list[Effect] = []
    for record in log:
        found = [each for each in found if each.bucket < record.base] + list(record.effects)
    return found


def test_an_edit_rules_what_comes_after_it(world: Composed) -> None:
    made = world.begin(every("high", "huge"))
    world.minutes(20.0, 20.0)
    world.edit(made, expression=some("high", "huge"))
    world.pass_time(1)
    world.sweep()

    assert world.told() == [(1, INSUFFICIENT, OK), (2, OK, ALARM)]
    assert [each.version for each in world.log()] == [1, 2]
    # and what was decided before stands, also where somebody looks again
    world.minutes(20.0, 20.0, sweeps=True)
    assert len(world.log()) == 2


def test_what_an_earlier_version_has_said_of_alerts_that_are_gone_stands(world: Composed) -> None:
    made = world.begin(every("high", "huge"))
    world.minutes(200.0, 200.0)
    world.edit(made, expression=one("high"))
    world.pass_time(11)
    world.alerts.delete(TENANT, "huge", None)
    world.pass_time(11)
    world.minutes(200.0, 3.0, 3.0, sweeps=True)

    assert not [each for each in world.log() if each.cause is Cause.CORRECTION]
    assert [target for _, _, target in world.told()] == [ALARM, OK]


def test_instances_follow_those_of_its_alerts(world: Composed) -> None:
    world.begin(every("high", "huge"), group_by=("host",))
    for _ in range(3):
        world.send(200.0, host="a")
        world.send(20.0, host="b")
        world.stream()
        world.pass_time(60)

    assert world.told(tags=HOST_A) == [(1, INSUFFICIENT, ALARM)]
    assert world.told(tags=HOST_B) == [(1, INSUFFICIENT, OK)]
    assert not world.told(tags=())


def test_an_instance_ends_with_those_that_it_came_from(world: Composed) -> None:
    world.begin(some("high", "huge"), group_by=("host",))
    world.minutes(200.0, 200.0)
    for name in ("high", "huge"):
        present = world.alerts.get(TENANT, name)
        assert present is not None
        world.edit(present, group_by=())
    for _ in range(3):
        world.minutes(200.0, sweeps=True)

    last = world.log(tags=HOST_A)[-1]
    assert (last.source, last.target) == (ALARM, INSUFFICIENT)
    assert last.reason == "none of its alerts has this instance any more"
    assert world.state(tags=HOST_A) is None
    world.sweep()
    assert world.log(tags=HOST_A)[-1] == last


def test_what_is_recorded_of_it_is_read_before_what_it_is_folded_from(world: Composed) -> None:
    """Also of instances that have ended: a newer log must not meet an older view."""
    world.begin(some("high", "huge"), group_by=("host",))
    world.minutes(200.0, 200.0)
    for name in ("high", "huge"):
        present = world.alerts.get(TENANT, name)
        assert present is not None
        world.edit(present, group_by=())
    for _ in range(3):
        world.minutes(200.0, sweeps=True)
    assert world.state(tags=HOST_A) is None
    evaluation = Evaluation(
        world.table, world.store, world.clock, lambda tenant, delivery: None, lambda attempt: None
    )
    both = world.alerts.get(TENANT, "both")
    assert both is not None
    queries = Queries(world.table)
    evaluation.evaluate(TENANT, Ask(both))

    logs = [keys.split(q.pk)[2] for q in queries.asked if keys.kind_of(q.pk) == "decisions"]
    assert set(logs) == {"both", "high", "huge"}
    assert logs.index("both") < min(logs.index("high"), logs.index("huge"))
    assert "both" not in logs[logs.index("high") :]


def test_a_dark_instance_leaves_quietly(world: Composed) -> None:
    """Its alerts' instances went dark first, and were removed without a word."""
    world.begin(some("high", "huge"), group_by=("host",))
    world.minutes(200.0, 200.0)
    for _ in range(8):
        world.pass_time(60)
        world.sweep()
    assert world.state(tags=HOST_A) is INSUFFICIENT
    for name in ("high", "huge"):
        present = world.alerts.get(TENANT, name)
        assert present is not None
        world.edit(present, group_by=())
    before = len(world.log(tags=HOST_A))
    for _ in range(4):
        world.pass_time(60)
        world.sweep()

    assert world.state("high", HOST_A) is None
    assert world.state(tags=HOST_A) is None
    assert len(world.log(tags=HOST_A)) == before


# --- marks ----------------------------------------------------------------------------------------


def mark(world: Composed, name: str) -> int | None:
    item = world.table.get(keys.mark(TENANT, name))
    return None if item is None else int(item["end"])


def test_the_mark_follows_those_of_its_alerts_and_logs_are_not_read_for_ever(
    world: Composed,
) -> None:
    made = world.begin(some("high", "huge"))
    world.minutes(*[3.0, 20.0] * 30, sweeps=True)

    found = mark(world, "both")
    assert found is not None and found > made.created_at
    assert found <= min(mark(world, "high") or 0, mark(world, "huge") or 0)
    assert found < world.clock.now - final_delay(made.definition)
    flips = len(world.log())
    assert flips > 50
    queries = Queries(world.table)
    world.sweep()
    read = [each for each in queries.asked if keys.kind_of(each.pk) == "decisions"]
    assert len(read) < 20
    assert len(world.log()) == flips


def test_a_sweeper_that_begins_anew_finds_all_as_it_is(world: Composed) -> None:
    world.begin(every("high", no("huge")))
    world.minutes(*[3.0, 20.0, 200.0] * 20, sweeps=True)
    before = world.log()
    again = Deciding(world)
    again.sweep()
    again.sweep()

    assert world.log() == before


def test_a_composite_that_is_swept_by_two_at_once_is_decided_once(world: Composed) -> None:
    world.begin(some("high", "huge"))
    other = Deciding(world)
    world.send(20.0)
    world.pass_time(90)
    raced: list[bool] = []

    def race(writes: Sequence[Write | Check]) -> None:
        decides = [x for x in writes if isinstance(x, Put) and x.item.get("k") == "decision"]
        if decides and keys.split(str(decides[0].item["pk"]))[2] == "both" and not raced:
            raced.append(True)
            other.sweep()

    world.table.before_write = race
    world.sweep()

    assert raced
    assert world.told() == [(1, INSUFFICIENT, ALARM)]
    assert [x.alert.id for x in world.outbox].count("both") == 1


def test_a_composite_that_others_keep_changing_stops_nobody(world: Composed) -> None:
    world.begin(some("high", "huge"))
    world.compose(one("high"), "fine")
    world.send(20.0, lost=True)
    world.pass_time(90)

    def conflict(writes: Sequence[Write | Check]) -> None:
        for write in writes:
            if isinstance(write, Put) and "both" in str(write.item["pk"]):
                raise ConditionFailed

    world.table.before_write = conflict
    world.sweep()

    assert world.state("fine") is ALARM


def test_a_composite_over_an_alert_that_is_gone_knows_nothing_of_it(world: Composed) -> None:
    """That cannot be through the API; somebody may have been at the table."""
    world.begin(some("high", "huge"))
    world.minutes(200.0, 200.0)
    world.table.write(Delete(keys.alert(TENANT, "huge")))
    world.pass_time(11)
    world.minutes(3.0, 3.0, sweeps=True)

    assert world.state() is INSUFFICIENT


# --- against the fold -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_what_is_recorded_is_what_the_fold_makes_of_it(seed: int) -> None:
    random, world = Random(seed), Composed()
    made = world.begin(every("high", no("huge")), group_by=("host",))
    for _ in range(40):
        for host in ("a", "b"):
            if random.random() < 0.8:
                late = random.choice((0, 0, 0, 70_000, 130_000))
                value = random.choice((3.0, 20.0, 200.0))
                lost = random.random() < 0.2
                at = max(NOON, world.clock.now - late)
                world.send(value, host=host, at=at, agent=f"agent-{host}", lost=lost)
        world.stream()
        world.pass_time(random.choice((20, 40, 60)))
        if random.random() < 0.5:
            world.sweep()
        if random.random() < 0.1:
            made = world.edit(made, expression=random.choice((some, every))("high", "huge"))
    for _ in range(12):
        world.pass_time(60)
        world.sweep()

    for tags, effects in folded(world).items():
        mine = effective(world.log(tags=tags))
        assert [(e.bucket, e.target) for e in mine] == [(e.bucket, e.target) for e in effects]


def folded(world: Composed) -> dict[Tags, tuple[Effect, ...]]:
    """What the fold makes of the alerts' whole logs."""
    stories = []
    for name in ("high", "huge"):
        for tags in (HOST_A, HOST_B):
            stories.append(Story(name, tags, effects=tuple(effective(world.log(name, tags)))))
    parts = keys.alert_parts(TENANT, "both")
    versions = [
        alert_from(str(item["body"]))
        for key, item in sorted(world.table.items.items())
        if key.pk == parts and item["k"] == "version"
    ]
    return histories(versions, stories, versions[0].created_at, world.clock.now)
