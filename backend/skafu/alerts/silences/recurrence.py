"""When the windows of recurring silences begin.

Rules are played by dateutil, in local times without an offset. What began long ago is played from
near the moment of interest, where that gives the same.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from skafu.alerts.paging.model import Silence
from skafu.alerts.silences.rules import parts_of, read, text_of

if TYPE_CHECKING:
    from dateutil.rrule import rrule as Recurrence

MOST_STARTS = 20_000

_STEPS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}

# Moments and local times are out of step where clocks change: by at most so much.
_SLACK = timedelta(hours=3)
_NEAR = timedelta(days=2)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    # A name may be that of a folder, or no name of a file at all.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be the IANA name of a time zone, like Europe/Berlin") from error


def problem(text: str, starts_at: int, zone: ZoneInfo) -> str | None:
    """What is wrong with a rule that begins at this moment: a sentence, or None."""
    begin = _wall(starts_at, zone)
    try:
        read(text, begin.date())
        _play(text, begin)
    except ValueError as error:
        return str(error)
    return None


def starts(silence: Silence, start: int, end: int, at_most: int = MOST_STARTS) -> list[int]:
    """The first moments within [start, end) at which a window begins, in order. The silence's rule
    is one that `problem` has nothing against.
    """
    low = max(start, silence.starts_at)
    if end <= low or silence.rrule is None:
        return []
    zone = zone_of(silence.time_zone)
    first, final = _wall(low, zone) - _SLACK, _wall(end, zone) + _SLACK
    found: set[int] = set()
    for each in _from(silence, zone, first):
        # A few more than asked for: where clocks change, the order is another.
        if each > final or len(found) > at_most + 24:
            break
        at = _moment(each, zone)
        if low <= at < end:
            found.add(at)
    return sorted(found)[:at_most]


def last_start(silence: Silence) -> int | None:
    """When the last window of a rule with a COUNT begins; None for one without."""
    zone = zone_of(silence.time_zone)
    if "COUNT" not in parts_of(silence.rrule or ""):
        return None
    played = _play(silence.rrule or "", _wall(silence.starts_at, zone))
    return max((_moment(each, zone) for each in played), default=silence.starts_at)


def rewound(silence: Silence, before: int) -> Silence:
    """A recurring silence as if it had begun before this moment, and without its COUNT."""
    zone = zone_of(silence.time_zone)
    parts = parts_of(silence.rrule or "")
    parts.pop("COUNT", None)
    text = text_of(parts)
    begin, target = _wall(silence.starts_at, zone), _wall(before, zone) - _NEAR
    step = _step(parts)
    if begin > target and step is not None:
        begin += (target - begin) // step * step
    while begin > target:
        begin = _years_before(begin, int(parts.get("INTERVAL", "1")))
    return replace(silence, rrule=text, starts_at=_moment(begin, zone))


# --- playing --------------------------------------------------------------------------------------


def _play(text: str, begin: datetime) -> "Recurrence":
    # pylint: disable=import-outside-toplevel # reading and ending silences need none of it
    from dateutil.rrule import rrule, rrulestr

    found = rrulestr(text_of(parts_of(text)), dtstart=begin)
    if not isinstance(found, rrule):
        raise ValueError("must be one rule")
    return found


def _from(silence: Silence, zone: ZoneInfo, first: datetime) -> Iterable[datetime]:
    """The local times of a rule, in order, from `first` or from earlier on."""
    text = silence.rrule or ""
    parts = parts_of(text)
    begin = _wall(silence.starts_at, zone)
    step = _step(parts)
    target = first - _NEAR
    if step is not None and "COUNT" not in parts and target > begin:
        # Whole steps keep a rule's time of the day, weekday and phase.
        begin += (target - begin) // step * step
    return _play(text, begin)


def _step(parts: dict[str, str]) -> timedelta | None:
    """How far apart a rule's periods are, where they all have the same length."""
    each = _STEPS.get(parts["FREQ"])
    return None if each is None else each * int(parts.get("INTERVAL", "1"))


def _years_before(begin: datetime, years: int) -> datetime:
    try:
        return begin.replace(year=begin.year - years)
    except ValueError:  # a 29th of February: the next one before is some years away
        return _years_before(begin.replace(day=28), years).replace(day=28)


def _wall(at: int, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, to the second."""
    return datetime.fromtimestamp(at // 1000, zone).replace(tzinfo=None)


def _moment(wall: datetime, zone: ZoneInfo) -> int:
    """The (first) moment at which the clock on the wall shows this."""
    return int(wall.replace(tzinfo=zone, fold=0).timestamp()) * 1000
