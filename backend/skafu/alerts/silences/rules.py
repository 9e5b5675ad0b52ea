"""RFC 5545's rules, as far as windows of quiet need them: read, and refused where they are unsound.

Whoever plays a rule looks for its next match for as long as there are years. So whatever could
match never, or next in centuries, is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

EXAMPLE = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
MOST_INTERVAL = {"HOURLY": 1000, "DAILY": 366, "WEEKLY": 52, "MONTHLY": 11, "YEARLY": 1}
MOST_COUNT = 1000
MOST_MINUTES = 4

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(rf"([+-]?[1-5])?({'|'.join(_DAYS)})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_BOUNDS = {"BYHOUR": (0, 23), "BYMINUTE": (0, 59), "BYMONTH": (1, 12), "BYMONTHDAY": (1, 31)}
_SIGNED = {"BYMONTHDAY", "BYSETPOS"}
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "BYDAY", "BYSETPOS", "WKST", *_BOUNDS}

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


def read(text: str, begin: date) -> Rule:
    """The parts of a rule that begins on this day. Raises ValueError with a sentence that says what
    is wrong.
    """
    parts = parts_of(text)
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


def parts_of(text: str) -> dict[str, str]:
    """The parts of a rule by name, in upper case. Raises ValueError."""
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


def text_of(parts: Mapping[str, str]) -> str:
    """The reverse."""
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
