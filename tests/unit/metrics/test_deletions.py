"""What is deleted, and from when on."""

from skafu.metrics.deletions import CACHE_MS, DONE, LIFE_MS, RUNNING, Deletions
from skafu.shared import keys
from skafu.shared.table import Update, Value
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

NOON = 1_700_049_600_000


def test_what_was_deleted_is_known_at_once_where_it_was_deleted() -> None:
    table, clock = InMemoryTable(), FakeClock(NOON)
    deletions = Deletions(table, clock)
    assert not deletions.of("acme")
    found = deletions.delete("acme", "cpu.load", "person")
    assert (found.until, found.requested_by, found.state) == (NOON, "person", RUNNING)
    assert deletions.of("acme") == {"cpu.load": NOON}
    assert not deletions.of("other")


def test_other_processes_know_it_after_a_minute() -> None:
    table, clock = InMemoryTable(), FakeClock(NOON)
    other = Deletions(table, clock)
    assert not other.of("acme")
    Deletions(table, clock).delete("acme", "cpu.load", "person")
    clock.now += CACHE_MS - 1
    assert not other.of("acme")
    clock.now += 1
    assert other.of("acme") == {"cpu.load": NOON}


def test_deleting_again_moves_the_moment_and_begins_anew() -> None:
    table, clock = InMemoryTable(), FakeClock(NOON)
    deletions = Deletions(table, clock)
    deletions.delete("acme", "cpu.load", "person")
    done: dict[str, Value] = {"state": DONE, "finished": NOON, "again": NOON, "place": "x"}
    table.write(Update(keys.deletion("acme", "cpu.load"), set=done))
    clock.now += 5
    found = deletions.delete("acme", "cpu.load", "machine")
    assert (found.until, found.requested_by, found.state) == (NOON + 5, "machine", RUNNING)
    assert (found.finished, found.again, found.place) == (None, None, None)


def test_a_clock_that_is_behind_moves_nothing_back() -> None:
    table, clock = InMemoryTable(), FakeClock(NOON)
    Deletions(table, clock).delete("acme", "cpu.load", "person")
    late = Deletions(table, FakeClock(NOON - 1))
    assert late.delete("acme", "cpu.load", "machine").until == NOON


def test_a_deletion_outlives_everything_that_it_hides() -> None:
    table, clock = InMemoryTable(), FakeClock(NOON)
    Deletions(table, clock).delete("acme", "cpu.load", "person")
    assert table.items[keys.deletion("acme", "cpu.load")]["ttl"] == (NOON + LIFE_MS) // 1000
