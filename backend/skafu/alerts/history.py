"""The history of an alert, read from its decision log.

The log is never rewritten. A correction replaces what was said about the buckets from its `base`
on, and both stay visible: the correction as events with the cause `correction`, what it replaced
marked as replaced. Events come in the order of the log, newest entry first; the events of one
correction stand together, so some of them may lie before the events that follow.

The log is read through the index, which is a little behind the table (eventually consistent): an
entry may be missing for a moment, never be wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from skafu.alerts.codec import alert_from, decision_from
from skafu.alerts.model import Alert, Datapoint, Decision, Severity, State
from skafu.shared import keys
from skafu.shared.table import Query, Table, Value

OPEN = "open"


@dataclass(frozen=True)
class Event:
    """One transition, or a correction without any: then `source` equals `target`, and the one thing
    it says is that what it replaced was not so.
    """

    at: int
    source: State
    target: State
    version: int
    datapoints: tuple[Datapoint, ...]
    replaced: bool
    decision: Decision
    source_level: int = 0
    target_level: int = 0
    inputs: Mapping[str, State] = field(default_factory=dict)
    source_severity: Severity | None = None
    target_severity: Severity | None = None


@dataclass(frozen=True)
class HistoryPage:
    """Events, and where the list goes on."""

    events: tuple[Event, ...]
    after: Mapping[str, str] | None


class HistoryReader:
    """Reads pages of events."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(
        self, tenant: str, alert_id: str, limit: int, after: Mapping[str, str] | None = None
    ) -> HistoryPage:
        """Events of up to `limit` entries of the log; most entries have one event."""
        log = keys.history(tenant, alert_id)
        replacing = Replacing()
        position = None
        if after is not None:
            position = {name: text for name, text in after.items() if name != OPEN}
            replacing = self._still_open(log, after)
        query = Query(log, index="GSI1", ascending=False, limit=limit, after=position)
        page = self._table.query(query)
        found = [event for item in page.items for event in replacing.read(item)]
        versions = self._versions(tenant, alert_id, found)
        told = tuple(_with_severity(event, versions.get(event.version)) for event in found)
        return HistoryPage(told, replacing.carried(page.after))

    def _versions(self, tenant: str, alert_id: str, events: Iterable[Event]) -> dict[int, Alert]:
        """The versions that know what the levels of these events mean."""
        alarms = (x.version for x in events if State.ALARM in (x.source, x.target))
        named = {keys.alert_version(tenant, alert_id, each): each for each in alarms}
        found = self._table.get_many(named) if named else {}
        return {named[key]: alert_from(str(item["body"])) for key, item in found.items()}

    def _still_open(self, log: str, after: Mapping[str, str]) -> "Replacing":
        """What newer entries replace beyond the page's edge: they are read again, from the newest
        that reaches so far, so that a cursor stays small however many corrections there are.
        """
        replacing = Replacing()
        if OPEN in after:
            between = (after["gsi1sk"], after[OPEN])
            for item in self._table.query_all(
                Query(log, index="GSI1", between=between, ascending=False)
            ):
                replacing.read(item)
        return replacing


def _with_severity(event: Event, alert: Alert | None) -> Event:
    """An event with what its levels mean; a level of an earlier version may be gone."""
    if alert is None:
        return event
    levels = len(alert.definition.levels)

    def severity(state: State, level: int) -> Severity | None:
        return alert.severity_at(min(level, levels)) if state is State.ALARM else None

    return replace(
        event,
        source_severity=severity(event.source, event.source_level),
        target_severity=severity(event.target, event.target_level),
    )


class Replacing:
    """Reads entries newest first and knows from which bucket on each instance was corrected."""

    def __init__(self) -> None:
        self._bases: dict[str, int] = {}
        self._entries: list[tuple[int, str]] = []

    def read(self, item: Mapping[str, Value]) -> Iterable[Event]:
        """The events of one entry, newest first."""
        decision = decision_from(str(item["body"]))
        base = self._bases.get(decision.instance)
        events = [
            Event(
                at=effect.bucket,
                source=effect.source,
                target=effect.target,
                version=effect.version,
                datapoints=effect.datapoints,
                replaced=base is not None and effect.bucket >= base,
                decision=decision,
                source_level=effect.source_level,
                target_level=effect.target_level,
                inputs=effect.inputs,
            )
            for effect in reversed(decision.effects)
        ]
        if not events:
            replaced = base is not None and decision.bucket >= base
            events = [
                Event(
                    at=decision.bucket,
                    source=decision.source,
                    target=decision.target,
                    version=decision.version,
                    datapoints=(),
                    replaced=replaced,
                    decision=decision,
                    source_level=decision.source_level,
                    target_level=decision.target_level,
                )
            ]
        self._bases[decision.instance] = min(decision.base, base or decision.base)
        self._entries.append((decision.base, str(item["gsi1sk"])))
        return events

    def carried(self, after: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """The position `after` a page, with the newest entry that may replace something beyond."""
        if after is None:
            return None
        edge = keys.history_end(after["gsi1sk"])
        reaching = (sk for base, sk in self._entries if base <= edge)
        return {**after, OPEN: max(reaching, default=after["gsi1sk"])}
