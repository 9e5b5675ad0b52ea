"""Working hours: by the clocks of where people are."""

from datetime import datetime

import pytest

from skafu.shared.working_hours import ALWAYS, WorkingHours


def hours(text: str = "MON-FRI 06:00-20:00 Etc/UTC") -> WorkingHours:
    found = WorkingHours.parse(text)
    assert found is not None
    return found


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "awake"),
    [
        ("2026-11-23T05:59:59Z", False),  # a Monday
        ("2026-11-23T06:00:00Z", True),
        ("2026-11-23T19:59:59Z", True),
        ("2026-11-23T20:00:00Z", False),
        ("2026-11-27T12:00:00Z", True),
        ("2026-11-28T12:00:00Z", False),
        ("2026-11-29T12:00:00Z", False),
    ],
)
def test_people_work_in_their_hours_and_not_beside(moment: str, awake: bool) -> None:
    assert hours().include(at(moment)) is awake


def test_the_clocks_are_those_of_the_place_and_go_forward_with_summer() -> None:
    berlin = hours("MON-FRI 08:00-18:00 Europe/Berlin")
    assert berlin.include(at("2026-01-12T07:00:00Z"))
    assert not berlin.include(at("2026-07-13T05:59:00Z"))
    assert berlin.include(at("2026-07-13T06:00:00Z"))
    # Around the world it is another day already.
    assert hours("MON-FRI 00:00-12:00 Pacific/Auckland").include(at("2026-11-22T12:00:00Z"))


def test_days_go_over_the_end_of_a_week() -> None:
    found = hours("SAT-MON 10:00-12:00 Etc/UTC")
    assert found.days == {5, 6, 0}


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2026-11-23T12:00:00Z", "2026-11-23T20:00:00Z"),
        ("2026-11-23T20:00:00Z", "2026-11-24T20:00:00Z"),
        ("2026-11-27T21:00:00Z", "2026-11-30T20:00:00Z"),
    ],
)
def test_the_next_end_is_that_of_the_next_working_day(moment: str, ends: str) -> None:
    assert hours().next_end(at(moment)) == at(ends)


def test_an_environment_may_never_sleep() -> None:
    assert WorkingHours.parse(ALWAYS) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "MON-FRI 20:00-06:00 Etc/UTC",
        "MON-FRI 06:00-06:00 Etc/UTC",
        "MON-FRY 06:00-20:00 Etc/UTC",
        "MON-FRI 06:00-24:00 Etc/UTC",
        "MON-FRI 06:00-20:00 Nowhere/AtAll",
    ],
)
def test_what_cannot_be_working_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        WorkingHours.parse(text)
