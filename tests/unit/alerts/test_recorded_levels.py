"""Levels in plans, logs, state items and histories."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skafu.alerts.codec import decision_from, instance_state_from, notification_from, to_json
from skafu.alerts.history import HistoryReader
from skafu.alerts.journal import Journal, Last, read_journal
from skafu.alerts.model import Cause, Decision, Effect, InstanceState, Level, Severity, State
from skafu.alerts.plan import Entry, plan
from skafu.alerts.scribe import Scribe, Written
from skafu.alerts.states import StateReader
from skafu.alerts.walk import Standing
from skafu.shared import keys
from tests.support.alerting import Storyteller
from tests.support.clocks import FakeClock
from tests.support.decisions import TENANT, decision, effect, log, minute, subject, table_with
from tests.support.definitions import alert, definition
from tests.support.memory_table import InMemoryTable

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
LEVELS = (Level(Severity.HIGH, 20.0), Level(Severity.CRITICAL, 30.0))
WHOSE = subject(alert(levels=LEVELS))
NOW = minute(100)


def step(
    number: int, source: State, before: int, target: State, level: int, cause: Cause = Cause.DATA
) -> Effect:
    return replace(effect(number, source, target, cause), source_level=before, target_level=level)


BEGUN = step(1, INSUFFICIENT, 0, OK, 0)
FIRED = step(3, OK, 0, ALARM, 0, Cause.EARLY)
RISEN = step(3, OK, 0, ALARM, 2)
RAISED = step(5, ALARM, 0, ALARM, 1)
LOWERED = step(6, ALARM, 1, ALARM, 0)


def planned(journal: Journal, *wanted: Effect) -> list[Entry]:
    return plan(WHOSE, journal, wanted, {1: WHOSE.alert}, NOW)


def recorded(*effects: Effect, revision: int = 0) -> Journal:
    if not effects:
        return Journal()
    newest = effects[-1]
    last = Last(newest.target, newest.bucket, revision, newest.target_level)
    return Journal(last, Standing(), 0, effects)


# --- plan -----------------------------------------------------------------------------------------


def test_a_change_of_level_is_a_record_that_is_told_and_moves_no_since() -> None:
    raised, lowered = planned(recorded(BEGUN, FIRED), BEGUN, FIRED, RAISED, LOWERED)

    assert raised.decision.told and lowered.decision.told
    assert (raised.decision.source_level, raised.decision.target_level) == (0, 1)
    assert (raised.decision.cause, raised.decision.revision) == (Cause.DATA, 0)
    assert raised.since == lowered.since == minute(3), "since when it is in ALARM"


def test_a_level_that_rises_in_the_bucket_of_an_early_alarm_is_no_correction() -> None:
    after = step(4, ALARM, 2, OK, 0)

    risen, ended = planned(recorded(BEGUN, FIRED), BEGUN, RISEN, after)

    made = risen.decision
    assert (made.bucket, made.revision, made.cause) == (minute(3), 1, Cause.DATA)
    assert (made.source, made.source_level, made.target_level) == (ALARM, 0, 2)
    assert (made.base, made.start, made.effects) == (minute(3), OK, (RISEN,))
    assert made.told and risen.since == minute(3)
    assert (ended.decision.source_level, ended.decision.revision) == (2, 0)


def test_a_level_that_falls_in_a_bucket_or_rises_after_its_close_is_a_correction() -> None:
    closed = replace(FIRED, cause=Cause.DATA)
    for before, after in ((closed, RISEN), (RISEN, closed)):
        (entry,) = planned(recorded(BEGUN, before), BEGUN, after)
        assert entry.decision.cause is Cause.CORRECTION
        assert entry.decision.told


def test_a_correction_starts_from_the_level_before_it() -> None:
    journal = recorded(BEGUN, RISEN, step(5, ALARM, 2, ALARM, 0))
    other = step(6, ALARM, 2, ALARM, 1)

    (entry,) = planned(journal, BEGUN, RISEN, other)

    made = entry.decision
    assert (made.start, made.start_level) == (ALARM, 2)
    assert (made.source_level, made.target_level) == (0, 1)
    assert entry.since == minute(3)


PLACES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([(OK, 0), (ALARM, 0), (ALARM, 1), (ALARM, 2)])),
    max_size=12,
)


def effects_of(places: Sequence[tuple[int, tuple[State, int]]], first: int) -> tuple[Effect, ...]:
    """Transitions through these places, in buckets from `first` on; the last one may be early."""
    state, level, found, number = INSUFFICIENT, 0, [], first
    for gap, (target, at) in places:
        number += 1 + gap
        if (target, at) != (state, level):
            found.append(step(number, state, level, target, at))
            state, level = target, at
    if found and found[-1].target is ALARM:
        found[-1] = replace(found[-1], cause=Cause.EARLY)
    return tuple(found)


def replayed(records: Sequence[Decision]) -> tuple[Effect, ...]:
    """The history that a log tells, by the rule of the log alone."""
    history: list[Effect] = []
    for record in records:
        history = [each for each in history if each.bucket < record.base] + list(record.effects)
    return tuple(history)


def path(effects: Sequence[Effect]) -> list[tuple[int, State, int, State, int]]:
    return [(x.bucket, x.source, x.source_level, x.target, x.target_level) for x in effects]


@given(st.lists(PLACES, min_size=1, max_size=5))
def test_whatever_is_found_out_the_log_tells_it_exactly(
    found: list[list[tuple[int, tuple[State, int]]]],
) -> None:
    table = table_with()
    records: list[Decision] = []
    for places in found:
        wanted = effects_of(places, 1)
        journal = read_journal(table, WHOSE, None, minute(0), 1)
        for entry in plan(WHOSE, journal, wanted, {1: WHOSE.alert}, NOW):
            before = records[-1] if records else None
            made = entry.decision
            records.append(made)
            log(table, made)
            assert decision_from(str(table.items[_key(made)]["body"])) == made
            if before is not None:
                assert (before.bucket, before.revision) < (made.bucket, made.revision)
                there = before.target, before.target_level
                assert (made.source, made.source_level) == there
        assert path(replayed(records)) == path(wanted)
        again = read_journal(table, WHOSE, None, minute(0), 1)
        assert path(again.effects) == path(wanted)
        last = wanted[-1] if wanted else None
        place = (last.target, last.target_level) if last else (INSUFFICIENT, 0)
        if records:
            assert (records[-1].target, records[-1].target_level) == place


def _key(record: Decision) -> keys.Key:
    at = record.bucket, record.revision
    return keys.decision(TENANT, record.alert, record.instance, *at)


# --- journal --------------------------------------------------------------------------------------


def test_a_walk_goes_on_from_the_level_and_from_since_when_it_fires() -> None:
    table = table_with()
    for each in (BEGUN, RISEN, step(5, ALARM, 2, ALARM, 1), step(9, ALARM, 1, OK, 0)):
        log(table, decision([each], source_level=each.source_level, target_level=each.target_level))

    journal = read_journal(table, WHOSE, {"body": _state(OK, 0)}, minute(7), 1)

    assert journal.standing == Standing(ALARM, True, 1)
    assert journal.since == minute(3)
    assert journal.last == Last(OK, minute(9), 0, 0)


def _state(state: State, level: int) -> str:
    return to_json(
        InstanceState("alert-1", WHOSE.instance, WHOSE.tags, state, 5, minute(9), 0, None, level)
    )


# --- scribe ---------------------------------------------------------------------------------------


@pytest.fixture
def table() -> InMemoryTable:
    return table_with(WHOSE.alert)


def write(table: InMemoryTable, each: Effect, **changes: int) -> Written:
    record = decision(
        [each],
        source_level=each.source_level,
        target_level=each.target_level,
        **changes,
    )
    scribe = Scribe(table, FakeClock(minute(10)), lambda _: None)
    return scribe.write(WHOSE, Entry(record, minute(3)), minute(10))


def test_a_level_is_written_and_told(table: InMemoryTable) -> None:
    assert write(table, step(3, INSUFFICIENT, 0, ALARM, 0)) is Written.DONE
    assert write(table, RAISED) is Written.DONE

    item = table.items[keys.instance(TENANT, "alert-1", WHOSE.instance)]
    assert (item["state"], item["level"]) == ("ALARM", 1)
    assert instance_state_from(str(item["body"])).level == 1
    told = [notification_from(str(x["body"])) for x in table.items.values() if x["k"] == "outbox"]
    assert [each.severity for each in told] == [Severity.MEDIUM, Severity.HIGH]


def test_a_decision_from_another_level_is_stale(table: InMemoryTable) -> None:
    write(table, step(3, INSUFFICIENT, 0, ALARM, 2))

    assert write(table, RAISED) is Written.STALE
    assert write(table, step(5, ALARM, 2, ALARM, 1)) is Written.DONE


def test_a_state_from_before_there_were_levels_is_at_none(table: InMemoryTable) -> None:
    write(table, step(3, INSUFFICIENT, 0, ALARM, 0))
    del table.items[keys.instance(TENANT, "alert-1", WHOSE.instance)]["level"]

    assert write(table, step(5, ALARM, 1, ALARM, 2)) is Written.STALE
    assert write(table, RAISED) is Written.DONE


# --- readers --------------------------------------------------------------------------------------


def test_the_highest_level_is_shown_first() -> None:
    story = Storyteller(InMemoryTable())
    for number, (host, level) in enumerate((("a", 0), ("b", 2), ("c", 1)), start=1):
        story.happens(ALARM, number, (("host", host),), level=level)

    found = StateReader(story.table).of_alert(story.tenant, "alert-1", 10)

    assert [(dict(each.tags)["host"], each.level) for each in found.shown] == [
        ("b", 2),
        ("c", 1),
        ("a", 0),
    ]


def test_events_have_the_severities_that_their_version_gave_to_levels() -> None:
    story = Storyteller(InMemoryTable())
    story.publish(definition=definition(levels=LEVELS), severity=Severity.LOW)
    story.happens(ALARM, 1)
    story.happens(ALARM, 2, level=2)
    story.happens(OK, 3)

    page = HistoryReader(story.table).page(story.tenant, story.alert.id, 10)

    assert [(each.source_severity, each.target_severity) for each in page.events] == [
        (Severity.CRITICAL, None),
        (Severity.LOW, Severity.CRITICAL),
        (None, Severity.LOW),
    ]
    (newest,) = HistoryReader(story.table).page(story.tenant, story.alert.id, 1).events
    assert newest.source_severity is Severity.CRITICAL, "on a page of its own too"
