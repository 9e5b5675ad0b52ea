"""Recurring silences: RFC 5545's rules, as far as windows of quiet need them.

Rules are read and played by dateutil, in local times without an offset. It looks for the next
match for as long as there are years, so whatever could match never, or next in centuries, is
refused when the silence is made; and what began long ago is played from near the moment of
interest, where that gives the same.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from skafu.alerts.paging.model import Silence

if TYPE_CHECKING:
    from dateutil.rrule import rrule as Recurrence

EXAMPLE = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
MOST_INTERVAL = {"HOURLY": 1000, "DAILY": 366, "WEEKLY": 52, "MONTHLY": 11, "YEARLY": 1}
MOST_COUNT = 1000
MOST_MINUTES = 4
MOST_STARTS = 20_000

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(rf"([+-]?[1-5])?({'|'.join(_DAYS)})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_BOUNDS = {"BYHOUR": (0, 23), "BYMINUTE": (0, 59), "BYMONTH": (1, 12), "BYMONTHDAY": (1, 31)}
_SIGNED = {"BYMONTHDAY", "BYSETPOS"}
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "BYDAY", "BYSETPOS", "WKST", *_BOUNDS}
_STEPS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}

# Moments and local times are out of step where clocks change: by at most so much.
_SLACK = timedelta(hours=3)
_NEAR = timedelta(days=2)
_CALENDAR_DAYS = 28 * 366  # weekdays and dates meet again after 28 years
_YEAR_DAYS = 366


@dataclass(frozen=True)
class Rule:
    """The parts of a rule that its soundness depends on; `days` are (number in the month or 0,
    weekday, 0 for Monday).
    """

    frequency: str
    interval: int
    count: int | None
    days: tuple[tuple[int, int], ...]
    month_days: tuple[int, ...]
    months: tuple[int, ...]
    times: int
    positions: tuple[int, ...]

    def on(self, day: date) -> bool:
        """Whether the rule's parts allow for this date, wherever its period begins."""
        return (
            (not self.months or day.month in self.months)
            and (not self.month_days or self._in_month(day))
            and (not self.days or any(_is(each, day) for each in self.days))
        )

    def _in_month(self, day: date) -> bool:
        return day.day in self.month_days or day.day - _length(day) - 1 in self.month_days


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    # A name may be that of a folder, or no name of a file at all.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be the IANA name of a time zone, like Europe/Berlin") from error


def read(text: str, begin: date) -> Rule:
    """The parts of a rule that begins on this day. Raises ValueError with a sentence that says what
    is wrong.
    """
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency in ("SECONDLY", "MINUTELY"):
        raise ValueError(f"FREQ={frequency} is too often: HOURLY is the most")
    if frequency not in MOST_INTERVAL:
        raise ValueError(f"needs a FREQ, one of {', '.join(MOST_INTERVAL)}; like {EXAMPLE}")
    rule = Rule(
        frequency=frequency,
        interval=_single(parts, "INTERVAL", MOST_INTERVAL[frequency]) or 1,
        count=_single(parts, "COUNT", MOST_COUNT),
        days=tuple(_days(parts.get("BYDAY"))),
        month_days=_numbers(parts, "BYMONTHDAY"),
        months=_numbers(parts, "BYMONTH"),
        times=max(1, len(_numbers(parts, "BYHOUR"))) * max(1, len(_numbers(parts, "BYMINUTE"))),
        positions=_numbers(parts, "BYSETPOS", 366),
    )
    if len(_numbers(parts, "BYMINUTE")) > MOST_MINUTES:
        raise ValueError(f"BYMINUTE has at most {MOST_MINUTES} values")
    if parts.get("WKST", "MO") not in _DAYS:
        raise ValueError("WKST is a weekday like MO")
    _refuse_mixtures(rule)
    _refuse_what_never_comes(rule, begin)
    return rule


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
    if "COUNT" not in _parts(silence.rrule or ""):
        return None
    played = _play(silence.rrule or "", _wall(silence.starts_at, zone))
    return max((_moment(each, zone) for each in played), default=silence.starts_at)


def rewound(silence: Silence, before: int) -> Silence:
    """A recurring silence as if it had begun before this moment, and without its COUNT."""
    zone = zone_of(silence.time_zone)
    parts = _parts(silence.rrule or "")
    parts.pop("COUNT", None)
    text = _text(parts)
    begin, target = _wall(silence.starts_at, zone), _wall(before, zone) - _NEAR
    step = _step(parts)
    if begin > target and step is not None:
        begin += (target - begin) // step * step
    while begin > target:
        begin = _years_before(begin, int(parts.get("INTERVAL", "1")))
    return replace(silence, rrule=text, starts_at=_moment(begin, zone))


# --- reading --------------------------------------------------------------------------------------


def _parts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, sign, value = each.partition("=")
        if not sign or not value:
            raise ValueError(f"is a list of NAME=value with ; between them, like {EXAMPLE}")
        if name == "UNTIL":
            raise ValueError("UNTIL is not for here: say with ends_at when it is over")
        if name not in _KNOWN:
            raise ValueError(f"{name[:20]} is not one of {', '.join(sorted(_KNOWN))}")
        if name in found:
            raise ValueError(f"{name} is there twice")
        found[name] = value
    return found


def _text(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _single(parts: dict[str, str], name: str, most: int) -> int | None:
    text = parts.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= most):
        raise ValueError(f"{name} is here a whole number from 1 to {most}")
    return int(text)


def _numbers(parts: dict[str, str], name: str, most: int = 0) -> tuple[int, ...]:
    text = parts.get(name)
    if text is None:
        return ()
    low, high = _BOUNDS.get(name, (1, most))
    found = []
    for each in text.split(","):
        number = int(each) if _NUMBER.fullmatch(each) else -10_000
        if not low <= (abs(number) if name in _SIGNED else number) <= high:
            raise ValueError(f"{name} has whole numbers from {low} to {high}")
        found.append(number)
    return tuple(found)


def _days(text: str | None) -> Iterator[tuple[int, int]]:
    for each in text.split(",") if text is not None else ():
        found = _DAY.fullmatch(each)
        if found is None:
            raise ValueError("BYDAY has weekdays like MO, or 2TU for the second Tuesday")
        yield int(found[1] or 0), _DAYS.index(found[2])


# --- soundness ------------------------------------------------------------------------------------


def _refuse_mixtures(rule: Rule) -> None:
    dated = bool(rule.days or rule.month_days or rule.months)
    if rule.month_days and rule.frequency == "WEEKLY":
        raise ValueError("BYMONTHDAY is not for WEEKLY")
    numbered = any(number for number, _ in rule.days)
    monthly = rule.frequency == "MONTHLY" or (rule.frequency == "YEARLY" and rule.months)
    if numbered and not monthly:
        raise ValueError("days with numbers, like 2TU, are for MONTHLY, or YEARLY with BYMONTH")
    if rule.positions and rule.frequency != "MONTHLY":
        raise ValueError("BYSETPOS is for MONTHLY")
    if rule.interval > 1 and rule.frequency in ("HOURLY", "DAILY") and dated:
        raise ValueError(
            f"{rule.frequency} with an INTERVAL takes no BYDAY, BYMONTHDAY or BYMONTH: the two may "
            "never meet; WEEKLY or MONTHLY do"
        )
    if rule.interval > 1 and rule.frequency == "MONTHLY" and rule.months:
        raise ValueError("MONTHLY with an INTERVAL takes no BYMONTH: the two may never meet")


def _refuse_what_never_comes(rule: Rule, begin: date) -> None:
    """Dates that no calendar has, and such that the player would look for too long."""
    often = rule.frequency in ("HOURLY", "DAILY")
    days = _YEAR_DAYS if often else _CALENDAR_DAYS
    matching = [each for each in (begin + timedelta(days=n) for n in range(days)) if rule.on(each)]
    if not matching:
        hint = " within a year: YEARLY may be what you mean" if often else ""
        raise ValueError(f"there is no such day{hint}")
    if rule.positions:
        sizes: dict[tuple[int, int], int] = {}
        for each in matching:
            month = each.year, each.month
            sizes[month] = sizes.get(month, 0) + rule.times
        # Without days of its own a rule has one in each month: that on which it begins.
        most = max(sizes.values()) if rule.days or rule.month_days else rule.times
        if all(abs(each) > most for each in rule.positions):
            raise ValueError(f"BYSETPOS is beyond the {most} that a month has at most")


def _is(wanted: tuple[int, int], day: date) -> bool:
    number, weekday = wanted
    if day.weekday() != weekday:
        return False
    if number == 0:
        return True
    if number > 0:
        return (day.day - 1) // 7 + 1 == number
    return -((_length(day) - day.day) // 7 + 1) == number


def _length(day: date) -> int:
    """How many days the month of a day has."""
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day


# --- playing --------------------------------------------------------------------------------------


def _play(text: str, begin: datetime) -> "Recurrence":
    # pylint: disable=import-outside-toplevel # reading and ending silences need none of it
    from dateutil.rrule import rrule, rrulestr

    found = rrulestr(_text(_parts(text)), dtstart=begin)
    if not isinstance(found, rrule):
        raise ValueError("must be one rule")
    return found


def _from(silence: Silence, zone: ZoneInfo, first: datetime) -> Iterable[datetime]:
    """The local times of a rule, in order, from `first` or from earlier on."""
    text = silence.rrule or ""
    parts = _parts(text)
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
