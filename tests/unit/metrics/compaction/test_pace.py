import pytest

from skafu.metrics.compaction.pace import HOT_RRU
from skafu.metrics.tenancy import STEP_AHEAD_MS, tenancy_from
from skafu.metrics.usage import Reads, reads_key
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.table import Update
from tests.support.compaction import DAY, SEALED_AFTER, Works
from tests.support.metrics import TENANT, series

SHORT = 5 * MINUTE_MS
QUARTER = 15 * MINUTE_MS


@pytest.fixture
def works() -> Works:
    return Works()


def read(works: Works, hot: float) -> None:
    """Queries spend so much on segments, today."""
    works.table.write(
        Update(
            reads_key(TENANT, works.clock()), add=Reads(hot=hot).attributes(), set={"k": "usage"}
        )
    )


def steps(works: Works) -> tuple[tuple[int, int], ...]:
    record = works.table.get(keys.tenant_settings(TENANT))
    return tenancy_from(record).bucketing.steps


def test_buckets_get_shorter_where_open_ones_are_read_often(works: Works) -> None:
    works.at(DAY + 6 * HOUR_MS)
    read(works, HOT_RRU - 1)
    works.run(DAY + 7 * HOUR_MS)
    assert not steps(works)
    read(works, 1)
    works.run(DAY + 8 * HOUR_MS)
    assert steps(works) == ((DAY + 8 * HOUR_MS + STEP_AHEAD_MS, SHORT),)
    works.run(DAY + 9 * HOUR_MS)
    assert len(steps(works)) == 1


def test_they_get_longer_again_only_when_hardly_anybody_reads(works: Works) -> None:
    read(works, HOT_RRU)
    works.run(DAY + HOUR_MS)
    assert len(steps(works)) == 1
    for day, hot in ((1, HOT_RRU // 2), (2, HOT_RRU // 2), (3, 5)):
        works.at(DAY + day * DAY_MS)
        read(works, hot)
        works.run(DAY + day * DAY_MS + HOUR_MS)
        assert len(steps(works)) == 1
    works.run(DAY + 4 * DAY_MS + HOUR_MS)
    assert steps(works)[1] == (DAY + 4 * DAY_MS + 4 * HOUR_MS, QUARTER)


def test_a_length_that_an_operator_has_chosen_stays(works: Works) -> None:
    works.at(DAY + 6 * HOUR_MS)
    works.table.write(Update(keys.tenant_settings(TENANT), set={"paced": False}))
    read(works, HOT_RRU)
    works.run(DAY + 7 * HOUR_MS)
    assert not steps(works)


def test_steps_of_long_ago_are_forgotten(works: Works) -> None:
    for n in range(4):
        works.at(DAY + n * 40 * DAY_MS)
        if n % 2 == 0:
            read(works, HOT_RRU)
        works.run(works.clock() + HOUR_MS)
    assert [length for _, length in steps(works)] == [QUARTER, SHORT, QUARTER]


def test_points_are_found_on_both_sides_of_a_step(works: Works) -> None:
    cpu = series("cpu")
    read(works, HOT_RRU)
    works.run(DAY + SEALED_AFTER)
    works.tenancy = tenancy_from(works.table.get(keys.tenant_settings(TENANT)))
    ((begin, _),) = works.tenancy.bucketing.steps
    works.clock.advance(2 * MINUTE_MS)
    for at in (begin - 1, begin, begin + SHORT):
        works.send((cpu, at, 1.0))
    works.run(begin + HOUR_MS)
    assert {begin, begin + SHORT} <= set(works.seals())
    assert works.points() == works.sent
    works.run(DAY + DAY_MS + HOUR_MS)
    assert works.generations()[0].points == 3
    assert works.points() == works.sent
