from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from skafu.alerts.noise.hours import Hours, hours_from


def at(text: str) -> int:
    """A moment of UTC in epoch milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("text", "worked"),
    [
        ("2023-11-15T08:59:59", False),  # a Wednesday
        ("2023-11-15T09:00:00", True),
        ("2023-11-15T16:59:59", True),
        ("2023-11-15T17:00:00", False),
        ("2023-11-18T12:00:00", False),  # Saturday
        ("2023-11-19T12:00:00", False),
        ("2023-11-20T12:00:00", True),
    ],
)
def test_working_hours_are_those_of_weekdays(text: str, worked: bool) -> None:
    assert Hours().worked(at(text)) is worked


def test_working_hours_follow_local_clocks_in_summer_and_winter() -> None:
    berlin = Hours(zone=ZoneInfo("Europe/Berlin"))

    assert berlin.worked(at("2023-11-15T08:00:00"))
    assert not berlin.worked(at("2023-11-15T07:59:00"))
    assert berlin.worked(at("2023-07-12T07:00:00"))


@pytest.mark.parametrize(
    ("text", "worked"),
    [
        ("2023-11-17T23:00:00", True),  # Friday night
        ("2023-11-18T03:00:00", True),  # and its morning
        ("2023-11-18T23:00:00", False),
        ("2023-11-20T03:00:00", False),  # Monday's morning belongs to Sunday's night
        ("2023-11-20T12:00:00", False),
    ],
)
def test_a_night_belongs_to_the_day_it_began_on(text: str, worked: bool) -> None:
    assert Hours(22, 6).worked(at(text)) is worked


@pytest.mark.parametrize("text", ["9", "09-09", "24-03", "9-25", "a-b", "09-17-18", ""])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two hours"):
        hours_from(text)


def test_hours_are_read_as_they_are_written() -> None:
    assert str(Hours(*hours_from("9-17"))) == "09-17"
