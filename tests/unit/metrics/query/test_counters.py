"""What rate and increase promise, on one series and over groups, from points and from hours."""

import pytest

from skafu.metrics.hours import hours_of
from skafu.metrics.model import Sample, Statistic
from skafu.metrics.query.counters import added, increases, rates, uncertain
from skafu.metrics.query.periods import grid
from skafu.metrics.query.piles import Pile
from skafu.metrics.query.question import Inquiry, Resolution
from skafu.metrics.query.service import Queries
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.metrics import TENANT, series
from tests.support.querying import Library, question

MIDNIGHT = NOON // DAY_MS * DAY_MS
M = MINUTE_MS


def pile(*samples: Sample) -> Pile:
    found = Pile()
    for at, value in samples:
        assert isinstance(value, float)
        found.timestamps.append(at)
        found.values.append(value)
    return found


def grown(*samples: Sample, period: int = M, start: int = 0, end: int = 3 * M) -> object:
    return increases(pile(*samples), grid(period, start, end), start)


def test_growth_across_a_border_belongs_to_the_later_bucket() -> None:
    assert grown((0, 10.0), (M - 1, 15.0), (M, 18.0), (2 * M, 18.0)) == [5.0, 3.0, 0.0]


def test_a_counter_that_falls_began_anew_from_zero() -> None:
    assert grown((0, 100.0), (1, 110.0), (2, 3.0), (3, 4.0), (M, 0.0)) == [14.0, 0.0, None]


def test_of_what_was_before_the_first_point_nothing_is_known() -> None:
    assert grown((M, 50.0), (2 * M, 51.0)) == [None, None, 1.0]
    assert grown((M, 50.0), (M + 1, 51.0)) == [None, 1.0, None]
    assert grown() == [None, None, None]


def test_a_bucket_without_points_has_no_increase_and_nothing_is_lost() -> None:
    assert grown((0, 1.0), (1, 2.0), (2 * M, 9.0)) == [1.0, None, 7.0]


def test_points_before_the_start_tell_from_where_the_first_bucket_grew() -> None:
    samples: list[Sample] = [(M - 5, 7.0), (M + 5, 9.0), (2 * M, 10.0)]
    assert grown(*samples, start=M) == [2.0, 1.0]
    assert grown(*samples[1:], start=M) == [None, 1.0]


def test_points_of_equal_time_are_taken_in_order_of_value() -> None:
    assert grown((0, 1.0), (5, 9.0), (5, 3.0), (6, 10.0)) == [9.0, None, None]


def test_order_of_arrival_does_not_matter() -> None:
    assert grown((2 * M, 9.0), (0, 1.0), (M, 4.0)) == [None, 3.0, 5.0]


def test_a_rate_is_the_increase_by_the_seconds_of_the_bucket() -> None:
    found = grid(M, 0, 3 * M)
    assert rates([120.0, None, 0.0], found) == [2.0, None, 0.0]


def test_series_add_up_and_those_without_a_value_do_not_count() -> None:
    assert added([[1.0, None, None], [2.0, 3.0, None]]) == [3.0, 3.0, None]


HOURLY: list[Sample] = [
    (10 * M, 5.0),
    (50 * M, 8.0),
    (70 * M, 10.0),
    (90 * M, 2.0),
    (130 * M, 2.5),
    (250 * M, 4.0),
]


@pytest.mark.parametrize("rolled", range(6))
def test_hours_give_the_same_as_their_points(rolled: int) -> None:
    buckets = grid(HOUR_MS, 0, 5 * HOUR_MS)
    exact = increases(pile(*HOURLY), buckets, 0)
    assert exact == [3.0, 4.0, 0.5, None, 1.5]
    border = rolled * HOUR_MS
    mixed = pile(*(each for each in HOURLY if each[0] >= border))
    mixed.hours += hours_of([each for each in HOURLY if each[0] < border])
    assert increases(mixed, buckets, 0) == exact
    assert uncertain(mixed) == 0


def test_late_points_that_lie_between_others_make_an_hour_an_estimate() -> None:
    mixed = pile((30 * M, 6.0), (80 * M, 11.0))
    mixed.hours += hours_of([(10 * M, 5.0), (50 * M, 8.0)])
    found = increases(mixed, grid(HOUR_MS, 0, 2 * HOUR_MS), 0)
    assert found == [3.0, 3.0]
    assert uncertain(mixed) == 1


class Counting:
    """Two hosts' counters over three hours, the first of them possibly rolled up."""

    def __init__(self, merged: int = 0) -> None:
        self.library = Library(merged)
        self.queries = Queries(self.library, FakeClock(NOON))
        self.resolution: Resolution | None = None
        for host, factor in (("a", 1.0), ("b", 10.0)):
            self.library.add(
                series("requests", "Count", host=host),
                *((MIDNIGHT + n * 10 * M, factor * ((n * 7) % 100)) for n in range(-20, 20)),
            )

    def ask(self, statistic: str, group: bool, **fields: object) -> list[list[float | None]]:
        asked = question(
            metric="requests",
            statistic=Statistic(statistic),
            group_by=("host",) if group else (),
            **{"period": HOUR_MS} | fields,
        )
        inquiry = Inquiry(MIDNIGHT, MIDNIGHT + 3 * HOUR_MS, (asked,))
        (result,) = self.queries.answer(TENANT, inquiry).results
        self.resolution = result.resolution
        assert {line.unit for line in result.series} == {
            "Count/Second" if statistic == "rate" else "Count"
        }
        return [list(line.values) for line in result.series]


@pytest.mark.parametrize("merged", [0, MIDNIGHT + HOUR_MS, MIDNIGHT + 3 * HOUR_MS])
def test_resets_are_looked_for_in_each_series_and_never_in_their_sum(merged: int) -> None:
    counting = Counting(merged)
    # Six steps of 7 a bucket; it begins anew at midnight, from 93 at 0, and in the third, at 5.
    single = counting.ask("increase", group=True)
    assert single == [[35.0, 42.0, 40.0], [350.0, 420.0, 400.0]]
    assert counting.ask("increase", group=False) == [[385.0, 462.0, 440.0]]
    assert counting.ask("rate", group=False) == [[385 / 3600, 462 / 3600, 440 / 3600]]
    expected = {0: Resolution.RAW, MIDNIGHT + 3 * HOUR_MS: Resolution.HOURS}
    assert counting.resolution is expected.get(merged, Resolution.MIXED)


def test_the_stretch_before_the_start_is_read_for_counters_only() -> None:
    counting = Counting()
    counting.ask("increase", group=False, period=M)
    assert min(demand.start for demand in counting.library.demands) == MIDNIGHT - 15 * M
    counting.library.demands.clear()
    inquiry = Inquiry(MIDNIGHT + 5, MIDNIGHT + M, (question(metric="requests"),))
    counting.queries.answer(TENANT, inquiry)
    assert [demand.start for demand in counting.library.demands] == [MIDNIGHT + 5]
