"""Which of the schedule's ticks compact, for every interval and wherever in time the ticks fall."""

import pytest

from skafu.metrics.compaction.schedule import TICK_MS, is_due
from skafu.shared.flag_catalogue import COMPACTION_INTERVAL
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON

INTERVALS = range(COMPACTION_INTERVAL.least, COMPACTION_INTERVAL.most + 1, COMPACTION_INTERVAL.step)
PHASES = (0, 1, 1_000, 123_456, TICK_MS - 1)


def due(interval: int, phase: int) -> list[int]:
    """The ticks of a day that compact."""
    ticks = range(NOON + phase, NOON + phase + DAY_MS, TICK_MS)
    return [at for at in ticks if is_due(at, interval)]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("phase", PHASES)
def test_a_compaction_comes_once_in_each_interval(interval: int, phase: int) -> None:
    found = due(interval, phase)
    apart = {later - earlier for earlier, later in zip(found, found[1:], strict=False)}
    assert apart == {interval * MINUTE_MS}


def test_every_tick_compacts_by_default_however_irregular_they_are() -> None:
    for at in range(NOON, NOON + HOUR_MS, 7_777):
        assert is_due(at, COMPACTION_INTERVAL.default)


@pytest.mark.parametrize("interval", INTERVALS)
def test_two_runs_for_one_tick_agree_and_it_is_the_first_after_a_multiple(interval: int) -> None:
    for at in due(interval, 123_456):
        assert is_due(at, interval)
        assert at % (interval * MINUTE_MS) < TICK_MS
