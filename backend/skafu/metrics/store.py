"""Requests as they were stored: layouts, segments and late items in the one table (DESIGN 3).

Ingest writes them and alerts read them, by the time of their receipt; queries read what compaction
has made of them (reader.py).
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import batched, chain

from skafu.metrics.codec import CodecError
from skafu.metrics.fetch import READERS, Fetch
from skafu.metrics.items import (
    REFRESH_MS,
    Entry,
    entries_from,
    entry_items,
    layout_from,
    layout_item,
    segment_from,
    segment_item,
)
from skafu.metrics.model import Layout, Segment
from skafu.metrics.quotas import Admission
from skafu.metrics.tenancy import Sharding, Tenancies
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, Key, SegmentName
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import Absent, ConditionFailed, Item, Put, Query, Table, Value

__all__ = ["Entry", "MetricsStore", "Span", "segment_from"]

_WINDOW = 64  # writes between two looks
CACHED_SERIES = 100_000
"""How many series the cached layouts may have together: about 100 MB."""
_CACHED_NAMES = 50_000
# Writers leave a bucket at its end + 120 s; what an hour's query finds after that is settled.
_SETTLED_MS = 5 * MINUTE_MS
_NEWEST_HOURS = 3


@dataclass(frozen=True)
class Span:
    """A layout's points in [start, end), in epoch milliseconds.

    `first` is when the layout was first written, or earlier: before that it can have late items,
    but no segments, because these are written while their bucket is open.
    """

    layout: str
    start: int
    end: int
    first: int = 0


class MetricsStore:
    """Safe to use from one invocation at a time; what it caches is content-addressed or a hint.

    `readers` is how many questions are under way at a time; with 1 all of it happens in the
    caller's thread.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock,
        *,
        cached_series: int = CACHED_SERIES,
        readers: int = READERS,
    ) -> None:
        self._table = table
        self._fetch = Fetch(table, readers)
        self._clock = clock
        self.tenancies = Tenancies(table, clock)
        self._admission = Admission(table, clock, self.tenancies)
        self._most_series = cached_series
        self._layouts: OrderedDict[str, Layout] = OrderedDict()
        self._cached_series = 0
        self._refreshed: dict[tuple[str, str], int] = {}

    # --- writing ----------------------------------------------------------------------------------

    def write(self, tenant: str, layouts: Sequence[Layout], segments: Sequence[Segment]) -> None:
        """Store a request's segments; `layouts` are those that they name. All writes are joined.

        A segment that is there already stays as it is: an earlier try of the same request put it
        there. Raises QuotaExceeded, when nothing is stored, and Unavailable, after which a retry
        is safe.
        """
        self._admission.points(tenant, sum(len(each.timestamps) for each in segments))
        # What is named must be readable first, and live longer.
        self._refresh(tenant, layouts)
        spread = self.tenancies.of(tenant).sharding
        self._put(
            [
                Put(segment_item(tenant, spread.shard(each.layout, each.bucket), each), Absent())
                for each in segments
            ]
        )

    def _refresh(self, tenant: str, layouts: Sequence[Layout]) -> None:
        """Write what is absent, renew what is older than a day: entries first, layouts last, so
        that a fresh layout proves fresh entries.
        """
        now = self._clock()
        young = now - REFRESH_MS
        stale = [x for x in layouts if self._refreshed.get((tenant, x.hash), 0) <= young]
        found = self._table.get_many(keys.layout(tenant, x.hash) for x in stale) if stale else {}
        new = {x.hash for x in stale if keys.layout(tenant, x.hash) not in found}
        self._admission.series(tenant, layouts, new)
        if not stale:
            return
        entries: list[Put] = []
        renewed: list[Put] = []
        fresh: dict[tuple[str, str], int] = {}
        for layout in stale:
            item = found.get(keys.layout(tenant, layout.hash), {})
            refreshed = int(item.get("refreshed", 0))
            if refreshed <= young:
                refreshed, first = now, int(item.get("first", now))
                entries += map(Put, entry_items(tenant, layout, first, now))
                renewed.append(Put(layout_item(tenant, layout, first, now)))
            fresh[tenant, layout.hash] = refreshed
        self._put(entries)
        self._put(renewed)
        if len(self._refreshed) + len(fresh) > _CACHED_NAMES:
            self._refreshed.clear()
        self._refreshed |= fresh

    def _put(self, writes: Sequence[Put]) -> None:
        """Do all writes; a failed condition means that an earlier try got in."""
        if len(writes) == 1:
            try:
                self._table.write(writes[0])
            except ConditionFailed:
                pass  # an earlier try of this request: it is stored
            return
        for some in batched(writes, _WINDOW):
            self._table.write_many(some)

    # --- layouts and the catalogue ----------------------------------------------------------------

    def entries(self, tenant: str, metric: str) -> list[Entry]:
        """In which layouts a metric occurs."""
        # Consistently: who has just sent a metric for the first time may ask for it.
        query = Query(keys.catalogue(tenant), begins=keys.catalogue_prefix(metric), consistent=True)
        return list(entries_from(self._table.query_all(query), self._clock()))

    def some_entries(self, tenant: str, metric: str, most: int) -> list[Entry]:
        """At most so many of them, for who can do without the rest."""
        query = Query(keys.catalogue(tenant), begins=keys.catalogue_prefix(metric), limit=most)
        return list(entries_from(self._table.query_all(query), self._clock()))

    def catalogue(
        self, tenant: str, prefix: str, after: str = "", page: int = 100
    ) -> Iterator[Entry]:
        """Entries of all metrics whose names begin with `prefix` and come after `after`, in order
        of name; read in pages of this size, as far as they are wanted.
        """
        between = keys.catalogue_range(prefix, after)
        query = Query(keys.catalogue(tenant), between=between, limit=page)
        while True:
            found = self._table.query(query)
            yield from entries_from(found.items, self._clock())
            if found.after is None:
                return
            query = replace(query, after=found.after)

    def layouts(self, tenant: str, hashes: Iterable[str]) -> dict[str, Layout]:
        """The layouts among these that exist and can be read; others are counted and logged."""
        names = list(dict.fromkeys(hashes))
        found = {name: self._layouts[name] for name in names if name in self._layouts}
        wanted = [name for name in names if name not in found]
        items = self._layout_items(tenant, wanted)
        for name in wanted:
            try:
                layout = layout_from(items[keys.layout(tenant, name)])
            except (KeyError, CodecError):
                logger.warning("layout cannot be read", layout=name, exc_info=True)
                count(Count.MISSING_LAYOUTS)
                continue
            found[name] = layout
            self._remember(layout)
        return found

    def known_layouts(self, tenant: str, hashes: Iterable[str]) -> dict[str, Layout]:
        """The layouts among these that the tenant itself has sent. That one is not known is no
        fault, and what only other tenants have sent is not known, though its content be at hand.
        """
        names = list(dict.fromkeys(hashes))
        mine = [name for name in names if (tenant, name) in self._refreshed]
        found = {name: self._layouts[name] for name in mine if name in self._layouts}
        items = self._layout_items(tenant, [name for name in names if name not in found])
        for key, item in items.items():
            try:
                found[key.sk] = layout_from(item)
            except CodecError:  # as good as unknown: its points come in full
                logger.warning("layout cannot be read", layout=key.sk, exc_info=True)
                continue
            self._remember(found[key.sk])
        return found

    def _layout_items(self, tenant: str, names: Sequence[str]) -> dict[Key, dict[str, Value]]:
        """Looks a second time, consistently, for what a segment may name since a moment ago."""
        wanted = [keys.layout(tenant, name) for name in names]
        items = self._table.get_many(wanted) if wanted else {}
        if missing := [key for key in wanted if key not in items]:
            items |= self._table.get_many(missing, consistent=True)
        return items

    def layout(self, tenant: str, name: str) -> Layout | None:
        """One layout, or None."""
        return self.layouts(tenant, [name]).get(name)

    def layouts_of(self, tenant: str, metric: str) -> list[Layout]:
        """The layouts that hold a metric."""
        names = [entry.layout for entry in self.entries(tenant, metric)]
        return list(self.layouts(tenant, names).values())

    def _remember(self, layout: Layout) -> None:
        """Layouts never change; the cache lets go of the oldest where it gets too large."""
        self._layouts[layout.hash] = layout
        self._cached_series += len(layout.series)
        while self._cached_series > self._most_series and len(self._layouts) > 1:
            _, oldest = self._layouts.popitem(last=False)
            self._cached_series -= len(oldest.series)

    # --- reading ----------------------------------------------------------------------------------

    def segments(
        self,
        tenant: str,
        layouts: Iterable[str],
        start: int,
        end: int,
        *,
        consistent: bool = False,
    ) -> list[Segment]:
        """Every segment and late item of these layouts that may have points in [start, end), each
        request once per layout and bucket, whatever compaction has made of them: a late item that
        is folded is found by its copy if it came at most 25 hours after its bucket's end. What is
        damaged is left out, counted and logged.
        """
        spans = [Span(layout, start, end) for layout in dict.fromkeys(layouts)]
        return list(self.scan(tenant, spans, [], consistent=consistent))

    def scan(
        self, tenant: str, spans: Iterable[Span], warnings: list[str], *, consistent: bool = False
    ) -> Iterator[Segment]:
        """The same one after another, whatever their number; of damaged ones `warnings` tells.

        Hours that writers may still add to are read consistently in any case.
        """
        now = self._clock()
        spread = self.tenancies.of(tenant).sharding
        spans = [span for span in spans if span.start < span.end]
        segments = [
            query
            for span in spans
            for query in _segment_queries(tenant, spread, span, now - _SETTLED_MS, consistent)
        ]
        # A late item is copied before it is deleted: late ones first, copies after.
        phases = (
            segments,
            _late_queries(tenant, spread, spans, consistent),
            _folded_queries(tenant, spread, spans, now, consistent),
        )
        wanted = {span.layout for span in spans}
        seen: set[tuple[str, int, str]] = set()
        for item in chain.from_iterable(map(self._items, phases)):
            if _name(item).layout not in wanted:
                continue  # those that came late stand together, whatever their layouts
            try:
                segment = segment_from(item)
            except CodecError as error:
                warnings.append(damaged_segment(item, error))
                continue
            # A retry after its bucket was left finds no place among the segments and writes late.
            identity = segment.layout, segment.bucket, segment.request
            if identity not in seen:
                seen.add(identity)
                yield segment

    def newest(self, tenant: str, layouts: Sequence[str]) -> dict[str, Segment]:
        """For each layout its newest segment of this hour or the two before, if there is one."""
        now = self._clock()
        end = now // HOUR_MS * HOUR_MS + HOUR_MS

        spread = self.tenancies.of(tenant).sharding

        def look(layout: str) -> Segment | None:
            for hour in range(end - HOUR_MS, end - HOUR_MS * (_NEWEST_HOURS + 1), -HOUR_MS):
                pk = keys.segments(tenant, spread.shard(layout, hour), keys.hour_of(hour))
                between = keys.segment_range(layout, hour, min(hour + HOUR_MS, now + BUCKET_MS))
                page = self._table.query(Query(pk, between=between, ascending=False, limit=1))
                for item in page.items:
                    try:
                        return segment_from(item)
                    except CodecError as error:
                        damaged_segment(item, error)
            return None

        return {
            layout: segment
            for layout, segment in zip(layouts, self._fetch.each(look, layouts), strict=True)
            if segment is not None
        }

    def _items(self, queries: Iterable[Query]) -> Iterator[dict[str, Value]]:
        """In order of the queries: who reads a series wants its segments in order of time."""
        for items in self._fetch.each(lambda query: list(self._table.query_all(query)), queries):
            yield from items


def _name(item: Item) -> SegmentName:
    """The name of a segment, late item or copy."""
    return (keys.late_name if item["k"] == "late" else keys.segment_name)(str(item["sk"]))


def damaged_segment(item: Item, error: CodecError) -> str:
    """Log and count a damaged item; the sentence is for whoever asked for its points."""
    sk = str(item["sk"])
    logger.warning("segment is damaged", sk=sk, reason=str(error))
    count(Count.DAMAGED_SEGMENTS)
    return f"stored item {sk} is damaged and its points are left out: {error}"


def _segment_queries(
    tenant: str, spread: Sharding, span: Span, settled: int, consistent: bool
) -> Iterator[Query]:
    start = max(span.start, span.first)
    if start >= span.end:
        return
    for hour in range(start // HOUR_MS * HOUR_MS, span.end, HOUR_MS):
        low, high = max(start, hour), min(span.end, hour + HOUR_MS)
        yield Query(
            keys.segments(tenant, spread.shard(span.layout, hour), keys.hour_of(hour)),
            between=keys.segment_range(span.layout, low, high),
            consistent=consistent or hour + HOUR_MS > settled,
        )


def _late_queries(
    tenant: str, spread: Sharding, spans: Sequence[Span], consistent: bool
) -> Iterator[Query]:
    if not spans:
        return
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    for shard in spread.all(start, end):
        yield Query(
            keys.lates(tenant, shard), between=keys.late_range(start, end), consistent=consistent
        )


def _folded_queries(
    tenant: str, spread: Sharding, spans: Sequence[Span], now: int, consistent: bool
) -> Iterator[Query]:
    """Copies of what was late and is folded are there of days that are over alone. They are few:
    those of an hour, whatever their layouts, are one query.
    """
    shards: dict[int, set[int]] = {}
    for span in spans:
        last = min(span.end, now // DAY_MS * DAY_MS)
        for hour in range(span.start // HOUR_MS * HOUR_MS, last, HOUR_MS):
            shards.setdefault(hour, set()).add(spread.shard(span.layout, hour))
    for hour, those in sorted(shards.items()):
        for shard in sorted(those):
            pk = keys.folded_hour(tenant, shard, keys.hour_of(hour))
            yield Query(pk, consistent=consistent)
