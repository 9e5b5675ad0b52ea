"""Taking a deleted metric out may be cut short before any write, by a crash or by another compactor
that does the same: it ends the same.
"""

import pytest

from skafu.metrics.deletions import Deletions
from skafu.metrics.removal import SECOND_LOOK_MS, Removal
from skafu.metrics.tenancy import Tenancies
from skafu.shared import keys
from skafu.shared.keys import MINUTE_MS, Key
from skafu.shared.table import Value
from tests.support.memory_table import InMemoryTable
from tests.support.merged_days import MergedDays
from tests.support.metrics import TENANT

METRIC = "shared.b"
ENOUGH = 10**9


class Crash(Exception):
    """The process ends here."""


def deleted() -> MergedDays:
    days = MergedDays()
    days.clock.now += MINUTE_MS
    Deletions(days.table, days.clock).delete(TENANT, METRIC, "person")
    return days


def work(days: MergedDays) -> None:
    """One process, from its start."""
    removal = Removal(days.table, days.clock, Tenancies(days.table, days.clock))
    assert removal.work(TENANT, lambda: ENOUGH)


def both_looks(days: MergedDays) -> None:
    work(days)
    days.clock.now += SECOND_LOOK_MS
    work(days)


def content(days: MergedDays) -> dict[Key, dict[str, Value]]:
    """Everything but how often something was done."""
    items = {key: dict(item) for key, item in days.table.items.items()}
    items[keys.deletion(TENANT, METRIC)].pop("removed")
    return items


def writes_of(days: MergedDays) -> int:
    number = 0

    def count(_: object) -> None:
        nonlocal number
        number += 1

    days.table.before_write = count
    both_looks(days)
    days.table.before_write = lambda _: None
    return number


EXPECTED = deleted()
WRITES = writes_of(EXPECTED)


def interrupt(table: InMemoryTable, before: int) -> None:
    """Let the table crash whoever makes this write, once."""
    left = before

    def count(_: object) -> None:
        nonlocal left
        left -= 1
        if left == -1:
            raise Crash

    table.before_write = count


def test_there_is_something_to_interrupt() -> None:
    assert WRITES > 10


@pytest.mark.parametrize("before", range(WRITES))
def test_a_crash_before_any_write_changes_nothing_in_the_end(before: int) -> None:
    days = deleted()
    moment = days.clock.now
    interrupt(days.table, before)
    with pytest.raises(Crash):
        both_looks(days)
    if days.clock.now == moment:
        both_looks(days)
    else:
        work(days)
    assert content(days) == content(EXPECTED)


@pytest.mark.parametrize("before", range(0, WRITES, 3))
def test_another_compactor_in_between_changes_nothing_in_the_end(before: int) -> None:
    days = deleted()
    left = before

    def other(_: object) -> None:
        nonlocal left
        left -= 1
        if left == -1:
            work(days)

    days.table.before_write = other
    both_looks(days)
    assert content(days) == content(EXPECTED)
