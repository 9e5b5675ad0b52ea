"""When an environment takes changes: delivery/change-windows.yaml, asked with a moment in hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT

FILE = ROOT / "delivery" / "change-windows.yaml"
LOOKED_AHEAD_DAYS = 60

type Minutes = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""A time of the day, HH:MM; 24:00 is its end."""


class Day(StrEnum):
    """Of the week, in Python's order."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


DAYS = tuple(Day)


@dataclass(frozen=True)
class Answer:
    """Whether changes may be made, and why."""

    is_open: bool
    why: str


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(_Part):
    """From `opens` (inclusive) to `closes` (exclusive) on each of the days; one that closes no
    later than it opens closes on the day after.
    """

    days: Annotated[tuple[Day, ...], Field(min_length=1)]
    opens: Minutes
    closes: Minutes

    def holds(self, local: datetime) -> bool:
        """Whether it is open by a clock on the wall."""
        now = local.hour * 60 + local.minute
        opens, closes = _minutes(self.opens), _minutes(self.closes)
        today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if opens < closes:
            return today in self.days and opens <= now < closes
        return (today in self.days and now >= opens) or (yesterday in self.days and now < closes)

    def __str__(self) -> str:
        return f"{' '.join(self.days)} {self.opens} to {self.closes}"


class Freeze(_Part):
    """Whole days on which nothing changes, both ends included."""

    first: date
    last: date
    reason: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the freeze ends on {self.last}, before it begins ({self.first})")
        return self


class Windows(_Part):
    """Those of one environment."""

    time_zone: str
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    freezes: tuple[Freeze, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {name}") from error
        return name

    def ask(self, at: int) -> Answer:
        """Whether changes may be made at a moment, epoch ms."""
        closed = self._closed(self._local(at))
        if closed is None:
            open_ = next(each for each in self.windows if each.holds(self._local(at)))
            return Answer(True, f"within {open_} ({self.time_zone})")
        following = self._next(at)
        when = (
            f"not within {LOOKED_AHEAD_DAYS} days"
            if following is None
            else f"{following:%a %Y-%m-%d %H:%M %Z}"
        )
        return Answer(False, f"{closed}; it opens next: {when}")

    def _closed(self, local: datetime) -> str | None:
        """Why it is closed; None when it is open."""
        for each in self.freezes:
            if each.first <= local.date() <= each.last:
                return f"frozen from {each.first} to {each.last} ({each.reason})"
        if not any(each.holds(local) for each in self.windows):
            told = ", ".join(map(str, self.windows))
            return f"{local:%a %H:%M} is outside of {told} ({self.time_zone})"
        return None

    def _next(self, at: int) -> datetime | None:
        """It opens when a window does, or at the midnight that ends a freeze. (Where clocks leap
        over that time, this is told up to an hour late.)
        """
        today = self._local(at).date()
        times = sorted({0, *(_minutes(each.opens) for each in self.windows)})
        for day in range(LOOKED_AHEAD_DAYS):
            midnight = datetime.combine(today + timedelta(days=day), time())
            for minutes in times:
                wall = midnight + timedelta(minutes=minutes)
                moment = wall.replace(tzinfo=ZoneInfo(self.time_zone)).timestamp() * 1000
                local = self._local(int(moment))
                if moment > at and self._closed(local) is None:
                    return local
        return None

    def _local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(self.time_zone))


def read(path: Path) -> Mapping[str, Windows]:
    """Each environment's windows. Raises Refused for a file that cannot be read."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(told, dict):
            raise Refused(f"{path.name} names no environments.")
        return {name: Windows.model_validate(each) for name, each in told.items()}
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
