from collections.abc import Sequence
from dataclasses import replace

import pytest

from skafu.alerts.codec import decision_from, instance_state_from, notification_from
from skafu.alerts.model import Cause, Decision, Effect, State, delivery_id
from skafu.alerts.plan import Entry
from skafu.alerts.scribe import CONFLICT_TRIES, WRITE_DEADLINE_MS, Scribe, Written, delivery_of
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.table import Delete, TransactionConflict
from tests.support.clocks import FakeClock
from tests.support.decisions import TENANT, decision, effect, minute, subject, table_with
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
BEGUN, FIRED = effect(1, INSUFFICIENT, OK), effect(5, OK, ALARM)
ME = subject()
INSTANCE = keys.instance(TENANT, "alert-1", ME.instance)


class Writer:
    """A scribe over a table that has the alert, and how often it paused."""

    def __init__(self) -> None:
        self.table = table_with()
        self.clock = FakeClock(minute(10))
        self.pauses: list[int] = []
        self.scribe = Scribe(self.table, self.clock, self.pauses.append)

    def write(self, record: Decision, read_at: int | None = None, version: int = 1) -> Written:
        whose = replace(ME, alert=replace(alert(), version=version))
        at = self.clock.now if read_at is None else read_at
        return self.scribe.write(whose, Entry(record, record.bucket), at)

    def kinds(self) -> list[str]:
        return sorted(str(item["k"]) for item in self.table.items.values())


@pytest.fixture
def writer() -> Writer:
    return Writer()


def test_a_decision_is_written_with_its_state_and_its_notification(writer: Writer) -> None:
    record = decision([BEGUN])

    assert writer.write(record) is Written.DONE

    assert writer.kinds() == ["alert", "decision", "instance", "outbox"]
    item = writer.table.items[INSTANCE]
    assert (item["state"], item["bucket"], item["revision"]) == ("OK", minute(1), 0)
    index = keys.state_index(TENANT, "OK", minute(1), "alert-1", ME.instance)
    assert (item["gsi1pk"], item["gsi1sk"]) == index
    state = instance_state_from(str(item["body"]))
    assert (state.state, state.since, state.value, state.tags) == (OK, minute(1), 3.0, ME.tags)
    stored = writer.table.items[keys.decision(TENANT, "alert-1", ME.instance, minute(1), 0)]
    assert decision_from(str(stored["body"])) == record
    assert (stored["gsi1pk"], stored["gsi1sk"]) == keys.history_index(
        TENANT, "alert-1", minute(1), ME.instance, 0
    )


def test_a_notification_waits_in_the_outbox_under_a_stable_id(writer: Writer) -> None:
    record = decision([BEGUN])
    writer.write(record)

    name = delivery_id("alert-1", ME.instance, minute(1), 0)
    assert delivery_of(record) == name
    item = writer.table.items[keys.outbox(TENANT, name)]
    assert (item["status"], item["created"]) == ("pending", record.decided_at)
    assert (item["gsi1pk"], item["gsi1sk"]) == keys.pending_index(TENANT, record.decided_at, name)
    told = notification_from(str(item["body"]))
    assert (told.id, told.alert, told.source, told.target) == (name, ME.alert, INSUFFICIENT, OK)
    assert (told.bucket, told.revision, told.value, told.reason) == (minute(1), 0, 3.0, "because")


def test_nobody_is_told_where_the_state_stays_what_it_was(writer: Writer) -> None:
    writer.write(decision([BEGUN]))
    moved = decision([BEGUN], revision=1, source=OK, target=OK, cause=Cause.CORRECTION)

    assert writer.write(moved) is Written.DONE

    assert writer.kinds().count("outbox") == 1
    assert writer.table.items[INSTANCE]["revision"] == 1


def test_the_first_decision_starts_from_insufficient_data(writer: Writer) -> None:
    assert writer.write(decision([FIRED])) is Written.STALE
    assert writer.kinds() == ["alert"]


@pytest.mark.parametrize(
    ("record", "written"),
    [
        (decision([FIRED]), True),
        (decision([effect(5, ALARM, OK)]), False),
        (decision([effect(5, INSUFFICIENT, OK)]), False),
        (decision([FIRED], bucket=minute(2)), False),
        (decision([FIRED], bucket=minute(3)), False),
        (decision([FIRED], bucket=minute(3), revision=1), False),
        (decision([FIRED], bucket=minute(3), revision=2), False),
        (decision([FIRED], bucket=minute(3), revision=3), True),
        (decision([FIRED], bucket=minute(4), revision=1), True),
    ],
)
def test_a_later_decision_starts_from_the_state_there_is_and_is_further_on(
    writer: Writer, record: Decision, written: bool
) -> None:
    writer.write(decision([BEGUN], bucket=minute(3), revision=2))
    before = dict(writer.table.items)

    assert (writer.write(record) is Written.DONE) is written

    if not written:
        assert writer.table.items == before


def test_a_decision_by_another_version_of_the_definition_is_stale(writer: Writer) -> None:
    assert writer.write(decision([BEGUN]), version=2) is Written.STALE
    writer.table.write(Delete(keys.alert(TENANT, "alert-1")))
    assert writer.write(decision([BEGUN])) is Written.STALE


def test_the_same_decision_twice_is_written_once(writer: Writer) -> None:
    writer.write(decision([BEGUN]))

    assert writer.write(decision([BEGUN])) is Written.STALE
    assert writer.kinds() == ["alert", "decision", "instance", "outbox"]


def test_an_instance_that_is_over_leaves_no_state(writer: Writer) -> None:
    writer.write(decision([BEGUN]))
    over = Effect(minute(4), OK, INSUFFICIENT, Cause.CLOCK, 1)

    assert writer.write(decision([over])) is Written.DONE

    kinds = ["alert", "ended", "decision", "decision", "outbox", "outbox"]
    assert sorted(writer.kinds()) == sorted(kinds)
    assert writer.write(decision([effect(6, INSUFFICIENT, OK)])) is Written.DONE


def refuse(table: InMemoryTable, times: int) -> list[int]:
    """Make the next transactions meet another one; returns how many were tried, as its length."""
    tried: list[int] = []

    def conflict(_: Sequence[object]) -> None:
        tried.append(1)
        if len(tried) <= times:
            raise TransactionConflict

    table.before_write = conflict
    return tried


def test_a_conflict_is_tried_again_after_a_pause(writer: Writer) -> None:
    refuse(writer.table, 2)

    assert writer.write(decision([BEGUN])) is Written.DONE
    assert writer.pauses == [1, 2]


def test_endless_conflicts_are_told(writer: Writer) -> None:
    tried = refuse(writer.table, 100)

    with pytest.raises(Unavailable):
        writer.write(decision([BEGUN]))
    assert len(tried) == CONFLICT_TRIES


def test_a_write_that_starts_too_long_after_its_read_is_stale(writer: Writer) -> None:
    read_at = writer.clock.now
    writer.clock.advance(WRITE_DEADLINE_MS + 1)

    assert writer.write(decision([BEGUN]), read_at) is Written.STALE
    assert writer.write(decision([BEGUN]), read_at + 1) is Written.DONE


def test_a_pause_counts_towards_the_deadline(writer: Writer) -> None:
    refuse(writer.table, 1)
    scribe = Scribe(
        writer.table,
        writer.clock,
        lambda attempt: writer.clock.advance(WRITE_DEADLINE_MS + attempt),
    )
    record = decision([BEGUN])

    assert scribe.write(ME, Entry(record, record.bucket), writer.clock.now) is Written.STALE


def test_a_correction_of_very_much_fits_into_an_item(writer: Writer) -> None:
    states = (OK, ALARM)
    many = [effect(n, states[n % 2], states[(n + 1) % 2]) for n in range(5_000)]
    record = decision(many, source=INSUFFICIENT)

    assert writer.write(record) is Written.DONE

    (stored,) = (item for item in writer.table.items.values() if item["k"] == "decision")
    assert decision_from(str(stored["body"])) == record
