"""When a silence mutes: pure. Times are epoch milliseconds.

A recurring silence follows the clock on the wall of its time zone: what begins at 22:00 begins at
22:00 in winter and in summer. A time that a change to summer time leaves out counts as the moment
that the old offset gives it; of a time that comes twice the first one counts (RFC 5545, 3.3.5).
Its length is exact: eight hours are eight hours in every night.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from skafu.alerts.paging.model import Labels, Silence
from skafu.alerts.silences import recurrence
from skafu.shared.keys import DAY_MS

FOREVER = 10**13 - 1
"""The last moment that a key can name: as long as it takes."""

AHEAD_MS = 8 * DAY_MS
"""How far windows that touch each other are followed. Whoever asks again at the moment that was
answered then learns how it goes on."""

MAX_WINDOWS = 10_000


class Window(NamedTuple):
    """Times from `start` up to, and without, `end`."""

    start: int
    end: int


class Status(StrEnum):
    """Where a silence is: muting, not muting now but later, or over."""

    ACTIVE = "active"
    PENDING = "pending"
    ENDED = "ended"


def matching(silence: Silence, labels: Labels) -> bool:
    """Whether a silence is about an instance with these labels, at whatever time."""
    return all(each.matches(labels) for each in silence.matchers)


def mutes(silence: Silence, labels: Labels, began: int, now: int) -> int | None:
    """Until when a silence mutes an instance that has been firing since `began`: the moment at
    which it stops, as far as is known; FOREVER where that is when the instance is resolved; None
    when it does not mute it now.
    """
    if not matching(silence, labels):
        return None
    # "What was firing then": the next firing of the same instance began later.
    if silence.until_resolved and began > silence.starts_at and began not in silence.early:
        return None
    return muting_until(silence, now)


def muting_until(silence: Silence, now: int) -> int | None:
    """The same as far as time alone decides."""
    end = _end(silence)
    if not silence.starts_at <= now < end:
        return None
    return end if silence.rrule is None else _recurring_until(silence, end, now)


@lru_cache(maxsize=1_000)
def _recurring_until(silence: Silence, end: int, now: int) -> int | None:
    """Remembered, because all who are to be told at a moment ask for the same."""
    until = now
    while until <= min(end, now + AHEAD_MS):
        length = silence.duration * 1000
        # Those that have begun by then and last beyond it: windows may overlap or touch.
        starts = recurrence.starts(silence, until - length + 1, until + 1)
        if not starts:
            break
        until = max(starts) + length
    return min(until, end) if until > now else None


def windows(silence: Silence, start: int, end: int, at_most: int = MAX_WINDOWS) -> Sequence[Window]:
    """The first windows that meet [start, end), in order; those that overlap or touch are one."""
    last = _end(silence)
    if silence.rrule is None:
        whole = Window(silence.starts_at, last)
        return [whole] if whole.start < min(end, whole.end) and start < whole.end else []
    length = silence.duration * 1000
    asked = at_most + 1
    while True:
        begun = recurrence.starts(silence, start - length + 1, min(end, last), asked)
        found = [each for each in _merged(begun, length, last) if start < each.end]
        # The last of those that were cut off may go on.
        if len(begun) < asked or len(found) > at_most or asked > MAX_WINDOWS:
            return found[:at_most]
        asked *= 4


def _merged(begun: Sequence[int], length: int, last: int) -> list[Window]:
    found: list[Window] = []
    for at in begun:
        window = Window(at, min(at + length, last))
        if found and window.start <= found[-1].end:
            found[-1] = Window(found[-1].start, max(found[-1].end, window.end))
        else:
            found.append(window)
    return found


def last_moment(silence: Silence) -> int | None:
    """From when on a silence mutes nothing any more; None: that is not known."""
    last = _end(silence)
    if silence.rrule is not None:
        final = recurrence.last_start(silence)
        last = last if final is None else min(last, final + silence.duration * 1000)
    return None if last == FOREVER else last


def status(silence: Silence, now: int) -> Status:
    """Where a silence is now; one until resolved counts as active as long as nobody ends it."""
    if muting_until(silence, now) is not None:
        return Status.ACTIVE
    last = last_moment(silence)
    return Status.PENDING if last is None or now < last else Status.ENDED


def as_if_earlier(silence: Silence, start: int) -> Silence:
    """The silence as it would be if it had begun before `start`, for looking back: a recurring one
    with its windows of then, any other at every time. How often it recurs is not counted.
    """
    if silence.rrule is None:
        return replace(silence, starts_at=start, ends_at=None, until_resolved=False)
    return recurrence.rewound(replace(silence, ends_at=None), start)


def _end(silence: Silence) -> int:
    ends = (silence.ends_at, silence.ended_at)
    return min((each for each in ends if each is not None), default=FOREVER)
