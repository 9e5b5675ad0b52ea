"""What is recorded about alerts and their instances, read before the points are."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from skafu.alerts.cases import start_of
from skafu.alerts.journal import Journal, Subject, read_journal
from skafu.alerts.memory import Memory
from skafu.alerts.codec import instance_state_from
from skafu.alerts.model import Alert, Decision, instance_id
from skafu.alerts.scope import Scope, read_scope
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import Query, Table, Value

SCOPE_LIFE_MS = 600_000
"""A mark that has moved meanwhile only costs some reading, an edit changes the version."""

type StateItem = Mapping[str, Value]


@dataclass(frozen=True)
class Ask:
    """What to evaluate: an alert, or only these of its instances.

    Without `only`, every instance that is known or appears in the points since the mark; what no
    series belongs to any more ends then. With `lagging`, those are left out whose layouts have all
    sent data beyond the last bucket's end: the stream sees to them.
    """

    alert: Alert
    only: frozenset[Tags] | None = None
    lagging: bool = False


@dataclass(frozen=True)
class Evaluated:
    """What came of evaluating an alert.

    `dues` are the moments at which the grace of an open bucket with points in its range runs out.
    Buckets that end up to `final` are final and recorded; None where that cannot be told.
    `width` is how many layouts feed the alert.
    """

    decisions: tuple[Decision, ...] = ()
    dues: frozenset[int] = frozenset()
    final: int | None = None
    width: int = 0


@dataclass
class Opened:
    """An ask, and what is recorded about its instances: read at `read_at` or later.

    `trouble` is what went wrong with this ask alone, to be raised when it is finished.
    """

    tenant: str
    ask: Ask
    read_at: int
    scope: Scope | None = None
    items: dict[Tags, StateItem] = field(default_factory=dict)
    journals: dict[Tags, Journal] = field(default_factory=dict)
    trouble: Exception | None = None


class Ledger:
    """Reads scopes, states and logs; all methods raise Unavailable.

    `readers` is how many asks are opened at the same time; 1 is one after another.
    """

    def __init__(self, table: Table, clock: Clock, memory: Memory) -> None:
        self._table = table
        self._clock = clock
        self._memory = memory
        self.readers = 1
        self._scopes: dict[tuple[str, str], tuple[int, Scope]] = {}

    def open(self, tenant: str, asks: Sequence[Ask]) -> list[Opened]:
        """Read what is recorded about the instances that are asked for, together."""
        now = self._clock()
        wanted = [key for ask in asks for key in _keys(tenant, ask)]
        found = self._table.get_many(wanted, consistent=True)
        if self.readers == 1 or len(asks) == 1:
            return [self._open(tenant, ask, found, now) for ask in asks]
        with ThreadPoolExecutor(self.readers) as pool:
            return list(pool.map(lambda ask: self._open(tenant, ask, found, now), asks))

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

    def journal(
        self, subject: Subject, item: StateItem | None, after: int, scope: Scope
    ) -> Journal:
        """What is recorded about one instance since `after`; `item` is its state item."""
        return read_journal(self._table, subject, item, after, scope.versions[0].version)

    def _open(self, tenant: str, ask: Ask, found: Mapping[Key, StateItem], now: int) -> Opened:
        opened = Opened(tenant, ask, now)
        try:
            opened.scope = scope = self.scope(tenant, ask.alert)
            for item in self._items(tenant, ask, found):
                tags = instance_state_from(str(item["body"])).tags
                subject = Subject(tenant, ask.alert, instance_id(tags), tags)
                after, _ = start_of(subject, scope, self._memory)
                opened.items[tags] = item
                opened.journals[tags] = self.journal(subject, item, after, scope)
        except Unavailable:
            raise
        except Exception as trouble:  # pylint: disable=broad-exception-caught # raised by finish()
            opened.trouble = trouble
        return opened

    def _items(self, tenant: str, ask: Ask, found: Mapping[Key, StateItem]) -> Iterable[StateItem]:
        if ask.only is not None:
            return [found[key] for key in _keys(tenant, ask) if key in found]
        parts = keys.alert_parts(tenant, ask.alert.id)
        return self._table.query_all(Query(parts, begins="instance", consistent=True))


def _keys(tenant: str, ask: Ask) -> list[Key]:
    named = sorted(ask.only or ())
    return [keys.instance(tenant, ask.alert.id, instance_id(tags)) for tags in named]
