"""What a silence would have muted in the past, and what it would mute now.

Read from the decision logs of the alerts that there are now, through their index, a bounded number
of entries at a time: the answer says where it was cut short.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from skafu.alerts.codec import decision_from
from skafu.alerts.model import Alert, Decision, Effect, InstanceState, Severity, State
from skafu.alerts.paging.model import ALERT_NAME, SEVERITY, Silence, labels_of
from skafu.alerts.silences.firing import FiringNow
from skafu.alerts.silences.windows import FOREVER, Window, as_if_earlier, matching, windows
from skafu.alerts.store import AlertStore
from skafu.alerts.views import severity_of
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.table import Query, Table

ALERTS_AT_ONCE = 50
MAX_ALERTS = 1_000  # looked at for one answer
MAX_ENTRIES = 5_000  # of all logs, for one answer
ENTRIES_PER_ALERT = 1_000
MAX_TRANSITIONS = 500  # told one by one; totals count them all
THREADS = 8

type Position = Mapping[str, str] | None


@dataclass(frozen=True)
class Muted:
    """A transition in a window. `told_later`: somebody fires still when the window ends, and is
    told of then.
    """

    alert: str
    tags: Tags
    at: int
    source: State
    target: State
    severity: Severity
    told_later: bool


@dataclass(frozen=True)
class Total:
    """What would have been muted of one alert. `truncated`: older transitions were not read."""

    alert: str
    name: str
    firings: int
    transitions: int
    truncated: bool


@dataclass(frozen=True)
class Findings:
    """One answer; `after` tells with which alerts it goes on, None when all were looked at.
    `truncated`: it is not all that there is.
    """

    windows: tuple[Window, ...]
    transitions: tuple[Muted, ...]
    totals: tuple[Total, ...]
    firing: tuple[InstanceState, ...]
    truncated: bool
    after: Position


@dataclass(frozen=True)
class _Frame:
    """What is looked for: in which windows of a silence, from `start` up to, and without, `end`."""

    silence: Silence
    spans: Sequence[Window]
    start: int
    end: int

    def window(self, at: int) -> Window | None:
        """The window that a moment of the range is in."""
        place = bisect_right(self.spans, at, key=lambda each: each.start) - 1
        found = self.spans[place] if place >= 0 else None
        return found if found and self.start <= at < min(self.end, found.end) else None


class Past:
    """Looks back in the logs."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._alerts = AlertStore(table)
        self._firing = FiringNow(table)

    def muted(
        self, tenant: str, silence: Silence, start: int, end: int, after: Position
    ) -> Findings:
        """What a silence would have muted in [start, end), had it been there: a recurring one in
        its windows, any other at any time. Alerts come in the order of their ids.
        """
        earlier = as_if_earlier(silence, start)
        frame = _Frame(earlier, windows(earlier, start, end), start, end)
        firing = self._firing.matching(tenant, silence) if after is None else ((), False)
        found, after = self._found(tenant, frame, after)
        return _findings(tuple(frame.spans), found, firing, after)

    def _found(
        self, tenant: str, frame: _Frame, after: Position
    ) -> tuple[list[tuple[Total, list[Muted]]], Position]:
        """What would have been muted of as many alerts as are looked at for one answer."""
        found: list[tuple[Total, list[Muted]]] = []
        entries = looked = 0
        while looked < MAX_ALERTS and entries < MAX_ENTRIES:
            some, after = self._alerts.page(tenant, ALERTS_AT_ONCE, after)
            looked += len(some)
            wanted = [each for each in some if frame.spans and _may_match(frame.silence, each)]
            for count, total, muted in self._of_alerts(tenant, wanted, frame):
                entries += count
                if muted:
                    found.append((total, muted))
            if after is None:
                break
        return found, after

    def _of_alerts(
        self, tenant: str, alerts: Sequence[Alert], frame: _Frame
    ) -> Iterable[tuple[int, Total, list[Muted]]]:
        """For each alert: how many entries of its log were read, and what they tell."""
        if not alerts:
            return []
        with ThreadPoolExecutor(min(THREADS, len(alerts))) as pool:
            logs = pool.map(lambda each: self._log(tenant, each.id, frame.start), alerts)
            return [
                (len(log), *_of_alert(frame, alert, log))
                for alert, log in zip(alerts, logs, strict=True)
            ]

    def _log(self, tenant: str, alert_id: str, start: int) -> list[Decision]:
        """Entries about buckets from `start` on, newest first; one too many if there are more."""
        query = Query(
            keys.history(tenant, alert_id),
            index="GSI1",
            between=(keys.instant(start), keys.instant(FOREVER)),
            ascending=False,
            limit=ENTRIES_PER_ALERT + 1,
        )
        return [decision_from(str(item["body"])) for item in self._table.query_all(query)]


def _may_match(silence: Silence, alert: Alert) -> bool:
    """Whether any instance could match, by what all of them have: it saves reading the others'
    logs.
    """
    if alert.drill_of is not None:
        return False
    matchers = silence.matchers
    fixed = {**alert.labels, ALERT_NAME: alert.name}
    return all(each.tag not in fixed or each.matches(fixed) for each in matchers) and any(
        all(each.matches({SEVERITY: severity}) for each in matchers if each.tag == SEVERITY)
        for severity in _severities(alert)
    )


def _severities(alert: Alert) -> Iterable[Severity]:
    return (alert.severity, *(level.severity for level in alert.definition.levels))


def _of_alert(frame: _Frame, alert: Alert, log: Sequence[Decision]) -> tuple[Total, list[Muted]]:
    """What would have been muted of one alert, newest first."""
    muted: list[Muted] = []
    for decision, effect, over in _effective(islice(log, ENTRIES_PER_ALERT)):
        window = frame.window(effect.bucket)
        if window is not None:
            mine = _muted(alert, decision.tags, effect, _fires_on(effect, over, window))
            if matching(frame.silence, labels_of(alert, mine.tags, mine.severity)):
                muted.append(mine)
    firings = sum(x.target is State.ALARM and x.source is not State.ALARM for x in muted)
    truncated = len(log) > ENTRIES_PER_ALERT
    return Total(alert.id, alert.name, firings, len(muted), truncated), muted


def _muted(alert: Alert, tags: Tags, effect: Effect, told_later: bool) -> Muted:
    fires = effect.target is State.ALARM
    severity = severity_of(alert, effect.target_level if fires else effect.source_level)
    return Muted(alert.id, tags, effect.bucket, effect.source, effect.target, severity, told_later)


def _fires_on(effect: Effect, over: int | None, window: Window) -> bool:
    """Whether what an effect tells fires still when the window ends."""
    if effect.target is not State.ALARM or window.end == FOREVER:
        return False
    return over is None or over >= window.end


def _effective(
    newest_first: Iterable[Decision],
) -> Iterable[tuple[Decision, Effect, int | None]]:
    """What holds of a log: each effect that no later entry replaced, newest first, with the bucket
    in which the instance's firing was over, if it was.
    """
    cuts: dict[str, int] = {}
    over: dict[str, int] = {}
    for decision in newest_first:
        name = decision.instance
        for effect in reversed(decision.effects):
            if effect.bucket < cuts.get(name, FOREVER):
                yield decision, effect, over.get(name)
                if effect.target is not State.ALARM:
                    over[name] = effect.bucket
                elif effect.source is not State.ALARM:
                    over.pop(name, None)
        cuts[name] = min(decision.base, cuts.get(name, decision.base))


def _findings(
    spans: tuple[Window, ...],
    found: Sequence[tuple[Total, list[Muted]]],
    firing: tuple[tuple[InstanceState, ...], bool],
    after: Position,
) -> Findings:
    everything = [each for _, muted in found for each in muted]
    totals = tuple(total for total, _ in found)
    return Findings(
        windows=spans,
        transitions=tuple(everything[:MAX_TRANSITIONS]),
        totals=totals,
        firing=firing[0],
        truncated=(
            len(everything) > MAX_TRANSITIONS
            or any(each.truncated for each in totals)
            or firing[1]
            or after is not None
        ),
        after=after,
    )
