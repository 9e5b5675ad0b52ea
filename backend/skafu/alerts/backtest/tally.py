"""What effects come to: transitions, tellings, time in ALARM."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from skafu.alerts.backtest.model import Backtested, Difference, InstanceTotal, Transition
from skafu.alerts.model import Alert, Effect, State
from skafu.metrics.model import Tags

SECOND_MS = 1000


def tally(
    alert: Alert,
    start: int,
    end: int,
    histories: Mapping[Tags, Sequence[Effect]],
    *,
    buckets: int = 0,
    points: int = 0,
    warnings: Iterable[str] = (),
) -> Backtested:
    """Put together what came of each instance in [start, end)."""
    kept = {tags: tuple(some) for tags, some in sorted(histories.items())}
    found = [total(alert, tags, effects, end) for tags, effects in kept.items()]
    found.sort(key=lambda each: (-each.pages, -each.seconds_in_alarm, each.tags))
    moves = [_transition(alert, tags, x) for tags, effects in kept.items() for x in effects]
    return Backtested(
        alert=alert,
        start=start,
        end=end,
        histories=kept,
        transitions=tuple(sorted(moves, key=lambda each: (each.at, each.tags))),
        instances=tuple(found),
        pages=sum(each.pages for each in found),
        seconds_in_alarm=sum(each.seconds_in_alarm for each in found),
        buckets=buckets,
        points=points,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _transition(alert: Alert, tags: Tags, effect: Effect) -> Transition:
    fired = effect.target is State.ALARM
    level = effect.target_level if fired else effect.source_level
    severity = alert.severity_at(level)
    return Transition(
        effect.bucket, tags, effect.source, effect.target, severity, effect.target_level
    )


def total(alert: Alert, tags: Tags, effects: Sequence[Effect], end: int) -> InstanceTotal:
    """What came of one instance up to `end`."""
    return InstanceTotal(
        tags=tags,
        state=effects[-1].target if effects else State.INSUFFICIENT_DATA,
        transitions=len(effects),
        pages=pages(effects, alert.cooldown, end),
        seconds_in_alarm=seconds_in_alarm(effects, end),
    )


def seconds_in_alarm(effects: Sequence[Effect], end: int) -> int:
    """From each beginning of an alarm to its end, the last one to `end`."""
    edges = [(each.bucket, each.target) for each in effects] + [(end, State.OK)]
    alarmed = (after - at for (at, state), (after, _) in pairwise(edges) if state is State.ALARM)
    return sum(alarmed) // SECOND_MS


def pages(effects: Iterable[Effect], cooldown: int, end: int) -> int:
    """How often somebody would have been told that the instance fires, up to `end`.

    Told is each beginning of an alarm, and each rise to a graver level. What begins less than
    `cooldown` seconds after the last beginning that was told is told when these are over, if it
    still fires; a rise of what was told is told at once.
    """
    told, last, held = 0, None, None
    for effect in effects:
        if held is not None and held <= effect.bucket:
            told, last, held = told + 1, held, None
        if effect.target is not State.ALARM:
            held = None
        elif effect.source is not State.ALARM:
            if last is None or effect.bucket >= last + cooldown * SECOND_MS:
                told, last = told + 1, effect.bucket
            else:
                held = last + cooldown * SECOND_MS
        elif effect.target_level > effect.source_level and held is None:
            told += 1
    return told + (held is not None and held <= end)


def difference(before: Backtested, after: Backtested) -> Difference:
    """What the later one does otherwise."""
    mine, others = ({_key(x): x for x in each.transitions} for each in (before, after))
    return Difference(
        pages=(before.pages, after.pages),
        seconds_in_alarm=(before.seconds_in_alarm, after.seconds_in_alarm),
        only_before=tuple(x for key, x in mine.items() if key not in others),
        only_after=tuple(x for key, x in others.items() if key not in mine),
    )


def _key(each: Transition) -> tuple[object, ...]:
    return each.at, each.tags, each.source, each.target, each.severity
