"""When a recurring silence mutes, found by looking at the clock on the wall, minute by minute."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from skafu.alerts.paging.model import Silence
from skafu.metrics.model import Operator, TagFilter

MINUTE = 60_000
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
EVERYBODY = (TagFilter("host", Operator.EXISTS, True),)


@dataclass(frozen=True)
class Rhythm:
    """A rule as fields; what is None or empty is as at the begin, a minute of local time."""

    zone: ZoneInfo
    begin: datetime
    frequency: str
    interval: int
    days: tuple[int, ...]
    month_days: tuple[int, ...]
    hours: tuple[int, ...]
    minutes: int

    @property
    def rule(self) -> str:
        """As RFC 5545 spells it."""
        parts = {
            "FREQ": self.frequency,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYDAY": ",".join(DAYS[each] for each in self.days),
            "BYMONTHDAY": ",".join(map(str, self.month_days)),
            "BYHOUR": ",".join(map(str, self.hours)),
        }
        return ";".join(f"{name}={text}" for name, text in parts.items() if text)

    def silence(self, ends_at: int | None = None) -> Silence:
        """The silence itself."""
        return Silence(
            id="s",
            version=1,
            matchers=EVERYBODY,
            starts_at=int(self.begin.replace(tzinfo=self.zone).timestamp()) * 1000,
            ends_at=ends_at,
            rrule=self.rule,
            duration=self.minutes * 60,
            time_zone=self.zone.key,
        )

    def begins_at(self, wall: datetime) -> bool:
        """Whether a window begins when the clock on the wall shows this."""
        if wall < self.begin or wall.minute != self.begin.minute:
            return False
        hourly = self.frequency == "HOURLY"
        if not hourly and wall.hour not in (self.hours or (self.begin.hour,)):
            return False
        if hourly and self.hours and wall.hour not in self.hours:
            return False
        if self._periods(wall) % self.interval:
            return False
        return self._on(wall.date())

    def _on(self, day: date) -> bool:
        days, month_days = self.days, self.month_days
        if not days and not month_days:
            days = (self.begin.weekday(),) if self.frequency == "WEEKLY" else ()
            month_days = (self.begin.day,) if self.frequency == "MONTHLY" else ()
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        backwards = day.day - last.day - 1
        return (not days or day.weekday() in days) and (
            not month_days or day.day in month_days or backwards in month_days
        )

    def _periods(self, wall: datetime) -> int:
        begin = self.begin
        match self.frequency:
            case "HOURLY":
                return int((wall - begin) / timedelta(hours=1))
            case "DAILY":
                return (wall.date() - begin.date()).days
            case "WEEKLY":
                monday = begin.date() - timedelta(days=begin.weekday())
                return (wall.date() - monday).days // 7
            case _:
                return (wall.year - begin.year) * 12 + wall.month - begin.month


def muted_minutes(rhythm: Rhythm, start: int, end: int) -> list[bool]:
    """For each minute of [start, end) whether the silence mutes: as naive as can be."""
    first = start - rhythm.minutes * MINUTE - 3 * 60 * MINUTE
    begun: set[int] = set()
    before = _wall(first - MINUTE, rhythm.zone)
    for at in range(first, end, MINUTE):
        moment = datetime.fromtimestamp(at // 1000, rhythm.zone)
        wall = moment.replace(tzinfo=None, fold=0)
        # What the clock has left out counts as if it went on.
        left_out = before + timedelta(minutes=1)
        while left_out < wall:
            if rhythm.begins_at(left_out):
                begun.add(at + (left_out - before) // timedelta(minutes=1) * MINUTE - MINUTE)
            left_out += timedelta(minutes=1)
        if moment.fold == 0 and rhythm.begins_at(wall):
            begun.add(at)
        before = wall
    found = [False] * ((end - start) // MINUTE)
    for at in begun:
        for minute in range(at, at + rhythm.minutes * MINUTE, MINUTE):
            if start <= minute < end:
                found[(minute - start) // MINUTE] = True
    return found


def _wall(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at // 1000, zone).replace(tzinfo=None, fold=0)
