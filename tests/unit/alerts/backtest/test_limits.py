from collections.abc import Iterator, Sequence

import pytest

from skafu.alerts.backtest import limits
from skafu.alerts.backtest.limits import MOST_BUCKETS, MOST_POINTS, Budget
from skafu.alerts.backtest.service import Backtests
from skafu.alerts.backtest.shelf import Asked, joined, without
from skafu.alerts.model import Draft
from skafu.alerts.store import AlertStore
from skafu.metrics.demands import Demand, HourRun, Run
from skafu.metrics.model import Series
from skafu.shared.errors import Unprocessable
from skafu.shared.keys import DAY_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.definitions import definition
from tests.support.memory_table import InMemoryTable


class Crowd:
    """A source with so many hosts, each with a point; reading takes time."""

    def __init__(self, hosts: int, clock: FakeClock, pause_ms: int = 0) -> None:
        self.hosts = hosts
        self.read_hosts = 0
        self._clock = clock
        self._pause = pause_ms

    def read(
        self, tenant: str, demands: Sequence[Demand], warnings: list[str]
    ) -> Iterator[tuple[int, Run | HourRun]]:
        del tenant, warnings
        for host in range(self.hosts):
            self.read_hosts += 1
            self._clock.advance(self._pause)
            series = Series("cpu.load", (("host", str(host)),))
            if demands[0].wants(series):
                yield 0, Run(series, [NOON], [1.0])


DRAFT = Draft("busy", definition(group_by=("host",)))


def ask(source: Crowd, clock: FakeClock, days: int, **tags: str) -> None:
    backtests = Backtests(AlertStore(InMemoryTable()), source, clock)
    end = NOON + days * DAY_MS
    backtests.draft("acme", DRAFT, Asked(NOON, end, clock.now, tags))


def refused(source: Crowd, clock: FakeClock, days: int) -> str:
    with pytest.raises(Unprocessable) as refusal:
        ask(source, clock, days)
    (wrong,) = refusal.value.errors
    assert wrong.field == "start"
    return wrong.reason


def test_too_many_buckets_are_refused_before_they_are_read() -> None:
    clock = FakeClock(NOON + 20 * DAY_MS)
    source = Crowd(1_000, clock)

    reason = refused(source, clock, 20)

    assert f"at most {MOST_BUCKETS:,} buckets" in reason and "`tags`" in reason
    assert source.read_hosts <= MOST_BUCKETS // (20 * 1_440) + 1


def test_fewer_instances_are_not_too_many() -> None:
    clock = FakeClock(NOON + 20 * DAY_MS)

    ask(Crowd(1_000, clock), clock, 20, host="7")


def test_too_many_points_are_refused() -> None:
    budget = Budget(FakeClock(NOON), NOON)
    budget.points(MOST_POINTS)

    with pytest.raises(Unprocessable, match="backtested") as refusal:
        budget.points(1)

    assert f"at most {MOST_POINTS:,} points" in refusal.value.errors[0].reason
    assert MOST_POINTS >= 10 * 30 * 86_400 / 10  # ten hosts for thirty days, every ten seconds


def test_a_backtest_ends_before_its_function_would() -> None:
    clock = FakeClock(NOON + DAY_MS)
    source = Crowd(100, clock, pause_ms=1_000)

    assert "takes longer than a request may" in refused(source, clock, 1)
    assert source.read_hosts < 28


def test_time_is_looked_at_while_buckets_are_decided() -> None:
    clock = FakeClock(NOON)
    budget = Budget(clock, NOON)
    budget.check()
    clock.advance(limits.MOST_TIME_MS + 1)

    with pytest.raises(Unprocessable):
        budget.check()


def test_stretches_of_time_are_joined_and_taken_apart() -> None:
    spans = [(5, 9), (1, 3), (3, 4), (8, 12)]

    assert joined(spans) == [(1, 4), (5, 12)]
    assert without([(0, 20)], joined(spans)) == [(0, 1), (4, 5), (12, 20)]
    assert without([(2, 3)], joined(spans)) == []


def test_ranges_are_of_the_past() -> None:
    for start, end in ((NOON, NOON), (-1, NOON), (NOON + MINUTE_MS, NOON + 2 * MINUTE_MS)):
        with pytest.raises(Unprocessable):
            limits.check_range(start, end, NOON)
