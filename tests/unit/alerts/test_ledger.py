from threading import Barrier

import pytest

from skafu.alerts.ledger import Ask, Ledger
from skafu.alerts.memory import Memory
from skafu.alerts.store import AlertStore
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.table import Page, Put, Query
from tests.support.clocks import NOON, FakeClock
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable


class Meeting(InMemoryTable):
    """Answers for states only when so many ask at the same time."""

    def __init__(self, at_once: int) -> None:
        super().__init__()
        self._barrier = Barrier(at_once, timeout=5)

    def query(self, query: Query) -> Page:
        if query.begins == "instance":
            self._barrier.wait()
        return super().query(query)


def asks(table: InMemoryTable, count: int) -> list[Ask]:
    store = AlertStore(table)
    return [Ask(store.create(TENANT, alert(f"alert-{number}"))) for number in range(count)]


def test_several_are_opened_at_the_same_time_in_the_order_that_was_asked_for() -> None:
    table = Meeting(4)
    wanted = asks(table, 8)
    ledger = Ledger(table, FakeClock(), Memory())
    ledger.readers = 4

    opened = ledger.open(TENANT, wanted)

    assert [each.ask for each in opened] == wanted
    assert all(each.scope is not None and each.read_at == NOON for each in opened)


@pytest.mark.parametrize("readers", [1, 3])
def test_one_that_cannot_be_read_is_its_own_trouble(readers: int) -> None:
    table = InMemoryTable()
    wanted = asks(table, 3)
    broken = keys.instance(TENANT, "alert-1", "0")._asdict()
    table.write(Put({**broken, "k": "instance", "body": "{"}))
    ledger = Ledger(table, FakeClock(), Memory())
    ledger.readers = readers

    opened = ledger.open(TENANT, wanted)

    assert [each.trouble is None for each in opened] == [True, False, True]
    table.down = True
    with pytest.raises(Unavailable):
        ledger.open(TENANT, wanted)
