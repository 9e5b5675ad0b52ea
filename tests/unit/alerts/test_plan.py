from collections.abc import Sequence

from skafu.alerts.journal import Journal, Last
from skafu.alerts.model import Cause, Effect, State
from skafu.alerts.plan import Entry, plan
from skafu.alerts.walk import Standing
from tests.support.decisions import effect, minute, subject

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
NOW = minute(100)

BEGUN = effect(1, INSUFFICIENT, OK)
FIRED = effect(5, OK, ALARM)
RESOLVED = effect(8, ALARM, OK)


def recorded(*effects: Effect, standing: State = INSUFFICIENT, revision: int = 0) -> Journal:
    """A log in which these effects are what was recorded after the beginning of the walk."""
    if not effects:
        return Journal(None, Standing(standing, False))
    last = Last(effects[-1].target, effects[-1].bucket, revision)
    return Journal(last, Standing(standing, standing is not INSUFFICIENT), 0, effects)


def planned(journal: Journal, *wanted: Effect) -> list[Entry]:
    whose = subject()
    return plan(whose, journal, wanted, {1: whose.alert}, NOW)


def positions(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    return [(entry.decision.bucket, entry.decision.revision) for entry in entries]


def test_what_is_recorded_already_is_not_written_again() -> None:
    assert not planned(recorded(BEGUN, FIRED), BEGUN, FIRED)
    assert not planned(recorded())


def test_why_a_bucket_was_closed_makes_no_difference() -> None:
    again = effect(5, OK, ALARM, Cause.CLOCK)

    assert not planned(recorded(BEGUN, FIRED), BEGUN, again)


def test_each_new_transition_is_a_record_of_its_own() -> None:
    entries = planned(recorded(BEGUN), BEGUN, FIRED, RESOLVED)

    assert positions(entries) == [(minute(5), 0), (minute(8), 0)]
    fired = entries[0].decision
    assert (fired.source, fired.target, fired.cause) == (OK, ALARM, Cause.DATA)
    assert (fired.base, fired.start, fired.effects) == (minute(5), OK, (FIRED,))
    assert (fired.version, fired.decided_at, entries[0].since) == (1, NOW, minute(5))
    assert fired.reason == "avg of cpu.load was 20, above 10"


def test_a_correction_replaces_from_the_first_difference_on() -> None:
    moved = effect(6, OK, ALARM)

    (entry,) = planned(recorded(BEGUN, FIRED, RESOLVED), BEGUN, moved, RESOLVED)

    correction = entry.decision
    assert (correction.base, correction.start) == (minute(5), OK)
    assert correction.effects == (moved, RESOLVED)
    assert (correction.bucket, correction.revision) == (minute(8), 1)
    assert (correction.source, correction.target) == (OK, OK)
    assert correction.cause is Cause.CORRECTION
    assert entry.since == minute(8)


def test_a_correction_of_a_correction_has_the_next_revision() -> None:
    moved = effect(6, OK, ALARM)

    (entry,) = planned(recorded(BEGUN, FIRED, revision=3), BEGUN, moved)

    assert positions([entry]) == [(minute(6), 1)]
    (back,) = planned(recorded(BEGUN, FIRED, revision=3), BEGUN)
    assert positions([back]) == [(minute(5), 4)]


def test_a_correction_may_take_everything_back() -> None:
    (entry,) = planned(recorded(BEGUN, FIRED), BEGUN)

    assert (entry.decision.source, entry.decision.target) == (ALARM, OK)
    assert (entry.decision.effects, entry.since) == ((), minute(1))
    (nothing,) = planned(recorded(BEGUN))
    assert (nothing.decision.target, nothing.since) == (INSUFFICIENT, 0)
    assert "nothing of it remains" in nothing.decision.reason


def test_a_transition_before_the_last_record_is_a_correction_even_where_nothing_is_replaced() -> (
    None
):
    # A correction at minute 8 has left only what was there at minute 1.
    journal = Journal(Last(OK, minute(8), 2), Standing(), 0, (BEGUN,))

    (entry,) = planned(journal, BEGUN, FIRED)

    assert entry.decision.cause is Cause.CORRECTION
    assert positions([entry]) == [(minute(8), 3)]
    assert (entry.decision.source, entry.decision.target, entry.since) == (OK, ALARM, minute(5))


def test_the_same_inputs_give_the_same_plan() -> None:
    journal = recorded(BEGUN, FIRED)

    assert planned(journal, BEGUN, RESOLVED) == planned(journal, BEGUN, RESOLVED)
