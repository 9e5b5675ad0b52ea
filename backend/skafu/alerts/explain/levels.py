"""The further thresholds of an alert, as one decision saw them: pure."""

from collections.abc import Iterator, Sequence

from skafu.alerts.explain import words
from skafu.alerts.explain.model import LevelNow
from skafu.alerts.machine import Bucket, breaching, range_length
from skafu.alerts.model import Alert, State


def levels_of(
    version: Alert, buckets: Sequence[Bucket], state: State, level: int, reached: int
) -> Iterator[LevelNow]:
    """Every further level: what it asks of an instance that was at `level` before the bucket, and
    whether it holds after it, where the instance is at `reached`.
    """
    definition = version.definition
    seen = [x for x in buckets[-range_length(definition) :] if x.value is not None]
    for number, limits in enumerate(definition.levels, start=1):
        there = State.ALARM if state is State.ALARM and level >= number else State.OK
        values = [x.value for x in seen[-definition.evaluation_periods :] if x.value is not None]
        bad = sum(breaching(definition, there, value, number) for value in values)
        asked = words.condition(definition, limits, there is State.ALARM)
        yield LevelNow(number, limits.severity, asked, bad, number <= reached)
