"""When an environment takes changes: days, hours, time zones and what clocks do, freezes."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion import change_window
from skafu.ops.promotion.change_window import Windows, read

BERLIN = "Europe/Berlin"
WORKING = {"days": ["mon", "tue", "wed", "thu"], "opens": "09:00", "closes": "16:00"}


def moment(text: str, zone: str = BERLIN, fold: int = 0) -> int:
    """By a clock on the wall, in epoch ms."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(local.timestamp() * 1000)


def windows(*each: Mapping[str, object], freezes: tuple[dict[str, str], ...] = ()) -> Windows:
    told = {"time_zone": BERLIN, "windows": each or (WORKING,), "freezes": freezes}
    return Windows.model_validate(told)


def is_open(asked: Windows, text: str, fold: int = 0) -> bool:
    return asked.ask(moment(text, fold=fold)).is_open


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00:00", True),
        ("2026-11-26T15:59:59", True),
        ("2026-11-26T16:00:00", False),
        ("2026-11-27T12:00:00", False),  # a Friday
    ],
)
def test_a_window_opens_on_the_minute_and_is_closed_when_it_closes(at: str, expected: bool) -> None:
    assert is_open(windows(), at) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T21:59:00", False),
        ("2026-11-23T22:00:00", True),  # Monday night
        ("2026-11-23T23:59:59", True),
        ("2026-11-24T00:00:00", True),
        ("2026-11-24T01:59:59", True),
        ("2026-11-24T02:00:00", False),
        ("2026-11-24T22:00:00", False),  # Tuesday night is not among the days
        ("2026-11-23T01:00:00", False),  # nor is Sunday's
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_on_which_it_opens(
    at: str, expected: bool
) -> None:
    night = {"days": ["mon"], "opens": "22:00", "closes": "02:00"}
    assert is_open(windows(night), at) is expected


def test_a_night_of_sunday_ends_on_monday() -> None:
    night = {"days": ["sun"], "opens": "22:00", "closes": "02:00"}
    assert is_open(windows(night), "2026-11-23T01:59:00")
    assert not is_open(windows(night), "2026-11-23T02:00:00")


def test_a_whole_day_ends_at_its_midnight() -> None:
    day = {"days": ["mon"], "opens": "00:00", "closes": "24:00"}
    assert is_open(windows(day), "2026-11-23T00:00:00")
    assert is_open(windows(day), "2026-11-23T23:59:59")
    assert not is_open(windows(day), "2026-11-24T00:00:00")


def test_hours_are_those_of_the_wall_when_clocks_change() -> None:
    # Berlin is at UTC+2 until 25 October 2026 and at UTC+1 from then on.
    utc = "UTC"
    assert not windows().ask(moment("2026-10-22T06:59:59", utc)).is_open
    assert windows().ask(moment("2026-10-22T07:00:00", utc)).is_open
    assert not windows().ask(moment("2026-10-26T07:00:00", utc)).is_open
    assert windows().ask(moment("2026-10-26T08:00:00", utc)).is_open


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    night = windows({"days": ["sun"], "opens": "02:00", "closes": "03:00"})
    assert is_open(night, "2026-10-25T02:30:00", fold=0)
    assert is_open(night, "2026-10-25T02:30:00", fold=1)
    assert not is_open(night, "2026-10-25T03:00:00")


def test_an_hour_that_is_leapt_over_never_opens() -> None:
    night = windows({"days": ["sun"], "opens": "02:00", "closes": "03:00"})
    before, after = moment("2026-03-29T01:59:59"), moment("2026-03-29T03:00:00")
    assert after - before == 1_000
    assert not night.ask(before).is_open and not night.ask(after).is_open
    assert night.ask(before).why.endswith("it opens next: Sun 2026-04-05 02:00 CEST")


FREEZE = {"first": "2026-12-21", "last": "2026-12-23", "reason": "end of the year"}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-12-20T23:59:59", True),
        ("2026-12-21T00:00:00", False),
        ("2026-12-23T23:59:59", False),
        ("2026-12-24T00:00:00", True),
    ],
)
def test_a_freeze_is_whole_days_of_the_time_zone(at: str, expected: bool) -> None:
    always = {"days": list(change_window.DAYS), "opens": "00:00", "closes": "24:00"}
    assert is_open(windows(always, freezes=(FREEZE,)), at) is expected


def test_a_freeze_ends_a_window_that_is_open_past_midnight() -> None:
    night = windows({"days": ["sun"], "opens": "22:00", "closes": "02:00"}, freezes=(FREEZE,))
    assert is_open(night, "2026-12-20T23:59:59")
    assert not is_open(night, "2026-12-21T00:00:00")


def test_who_is_refused_hears_why_and_until_when() -> None:
    frozen = windows(freezes=(FREEZE,)).ask(moment("2026-12-21T10:00:00"))
    assert frozen.why == (
        "frozen from 2026-12-21 to 2026-12-23 (end of the year); "
        "it opens next: Thu 2026-12-24 09:00 CET"
    )
    friday = windows().ask(moment("2026-11-27T12:00:00"))
    assert friday.why == (
        "Fri 12:00 is outside of mon tue wed thu 09:00 to 16:00 (Europe/Berlin); "
        "it opens next: Mon 2026-11-30 09:00 CET"
    )


def test_what_does_not_open_for_long_says_so() -> None:
    freeze = {"first": "2026-11-01", "last": "2027-11-01", "reason": "we are sold"}
    asked = windows(freezes=(freeze,)).ask(moment("2026-11-27T12:00:00"))
    assert asked.why.endswith("it opens next: not within 60 days")


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ("production: {time_zone: UTC, windows: []}", "at least 1 item"),
        ("production: {time_zone: Europe/Bonn, windows: []}", "no time zone Europe/Bonn"),
        ("production: {time_zone: ../etc, windows: []}", "no time zone"),
        (
            'production: {time_zone: UTC, windows: [{days: [fry], opens: "9", closes: "16:00"}]}',
            "Input should be 'mon'",
        ),
        (
            'production: {time_zone: UTC, windows: [{days: [fri], opens: "9:00", '
            'closes: "16:00"}]}',
            "should match pattern",
        ),
        ("production: {time_zone: UTC, window: []}", "window"),
        ("- production", "names no environments"),
        ("", "names no environments"),
        ("production: {", "cannot be read"),
    ],
)
def test_a_file_that_is_not_understood_is_refused(
    tmp_path: Path, told: str, complaint: str
) -> None:
    path = tmp_path / "windows.yaml"
    path.write_text(told, encoding="utf-8")
    with pytest.raises(Refused, match=complaint):
        read(path)


def test_a_freeze_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="before it begins"):
        windows(freezes=({"first": "2026-12-23", "last": "2026-12-21", "reason": "x"},))
    with pytest.raises(Refused, match="cannot be read"):
        read(tmp_path / "none.yaml")


def test_the_projects_own_windows_are_productions_alone() -> None:
    found = read(change_window.FILE)
    assert found.keys() == {"production"}
    weekend = moment("2026-11-28T12:00:00", found["production"].time_zone)
    assert not found["production"].ask(weekend).is_open
