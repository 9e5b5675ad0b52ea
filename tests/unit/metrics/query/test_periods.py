from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from skafu.metrics.query.periods import NICE_MS, WEEK_MS, chosen, grid, zone_of
from skafu.shared.errors import Unprocessable
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def local(at: int, zone: str) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).isoformat()[:16]


def edges(period: int, start: str, end: str, zone: str) -> list[str]:
    """Where buckets begin and the last one ends, as local clocks show it, and hours between."""
    found = grid(period, ms(start), ms(end), zone_of(zone))
    return [local(at, zone) for at in (*found.starts, found.end)]


def hours(period: int, start: str, end: str, zone: str) -> list[float]:
    found = grid(period, ms(start), ms(end), zone_of(zone))
    return [(found.after(n) - at) / HOUR_MS for n, at in enumerate(found.starts)]


def test_buckets_begin_at_multiples_of_the_period_since_the_epoch() -> None:
    found = grid(MINUTE_MS * 7, 100, MINUTE_MS * 14 + 1)
    assert list(found.starts) == [0, MINUTE_MS * 7, MINUTE_MS * 14]
    assert (found.end, len(found)) == (MINUTE_MS * 21, 3)
    assert [found.place(at) for at in (0, MINUTE_MS * 7 - 1, MINUTE_MS * 7)] == [0, 0, 1]
    assert not found.on_hours
    assert grid(HOUR_MS * 2, 1, 2).on_hours


def test_days_begin_at_local_midnight_and_have_23_or_25_hours_when_clocks_change() -> None:
    spring = ("2024-03-30T12:00:00+00:00", "2024-04-01T12:00:00+00:00", "Europe/Berlin")
    assert edges(DAY_MS, *spring) == [
        "2024-03-30T00:00",
        "2024-03-31T00:00",
        "2024-04-01T00:00",
        "2024-04-02T00:00",
    ]
    assert hours(DAY_MS, *spring) == [24, 23, 24]
    autumn = ("2024-11-02T12:00:00+00:00", "2024-11-04T12:00:00+00:00", "America/New_York")
    assert hours(DAY_MS, *autumn) == [24, 25, 24]


def test_an_hour_that_clocks_show_twice_is_two_buckets() -> None:
    found = edges(
        HOUR_MS, "2024-10-26T23:30:00+00:00", "2024-10-27T02:30:00+00:00", "Europe/Berlin"
    )
    assert [at[11:] for at in found] == ["01:00", "02:00", "02:00", "03:00", "04:00"]


def test_an_hour_that_clocks_leap_over_is_no_bucket() -> None:
    night = ("2024-03-30T23:00:00+00:00", "2024-03-31T04:00:00+00:00", "Europe/Berlin")
    assert [at[11:] for at in edges(HOUR_MS, *night)] == [
        *("00:00", "01:00", "03:00", "04:00", "05:00", "06:00")
    ]
    # Two of the clock's hours begin when it leaps over a multiple of two.
    assert hours(2 * HOUR_MS, *night) == [2, 1, 2]


def test_parts_of_a_day_follow_local_clocks() -> None:
    night = ("2024-10-26T22:00:00+00:00", "2024-10-27T23:00:00+00:00", "Europe/Berlin")
    assert hours(6 * HOUR_MS, *night) == [7, 6, 6, 6]
    assert hours(12 * HOUR_MS, *night) == [13, 12]


def test_midnight_itself_may_be_leapt_over() -> None:
    range_ = ("2018-11-03T12:00:00+00:00", "2018-11-05T12:00:00+00:00", "America/Sao_Paulo")
    assert edges(DAY_MS, *range_)[1] == "2018-11-04T01:00"
    assert hours(DAY_MS, *range_) == [24, 23, 24]


def test_a_day_begins_once_though_clocks_show_midnight_twice() -> None:
    night = ("2023-11-04T12:00:00+00:00", "2023-11-05T12:00:00+00:00", "America/Havana")
    assert hours(DAY_MS, *night) == [24, 25]
    assert hours(12 * HOUR_MS, *night) == [12, 12, 13]


def test_a_day_that_was_left_out_is_no_bucket() -> None:
    range_ = ("2011-12-29T12:00:00+00:00", "2011-12-31T12:00:00+00:00", "Pacific/Apia")
    found = edges(DAY_MS, *range_)
    assert [at[:10] for at in found] == ["2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]


def test_weeks_of_a_time_zone_begin_on_monday_and_of_the_epoch_on_thursday() -> None:
    start, end = ms("2024-06-05T00:00:00+00:00"), ms("2024-06-06T00:00:00+00:00")
    found = grid(WEEK_MS, start, end, zone_of("Asia/Kolkata"))
    assert [local(at, "Asia/Kolkata") for at in found.starts] == ["2024-06-03T00:00"]
    assert datetime.fromtimestamp(grid(WEEK_MS, start, end).starts[0] / 1000, UTC).weekday() == 3


def test_zones_off_the_hour_have_buckets_off_the_hour() -> None:
    range_ = ("2024-06-05T00:00:00+00:00", "2024-06-05T02:00:00+00:00")
    assert [at[11:] for at in edges(HOUR_MS, *range_, "Asia/Kathmandu")] == [
        *("05:00", "06:00", "07:00", "08:00")
    ]
    start, end = (ms(text) for text in range_)
    assert not grid(HOUR_MS, start, end, zone_of("Asia/Kathmandu")).on_hours
    assert grid(HOUR_MS, start, end, zone_of("Asia/Tokyo")).on_hours
    minutes = grid(7 * MINUTE_MS, start, end, zone_of("Asia/Kathmandu"))
    assert minutes == grid(7 * MINUTE_MS, start, end)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll"])
@pytest.mark.parametrize("period", [HOUR_MS, 3 * HOUR_MS, DAY_MS, WEEK_MS])
def test_buckets_cover_the_range_without_gap_or_overlap(zone: str, period: int) -> None:
    start, end = ms("2024-02-10T05:17:00+00:00"), ms("2024-12-10T19:23:45+00:00")
    found = grid(period, start, end, zone_of(zone))
    assert found.starts[0] <= start < found.after(0)
    assert found.starts[-1] < end <= found.end
    assert all(at < found.after(n) for n, at in enumerate(found.starts))
    for at in (start, end - 1, (start + end) // 2):
        place = found.place(at)
        assert found.starts[place] <= at < found.after(place)


@pytest.mark.parametrize(
    ("most", "range_", "period"),
    [
        (300, 300_000, 1_000),
        (300, 301_000, 5_000),
        (300, HOUR_MS, 15_000),
        (300, 6 * HOUR_MS, 5 * MINUTE_MS),
        (300, 7 * DAY_MS, HOUR_MS),
        (300, 30 * DAY_MS, 3 * HOUR_MS),
        (300, 455 * DAY_MS, 7 * DAY_MS),
        (60, 455 * DAY_MS, 14 * DAY_MS),
        (2, 455 * DAY_MS, 35 * WEEK_MS),
    ],
)
def test_max_points_chooses_the_smallest_nice_period(most: int, range_: int, period: int) -> None:
    start = ms("2024-06-06T00:00:00+00:00")
    found = chosen(most, start, start + range_)
    assert len(grid(found, start, start + range_)) <= most
    smaller = [each for each in NICE_MS if each < found]
    assert all(len(grid(each, start, start + range_)) > most for each in smaller)
    assert found == period


def test_a_range_that_straddles_borders_counts_both_its_ends() -> None:
    start = ms("2024-06-06T00:00:30+00:00")
    assert chosen(60, start, start + HOUR_MS) == 5 * MINUTE_MS
    assert chosen(61, start, start + HOUR_MS) == MINUTE_MS


def test_a_period_may_have_a_least() -> None:
    start = ms("2024-06-06T00:00:00+00:00")
    assert chosen(300, start, start + 1000, least=HOUR_MS) == HOUR_MS


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc", "a" * 5000, "\0"])
def test_a_time_zone_that_does_not_exist_is_refused_by_name(name: str) -> None:
    with pytest.raises(Unprocessable, match="Europe/Berlin") as caught:
        zone_of(name)
    assert [error.field for error in caught.value.errors] == ["time_zone"]
