"""Who looked at a metric last, and what recording it costs."""

from skafu.metrics.touches import AGAIN_MS, Touches, unused_since
from skafu.shared import keys
from skafu.shared.keys import DAY_MS
from skafu.shared.metering import MeteredTable
from skafu.shared.table import Put
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable

TODAY = NOON // DAY_MS * DAY_MS
CPU = keys.metric_record("acme", "cpu.load")


def stored(first_day: int = TODAY) -> InMemoryTable:
    table = InMemoryTable()
    table.write(Put({**CPU._asdict(), "k": "metric", "first_day": first_day, "series": 3}))
    return table


def test_a_look_is_recorded_by_who_looked() -> None:
    table = stored()
    touches = Touches(table, FakeClock())
    touches.queried("acme", ["cpu.load"])
    touches.watched("acme", ["cpu.load"])
    touches.shown("acme", ["cpu.load"])
    assert table.items[CPU] == {
        **CPU._asdict(),
        "k": "metric",
        "first_day": TODAY,
        "series": 3,
        "queried": TODAY,
        "watched": TODAY,
        "shown": TODAY,
    }


def test_a_process_records_a_metric_once_a_day() -> None:
    inside, clock = stored(), FakeClock()
    table = MeteredTable(inside, inside.items.get)
    touches = Touches(table, clock)
    for _ in range(50):
        touches.queried("acme", ["cpu.load", "cpu.load"])
    assert (table.calls, table.wru) == (2, 1)
    clock.advance(DAY_MS)
    touches.queried("acme", ["cpu.load"])
    assert (table.calls, table.wru) == (4, 2)
    assert inside.items[CPU]["queried"] == TODAY + DAY_MS


def test_other_processes_see_that_it_is_recorded() -> None:
    inside, clock = stored(), FakeClock()
    Touches(inside, clock).queried("acme", ["cpu.load"])
    table = MeteredTable(inside)
    Touches(table, clock).queried("acme", ["cpu.load"])
    assert (table.rru, table.wru) == (0.5, 0)


def test_asking_for_a_name_makes_no_metric_of_it() -> None:
    inside, clock = stored(), FakeClock()
    before = set(inside.items)
    table = MeteredTable(inside)
    touches = Touches(table, clock)
    touches.queried("acme", ["no.such.metric"])
    touches.queried("acme", ["no.such.metric"])
    assert set(inside.items) == before
    assert table.calls == 1
    clock.advance(AGAIN_MS)
    touches.queried("acme", ["no.such.metric"])
    assert table.calls == 2


def test_a_table_that_does_not_answer_costs_no_query_its_answer() -> None:
    table = stored()
    touches = Touches(table, FakeClock())
    table.down = True
    touches.queried("acme", ["cpu.load"])
    table.down = False
    touches.queried("acme", ["cpu.load"])
    assert table.items[CPU]["queried"] == TODAY


def test_a_metric_is_unused_from_its_last_look_on() -> None:
    then = TODAY - 40 * DAY_MS
    assert unused_since({"first_day": then}, NOON) == then
    assert unused_since({"first_day": then, "queried": then + DAY_MS}, NOON) == then + DAY_MS
    assert unused_since({"first_day": then, "queried": then, "watched": TODAY}, NOON) is None
    assert unused_since({"first_day": TODAY - 29 * DAY_MS}, NOON) is None
    assert unused_since({"first_day": then, "shown": TODAY - 30 * DAY_MS}, NOON) is not None
    assert unused_since({"queried": TODAY}, NOON) is None
