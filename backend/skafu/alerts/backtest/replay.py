"""The machine over stored points, as fast as it goes: buckets in which nothing can change are not
decided at all.

Why that is the same. What a bucket decides depends on the state before it and on how the compared
values of its range lie to the definition's limits, not on the values themselves. A range that lies
alike throughout, decided a second time, changes nothing any more (tests/property/backtests holds
the machine to that). So once such a range was decided, the buckets after it decide nothing until a
value lies otherwise. Everything else is walked by `walk`, as the evaluator and the sweeper do it.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

from skafu.alerts.machine import window_length
from skafu.alerts.model import Alert, Definition, Effect
from skafu.alerts.points import end_after, period_ms
from skafu.alerts.walk import Readings, Ruling, Standing, walk

type Place = Hashable
"""How a value lies to all limits of a definition; None for no value."""

CHECKED_EVERY = 2_000
"""Buckets between two looks at the time."""


def replay(
    alert: Alert,
    samples: Readings,
    start: int,
    end: int,
    check: Callable[[], None] = lambda: None,
) -> tuple[Effect, ...]:
    """The effects that the alert would have had in the buckets that end after `start` and not after
    `end`, had it been made at `start` and all points come in time.

    `samples` has the points from the first evaluation range on. `check` is called now and then, and
    ends the replay by raising.
    """
    return _Replay(alert, samples, start, end, check).effects()


class _Replay:
    """One instance under one version."""

    def __init__(
        self, alert: Alert, samples: Readings, start: int, end: int, check: Callable[[], None]
    ) -> None:
        # Every bucket has closed long ago: there is nothing to wait for.
        at_once = replace(alert.definition, grace=0)
        made = replace(alert, definition=at_once, created_at=start, edited_at=start)
        period = period_ms(at_once)
        self._ruling = Ruling(made, samples)
        self._samples = samples
        self._check = check
        self._period = period
        self._ends = range(end_after(start, period), end + 1, period)
        self._effects: list[Effect] = []

    def effects(self) -> tuple[Effect, ...]:
        """All of them, in order."""
        for first, last in self._stretches():
            self._walk(first, last)
        return tuple(self._effects)

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """The first and last of all buckets that must be decided, by number, in order."""
        settled_after = window_length(self._ruling.alert.definition)
        changes = list(self._changes())
        begin = 0
        for place, change in enumerate(changes):
            following = changes[place + 1] if place + 1 < len(changes) else len(self._ends)
            if following - change > settled_after:
                yield begin, change + settled_after - 1
                begin = following
        if begin < len(self._ends):
            yield begin, len(self._ends) - 1

    def _changes(self) -> Iterator[int]:
        """The buckets, by number, whose values lie otherwise than the ones before them."""
        place_of = placing(self._ruling.alert.definition)
        before = _NOWHERE
        for number, end in enumerate(self._ends):
            if number % CHECKED_EVERY == 0:
                self._check()
            value = self._samples.value(end)
            place = None if value is None else place_of(value)
            if place != before:
                yield number
                before = place

    def _walk(self, first: int, last: int) -> None:
        """Decide some buckets, by number, from where the instance is."""
        for low in range(first, last + 1, CHECKED_EVERY):
            self._check()
            high = min(low + CHECKED_EVERY - 1, last)
            until = self._ends[high]
            standing = Standing()
            if self._effects:
                newest = self._effects[-1]
                standing = Standing(newest.target, begun=True, level=newest.target_level)
            walked = walk([self._ruling], standing, self._ends[low] - self._period, until)
            # What may be decided early is beyond what is asked for.
            self._effects += [each for each in walked.effects if each.bucket <= until]


_NOWHERE: Place = object()


def placing(definition: Definition) -> Callable[[float], Place]:
    """How a value lies to the limits of a definition: two values that lie alike are breaching or
    not for the same states and levels.
    """
    limits = [definition.threshold, definition.lower, definition.upper, definition.recovery]
    for level in definition.levels:
        limits += [level.threshold, level.lower, level.upper, level.recovery]
    cuts = sorted({limit for limit in limits if limit is not None})
    if len(cuts) == 1:
        (cut,) = cuts
        return lambda value: (value > cut) - (value < cut)

    def place(value: float) -> Place:
        low = bisect_left(cuts, value)
        return low, low < len(cuts) and cuts[low] == value

    return place
