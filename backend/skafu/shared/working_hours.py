"""When people use an environment that customers do not: outside of these hours it sleeps."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
ALWAYS = "none"
"""What the template says of an environment that never sleeps."""

WRITTEN = re.compile(r"([A-Z]{3})-([A-Z]{3}) (\d\d:\d\d)-(\d\d:\d\d) (\S+)")


@dataclass(frozen=True)
class WorkingHours:
    """On `days` (0 is Monday) from `begins` until before `ends`, which is later on the same day, by
    the clocks of `zone`.
    """

    days: frozenset[int]
    begins: time
    ends: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Of "MON-FRI 06:00-20:00 Etc/UTC"; None is for ALWAYS.

        Raises ValueError for what cannot be working hours.
        """
        if text == ALWAYS:
            return None
        found = WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"no working hours: {text!r}")
        first, last = (DAYS.index(found[place]) for place in (1, 2))
        begins, ends = (time.fromisoformat(found[place]) for place in (3, 4))
        if ends <= begins:
            raise ValueError(f"working hours end before they begin: {text!r}")
        # SAT-TUE goes over the end of a week.
        days = frozenset((first + more) % 7 for more in range((last - first) % 7 + 1))
        try:
            return cls(days, begins, ends, ZoneInfo(found[5]))
        except ZoneInfoNotFoundError as error:
            raise ValueError(f"no time zone: {text!r}") from error

    def include(self, at: int) -> bool:
        """Whether a moment (epoch milliseconds) is within them."""
        here = datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone)
        return here.weekday() in self.days and self.begins <= here.time() < self.ends

    def next_end(self, at: int) -> int:
        """When they end next: the first end after a moment, both in epoch milliseconds."""
        here = datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone)
        ends = (
            datetime.combine(here.date() + timedelta(days=more), self.ends, self.zone)
            for more in range(9)
            if (here.weekday() + more) % 7 in self.days
        )
        moments = (int(each.timestamp() * 1000) for each in ends)
        return next(each for each in moments if each > at)
