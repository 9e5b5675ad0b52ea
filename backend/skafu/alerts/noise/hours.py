"""Whether somebody was at work at a moment."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

FIRST, LAST = 9, 17
SATURDAY = 5

_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")


@dataclass(frozen=True)
class Hours:
    """Working hours, from the hour `first` up to `last` on local clocks, Monday to Friday. Where
    `last` is not later than `first` they go on past midnight, and belong to the day they began on.
    """

    first: int = FIRST
    last: int = LAST
    zone: tzinfo = UTC

    def worked(self, at: int) -> bool:
        """Whether a moment, in epoch milliseconds, is in them."""
        local = datetime.fromtimestamp(at // 1000, UTC).astimezone(self.zone)
        hour, day = local.hour, local.weekday()
        if self.first < self.last:
            return day < SATURDAY and self.first <= hour < self.last
        if hour >= self.first:
            return day < SATURDAY
        return hour < self.last and (day - 1) % 7 < SATURDAY

    def __str__(self) -> str:
        return f"{self.first:02d}-{self.last:02d}"


def hours_from(text: str) -> tuple[int, int]:
    """Read "09-17". Raises ValueError with a sentence that helps."""
    found = _HOURS.fullmatch(text)
    first, last = map(int, found.groups()) if found else (24, 24)
    if first > 23 or last > 24 or first == last:
        raise ValueError("must be two hours like 09-17: the first one, and the one after the last")
    return first, last
