"""A rollback does not lead to another table."""

import pytest

from skafu.ops.rollback.plan import TABLE
from tests.support.rolling import World


@pytest.fixture
def world() -> World:
    made = World()
    made.deploy("a", {"A": "a1"})
    made.deploy("b", {"A": "a2"})
    return made


def test_a_release_that_used_another_table_is_not_gone_back_to(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    current = world.journal.current()
    assert current is not None
    parameters = {**current.parameters, TABLE: "skafu-production-restored-1"}
    switched = current.model_copy(update={"parameters": parameters})
    world.journal.keep(switched, world.journal.template(current))
    assert world.rollback("--reason", "why") == 1
    told = capsys.readouterr().out
    assert "uses the stack's own table, what runs uses skafu-production-restored-1" in told
    assert world.live() == {"A": "a2"}
