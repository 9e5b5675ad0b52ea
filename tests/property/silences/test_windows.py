"""Windows of silences against the clock on the wall, where clocks change and where they do not."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from skafu.alerts.silences.windows import AHEAD_MS, mutes, windows
from tests.property.silences.clock_on_the_wall import MINUTE, Rhythm, muted_minutes

BERLIN, NEW_YORK, KOLKATA = map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Kolkata"))
LABELS = {"host": "web-1"}
# The nights in which clocks go forward and back; Kolkata's never do.
NIGHTS = (
    (BERLIN, datetime(2024, 3, 31)),
    (BERLIN, datetime(2024, 10, 27)),
    (NEW_YORK, datetime(2024, 3, 10)),
    (NEW_YORK, datetime(2024, 11, 3)),
    (KOLKATA, datetime(2024, 3, 31)),
)
BEFORE, AFTER = timedelta(days=2), timedelta(days=3)
LONGEST = {"HOURLY": 7, "DAILY": 3, "WEEKLY": 3, "MONTHLY": 3}


@st.composite
def rhythms(draw: st.DrawFn) -> tuple[Rhythm, int, int]:
    """A rule, and five days around a night in which the clock changes."""
    zone, night = draw(st.sampled_from(NIGHTS))
    frequency = draw(st.sampled_from(("HOURLY", "DAILY", "DAILY", "WEEKLY", "MONTHLY")))
    interval = draw(st.integers(1, LONGEST[frequency]))
    some = st.lists(st.integers(0, 6), max_size=3, unique=True)
    days = draw(some) if interval == 1 or frequency in ("WEEKLY", "MONTHLY") else []
    month_days = (
        draw(st.sampled_from(((), (), (10, 27), (-1,), (31, 3))))
        if (frequency == "MONTHLY")
        else ()
    )
    hours = draw(st.lists(st.integers(0, 4) | st.just(22), max_size=3, unique=True))
    back = timedelta(
        days=draw(st.integers(0, 2) | st.integers(0, 90)), minutes=draw(st.integers(0, 1439))
    )
    rhythm = Rhythm(
        zone=zone,
        begin=night + timedelta(days=1) - back,
        frequency=frequency,
        interval=interval,
        days=tuple(days),
        month_days=month_days,
        hours=() if frequency == "HOURLY" else tuple(hours),
        minutes=draw(st.sampled_from((1, 20, 60, 90, 480, 1440))),
    )
    return rhythm, _at(zone, night - BEFORE), _at(zone, night + AFTER)


def _at(zone: ZoneInfo, wall: datetime) -> int:
    return int(wall.replace(tzinfo=zone).timestamp()) * 1000


def _nightly(zone: ZoneInfo, night: datetime, **changes: object) -> tuple[Rhythm, int, int]:
    fields: dict[str, object] = {
        "zone": zone,
        "begin": night.replace(month=1, day=3, hour=22),
        "frequency": "DAILY",
        "interval": 1,
        "days": (),
        "month_days": (),
        "hours": (),
        "minutes": 480,
    }
    rhythm = Rhythm(**{**fields, **changes})  # type: ignore[arg-type] # fields of any type
    return rhythm, _at(zone, night - BEFORE), _at(zone, night + AFTER)


@settings(max_examples=80, deadline=None)
@given(rhythms())
@example(_nightly(BERLIN, datetime(2024, 3, 31)))
@example(_nightly(BERLIN, datetime(2024, 10, 27), hours=(2,), minutes=60))
@example(_nightly(NEW_YORK, datetime(2024, 3, 10), hours=(2, 3), minutes=20))
def test_windows_are_what_the_clock_on_the_wall_says(case: tuple[Rhythm, int, int]) -> None:
    rhythm, start, end = case

    found = [False] * ((end - start) // MINUTE)
    before = 0
    for window in windows(rhythm.silence(), start, end):
        assert before < window.start < window.end
        before = window.end
        for at in range(max(window.start, start), min(window.end, end), MINUTE):
            found[(at - start) // MINUTE] = True

    assert found == muted_minutes(rhythm, start, end), rhythm.rule


@settings(max_examples=60, deadline=None)
@given(
    rhythms(),
    st.lists(st.integers(0, 5 * 1440 - 61), min_size=1, max_size=10),
    st.none() | st.integers(1, 5 * 1440),
)
@example(_nightly(BERLIN, datetime(2024, 10, 27), hours=(2,), minutes=60), [], 3000)
@example(
    _nightly(BERLIN, datetime(2024, 10, 27), begin=datetime(2024, 1, 3, 2, 30), minutes=60),
    [],
    None,
)
@example(_nightly(BERLIN, datetime(2024, 3, 31)), [], 3000)
def test_it_mutes_until_the_first_minute_in_which_it_does_not(
    case: tuple[Rhythm, int, int], minutes: list[int], length: int | None
) -> None:
    rhythm, start, end = case
    ends_at = None if length is None else start + length * MINUTE
    silence = rhythm.silence(ends_at)
    expected = muted_minutes(rhythm, start, end)
    if ends_at is not None:
        expected = [x and start + n * MINUTE < ends_at for n, x in enumerate(expected)]

    changes = [n for n in range(1, len(expected)) if expected[n] != expected[n - 1]]
    night = range(2 * 1440, 2 * 1440 + 300, 15)
    for number in {*minutes, *night, *changes[:20], *(n - 1 for n in changes[:20])}:
        now = start + number * MINUTE
        until = mutes(silence, LABELS, 0, now)
        quiet = next((n for n in range(number, len(expected)) if not expected[n]), None)
        if quiet == number:
            assert until is None
        elif quiet is None:
            # It mutes to the end of what was looked at, and perhaps on.
            assert until is not None and until >= end
        else:
            assert until == start + quiet * MINUTE
            assert until <= now + AHEAD_MS + silence.duration * 1000


@settings(max_examples=60, deadline=None)
@given(rhythms(), st.integers(1, 20))
def test_the_first_windows_are_the_first_of_all(
    case: tuple[Rhythm, int, int], at_most: int
) -> None:
    rhythm, start, end = case
    everything = windows(rhythm.silence(), start, end)

    assert windows(rhythm.silence(), start, end, at_most) == everything[:at_most]
