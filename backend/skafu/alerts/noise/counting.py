"""From the log of one alert to what is counted of it: pure."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median_low

from skafu.alerts.backtest.tally import pages
from skafu.alerts.model import Alert, Cause, Decision, Effect, State
from skafu.alerts.noise.hours import Hours
from skafu.alerts.noise.model import Counted, Firing

SECOND_MS = 1000

FLAP_WINDOWS = 2
"""A flap is a firing that is over within so many times the alert's window (N periods)."""


def standing(newest_first: Iterable[Decision]) -> dict[str, list[Effect]]:
    """The effects that no later entry replaced, by instance, oldest first."""
    found: dict[str, list[Effect]] = {}
    cuts: dict[str, int] = {}
    for decision in newest_first:
        if decision.cause is Cause.LATE:
            continue  # a mark beside the log
        name = decision.instance
        cut = cuts.get(name)
        mine = found.setdefault(name, [])
        mine += [x for x in reversed(decision.effects) if cut is None or x.bucket < cut]
        cuts[name] = decision.base if cut is None else min(cut, decision.base)
    return {name: effects[::-1] for name, effects in found.items()}


def counted(
    alert: Alert,
    newest_first: Iterable[Decision],
    start: int,
    end: int,
    hours: Hours,
    truncated: bool = False,
) -> Counted:
    """What an alert did in [start, end), by the entries of its log about these buckets."""
    effects = {
        name: [x for x in some if start <= x.bucket < end]
        for name, some in standing(newest_first).items()
    }
    firings = [each for name, some in effects.items() for each in _firings(name, some)]
    open_ms = [(end if each.ended is None else each.ended) - each.began for each in firings]
    by_instance = {name: pages(some, alert.cooldown, end) for name, some in effects.items()}
    return Counted(
        alert=alert,
        pages=sum(by_instance.values()),
        transitions=sum(map(len, effects.values())),
        firings=tuple(sorted(firings, key=lambda each: (each.began, each.instance))),
        flaps=sum(_flapped(alert, each) for each in firings),
        open_seconds=sum(open_ms) // SECOND_MS,
        median_open_seconds=median_low(open_ms) // SECOND_MS if open_ms else None,
        out_of_hours=sum(not hours.worked(each.began) for each in firings),
        truncated=truncated,
        by_instance={name: count for name, count in by_instance.items() if count},
    )


def _firings(instance: str, effects: Sequence[Effect]) -> Iterator[Firing]:
    began: int | None = None
    for effect in effects:
        if effect.target is State.ALARM:
            began = effect.bucket if began is None and effect.source is not State.ALARM else began
        elif began is not None:
            yield Firing(instance, began, effect.bucket)
            began = None
    if began is not None:
        yield Firing(instance, began, None)


def _flapped(alert: Alert, firing: Firing) -> bool:
    definition = alert.definition
    window = definition.evaluation_periods * definition.period * SECOND_MS
    return firing.ended is not None and firing.ended - firing.began <= FLAP_WINDOWS * window
