from random import Random

import pytest

from skafu.alerts.journal import LOG_PAGE, Journal, Last, read_journal
from skafu.alerts.codec import to_json
from skafu.alerts.model import Decision, Effect, InstanceState, State
from skafu.alerts.walk import Standing
from skafu.shared.table import Value
from tests.support.decisions import (
    HOST_A,
    decision,
    effect,
    log,
    minute,
    subject,
    table_with,
)
from tests.support.memory_table import InMemoryTable

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA


def state_item(record: Decision, since: int | None = None) -> dict[str, Value]:
    body = InstanceState(
        record.alert,
        record.instance,
        HOST_A,
        record.target,
        record.bucket if since is None else since,
        record.bucket,
        record.revision,
        None,
    )
    return {"state": record.target.value, "body": to_json(body)}


def read(
    table: InMemoryTable, after: int, item: dict[str, Value] | None = None, first: int = 1
) -> Journal:
    return read_journal(table, subject(), item, after, first)


FIRST = effect(1, INSUFFICIENT, OK)
SECOND = effect(3, OK, ALARM)
THIRD = effect(7, ALARM, OK)
RECORDS = tuple(decision([each]) for each in (FIRST, SECOND, THIRD))


def test_of_an_instance_that_has_no_log_nothing_is_known() -> None:
    assert read(table_with(), minute(5)) == Journal(None, Standing(INSUFFICIENT, False), 0, ())


def test_a_state_item_that_is_older_than_the_walk_says_all() -> None:
    class NoQueries(InMemoryTable):
        def query(self, query: object) -> object:  # type: ignore[override]  # passed on
            raise AssertionError("the log is not needed")

    journal = read(NoQueries(), minute(7), state_item(RECORDS[2]))

    assert journal == Journal(Last(OK, minute(7), 0), Standing(OK, True), minute(7), ())


def test_what_was_recorded_after_the_beginning_of_the_walk_is_listed_in_order() -> None:
    table = table_with()
    log(table, *RECORDS)

    journal = read(table, minute(1), state_item(RECORDS[2]))

    assert journal == Journal(
        Last(OK, minute(7), 0), Standing(OK, True), minute(1), (SECOND, THIRD)
    )


def test_before_its_first_record_an_instance_has_not_begun() -> None:
    table = table_with()
    log(table, *RECORDS)

    journal = read(table, minute(0), state_item(RECORDS[2]))

    assert (journal.standing, journal.since) == (Standing(INSUFFICIENT, False), 0)
    assert journal.effects == (FIRST, SECOND, THIRD)


def test_a_correction_replaces_what_was_recorded_from_its_base_on() -> None:
    table = table_with()
    corrected = effect(5, OK, ALARM)
    replaced = decision(
        [corrected], bucket=minute(7), revision=1, source=OK, base=minute(3), start=OK
    )
    log(table, *RECORDS, replaced)

    journal = read(table, minute(0), state_item(replaced))

    assert journal.effects == (FIRST, corrected)
    assert journal.last == Last(ALARM, minute(7), 1)


def test_a_correction_may_leave_nothing() -> None:
    table = table_with()
    undone = decision([], bucket=minute(1), revision=1, target=INSUFFICIENT, base=minute(1))
    log(table, RECORDS[0], undone)

    journal = read(table, minute(0), state_item(undone, since=0))

    assert journal == Journal(
        Last(INSUFFICIENT, minute(1), 1), Standing(INSUFFICIENT, False), 0, ()
    )
    assert not read(table, minute(9), state_item(undone, since=0)).standing.begun


def test_an_instance_that_ended_has_to_begin_again() -> None:
    table = table_with()
    over = Effect(minute(9), OK, INSUFFICIENT, THIRD.cause, 1)
    log(table, *RECORDS, decision([over]))

    assert read(table, minute(9)).standing == Standing(INSUFFICIENT, False)
    assert read(table, minute(7)).effects == (over,)
    assert read(table, minute(7)).standing == Standing(OK, True)


def test_what_belongs_to_a_deleted_alert_of_the_same_id_only_tells_where_the_log_goes_on() -> None:
    table = table_with()
    log(table, *RECORDS[:2])

    journal = read(table, minute(0), first=2)

    assert journal == Journal(Last(INSUFFICIENT, minute(3), 0))


def test_only_as_much_of_the_log_is_read_as_the_walk_needs() -> None:
    class Counting(InMemoryTable):
        queries = 0

        def query(self, query: object) -> object:  # type: ignore[override]  # passed on
            self.queries += 1
            return super().query(query)  # type: ignore[arg-type]  # passed on

    table = Counting()
    states = (OK, ALARM)
    records = [decision([effect(n, states[n % 2], states[(n + 1) % 2])]) for n in range(100)]
    log(table, *records)

    journal = read(table, minute(97), state_item(records[-1]))

    assert [each.bucket for each in journal.effects] == [minute(98), minute(99)]
    assert table.queries == 1
    read(table, minute(0), state_item(records[-1]))
    assert table.queries >= 100 / LOG_PAGE


def effective(records: list[Decision]) -> list[Effect]:
    history: list[Effect] = []
    for record in records:
        history = [each for each in history if each.bucket < record.base]
        history += record.effects
    return history


@pytest.mark.parametrize("seed", range(50))
def test_reading_backwards_gives_what_folding_forwards_gives(seed: int) -> None:
    r, table = Random(seed), table_with()
    records: list[Decision] = []
    bucket, revision, now = 0, 0, 0
    for _ in range(30):
        if records and r.random() < 0.4:
            base = r.randint(max(1, now - 8), now)
            numbers = sorted(r.sample(range(base, now + 1), r.randint(0, min(3, now - base))))
            bucket, revision = now, revision + 1 if bucket == now else 1
            new = [effect(number, OK, ALARM) for number in numbers]
            records.append(decision(new, bucket=minute(now), revision=revision, base=minute(base)))
        else:
            now += r.randint(1, 3)
            bucket, revision = now, 0
            records.append(decision([effect(now, OK, ALARM)]))
    log(table, *records)
    whole = effective(records)

    for after in range(0, now + 2):
        journal = read(table, minute(after), state_item(records[-1]))
        if records[-1].bucket > minute(after):
            assert list(journal.effects) == [e for e in whole if e.bucket > minute(after)]
            before = [e for e in whole if e.bucket <= minute(after)]
            assert journal.since == (before[-1].bucket if before else 0)
        assert journal.last == Last(records[-1].target, minute(bucket), revision)
