"""What was sent to production, what was acknowledged, and whether all of it is there, once.

Each point has a cell of its own, a series and a second; so the answer of a query with a period of a
second tells of every point by itself: how often it is there, and its value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

SECOND_MS = 1_000
type Cell = tuple[str, int]
"""A host and the second of a point, epoch milliseconds."""


@dataclass(frozen=True)
class Attempt:
    """One try to send a point: when it was answered (epoch ms), and how; 0 for no answer."""

    at: int
    status: int
    host: str

    @property
    def is_good(self) -> bool:
        return self.status == 202


@dataclass(frozen=True)
class Outage:
    """From the first failed request to the first one after which none failed, epoch ms; `until` is
    None while requests fail.
    """

    since: int
    until: int | None
    failed: int

    @property
    def seconds(self) -> float | None:
        """How long it lasted."""
        return None if self.until is None else (self.until - self.since) / 1000


@dataclass(frozen=True)
class Balance:
    """What came of the points. `foreign` are cells that hold something nobody has sent."""

    sent: int
    acknowledged: int
    lost: tuple[Cell, ...]
    doubled: tuple[Cell, ...]
    wrong: tuple[Cell, ...]
    foreign: tuple[Cell, ...]

    @property
    def holds(self) -> bool:
        """Whether there was something, and nothing was lost, doubled, changed or made up."""
        return bool(self.acknowledged) and not (
            self.lost or self.doubled or self.wrong or self.foreign
        )

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} of {self.sent} points acknowledged; "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.wrong)} changed, "
            f"{len(self.foreign)} made up"
        )


@dataclass
class Ledger:
    """Written by several threads."""

    _sent: dict[Cell, float] = field(default_factory=dict)
    _acknowledged: set[Cell] = field(default_factory=set)
    _attempts: list[Attempt] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def send(self, cell: Cell, value: float) -> None:
        """A point is about to be sent. Raises ValueError for a cell that is taken."""
        with self._lock:
            if cell in self._sent:
                raise ValueError(f"{cell} is taken")
            self._sent[cell] = value

    def answered(self, cell: Cell, at: int, status: int) -> None:
        """A try was answered, or not (0)."""
        with self._lock:
            self._attempts.append(Attempt(at, status, cell[0]))
            if status == 202:
                self._acknowledged.add(cell)

    @property
    def attempts(self) -> Sequence[Attempt]:
        """All tries so far, in the order of their answers."""
        with self._lock:
            return tuple(self._attempts)

    @property
    def span(self) -> tuple[int, int]:
        """From the first point to a second after the last one, epoch ms. Raises ValueError when
        none was sent.
        """
        with self._lock:
            moments = [at for _, at in self._sent]
        return min(moments), max(moments) + SECOND_MS

    @property
    def acknowledged(self) -> int:
        """How many points were taken."""
        with self._lock:
            return len(self._acknowledged)

    def failures(self, since: int, until: int) -> int:
        """How many tries failed between two moments (epoch ms)."""
        return sum(not each.is_good and since <= each.at < until for each in self.attempts)

    def balance(self, stored: Mapping[Cell, tuple[int, float]]) -> Balance:
        """Compare with what is stored: count and sum of each cell. What was sent and never
        acknowledged may be there once, or not.
        """
        with self._lock:
            sent, acknowledged = dict(self._sent), set(self._acknowledged)
        return Balance(
            sent=len(sent),
            acknowledged=len(acknowledged),
            lost=tuple(sorted(acknowledged - stored.keys())),
            doubled=tuple(sorted(cell for cell, (count, _) in stored.items() if count > 1)),
            wrong=tuple(
                sorted(
                    cell
                    for cell, (count, total) in stored.items()
                    if cell in sent and count == 1 and total != sent[cell]
                )
            ),
            foreign=tuple(sorted(stored.keys() - sent.keys())),
        )


def outage(attempts: Iterable[Attempt], since: int, host: str | None = None) -> Outage | None:
    """The outage that began at or after a moment; None when no request failed.

    It ends with the first good answer after the last failed one; with `host`, only what was sent
    for that host counts, since others may never have failed.
    """
    found = [each for each in attempts if each.at >= since and host in (None, each.host)]
    failed = [number for number, each in enumerate(found) if not each.is_good]
    if not failed:
        return None
    after = found[failed[-1] + 1 :]
    return Outage(found[failed[0]].at, after[0].at if after else None, len(failed))


def cells(counts: Mapping[str, Any], sums: Mapping[str, Any]) -> dict[Cell, tuple[int, float]]:
    """Count and sum of every cell that holds something, from two results of a query that is grouped
    by host with a period of a second.
    """
    totals = dict(_values(sums))
    return {cell: (int(count), totals[cell]) for cell, count in _values(counts) if count}


def _values(result: Mapping[str, Any]) -> Iterable[tuple[Cell, float]]:
    for series in result["series"]:
        for at, value in zip(series["timestamps"], series["values"], strict=True):
            if value is not None:
                yield (series["tags"]["host"], at), value
