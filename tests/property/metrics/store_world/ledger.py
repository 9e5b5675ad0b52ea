"""What clients have sent, what they were told, and whether an answer agrees with it.

Every acknowledged point is in an answer exactly once. Any other that was sent is in it at most
once: a request that nobody answered may have been stored.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from skafu.metrics.model import Summary, Tags
from skafu.shared.keys import DAY_MS, HOUR_MS

type Name = tuple[str, Tags]
"""A series: metric and tags."""

type Who = tuple[object, ...]
"""What makes a point one and the same however often it is sent: key, body and place; or, for points
without a time of their own, the gateway's id and the place.
"""


class Sent(NamedTuple):
    """A point as it was sent, or as it is answered."""

    series: Name
    at: int
    value: float | Summary

    @property
    def observations(self) -> int:
        """How many observations it is."""
        return self.value.count if isinstance(self.value, Summary) else 1

    @property
    def sum(self) -> float:
        """Their sum."""
        return self.value.sum if isinstance(self.value, Summary) else self.value

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest of them."""
        if isinstance(self.value, Summary):
            return self.value.minimum, self.value.maximum
        return self.value, self.value


@dataclass
class Total:
    """Observations of one series in one hour."""

    count: int = 0
    sum: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, count: int, total: float, low: float, high: float) -> None:
        """Add some: how many, their sum, the least and the greatest of them."""
        self.count += count
        self.sum += total
        self.low = min(self.low, low)
        self.high = max(self.high, high)


@dataclass
class Answer:
    """What was read of a range: points, and numbers of whole hours."""

    start: int
    end: int
    points: list[Sent] = field(default_factory=list)
    hours: dict[tuple[Name, int], Total] = field(default_factory=lambda: defaultdict(Total))
    warnings: list[str] = field(default_factory=list)


class Wrong(BaseException):
    """An answer that nobody may be given. No Exception: whoever reads catches some of those."""


class Ledger:
    """Points by day: all that were sent, and those of them that were acknowledged."""

    def __init__(self) -> None:
        self.tried: dict[int, dict[Who, Sent]] = defaultdict(dict)
        self.acked: dict[int, dict[Who, Sent]] = defaultdict(dict)

    def send(self, points: Iterable[tuple[Who, Sent]]) -> None:
        """They are on their way; of a point that is sent again the first try counts."""
        _note(self.tried, points)

    def acknowledge(self, points: Iterable[tuple[Who, Sent]]) -> None:
        """The client was told that they are stored."""
        _note(self.acked, points)

    @property
    def days(self) -> list[int]:
        """The starts of all days that have points."""
        return sorted(self.tried)

    def acknowledged(self, start: int, end: int) -> list[Sent]:
        """The points of [start, end) that must be in every answer from now on."""
        return _within(self.acked, start, end)

    def sent(self, start: int, end: int) -> list[Sent]:
        """The points of [start, end) that may be in an answer."""
        return _within(self.tried, start, end)


def _note(into: dict[int, dict[Who, Sent]], points: Iterable[tuple[Who, Sent]]) -> None:
    for who, point in points:
        into[point.at // DAY_MS * DAY_MS].setdefault(who, point)


def _within(some: dict[int, dict[Who, Sent]], start: int, end: int) -> list[Sent]:
    days = range(start // DAY_MS * DAY_MS, end, DAY_MS)
    return [p for day in days if day in some for p in some[day].values() if start <= p.at < end]


def compare_points(
    what: str, answer: Answer, want: Sequence[Sent], may: Sequence[Sent], oldest: int = 0
) -> None:
    """Raises Wrong unless each of `want` is there once, and each of `may` at most once; what is
    older than `oldest` may be there or not.
    """
    got = Counter(answer.points)
    needed = Counter(point for point in want if point.at >= oldest)
    allowed = Counter(may)
    lost = [p for p in needed if got[p] < needed[p]]
    extra = [p for p in got if got[p] > allowed[p]]
    if lost or extra or answer.warnings:
        raise Wrong(f"{what}: lost {lost[:2]}, too many {extra[:2]} {answer.warnings[:2]}")


def compare_hours(what: str, answer: Answer, want: Sequence[Sent], may: Sequence[Sent]) -> None:
    """The same for an answer that may have whole hours: what is in each must be the sum of the
    acknowledged points and of some of the others.
    """
    got: dict[tuple[Name, int], Total] = defaultdict(Total)
    for place, total in answer.hours.items():
        got[place].add(total.count, total.sum, total.low, total.high)
    for point in answer.points:
        got[_place(point)].add(point.observations, point.sum, *point.range)
    needed, spare = _by_hour(want), _by_hour((Counter(may) - Counter(want)).elements())
    for place in dict.fromkeys((*got, *needed)):
        if trouble := _unexplained(got[place], needed[place], spare[place]):
            raise Wrong(f"{what}: {place} has {trouble} {answer.warnings[:2]}")


def _by_hour(points: Iterable[Sent]) -> dict[tuple[Name, int], list[Sent]]:
    found: dict[tuple[Name, int], list[Sent]] = defaultdict(list)
    for point in points:
        found[_place(point)].append(point)
    return found


def _place(point: Sent) -> tuple[Name, int]:
    return point.series, point.at // HOUR_MS * HOUR_MS


def _unexplained(got: Total, needed: Sequence[Sent], spare: Sequence[Sent]) -> str | None:
    """What is wrong with an hour that must have the points `needed` and may have the others."""
    count = got.count - sum(point.observations for point in needed)
    total = got.sum - sum(point.sum for point in needed)
    if not _is_some(count, total, spare):
        return f"{count} more, their sum {total}; may be more {spare[:3]}"
    if not spare and needed:
        lows, highs = zip(*(point.range for point in needed), strict=True)
        if (got.low, got.high) != (min(lows), max(highs)):
            return f"{got.low} to {got.high} instead of {min(lows)} to {max(highs)}"
    return None


def _is_some(count: int, total: float, spare: Sequence[Sent]) -> bool:
    """Whether some of these points have this count and sum (sums of whole numbers are exact)."""
    reached = {(0, 0.0)}
    for point in spare:
        if (count, total) in reached:
            return True
        reached |= {
            (some + point.observations, amount + point.sum)
            for some, amount in reached
            if some + point.observations <= count
        }
    return (count, total) in reached
