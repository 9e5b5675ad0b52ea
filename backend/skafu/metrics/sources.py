"""The requests themselves, as they were stored: what is read where nothing is compacted yet, and
where what is compacted cannot be read.
"""

from collections.abc import Iterable, Iterator, Mapping

from skafu.metrics.columns import CodecError
from skafu.metrics.demands import Run, Selection, Sieve, Window
from skafu.metrics.fetch import Fetch
from skafu.metrics.items import REFRESH_MS, Entry, segment_from
from skafu.metrics.model import Segment
from skafu.metrics.store import MetricsStore, damaged_segment
from skafu.metrics.tenancy import Tenancy
from skafu.metrics.times import AHEAD_MS
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS
from skafu.shared.table import Item, Query

type Bucket = tuple[int, int]
"""Start and end of a bucket."""

_SLACK_MS = HOUR_MS
"""Clocks differ, requests last and replicas lag by far less."""


class Sources:
    """Made for one reading of one tenant. `warnings` is told of what is damaged."""

    def __init__(
        self,
        fetch: Fetch,
        store: MetricsStore,
        tenant: str,
        tenancy: Tenancy,
        sieve: Sieve,
        warnings: list[str],
    ) -> None:
        self._fetch = fetch
        self._store = store
        self._tenant = tenant
        self._sharding = tenancy.sharding
        self._sieve = sieve
        self._warnings = warnings
        self._entries: dict[str, Entry] | None = None
        self._selections: dict[str, Selection | None] = {}
        self._nameless: dict[str, int] = {}

    # --- which layouts ----------------------------------------------------------------------------

    def entries(self) -> Mapping[str, Entry]:
        """The layouts that have any of the wanted metrics, by hash: one entry for each, because
        what is asked of it, the layout's life, is the same for all metrics.
        """
        if self._entries is None:
            found = self._fetch.each(
                lambda metric: self._store.entries(self._tenant, metric), self._sieve.metrics
            )
            self._entries = {entry.layout: entry for some in found for entry in some}
            layouts = self._store.layouts(self._tenant, self._entries)
            self._selections = {
                name: self._sieve.select(layouts[name]) if name in layouts else None
                for name in self._entries
            }
        return self._entries

    def selection(self, layout: str) -> Selection | None:
        """What is wanted of a layout; None where it cannot be read."""
        return self._selections[layout]

    def may_matter(self, layout: str) -> bool:
        """Whether a layout has anything that is wanted, or cannot be read."""
        if layout not in self.entries():
            return False
        selection = self.selection(layout)
        return selection is None or bool(selection)

    # --- reading ----------------------------------------------------------------------------------

    def segments(self, shard: int, buckets: Iterable[Bucket]) -> Iterator[Segment]:
        """The segments of these buckets in a shard that may hold what is wanted, consistently."""
        hours: dict[int, dict[int, int]] = {}
        for start, end in buckets:
            hours.setdefault(start // HOUR_MS * HOUR_MS, {})[start] = end
        queries = (
            query
            for hour, inside in hours.items()
            for query in self._queries(shard, hour, min(inside), max(inside.values()))
        )
        for segment in self.decoded(self._fetch.items(queries)):
            if segment.bucket in hours[segment.bucket // HOUR_MS * HOUR_MS]:
                yield segment

    def _queries(self, shard: int, hour: int, start: int, end: int) -> Iterator[Query]:
        """One for each layout that can have segments then."""
        for layout, entry in self.entries().items():
            if (
                self._sharding.shard(layout, hour) == shard
                and living(entry, start, end)
                and self.may_matter(layout)
            ):
                yield Query(
                    keys.segments(self._tenant, shard, keys.hour_of(hour)),
                    between=keys.segment_range(layout, start, end),
                    consistent=True,
                )

    def folded(self, shard: int, day: int) -> Iterator[Segment]:
        """The copies of late items of a day, which its generations have folded."""
        queries = (
            Query(keys.folded_hour(self._tenant, shard, keys.hour_of(hour)), consistent=True)
            for hour in range(day, day + DAY_MS, HOUR_MS)
        )
        yield from self.decoded(self._fetch.items(queries))

    def decoded(self, items: Iterable[Item]) -> Iterator[Segment]:
        """Segments and late items; of damaged ones `warnings` tells."""
        for item in items:
            try:
                yield segment_from(item)
            except CodecError as error:
                self._warnings.append(damaged_segment(item, error))

    # --- what is wanted of it ---------------------------------------------------------------------

    def runs(self, segment: Segment, windows: Mapping[int, Window]) -> Iterator[tuple[int, Run]]:
        """The wanted points of a segment whose layout has any of the metrics."""
        selection = self.selection(segment.layout) or self._sought(segment.layout)
        if selection is None:
            self._nameless[segment.layout] = self._nameless.get(segment.layout, 0) + 1
            return
        yield from self._sieve.runs(selection, segment, windows)

    def _sought(self, name: str) -> Selection | None:
        """A layout that could not be read before anything was seen that names it: its entries are
        written before it, and it may have come meanwhile. It is looked for once more.
        """
        if self._selections[name] is None and name not in self._nameless:
            found = self._store.layouts(self._tenant, [name])
            self._selections[name] = self._sieve.select(found[name]) if name in found else None
        return self._selections[name]

    def tell_nameless(self) -> None:
        """Of what could not be delivered because its layout cannot be read."""
        self._warnings += [
            f"layout {name} cannot be read: {count} stored items that name it are left out"
            for name, count in self._nameless.items()
        ]


def living(entry: Entry, start: int, end: int) -> bool:
    """Whether a layout can have segments in [start, end): not before it was first written, because
    segments are written while their bucket is open; and it is named for at most a day after it was
    refreshed, by points at most two hours ahead and to their bucket's end.
    """
    last = entry.seen + REFRESH_MS + AHEAD_MS + BUCKET_MS + _SLACK_MS
    return start < last and end > entry.first - _SLACK_MS
