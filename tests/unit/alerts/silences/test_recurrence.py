"""Which rules are refused, and how they are read."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from skafu.alerts.silences.recurrence import problem, starts, zone_of
from skafu.alerts.silences.rules import MOST_INTERVAL
from tests.support.clocks import NOON
from tests.unit.alerts.silences.test_windows import DAILY, DAY, HOUR

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "freq=daily",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;WKST=SU",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "FREQ=HOURLY;BYMINUTE=0,15,30,45",
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=DAILY;BYHOUR=2,14;COUNT=10",
    ],
)
def test_sound_rules_are_taken_and_have_windows(rule: str) -> None:
    assert problem(rule, NOON, UTC) is None
    assert starts(replace(DAILY, rrule=rule), NOON, NOON + 5 * 366 * DAY, 3)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "NAME=value"),
        ("DAILY", "NAME=value"),
        ("FREQ=", "NAME=value"),
        ("INTERVAL=2", "needs a FREQ"),
        ("FREQ=FORTNIGHTLY", "needs a FREQ"),
        ("FREQ=MINUTELY", "too often"),
        ("FREQ=SECONDLY", "too often"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;UNTIL=20301231", "ends_at"),
        ("FREQ=DAILY;BYSECOND=1", "BYSECOND is not one of"),
        ("FREQ=YEARLY;BYYEARDAY=366", "BYYEARDAY is not one of"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is here a whole number from 1 to 366"),
        ("FREQ=DAILY;INTERVAL=x", "INTERVAL"),
        ("FREQ=YEARLY;INTERVAL=2", "INTERVAL is here a whole number from 1 to 1"),
        ("FREQ=DAILY;COUNT=1001", "COUNT"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR has whole numbers from 0 to 23"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR"),
        ("FREQ=HOURLY;BYMINUTE=0,10,20,30,40,50", "BYMINUTE has at most 4 values"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=DAILY;BYDAY=XX", "BYDAY has weekdays"),
        ("FREQ=DAILY;BYDAY=2TU", "days with numbers"),
        ("FREQ=YEARLY;BYDAY=2TU", "days with numbers"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "not for WEEKLY"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS is for MONTHLY"),
        ("FREQ=MONTHLY;BYSETPOS=2", "BYSETPOS is beyond the 1"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "BYSETPOS is beyond the 5"),
        ("FREQ=WEEKLY;WKST=XX", "WKST"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "may never meet"),
        ("FREQ=HOURLY;INTERVAL=24;BYMONTH=1", "may never meet"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTH=1", "may never meet"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "no such day within a year"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "no such day within a year"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "there is no such day"),
        ("FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1", "there is no such day"),
        ("FREQ=HOURLY;INTERVAL=24;BYHOUR=3", "empty"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(rule: str, says: str) -> None:
    found = problem(rule, NOON, UTC)

    assert found is not None and says in found


@pytest.mark.parametrize("frequency", MOST_INTERVAL)
def test_every_frequency_has_a_greatest_interval_that_plays(frequency: str) -> None:
    rule = f"FREQ={frequency};INTERVAL={MOST_INTERVAL[frequency]}"

    assert problem(rule, NOON, UTC) is None
    assert len(starts(replace(DAILY, rrule=rule), NOON, NOON + 3 * 366 * DAY, 2)) == 2


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "..", "Europe", "Europe/Berlin\x00"])
def test_a_time_zone_is_one_that_there_is(name: str) -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        zone_of(name)


def test_a_rule_that_began_in_february_comes_on_its_29th_alone() -> None:
    leap = int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()) * 1000
    yearly = replace(DAILY, starts_at=leap, rrule="FREQ=YEARLY")

    found = starts(yearly, leap, leap + 9 * 366 * DAY)
    assert [datetime.fromtimestamp(x / 1000, UTC).year for x in found] == [2024, 2028, 2032]


def test_moments_before_the_silence_begins_are_none_of_its() -> None:
    assert starts(DAILY, NOON - 9 * DAY, NOON + HOUR) == [NOON]
    assert starts(DAILY, NOON - 9 * DAY, NOON) == []
