"""Evaluating an alert: read, walk, plan, write; again where something changed in between.

Who evaluates, and how often, changes nothing: what is recorded is a function of the stored points,
and the guards of scribe.py let no older view overwrite a newer one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from skafu.alerts.cases import Case, fill, open_cases, remember
from skafu.alerts.journal import Journal, read_journal
from skafu.alerts.memory import Memory
from skafu.alerts.model import Alert, Decision, alert_from, instance_id, instance_state_from
from skafu.alerts.plan import plan
from skafu.alerts.points import PointSource, Snapshot
from skafu.alerts.scope import Scope, read_scope
from skafu.alerts.scribe import Scribe, Written, delivery_of
from skafu.alerts.walk import Walked, walk
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.table import Query, Table, Value

TRIES = 4

FRESH_MS = 5_000
"""Older snapshots are not planned from: half of the write deadline is left for writing."""

SCOPE_LIFE_MS = 600_000
"""A mark that has moved meanwhile only costs some reading, an edit changes the version."""

type Items = Mapping[Tags, Mapping[str, Value]]
"""State items by the instance's tags."""


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
class _Round:
    """What one round over an alert's instances has found."""

    scope: Scope
    snapshot: Snapshot
    decisions: list[Decision] = field(default_factory=list)
    dues: set[int] = field(default_factory=set)
    stale: bool = False
    clean: bool = True


class Evaluation:
    """Evaluates alerts over a table and a source of points.

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
        self._table = table
        self._source = source
        self._clock = clock
        self._deliver = deliver
        self._scribe = Scribe(table, clock, pause)
        self._scopes: dict[tuple[str, str], tuple[int, Scope]] = {}

    def snapshot(self, tenant: str, present: Snapshot | None = None) -> Snapshot:
        """Begin to read a tenant's points, or go on with what is being read while it is fresh:
        several alerts may be evaluated from one snapshot.
        """
        now = self._clock()
        fresh = present is not None and now - present.taken_at <= FRESH_MS
        if present is not None and fresh and present.tenant == tenant:
            return present
        return Snapshot(self._source, tenant, now)

    def evaluate(
        self, alert: Alert, snapshot: Snapshot, only: Collection[Tags] | None = None
    ) -> Evaluated:
        """Decide what can be decided about an alert, or about some of its instances.

        Without `only`, every instance that is known or appears in the points since the mark; what
        no series belongs to any more ends then. Raises Unavailable when the table or the points
        cannot be reached, or when others keep changing the same instances.
        """
        tenant = snapshot.tenant
        head: Alert | None = alert
        decisions: list[Decision] = []
        for _ in range(TRIES):
            if head is None:
                return Evaluated(tuple(decisions))
            found = self._round(head, snapshot, only)
            decisions += found.decisions
            if not found.stale:
                final = found.scope.final(found.snapshot.taken_at) if found.clean else None
                return Evaluated(tuple(decisions), frozenset(found.dues), final)
            # Something has changed since it was read: everything is read again.
            item = self._table.get(keys.alert(tenant, alert.id), consistent=True)
            head = None if item is None else alert_from(str(item["body"]))
            snapshot = self.snapshot(tenant)
        raise Unavailable("an alert's instances keep changing; try again")

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

    def _round(self, head: Alert, snapshot: Snapshot, only: Collection[Tags] | None) -> _Round:
        found = _Round(self.scope(snapshot.tenant, head), snapshot)
        items = self._items(snapshot.tenant, head.id, only)
        cases = open_cases(found.scope, snapshot, self.memory, items, only)
        fill(cases, snapshot)
        for case in cases:
            self._case(case, items.get(case.subject.tags), found)
        return found

    def _items(self, tenant: str, alert_id: str, only: Collection[Tags] | None) -> Items:
        if only is None:
            parts = keys.alert_parts(tenant, alert_id)
            query = Query(parts, begins="instance", consistent=True)
            found = list(self._table.query_all(query))
        else:
            wanted = (keys.instance(tenant, alert_id, instance_id(tags)) for tags in only)
            found = list(self._table.get_many(wanted, consistent=True).values())
        return {instance_state_from(str(item["body"])).tags: item for item in found}

    def _case(self, case: Case, item: Mapping[str, Value] | None, found: _Round) -> None:
        """Walk one instance and write what its log lacks."""
        now = found.snapshot.taken_at
        first = found.scope.versions[0].version
        if item is None and case.empty:
            journal = Journal()  # it has not begun, and does not now
        else:
            journal = read_journal(self._table, case.subject, item, case.after, first)
        walked = walk(case.rulings, journal.standing, case.after, now, journal.effects)
        versions = {version.version: version for version in found.scope.versions}
        entries = plan(case.subject, journal, walked.effects, versions, self._clock())
        for entry in entries:
            if self._scribe.write(case.subject, entry, now) is Written.STALE:
                found.stale = True
                return
            found.decisions.append(entry.decision)
            if entry.decision.source is not entry.decision.target:
                self._deliver(case.subject.tenant, delivery_of(entry.decision))
        self._conclude(case, walked, not entries, found)

    def _conclude(self, case: Case, walked: Walked, clean: bool, found: _Round) -> None:
        subject = case.subject
        remembered = remember(case, found.scope, walked, clean, found.snapshot.taken_at)
        self.memory.put(subject.tenant, subject.alert.id, subject.instance, remembered)
        found.clean = found.clean and clean
        if walked.stirring:
            found.dues.add(walked.due)
