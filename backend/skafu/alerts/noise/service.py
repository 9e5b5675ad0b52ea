"""The report over all alerts of a tenant: logs first, which is one query each, and what was told,
acknowledged and paid only of the alerts that are shown.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from skafu.alerts.codec import decision_from
from skafu.alerts.engagement.store import Action, EngagementStore
from skafu.alerts.explain.people import Accounts
from skafu.alerts.model import Alert, Decision
from skafu.alerts.noise.cost import USUAL_UNITS, month
from skafu.alerts.noise.counting import counted
from skafu.alerts.noise.hours import Hours
from skafu.alerts.noise.model import Counted, Row, Suggestion
from skafu.alerts.paging.model import Told
from skafu.alerts.silences.windows import FOREVER
from skafu.alerts.store import AlertStore
from skafu.metrics.items import segment_item
from skafu.metrics.store import MetricsStore
from skafu.shared import keys
from skafu.shared.capacity import item_size, read_units
from skafu.shared.clock import Clock
from skafu.shared.keys import BUCKET_MS
from skafu.shared.table import Query, Table

ENTRIES_PER_ALERT = 2_000
MOST_INSTANCES = 25
"""Of each alert that is shown: those with the most pages, whose accounts are read."""
MOST_REMARKS = 100
LOGS_MS = 12_000
MOST_TIME_MS = 18_000
"""So long logs are read, and then what was told and acknowledged: the function has 28 s."""
THREADS = 16
AT_ONCE = 200

FLAPPING = 3
"""From so many flaps on, where they are half of all firings, the remedy is evident."""


@dataclass(frozen=True)
class Asked:
    """A range in epoch milliseconds, working hours, how many rows, behind which."""

    start: int
    end: int
    hours: Hours
    limit: int
    after: tuple[int, str] | None = None


@dataclass(frozen=True)
class Report:
    """Rows with the most pages first; `after` is the last one's place if there are more. `alerts`
    counts those that were looked at; `complete` tells whether these are all.
    """

    rows: tuple[Row, ...]
    after: tuple[int, str] | None
    alerts: int
    complete: bool


class NoiseReports:
    """All methods raise Unavailable."""

    def __init__(self, table: Table, store: MetricsStore, accounts: Accounts, clock: Clock) -> None:
        self._table = table
        self._store = store
        self._accounts = accounts
        self._engagement = EngagementStore(table)
        self._alerts = AlertStore(table)
        self._clock = clock

    def report(self, tenant: str, asked: Asked) -> Report:
        """One page of the report."""
        began = self._clock()
        with ThreadPoolExecutor(THREADS) as pool:
            found, complete = self._all(tenant, asked, pool, began + LOGS_MS)
            found.sort(key=_place)
            rest = [x for x in found if asked.after is None or _place(x) > asked.after]
            shown = rest[: asked.limit]
            until = began + MOST_TIME_MS
            rows = tuple(pool.map(lambda each: self._row(tenant, each, asked, until), shown))
        more = _place(shown[-1]) if len(rest) > len(shown) else None
        return Report(rows, more, len(found), complete)

    def _all(
        self, tenant: str, asked: Asked, pool: ThreadPoolExecutor, until: int
    ) -> tuple[list[Counted], bool]:
        found: list[Counted] = []
        for some in _batches(self._alerts.all(tenant)):
            if self._clock() > until:
                return found, False
            found += pool.map(lambda each: self._counted(tenant, each, asked), some)
        return found, True

    def _counted(self, tenant: str, alert: Alert, asked: Asked) -> Counted:
        log = self._log(tenant, alert.id, asked.start)
        truncated = len(log) > ENTRIES_PER_ALERT
        kept = log[:ENTRIES_PER_ALERT]
        return counted(alert, kept, asked.start, asked.end, asked.hours, truncated)

    def _log(self, tenant: str, alert_id: str, start: int) -> list[Decision]:
        """Entries from the range's start on, newest first: a correction that came after the range
        may have changed it. One too many if there are more.
        """
        query = Query(
            keys.history(tenant, alert_id),
            index="GSI1",
            between=(keys.instant(start), keys.instant(FOREVER)),
            ascending=False,
            limit=ENTRIES_PER_ALERT + 1,
        )
        return [decision_from(str(item["body"])) for item in self._table.query_all(query)]

    # --- of those that are shown ------------------------------------------------------------------

    def _row(self, tenant: str, found: Counted, asked: Asked, until: int) -> Row:
        told = withheld = acknowledged = None
        instances = list(dict.fromkeys(each.instance for each in found.firings))
        if len(instances) <= MOST_INSTANCES and self._clock() <= until:
            told, withheld = self._told(tenant, found, instances, asked)
            acknowledged = self._acknowledged(tenant, found, instances)
        return Row(
            counted=found,
            told=told,
            withheld=withheld,
            acknowledged=acknowledged,
            dollars=self._dollars(tenant, found, asked),
            suggestion=suggested(found, acknowledged),
        )

    def _told(
        self, tenant: str, found: Counted, instances: Sequence[str], asked: Asked
    ) -> tuple[int, int]:
        """How many pages told that it fires, and how often nothing was told for a while."""
        pages: set[str] = set()
        withheld = 0
        for each in instances:
            account = self._accounts.tellings(
                tenant, found.alert.id, each, asked.start, asked.end, attempts=False
            )
            pages.update(heard.page for heard in account.heard if heard.told is Told.FIRING)
            withheld += len(account.muted)
        return len(pages), withheld

    def _acknowledged(self, tenant: str, found: Counted, instances: Sequence[str]) -> int:
        """How many of its firings somebody acknowledged."""
        taken = set()
        for each in instances:
            remarks, _ = self._engagement.remarks(tenant, found.alert.id, each, MOST_REMARKS)
            taken |= {(each, x.began) for x in remarks if x.action is Action.ACKNOWLEDGE}
        return sum((each.instance, each.began) in taken for each in found.firings)

    def _dollars(self, tenant: str, found: Counted, asked: Asked) -> float:
        definition = found.alert.definition
        layouts, units = 0, USUAL_UNITS
        if definition.expression is None:
            entries = self._store.entries(tenant, definition.metric)
            layouts = len(entries)
            units = self._units(tenant, entries[0].layout) if entries else USUAL_UNITS
        range_ms = min(asked.end, self._clock()) - max(asked.start, found.alert.created_at)
        return month(definition, layouts, units, found.transitions, range_ms)

    def _units(self, tenant: str, layout: str) -> float:
        """What reading the last full quarter of an hour of a layout takes."""
        end = self._clock() // BUCKET_MS * BUCKET_MS
        segments = self._store.segments(tenant, [layout], end - BUCKET_MS, end)
        size = sum(item_size(segment_item(tenant, 0, each)) for each in segments)
        return read_units(size, True) if size else USUAL_UNITS


def suggested(found: Counted, acknowledged: int | None) -> tuple[Suggestion, str] | None:
    """What would calm an alert, where that is evident."""
    firings = len(found.firings)
    if found.flaps >= FLAPPING and 2 * found.flaps >= firings:
        return Suggestion.FLAPS, (
            f"{found.flaps} of {firings} firings were over at once: more evaluation_periods, a "
            "recovery threshold or keep_firing would make fewer of them; a backtest tells how many"
        )
    if acknowledged == 0 and firings >= 2 * FLAPPING:
        return Suggestion.IGNORED, (
            f"nobody acknowledged any of {firings} firings: a lower severity, another route or no "
            "alert at all may do"
        )
    return None


def _place(each: Counted) -> tuple[int, str]:
    return -each.pages, each.alert.id


def _batches(alerts: Iterator[Alert]) -> Iterator[list[Alert]]:
    """Alerts by the hundred, stand-ins of fire drills left out."""
    some: list[Alert] = []
    for alert in alerts:
        if alert.drill_of is None:
            some.append(alert)
        if len(some) == AT_ONCE:
            yield some
            some = []
    yield some
