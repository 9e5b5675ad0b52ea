"""Evaluating alerts: read what is recorded, then the points, walk, plan, and write what is missing;
again where something changed in between.

Who evaluates, and how often, changes nothing: what is recorded is a function of the stored points,
and the guards of scribe.py let no older view overwrite a newer one. For that the log must be read
*before* the points: a view whose log is newer than its points would take back what others have
decided by points that it has not seen.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched

from skafu.alerts.cases import Case, fill, open_cases, remember, start_of
from skafu.alerts.journal import Journal, Subject, read_journal
from skafu.alerts.memory import Memory
from skafu.alerts.model import (
    Alert,
    Decision,
    State,
    alert_from,
    instance_id,
    instance_state_from,
)
from skafu.alerts.plan import plan
from skafu.alerts.points import Memberships, PointSource, Snapshot
from skafu.alerts.scope import Scope, read_scope
from skafu.alerts.scribe import Scribe, Written, delivery_of
from skafu.alerts.walk import Walked, walk
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import (
    AllOf,
    ConditionFailed,
    Delete,
    Equals,
    Query,
    Table,
    Value,
)

TRIES = 4

TOGETHER = 50
"""So many alerts share their reading of what is recorded and of the points."""

FRESH_MS = 5_000
"""What was read longer ago is read again: half of the write deadline is left for writing."""

SCOPE_LIFE_MS = 600_000
"""A mark that has moved meanwhile only costs some reading, an edit changes the version."""


@dataclass(frozen=True)
class Ask:
    """What to evaluate: an alert, or only these of its instances.

    Without `only`, every instance that is known or appears in the points since the mark; what no
    series belongs to any more ends then.
    """

    alert: Alert
    only: frozenset[Tags] | None = None


@dataclass(frozen=True)
class Evaluated:
    """What came of evaluating an alert.

    `dues` are the moments at which the grace of an open bucket with points in its range runs out.
    Buckets that end up to `final` are final and recorded; None where that cannot be told yet.
    """

    decisions: tuple[Decision, ...] = ()
    dues: frozenset[int] = frozenset()
    final: int | None = None


@dataclass
class Opened:
    """An ask, and what is recorded about its instances: read at `read_at` or later.

    `trouble` is what went wrong with this ask alone, to be raised when it is finished.
    """

    tenant: str
    ask: Ask
    read_at: int
    scope: Scope | None = None
    items: dict[Tags, Mapping[str, Value]] = field(default_factory=dict)
    journals: dict[Tags, Journal] = field(default_factory=dict)
    trouble: Exception | None = None


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


class Evaluation:
    """Evaluates alerts over a table and a source of points: `open` some, take a `snapshot`, and
    `finish` each with it.

    `deliver` is told (tenant, delivery id) when a decision that somebody is to hear of has been
    committed; it must not raise: the sweeper resends what was not handed over. `pause` is called
    with the number of the try before a conflicting transaction is tried again.
    """

    def __init__(
        self,
        table: Table,
        source: PointSource,
        clock: Clock,
        deliver: Callable[[str, str], None],
        pause: Callable[[int], None],
    ) -> None:
        self.memory = Memory()
        self._memberships = Memberships()
        self._table = table
        self._source = source
        self._clock = clock
        self._deliver = deliver
        self._scribe = Scribe(table, clock, pause)
        self._scopes: dict[tuple[str, str], tuple[int, Scope]] = {}

    def open(self, tenant: str, asks: Sequence[Ask]) -> list[Opened]:
        """Read what is recorded about the instances that are asked for. Raises Unavailable."""
        now = self._clock()
        wanted = {
            keys.instance(tenant, ask.alert.id, instance_id(tags)): tags
            for ask in asks
            for tags in sorted(ask.only or ())
        }
        found = self._table.get_many(wanted, consistent=True)
        return [self._open(tenant, ask, found, now) for ask in asks]

    def snapshot(self, tenant: str) -> Snapshot:
        """Begin to read a tenant's points. Asks that are finished with it are opened before."""
        return Snapshot(self._source, tenant, self._clock())

    def finish(self, opened: Opened, snapshot: Snapshot) -> Evaluated:
        """Decide what can be decided, and record it.

        Raises Unavailable when the table or the points cannot be reached, or when others keep
        changing the same instances.
        """
        tenant, ask = opened.tenant, opened.ask
        decisions: list[Decision] = []
        for _ in range(TRIES):
            found = self._round(opened, snapshot)
            decisions += found.decisions
            if not found.stale:
                final = found.scope.final(found.now) if found.clean else None
                return Evaluated(tuple(decisions), frozenset(found.dues), final)
            # Something has changed since it was read: everything is read again.
            item = self._table.get(keys.alert(tenant, ask.alert.id), consistent=True)
            if item is None:
                return Evaluated(tuple(decisions))
            again = Ask(alert_from(str(item["body"])), ask.only)
            opened = self.open(tenant, [again])[0]
            snapshot = self.snapshot(tenant)
        raise Unavailable("an alert's instances keep changing; try again")

    def evaluate(self, tenant: str, ask: Ask) -> Evaluated:
        """One ask from beginning to end. Raises Unavailable."""
        opened = self.open(tenant, [ask])[0]
        return self.finish(opened, self.snapshot(tenant))

    def evaluate_all(
        self, tenant: str, asks: Iterable[Ask]
    ) -> Iterator[tuple[Ask, Evaluated | Exception]]:
        """Several asks one after another, reading together what they share; each with what came of
        it or, so that one's trouble is not the others', what it raised.
        """
        for some in batched(asks, TOGETHER):
            try:
                opened = self.open(tenant, some)
            except Unavailable as trouble:
                yield from ((ask, trouble) for ask in some)
                continue
            snapshot = self.snapshot(tenant)
            for each in opened:
                fresh = self._clock() - each.read_at <= FRESH_MS
                yield each.ask, self._outcome(each, snapshot if fresh else None)

    def _outcome(self, opened: Opened, snapshot: Snapshot | None) -> Evaluated | Exception:
        try:
            if snapshot is None:
                return self.evaluate(opened.tenant, opened.ask)
            return self.finish(opened, snapshot)
        except Exception as trouble:  # pylint: disable=broad-exception-caught # told to the caller
            return trouble

    def scope(self, tenant: str, head: Alert) -> Scope:
        """Versions and mark of an alert, as read at most ten minutes ago."""
        now = self._clock()
        read_at, scope = self._scopes.get((tenant, head.id), (0, None))
        if scope is None or scope.head != head or now - read_at > SCOPE_LIFE_MS:
            scope = read_scope(self._table, tenant, head)
            self._scopes[tenant, head.id] = now, scope
        return scope

    def forget(self, tenant: str, alert_id: str) -> None:
        """Read the alert's versions and mark again when they are needed next."""
        self._scopes.pop((tenant, alert_id), None)

    # --- what is recorded ---

    def _open(
        self, tenant: str, ask: Ask, found: Mapping[Key, Mapping[str, Value]], now: int
    ) -> Opened:
        opened = Opened(tenant, ask, now)
        try:
            self._read(opened, found)
        except Unavailable:
            raise
        except Exception as trouble:  # pylint: disable=broad-exception-caught # raised by finish()
            opened.trouble = trouble
        return opened

    def _read(self, opened: Opened, found: Mapping[Key, Mapping[str, Value]]) -> None:
        tenant, ask = opened.tenant, opened.ask
        opened.scope = scope = self.scope(tenant, ask.alert)
        items: Iterable[Mapping[str, Value]]
        if ask.only is None:
            parts = keys.alert_parts(tenant, ask.alert.id)
            items = self._table.query_all(Query(parts, begins="instance", consistent=True))
        else:
            mine = [
                keys.instance(tenant, ask.alert.id, instance_id(tags)) for tags in sorted(ask.only)
            ]
            items = (found[key] for key in mine if key in found)
        for item in items:
            tags = instance_state_from(str(item["body"])).tags
            subject = Subject(tenant, ask.alert, instance_id(tags), tags)
            after, _ = start_of(subject, scope, self.memory)
            opened.items[tags] = item
            opened.journals[tags] = self._journal(subject, item, after, scope)

    def _journal(
        self, subject: Subject, item: Mapping[str, Value] | None, after: int, scope: Scope
    ) -> Journal:
        return read_journal(self._table, subject, item, after, scope.versions[0].version)

    # --- what is to be recorded ---

    def _round(self, opened: Opened, snapshot: Snapshot) -> _Round:
        if opened.trouble is not None:
            raise opened.trouble
        if opened.scope is None or snapshot.taken_at < opened.read_at:
            raise ValueError("the points must be read after what is recorded")
        found = _Round(opened, opened.scope, snapshot.taken_at)
        cases = open_cases(
            found.scope,
            snapshot,
            self.memory,
            self._memberships,
            opened.items.keys(),
            opened.ask.only,
        )
        fill(cases, snapshot)
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
        for entry in entries:
            if self._scribe.write(case.subject, entry, found.opened.read_at) is Written.STALE:
                found.stale = True
                return
            found.decisions.append(entry.decision)
            if entry.decision.source is not entry.decision.target:
                self._deliver(case.subject.tenant, delivery_of(entry.decision))
        self._conclude(case, walked, not entries, found)

    def _recorded(self, case: Case, found: _Round) -> Journal | None:
        """What is recorded about an instance; None when what was read is out of date."""
        journal = found.opened.journals.get(case.subject.tags)
        if journal is None and case.empty:
            return Journal()  # it has not begun, and does not now
        if journal is None:
            journal = self._journal(case.subject, None, case.after, found.scope)
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

    def _bury(self, subject: Subject, item: Mapping[str, Value] | None) -> None:
        """Remove the state of an instance that is over and of which there is nothing to tell."""
        if item is None:
            return
        same = AllOf(tuple(Equals(name, item[name]) for name in ("state", "bucket", "revision")))
        key = keys.instance(subject.tenant, subject.alert.id, subject.instance)
        try:
            self._table.write(Delete(key, same))
        except ConditionFailed:
            pass  # it has begun again
