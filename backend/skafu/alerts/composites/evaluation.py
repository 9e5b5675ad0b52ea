"""Evaluating composite alerts: fold what is recorded about their alerts, and write what is missing.

What was recorded about the composite is read before what was about its alerts, as that of other
alerts is read before the points (../evaluation.py), and for the same reason: who reads an older
view finds a newer log, and its guards refuse what would take that back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from skafu.alerts.codec import alert_from
from skafu.alerts.composites.cast import (
    Ruled,
    read_alerts,
    read_marks,
    read_states,
    read_stories,
    ruled,
)
from skafu.alerts.composites.fold import Cast, fold
from skafu.alerts.composites.logic import named
from skafu.alerts.composites.reasons import sentence
from skafu.alerts.endings import Ended, bury, read_ended
from skafu.alerts.journal import Journal, Subject
from skafu.alerts.ledger import Evaluated, Ledger, StateItem
from skafu.alerts.model import Alert, Cause, Decision, State, instance_id
from skafu.alerts.plan import Entry, plan
from skafu.alerts.reasons import corrected
from skafu.alerts.scope import Scope
from skafu.alerts.scribe import Contended, Scribe, Written, delivery_of
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.table import Table

TRIES = 4


@dataclass
class _Round:
    """What is recorded about a composite, what it is folded from, and what came of that."""

    tenant: str
    scope: Scope
    ruled: Ruled
    read_at: int
    alerts: Mapping[str, Alert]
    items: Mapping[Tags, StateItem]
    journals: dict[Tags, Journal]
    cast: Cast = field(default_factory=lambda: Cast(()))
    decisions: list[Decision] = field(default_factory=list)
    clean: bool = True


class Composites:
    """Evaluates composite alerts. `deliver` is told of every decision that others are to hear of,
    as by `Evaluation`.
    """

    def __init__(
        self,
        table: Table,
        ledger: Ledger,
        scribe: Scribe,
        clock: Clock,
        deliver: Callable[[str, str], None],
    ) -> None:
        self._table = table
        self._ledger = ledger
        self._scribe = scribe
        self._clock = clock
        self._deliver = deliver

    def evaluate(self, tenant: str, alert: Alert) -> Evaluated:
        """Bring all instances to where their alerts' say. What is final of all these alerts is
        final of the composite, once it is recorded.

        Raises Contended when others keep changing the same instances, and Unavailable.
        """
        decisions: list[Decision] = []
        for _ in range(TRIES):
            found = self._open(tenant, alert)
            marks = read_marks(self._table, tenant, found.alerts)
            found.cast = Cast(
                read_stories(
                    self._table, self._ledger, tenant, found.alerts.values(), found.ruled.after
                )
            )
            finished = self._write_all(found, self._clock())
            decisions += found.decisions
            if finished:
                whole = found.clean and bool(marks)
                return Evaluated(tuple(decisions), final=min(marks.values()) if whole else None)
            item = self._table.get(keys.alert(tenant, alert.id), consistent=True)
            if item is None:
                return Evaluated(tuple(decisions))
            alert = alert_from(str(item["body"]))
        raise Contended("a composite alert's instances keep changing; try again")

    def _open(self, tenant: str, alert: Alert) -> _Round:
        """Read what is recorded about it."""
        read_at = self._clock()
        scope = self._ledger.scope(tenant, alert)
        versions = scope.ruling(scope.after)
        alerts = read_alerts(self._table, tenant, versions)
        rules = ruled(versions, scope.after, alerts)
        needed = {name for each in rules.versions for name in named(each.definition.expression)}
        items, journals = self._journals(tenant, scope, rules.after)
        mine = {name: each for name, each in alerts.items() if name in needed}
        return _Round(tenant, scope, rules, read_at, mine, items, journals)

    def _journals(
        self, tenant: str, scope: Scope, after: int
    ) -> tuple[dict[Tags, StateItem], dict[Tags, Journal]]:
        """The states of its instances, and what is recorded since `after` of these and of those
        that have ended since.
        """
        alert, journals = scope.head, {}
        items = read_states(self._table, tenant, alert.id)
        ended = {each.tags for each in read_ended(self._table, tenant, alert.id, after)}
        for tags in sorted(items.keys() | ended):
            subject = Subject(tenant, alert, instance_id(tags), tags)
            journals[tags] = self._ledger.journal(subject, items.get(tags), after, scope)
        return items, journals

    def _write_all(self, found: _Round, now: int) -> bool:
        """Fold and write every instance; False when something has changed since it was read."""
        instances = found.cast.instances(found.ruled.versions) | found.journals.keys()
        return all(self._write(found, tags, now) for tags in sorted(instances))

    def _write(self, found: _Round, tags: Tags, now: int) -> bool:
        subject = Subject(found.tenant, found.scope.head, instance_id(tags), tags)
        journal = self._recorded(found, subject)
        if journal is None:
            return False
        folded = fold(
            found.ruled.versions,
            found.cast.of(tags),
            tags,
            journal.standing,
            found.ruled.after,
            now,
        )
        versions = {version.version: version for version in found.scope.versions}
        for entry in plan(subject, journal, folded.effects, versions, self._clock()):
            found.clean = False
            worded = _worded(entry, versions, found.alerts)
            if self._scribe.write(subject, worded, found.read_at) is Written.STALE:
                return False
            found.decisions.append(worded.decision)
            if worded.decision.told:
                self._deliver(found.tenant, delivery_of(worded.decision))
        self._bury(found, subject, folded.alive)
        return True

    def _recorded(self, found: _Round, subject: Subject) -> Journal | None:
        """What is recorded about an instance; None when what was read is out of date."""
        journal = found.journals.get(subject.tags)
        if journal is None:
            journal = self._ledger.journal(subject, None, found.ruled.after, found.scope)
            # It had no state when the states were read. If the log, read later, says that it has
            # one, then somebody decided something in between.
            if journal.last is not None and journal.last.state is not State.INSUFFICIENT_DATA:
                return None
        newer = any(each.version > found.scope.head.version for each in journal.effects)
        return None if newer else journal

    def _bury(self, found: _Round, subject: Subject, alive: bool) -> None:
        """Remove the state of an instance that is over and of which there is nothing to tell."""
        item = found.items.get(subject.tags)
        dark = item is not None and item["state"] == State.INSUFFICIENT_DATA.value
        if item is not None and dark and found.clean and not alive:
            ended = Ended(subject.tags, self._clock())
            bury(self._table, found.tenant, subject.alert.id, subject.instance, item, ended)


def _worded(entry: Entry, versions: Mapping[int, Alert], alerts: Mapping[str, Alert]) -> Entry:
    """The same record, its reason told by the names that the alerts have now."""
    decision = entry.decision
    effect = decision.effects[-1] if decision.effects else None
    expression = versions[effect.version].definition.expression if effect else None
    if effect is None or expression is None:
        return entry
    reason = sentence(expression, effect, {each.id: each.name for each in alerts.values()})
    if decision.cause is Cause.CORRECTION:
        reason = corrected(reason, decision.told)
    return entry._replace(decision=replace(decision, reason=reason))
