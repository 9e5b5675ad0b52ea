"""When silences mute, told case by case; tests/property/silences has the rest."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from skafu.alerts.paging.model import Silence
from skafu.alerts.silences.windows import (
    FOREVER,
    Status,
    Window,
    as_if_earlier,
    last_moment,
    mutes,
    status,
    windows,
)
from skafu.metrics.model import Operator, TagFilter
from tests.support.clocks import NOON

HOUR = 3_600_000
DAY = 24 * HOUR
WEB = {"host": "web-1"}
ONCE = Silence(
    id="s",
    version=1,
    matchers=(TagFilter("host", Operator.PREFIX, "web"),),
    starts_at=NOON,
    ends_at=NOON + HOUR,
)
UNTIL_RESOLVED = replace(ONCE, ends_at=None, until_resolved=True)
DAILY = replace(ONCE, ends_at=None, rrule="FREQ=DAILY", duration=3600)


def at(*fields: int, zone: str = "UTC") -> int:
    """A moment by the clock on the wall: year, month, day, and perhaps hour and minute."""
    wall = "-".join(f"{each:02d}" for each in fields[:3])
    hour, minute = (*fields[3:], 0, 0)[0], (*fields[3:], 0, 0)[1]
    moment = datetime.fromisoformat(f"{wall}T{hour:02d}:{minute:02d}")
    return int(moment.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (NOON - 1, None),
        (NOON, NOON + HOUR),
        (NOON + HOUR - 1, NOON + HOUR),
        (NOON + HOUR, None),
    ],
)
def test_once_mutes_from_its_start_to_its_end(now: int, until: int | None) -> None:
    assert mutes(ONCE, WEB, 0, now) == until


def test_it_mutes_what_all_its_matchers_hold_for() -> None:
    both = replace(ONCE, matchers=(*ONCE.matchers, TagFilter("zone", Operator.NOT_EQUAL, "b")))

    assert mutes(ONCE, {"host": "db-1"}, 0, NOON) is None
    assert mutes(both, WEB, 0, NOON) == NOON + HOUR
    assert mutes(both, {**WEB, "zone": "b"}, 0, NOON) is None


def test_until_resolved_mutes_the_firing_that_was_there_and_not_the_next_one() -> None:
    assert mutes(UNTIL_RESOLVED, WEB, NOON - HOUR, NOON) == FOREVER
    assert mutes(UNTIL_RESOLVED, WEB, NOON, NOON + 9 * DAY) == FOREVER
    assert mutes(UNTIL_RESOLVED, WEB, NOON + 1, NOON + HOUR) is None
    assert mutes(UNTIL_RESOLVED, WEB, NOON - HOUR, NOON - 1) is None


def test_until_resolved_mutes_what_was_decided_before_its_bucket_was_over() -> None:
    early = replace(UNTIL_RESOLVED, early=(NOON + HOUR,))

    assert mutes(early, WEB, NOON + HOUR, NOON) == FOREVER
    assert mutes(early, WEB, NOON + HOUR, NOON + 2 * HOUR) == FOREVER
    assert mutes(early, WEB, NOON + 2 * HOUR, NOON + 2 * HOUR) is None


def test_until_resolved_may_have_an_end_all_the_same() -> None:
    bounded = replace(UNTIL_RESOLVED, ends_at=NOON + HOUR)

    assert mutes(bounded, WEB, 0, NOON) == NOON + HOUR
    assert mutes(bounded, WEB, 0, NOON + HOUR) is None


@pytest.mark.parametrize("silence", [ONCE, UNTIL_RESOLVED, DAILY])
def test_nothing_is_muted_after_somebody_has_ended_it(silence: Silence) -> None:
    ended = replace(silence, ended_at=NOON + 60_000)

    assert mutes(ended, WEB, 0, NOON) == NOON + 60_000
    assert mutes(ended, WEB, 0, NOON + 60_000) is None
    assert status(ended, NOON + 60_000) is Status.ENDED
    assert windows(ended, NOON - DAY, FOREVER) == [Window(NOON, NOON + 60_000)]


def test_what_was_ended_before_it_began_never_was() -> None:
    never = replace(ONCE, ended_at=NOON - HOUR)

    assert windows(never, 0, FOREVER) == []
    assert status(never, NOON - HOUR) is Status.ENDED


def test_22_hours_stay_22_hours_when_clocks_change() -> None:
    nightly = replace(
        DAILY,
        starts_at=at(2024, 3, 1, 22, zone="Europe/Berlin"),
        time_zone="Europe/Berlin",
        duration=7200,
    )

    [before, after] = windows(nightly, at(2024, 3, 30, 12), at(2024, 4, 1, 12))

    assert before == Window(at(2024, 3, 30, 21), at(2024, 3, 30, 23))
    assert after == Window(at(2024, 3, 31, 20), at(2024, 3, 31, 22))


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        # 02:30 is left out: the offset before makes it 03:30.
        ((2024, 3, 31), at(2024, 3, 31, 1, 30)),
        # 02:30 comes twice: the first one, in summer time.
        ((2024, 10, 27), at(2024, 10, 27, 0, 30)),
    ],
)
def test_a_time_that_is_not_there_or_there_twice_counts_once(
    day: tuple[int, int, int], begins: int
) -> None:
    nightly = replace(
        DAILY,
        starts_at=at(2024, 1, 1, 2, 30, zone="Europe/Berlin"),
        time_zone="Europe/Berlin",
    )

    assert windows(nightly, at(*day), at(*day) + 12 * HOUR) == [Window(begins, begins + HOUR)]


def test_windows_that_touch_are_one_and_end_where_they_are_not_followed_any_further() -> None:
    always = replace(DAILY, rrule="FREQ=HOURLY")

    until = mutes(always, WEB, 0, NOON + HOUR // 2)
    assert until is not None and until > NOON + 7 * DAY
    assert mutes(always, WEB, 0, until) is not None
    assert windows(always, NOON, NOON + DAY) == [Window(NOON, NOON + DAY)]


def test_windows_that_overlap_are_one() -> None:
    twice = replace(DAILY, rrule="FREQ=DAILY;BYHOUR=12,13", duration=7200)

    assert mutes(twice, WEB, 0, NOON) == NOON + 3 * HOUR
    assert windows(twice, NOON, NOON + DAY) == [Window(NOON, NOON + 3 * HOUR)]


def test_a_rule_with_a_count_is_over_after_its_last_window() -> None:
    thrice = replace(DAILY, rrule="FREQ=DAILY;COUNT=3")

    assert last_moment(thrice) == NOON + 2 * DAY + HOUR
    assert status(thrice, NOON + 2 * DAY) is Status.ACTIVE
    assert status(thrice, NOON + 2 * DAY + HOUR) is Status.ENDED
    assert len(windows(thrice, NOON, FOREVER)) == 3


@pytest.mark.parametrize(
    ("silence", "last"),
    [
        (ONCE, NOON + HOUR),
        (UNTIL_RESOLVED, None),
        (DAILY, None),
        (replace(DAILY, ends_at=NOON + 9 * DAY), NOON + 9 * DAY),
        (replace(DAILY, ended_at=NOON + DAY), NOON + DAY),
    ],
)
def test_when_a_silence_is_over_is_known_or_it_is_not(silence: Silence, last: int | None) -> None:
    assert last_moment(silence) == last


@pytest.mark.parametrize(
    ("silence", "now", "expected"),
    [
        (ONCE, NOON - 1, Status.PENDING),
        (ONCE, NOON, Status.ACTIVE),
        (ONCE, NOON + HOUR, Status.ENDED),
        (DAILY, NOON, Status.ACTIVE),
        (DAILY, NOON + HOUR, Status.PENDING),
        (DAILY, NOON + DAY, Status.ACTIVE),
        (UNTIL_RESOLVED, NOON + 99 * DAY, Status.ACTIVE),
    ],
)
def test_a_silence_mutes_or_will_or_is_over(silence: Silence, now: int, expected: Status) -> None:
    assert status(silence, now) is expected


def test_years_later_only_what_is_near_is_played() -> None:
    old = replace(DAILY, starts_at=at(1990, 1, 1, 12), rrule="FREQ=HOURLY;INTERVAL=5")
    begun = datetime(1990, 1, 1, 12, tzinfo=UTC)
    [window, *_] = windows(old, NOON, NOON + DAY)

    since = datetime.fromtimestamp(window.start / 1000, UTC) - begun
    assert since.total_seconds() % (5 * 3600) == 0


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"rrule": "FREQ=DAILY;COUNT=2"}, [NOON - 2 * DAY, NOON - DAY]),
        ({"rrule": "FREQ=DAILY;INTERVAL=2"}, [NOON - 2 * DAY]),
        ({"rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE"}, [NOON - 2 * DAY, NOON - DAY]),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=14"}, [NOON - DAY]),
        ({"rrule": "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=13"}, [NOON - 2 * DAY]),
    ],
)
def test_looking_back_a_rule_has_the_windows_that_it_would_have_had(
    changes: dict[str, Any], begins: list[int]
) -> None:
    # NOON is a Wednesday, 15 November; the silence begins then.
    earlier = as_if_earlier(replace(DAILY, **changes), NOON - 2 * DAY - HOUR)

    found = windows(earlier, NOON - 2 * DAY - HOUR, NOON)
    assert [each.start for each in found] == begins


@pytest.mark.parametrize("silence", [ONCE, UNTIL_RESOLVED])
def test_looking_back_any_other_silence_mutes_all_the_time(silence: Silence) -> None:
    earlier = as_if_earlier(silence, NOON - DAY)

    assert windows(earlier, NOON - DAY, NOON) == [Window(NOON - DAY, FOREVER)]
    assert mutes(earlier, WEB, NOON - HOUR, NOON - HOUR) == FOREVER
