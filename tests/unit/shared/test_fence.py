"""Of two regions one acts, and the table says which."""

from typing import Any

from skafu.shared import keys
from skafu.shared.fence import KEPT_MS, fenced
from skafu.shared.settings import Settings
from skafu.shared.table import Put
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

HOME, OTHER = "us-east-1", "us-west-2"
NOTHING: dict[str, list[Any]] = {"batchItemFailures": []}


class Acting:
    """A handler in a region, and what it was called with."""

    def __init__(self, table: InMemoryTable, region: str, home: str = HOME) -> None:
        self.clock = FakeClock()
        self.seen: list[object] = []
        settings = Settings(
            table_name="t", environment="production", home_region=home, aws_region=region
        )
        self._handler = fenced(self._act, settings, table, self.clock, NOTHING)

    def _act(self, event: dict[str, Any], _: object) -> str:
        self.seen.append(event)
        return "done"

    def __call__(self, event: dict[str, Any]) -> object:
        return self._handler(event, None)  # type: ignore[arg-type]  # no handler here looks at it


def move(table: InMemoryTable, region: str) -> None:
    table.write(Put({**keys.active_region()._asdict(), "k": "region", "region": region}))


def test_without_a_word_the_home_region_acts_and_no_other() -> None:
    table = InMemoryTable()
    home, other = Acting(table, HOME), Acting(table, OTHER)
    assert (home({"a": 1}), other({"a": 1})) == ("done", NOTHING)
    assert (len(home.seen), len(other.seen)) == (1, 0)


def test_a_region_that_comes_back_does_nothing_once_the_table_names_another() -> None:
    table = InMemoryTable()
    move(table, OTHER)
    home, other = Acting(table, HOME), Acting(table, OTHER)
    assert (home({}), other({})) == (NOTHING, "done")
    move(table, HOME)
    for each in (home, other):
        each.clock.now += KEPT_MS
    assert (home({}), other({})) == ("done", NOTHING)


def test_the_answer_is_remembered_for_some_seconds_and_no_longer() -> None:
    table = InMemoryTable()
    home = Acting(table, HOME)
    assert home({}) == "done"
    move(table, OTHER)
    home.clock.now += KEPT_MS - 1
    assert home({}) == "done"
    home.clock.now += 1
    assert home({}) == NOTHING


def test_where_there_is_one_region_nothing_is_read() -> None:
    class Unread(InMemoryTable):
        """Fails when it is asked."""

        def get(self, key: object, *, consistent: bool = False) -> None:
            raise AssertionError((key, consistent))

    assert Acting(Unread(), HOME, home="")({}) == "done"
