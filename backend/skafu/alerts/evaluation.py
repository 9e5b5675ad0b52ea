"""Evaluating alerts: read what is recorded, then the points, walk, plan, and write what is missing;
again where something changed in between.

Who evaluates, and how often, changes nothing: what is recorded is a function of the stored points,
and the guards of scribe.py let no older view overwrite a newer one. For that the log must be read
*before* the points: a view whose log is newer than its points would take back what others have
decided by points that it has not seen.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched, groupby

from skafu.alerts.cases import MOST_QUARTERS, Case, fill, lagging, open_cases, remember
from skafu.alerts.composites.evaluation import Composites
from skafu.alerts.endings import Ended, bury
from skafu.alerts.journal import Journal, Subject
from skafu.alerts.ledger import Ask, Evaluated, Ledger, Opened, StateItem
from skafu.alerts.learning import Baselines, PointReader
from skafu.alerts.memory import Memory
from skafu.alerts.codec import alert_from
from skafu.alerts.model import Decision, Kind, State
from skafu.alerts.plan import plan
from skafu.alerts.points import Memberships, PointSource
from skafu.alerts.scope import Scope
from skafu.alerts.scribe import Contended, Scribe, Written, delivery_of, ends
from skafu.alerts.snapshot import Snapshot
from skafu.alerts.walk import Walked, walk
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.table import Table

TRIES = 4

TOGETHER = 50
"""So many alerts share their reading of what is recorded and of the points."""

FRESH_MS = 5_000
"""What was read longer ago is read again: half of the write deadline is left for writing."""


@dataclass
class _Round:
    """What one round over an alert's instances has found."""

    opened: Opened
    scope: Scope
    now: int
    decisions: list[Decision] = field(default_factory=list)
    dues: set[int] = field(default_factory=set)
    stale: bool = False
    clean: bool = True
    width: int = 0


class Evaluation:
    """Evaluates alerts over a table and a source of points.

    `deliver` is told (tenant, delivery id) when a decision that somebody is to hear of has been
    committed; it must not raise: the sweeper resends what was not handed over. `pause` is called
    with the number of the try before a conflicting transaction is tried again. `most` is how many
    quarters of an hour of layouts may be read for one alert. With a `reader` baselines are learnt
    that are missing; without one, instances that need them are left to who has one.
    """

    def __init__(
        self,
        table: Table,
        source: PointSource,
        clock: Clock,
        deliver: Callable[[str, str], None],
        pause: Callable[[int], None],
        most: int = MOST_QUARTERS,
        reader: PointReader | None = None,
    ) -> None:
        self.memory = Memory()
        self.ledger = Ledger(table, clock, self.memory)
        self._memberships = Memberships()
        self._table = table
        self._source = source
        self._clock = clock
        self._deliver = deliver
        self._most = most
        self._scribe = Scribe(table, clock, pause)
        self._composites = Composites(table, self.ledger, self._scribe, clock, deliver)
        self._baselines = Baselines(table, clock, reader)

    def evaluate(self, tenant: str, ask: Ask) -> Evaluated:
        """Decide what can be decided, and record it.

        Raises Contended when others keep changing the same instances, and Unavailable when the
        table or the points cannot be reached.
        """
        if _composite(ask):
            return self._composites.evaluate(tenant, ask.alert)
        opened = self.ledger.open(tenant, [ask])[0]
        return self._finish(opened, self._snapshot(tenant))

    def evaluate_all(
        self, tenant: str, asks: Iterable[Ask]
    ) -> Iterator[tuple[Ask, Evaluated | Exception]]:
        """Several asks one after another, reading together what they share; each with what came of
        it or, so that one's trouble is not the others', what it raised.
        """
        for composite, some in groupby(asks, _composite):
            if composite:
                yield from ((ask, self._outcome(tenant, ask)) for ask in some)
            else:
                yield from self._together(tenant, some)

    def _together(
        self, tenant: str, asks: Iterable[Ask]
    ) -> Iterator[tuple[Ask, Evaluated | Exception]]:
        for some in batched(asks, TOGETHER):
            try:
                opened = self.ledger.open(tenant, some)
            except Unavailable as trouble:
                yield from ((ask, trouble) for ask in some)
                continue
            snapshot = self._snapshot(tenant)
            for each in opened:
                fresh = self._clock() - each.read_at <= FRESH_MS
                prepared = (each, snapshot) if fresh else None
                yield each.ask, self._outcome(tenant, each.ask, prepared)

    def _outcome(
        self, tenant: str, ask: Ask, prepared: tuple[Opened, Snapshot] | None = None
    ) -> Evaluated | Exception:
        try:
            return self._finish(*prepared) if prepared else self.evaluate(tenant, ask)
        except Exception as trouble:  # pylint: disable=broad-exception-caught # handed over
            return trouble

    def _snapshot(self, tenant: str) -> Snapshot:
        return Snapshot(self._source, tenant, self._clock())

    def _finish(self, opened: Opened, snapshot: Snapshot) -> Evaluated:
        tenant, ask = opened.tenant, opened.ask
        decisions: list[Decision] = []
        for _ in range(TRIES):
            found = self._round(opened, snapshot)
            decisions += found.decisions
            if not found.stale:
                whole = found.clean and ask.only is None and not ask.lagging
                final = found.scope.final(found.now) if whole else None
                return Evaluated(tuple(decisions), frozenset(found.dues), final, found.width)
            # Something has changed since it was read: everything is read again.
            item = self._table.get(keys.alert(tenant, ask.alert.id), consistent=True)
            if item is None:
                return Evaluated(tuple(decisions))
            again = Ask(alert_from(str(item["body"])), ask.only, ask.lagging)
            opened = self.ledger.open(tenant, [again])[0]
            snapshot = self._snapshot(tenant)
        raise Contended("an alert's instances keep changing; try again")

    def _round(self, opened: Opened, snapshot: Snapshot) -> _Round:
        if opened.trouble is not None:
            raise opened.trouble
        if opened.scope is None or snapshot.taken_at < opened.read_at:
            raise ValueError("the points must be read after what is recorded")
        found = _Round(opened, opened.scope, snapshot.taken_at)
        known, only = opened.items.keys(), opened.ask.only
        cases = open_cases(found.scope, snapshot, self.memory, self._memberships, known, only)
        found.width = len({layout for case in cases for layout in case.layouts})
        if opened.ask.lagging:
            cases = lagging(cases, snapshot)
        ready = self._baselines.provide(opened.tenant, cases, found.now)
        # Others wait for what is usual to be learnt: no bucket of theirs is decided until then.
        found.clean = len(ready) == len(cases)
        cases = ready
        fill(cases, snapshot, self._most)
        for case in cases:
            self._case(case, found)
        return found

    def _case(self, case: Case, found: _Round) -> None:
        """Walk one instance and write what its log lacks."""
        journal = self._recorded(case, found)
        if journal is None:
            found.stale = True
            return
        walked = walk(case.rulings, journal.standing, case.after, found.now, journal.effects)
        versions = {version.version: version for version in found.scope.versions}
        entries = plan(case.subject, journal, walked.effects, versions, self._clock())
        if found.opened.ask.only is not None and any(ends(entry.decision) for entry in entries):
            return  # the sweeper alone removes states
        for entry in entries:
            if self._scribe.write(case.subject, entry, found.opened.read_at) is Written.STALE:
                found.stale = True
                return
            found.decisions.append(entry.decision)
            if entry.decision.told:
                self._deliver(case.subject.tenant, delivery_of(entry.decision))
        self._conclude(case, walked, not entries, found)

    def _recorded(self, case: Case, found: _Round) -> Journal | None:
        """What is recorded about an instance; None when what was read is out of date."""
        journal = found.opened.journals.get(case.subject.tags)
        if journal is None and case.empty:
            return Journal()  # it has not begun, and does not now
        if journal is None:
            journal = self.ledger.journal(case.subject, None, case.after, found.scope)
            # It had no state when the states were read. If the log, read later, says that it has
            # one, then somebody decided something in between.
            if journal.last is not None and journal.last.state is not State.INSUFFICIENT_DATA:
                return None
        # Somebody has decided by a newer version of the alert than the one at hand.
        newer = any(e.version > found.scope.head.version for e in journal.effects)
        return None if newer else journal

    def _conclude(self, case: Case, walked: Walked, clean: bool, found: _Round) -> None:
        subject = case.subject
        remembered = remember(case, found.scope, walked, clean, found.now)
        self.memory.put(subject.tenant, subject.alert.id, subject.instance, remembered)
        found.clean = found.clean and clean
        if walked.stirring:
            found.dues.add(walked.due)
        orphan = found.scope.head.version not in case.feeds
        if clean and orphan and walked.state is State.INSUFFICIENT_DATA:
            self._bury(subject, found.opened.items.get(subject.tags))

    def _bury(self, subject: Subject, item: StateItem | None) -> None:
        """Remove the state of an instance that is over and of which there is nothing to tell."""
        if item is not None:
            ended = Ended(subject.tags, self._clock())
            bury(self._table, subject.tenant, subject.alert.id, subject.instance, item, ended)


def _composite(ask: Ask) -> bool:
    return ask.alert.definition.kind is Kind.COMPOSITE
