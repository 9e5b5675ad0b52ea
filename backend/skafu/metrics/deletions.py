"""Deleted metrics: from the request on no point of the metric before that moment is shown, whenever
it arrives; removal.py takes what is stored out of the table, bit by bit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.table import AnyOf, Absent, Below, ConditionFailed, Item, Query, Table, Update

CACHE_MS = MINUTE_MS
"""So long a process believes what it has read: so late a deletion is seen by the others."""

LIFE_MS = 800 * DAY_MS
"""Longer than rollups live in any environment (730 days): nothing that a deletion hides is left."""

RUNNING, DONE = "running", "done"
_MOST_CACHED = 10_000


@dataclass(frozen=True)
class Deletion:
    """Points of `metric` with a timestamp before `until` are deleted.

    `removed` is how many items were taken out or rewritten, `finished` when everything was that
    could be, `again` when the next look for what arrived later is due; times are epoch
    milliseconds, `place` is how far a look has come (removal.py).
    """

    metric: str
    until: int
    requested_by: str
    state: str = RUNNING
    removed: int = 0
    finished: int | None = None
    again: int | None = None
    place: str | None = None


def deletion_from(item: Item) -> Deletion:
    """Read a deletion."""
    return Deletion(
        metric=str(item["sk"]),
        until=int(item["until"]),
        requested_by=str(item["by"]),
        state=str(item["state"]),
        removed=int(item.get("removed", 0)),
        finished=int(item["finished"]) if "finished" in item else None,
        again=int(item["again"]) if "again" in item else None,
        place=str(item["place"]) if "place" in item else None,
    )


class Deletions:
    """What is deleted, tenant by tenant."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._known: dict[str, tuple[int, Mapping[str, int]]] = {}

    def of(self, tenant: str) -> Mapping[str, int]:
        """By metric, before which moment its points are deleted; believed for a minute. Raises
        Unavailable.
        """
        now = self._clock()
        until, known = self._known.get(tenant, (0, {}))
        if now >= until:
            known = {each.metric: each.until for each in self.all(tenant)}
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            self._known[tenant] = now + CACHE_MS, known
        return known

    def all(self, tenant: str) -> Iterator[Deletion]:
        """Every deletion, in order of metric, read consistently."""
        query = Query(keys.deletions(tenant), consistent=True)
        yield from map(deletion_from, self._table.query_all(query))

    def get(self, tenant: str, metric: str) -> Deletion | None:
        """One deletion, or None."""
        item = self._table.get(keys.deletion(tenant, metric), consistent=True)
        return None if item is None else deletion_from(item)

    def delete(self, tenant: str, metric: str, by: str) -> Deletion:
        """From now on no point with an earlier timestamp is shown. Deleting again moves the moment
        on. Raises Unavailable.
        """
        now = self._clock()
        try:
            self._table.write(
                Update(
                    keys.deletion(tenant, metric),
                    set={
                        "k": "deletion",
                        "until": now,
                        "by": by,
                        "state": RUNNING,
                        "ttl": (now + LIFE_MS) // 1000,
                    },
                    remove=("place", "finished", "again"),
                    when=AnyOf((Absent(), Below("until", now))),
                )
            )
        except ConditionFailed:
            pass  # somebody deletes it at the same moment, by a clock that is ahead
        self._known.pop(tenant, None)
        found = self.get(tenant, metric)
        return found or Deletion(metric, now, by)
