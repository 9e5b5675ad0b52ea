"""Why one bucket left an instance where it did, and what it would have taken otherwise: pure, by
the machine that decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from skafu.alerts.explain import words
from skafu.alerts.machine import (
    SILENT,
    Bucket,
    Closing,
    breaching,
    decide,
    documented,
    range_length,
)
from skafu.alerts.model import Cause, Definition, Kind, MissingData, State
from skafu.alerts.reasons import number


class Why(StrEnum):
    """What decided, in a word."""

    NOT_MADE = "not_made"  # the alert was made later
    NOT_RULED = "not_ruled"  # its version rules later periods only
    NOT_CLOSED = "not_closed"  # the period is still open
    NOT_BEGUN = "not_begun"  # there is no instance yet: no data ever came in time
    OVER = "over"  # no series belongs to the instance
    UNKNOWN = "unknown"  # the points are not there any more, and nothing was recorded
    TRANSITION = "transition"  # the state or its level changed
    NO_DATA = "no_data"
    FINE = "fine"  # nothing was breaching
    TOO_FEW = "too_few"  # fewer periods were breaching than are needed
    PREMATURE = "premature"  # only breaching data, but too few of them yet
    BREACHING = "breaching"  # in ALARM, and rightly
    RECOVERY = "recovery"  # in ALARM: the value has not come back past the recovery threshold
    SILENCE_HOLDS = "silence_holds"  # in ALARM: data stopped, and silence never resolves
    KEPT_FIRING = "kept_firing"  # in ALARM: fine, but not for long enough
    INPUTS = "inputs"  # a composite: by the states of its alerts


@dataclass(frozen=True)
class Verdict:
    """`sentence` says why, without naming states; `would_take` what would have made it fire or, in
    ALARM, resolve. `target` and `level` are what the points say today.
    """

    why: Why
    sentence: str
    would_take: str | None
    target: State
    level: int


def judge(definition: Definition, buckets: Sequence[Bucket], state: State, level: int) -> Verdict:
    """Decide a bucket, the last of these, from the state before it, and say why."""
    closing = Closing(buckets[-1].end, Cause.CLOCK, 0)
    target, effect = decide(definition, state, buckets, closing, level)
    risen = level if effect is None else effect.target_level
    judging = _Judging(definition, buckets, state)
    if definition.kind is Kind.HEARTBEAT:
        why, sentence, would_take = judging.heartbeat(target)
    elif target is State.ALARM:
        why, sentence, would_take = judging.alarm()
    else:
        why, sentence, would_take = judging.quiet()
    if effect is not None:
        why = Why.TRANSITION
    return Verdict(why, sentence, would_take, target, risen)


type _Said = tuple[Why, str, str | None]


class _Judging:
    """One evaluation range, for an instance in one state."""

    def __init__(self, definition: Definition, buckets: Sequence[Bucket], state: State) -> None:
        self._definition = definition
        self._state = state
        self._range = buckets[-range_length(definition) :]
        self._value = buckets[-1].value
        self._n, self._m = definition.evaluation_periods, definition.datapoints_to_alarm
        self._marks = [self._mark(bucket.value) for bucket in self._range]
        self._real = [mark for mark in self._marks if mark is not None]

    def _mark(self, value: float | None) -> bool | None:
        if value is None or self._definition.kind is Kind.HEARTBEAT:
            return None if value is None else False
        return breaching(self._definition, self._state, value)

    @property
    def _counted(self) -> list[bool]:
        """The marks that count: of the last N periods with data."""
        return self._real[-self._n :]

    @property
    def _bad(self) -> int:
        """How many of them are breaching, missing ones included where they count so."""
        missing = max(0, self._n - len(self._real))
        adds = self._definition.missing_data is MissingData.BREACHING
        return sum(self._counted) + (missing if adds else 0)

    def heartbeat(self, target: State) -> _Said:
        """Whether data came at all."""
        came = len(self._real)
        periods = words.counted(self._n, "period")
        if target is State.ALARM:
            told = f"no data came in the last {periods}"
            return Why.NO_DATA, told, "a single point had to come"
        told = f"data came in {came} of the last {periods}"
        return Why.FINE, told, f"all of the last {periods} had to be without data"

    # --- not in ALARM -----------------------------------------------------------------------------

    def quiet(self) -> _Said:
        """Why it does not fire."""
        metric, length = self._definition.metric, len(self._marks)
        if not self._real:
            told = f"{metric} had no data in the last {words.counted(length, 'period')}"
            return Why.NO_DATA, told, self._would_fire()
        limit = words.condition(self._definition, self._definition, False)
        if not self._bad:
            return Why.FINE, f"{self._newest()}; nothing was {limit}", self._would_fire()
        only_bad = all(self._real) and len(self._real) < self._n
        silent = self._definition.missing_data in SILENT
        counted = words.counted(len(self._counted), "period")
        told = f"{self._newest()}; {limit} in {self._bad} of the last {counted} with data"
        told += f", and {self._m} are needed" if self._m > 1 else ""
        why = Why.PREMATURE if only_bad and silent and self._bad < self._m else Why.TOO_FEW
        return why, told, self._would_fire()

    def _newest(self) -> str:
        """What the newest period had."""
        what = f"{self._definition.statistic} of {self._definition.metric}"
        if self._definition.transform is not None:
            what = f"what is compared of {self._definition.metric}"
        return f"{what} had no data" if self._value is None else f"{what} was {number(self._value)}"

    def _would_fire(self) -> str:
        limit = words.condition(self._definition, self._definition, False)
        more = max(1, self._m - self._bad)
        have = "was" if self._bad == 1 else "were"
        periods = words.counted(self._n, "period")
        return (
            f"{self._m} of {periods} had to be breaching, {self._bad} {have}: the value had to be "
            f"{limit} in {words.counted(more, 'more period')}"
        )

    # --- in ALARM ---------------------------------------------------------------------------------

    def alarm(self) -> _Said:
        """Why it fires, or goes on to."""
        definition = self._definition
        alarmed = self._state is State.ALARM
        limit = words.condition(definition, definition, alarmed)
        counted = words.counted(min(self._n, max(len(self._counted), 1)), "period")
        told = f"{self._newest()}; {limit} in {sum(self._counted)} of the last {counted} with data"
        if definition.missing_data is MissingData.BREACHING and len(self._real) < self._n:
            told += f", and {self._n - len(self._real)} without data count as breaching"
        if not alarmed:
            return Why.BREACHING, told, None
        if documented(definition, self._marks) is not State.ALARM:
            return self._held(told)
        newest = self._value is not None and not breaching(definition, State.OK, self._value)
        if newest and self._marks[-1]:
            back = words.fine(definition)
            told = f"{self._newest()}, which is not {back}: it has not come back far enough"
            return Why.RECOVERY, told, self._would_resolve()
        return Why.BREACHING, told, self._would_resolve()

    def _held(self, told: str) -> _Said:
        """It would be fine, but it is kept in ALARM."""
        definition = self._definition
        if self._marks[-1] is None and definition.missing_data in SILENT:
            told = f"{self._newest()}, and silence never resolves an alarm"
            return Why.SILENCE_HOLDS, told, self._would_resolve()
        if documented(definition, self._marks) is State.OK:
            kept = words.duration(definition.keep_firing)
            told = f"{told}: fine, but not yet for {kept} (keep_firing)"
            return Why.KEPT_FIRING, told, f"all had to be fine for {kept}"
        return Why.BREACHING, told, self._would_resolve()

    def _would_resolve(self) -> str:
        fine, spare = words.fine(self._definition), self._n - self._m + 1
        periods = words.counted(self._n, "period")
        return f"to resolve, the value had to be {fine} in {spare} of the last {periods}"
