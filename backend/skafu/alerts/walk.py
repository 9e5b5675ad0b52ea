"""One instance through its buckets, in order, as far as they are closed: `decide`, folded.

The walk is a pure function of what was read, and so of the stored points alone once every bucket is
closed: whoever walks, and how often, comes to the same effects. What has been recorded so far
(`known`) only matters in buckets that are still open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from skafu.alerts.machine import Bucket, Closing, decide, early, may_settle
from skafu.alerts.model import Alert, Cause, Effect, State
from skafu.alerts.points import SECOND_MS, end_after, period_ms

FOREVER = 1 << 62


class Readings(Protocol):
    """What a walk needs of an instance's points under one version (`samples.Samples`). Buckets are
    named by their ends; asking for one that is not covered raises LookupError.
    """

    def covers(self, end: int) -> bool:
        """Whether the bucket was read."""

    def value(self, end: int) -> float | None:
        """What is compared of the bucket; None is no data."""

    def window(self, end: int) -> Sequence[Bucket]:
        """The `machine.window_length` buckets that a decision looks at, oldest first, with the
        values that are compared.
        """

    def complete(self, end: int) -> bool:
        """Whether all data that the bucket waits for have come."""

    def stirs(self, end: int) -> bool:
        """Whether the close of the bucket may change the state."""


@dataclass(frozen=True)
class Ruling:
    """One version of the alert, and what it sees of the instance: None when no series that is known
    belongs to the instance under this version.
    """

    alert: Alert
    samples: Readings | None


@dataclass(frozen=True)
class Standing:
    """Where an instance is before the first bucket of a walk.

    It has begun when something was decided about it. Before that, only a bucket that has a point
    in its evaluation range is decided: an instance begins with an on-time point.
    """

    state: State = State.INSUFFICIENT_DATA
    begun: bool = False
    level: int = 0


@dataclass(frozen=True)
class Walked:
    """What a walk found.

    The first bucket that is not closed is [open_start, open_end), and `due` is when its grace runs
    out; `stirring` tells that its close may change the state, as there are points around.
    """

    effects: tuple[Effect, ...]
    state: State
    open_start: int
    open_end: int
    due: int
    stirring: bool
    level: int = 0


class _Walk:
    """The fold's state while it runs."""

    def __init__(self, standing: Standing, now: int, known: Sequence[Effect]) -> None:
        self.state = standing.state
        self.level = standing.level
        self.begun = standing.begun
        self.now = now
        self.effects: list[Effect] = []
        self._known = {effect.bucket: effect for effect in known}
        # Once closed, closed for ever: a layout that turns up late, or a server whose clock is a
        # little behind, must not take back what was decided in the buckets after it. Who decides a
        # bucket early has closed those before it.
        self._decided = max((e.bucket - (e.cause is Cause.EARLY) for e in known), default=0)

    def unborn(self, ruling: Ruling, end: int) -> bool:
        """Whether the bucket decides nothing whenever it closes, and so need not be waited for: it
        has ended, and there is no instance yet.
        """
        if self.begun or end > self.now:
            return False
        return ruling.samples is None or not _has_points(ruling.samples.window(end))

    def closed(self, ruling: Ruling, end: int) -> Cause | None:
        """Why the bucket may be decided now; None while it is open."""
        if end > self.now:
            return None
        if ruling.samples is not None and ruling.samples.complete(end):
            return Cause.DATA
        if self.now >= end + ruling.alert.definition.grace * SECOND_MS:
            return Cause.CLOCK
        if end <= self._decided:
            return self._known[end].cause if end in self._known else Cause.CLOCK
        return None

    def close(self, ruling: Ruling, end: int, cause: Cause) -> None:
        """Decide a closed bucket."""
        if ruling.samples is None:
            self._end(ruling, end, cause)
            return
        window = ruling.samples.window(end)
        closing = Closing(end, cause, ruling.alert.version)
        _, effect = decide(ruling.alert.definition, self.state, window, closing, self.level)
        if effect:
            self._add(effect)

    def early(self, ruling: Ruling, end: int) -> None:
        """Decide an open bucket if nothing can undo it."""
        known = self._known.get(end)
        if effect := self._sure(ruling, end):
            self._add(effect)
        elif known is not None and self._follows(known):
            # Decided early under another version or by points that this walk does not see, or by
            # a server whose clock is ahead: it stands until the bucket closes.
            self._add(known)
        if end > self.now:
            # By another server's clock it has ended: what was decided since then stands as well.
            for bucket in sorted(bucket for bucket in self._known if bucket > end):
                if self._follows(self._known[bucket]):
                    self._add(self._known[bucket])

    def _follows(self, effect: Effect) -> bool:
        return (effect.source, effect.source_level) == (self.state, self.level)

    def _sure(self, ruling: Ruling, end: int) -> Effect | None:
        definition, samples = ruling.alert.definition, ruling.samples
        begun = end - period_ms(definition) <= self.now
        if samples is None or not begun or not samples.covers(end):
            return None
        if not may_settle(definition, self.state, self.level):
            return None  # before its points are reduced
        closing = Closing(end, Cause.EARLY, ruling.alert.version)
        return early(definition, self.state, samples.window(end), closing, self.level)

    def _end(self, ruling: Ruling, end: int, cause: Cause) -> None:
        """No series belongs to the instance any more: it is over, whatever its state was."""
        if self.state is not State.INSUFFICIENT_DATA:
            over = State.INSUFFICIENT_DATA
            version, level = ruling.alert.version, self.level
            self._add(Effect(end, self.state, over, cause, version, source_level=level))
        self.begun = False

    def _add(self, effect: Effect) -> None:
        self.effects.append(effect)
        self.state, self.level = effect.target, effect.target_level
        self.begun = True

    def stopped(self, ruling: Ruling, end: int) -> Walked:
        """The walk's result, when it has come to an open bucket."""
        due = end + ruling.alert.definition.grace * SECOND_MS
        stirring = ruling.samples is not None and ruling.samples.stirs(end)
        start = end - period_ms(ruling.alert.definition)
        effects = tuple(self.effects)
        return Walked(effects, self.state, start, end, due, stirring, self.level)


def walk(
    rulings: Sequence[Ruling],
    standing: Standing,
    after: int,
    now: int,
    known: Sequence[Effect] = (),
) -> Walked:
    """Decide the buckets that end after `after`, as far as they are closed at `now`.

    `rulings` are the versions in order: each rules the buckets that end after its edit and not
    after the next one's. `standing` is where the instance is at `after`, and `known` are the
    effects recorded since. Times are epoch milliseconds.
    """
    fold = _Walk(standing, now, known)
    for ruling, end in _buckets(rulings, after):
        if fold.unborn(ruling, end):
            continue
        cause = fold.closed(ruling, end)
        if cause is None:
            # In order: nothing is decided beyond an open bucket.
            fold.early(ruling, end)
            return fold.stopped(ruling, end)
        fold.close(ruling, end, cause)
    raise AssertionError("the last version rules for ever")


def _buckets(rulings: Sequence[Ruling], after: int) -> Iterator[tuple[Ruling, int]]:
    """The buckets that end after `after`, without end, each with the version that rules it."""
    ends = [ruling.alert.edited_at for ruling in rulings[1:]] + [FOREVER]
    for ruling, until in zip(rulings, ends, strict=True):
        period = period_ms(ruling.alert.definition)
        end = end_after(max(after, ruling.alert.edited_at), period)
        while end <= until:
            yield ruling, end
            end += period


def _has_points(window: Sequence[Bucket]) -> bool:
    return any(bucket.value is not None for bucket in window)
