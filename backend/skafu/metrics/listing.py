"""Which metrics there are, which series a metric has, and which tags these have.

Two sources are united. The catalogue tells in which layouts a metric was sent in the last 35 days;
what is older stands in the records and groups that compaction has left. All of it is bounded: a
metric whose labels churn may have been sent in any number of layouts, and beyond some of them an
answer says that it is not complete.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import orjson

from skafu.metrics.catalogue.rows import Asked, Metric, Page, Sighting, TagKey, TagValue
from skafu.metrics.deletions import Deletions
from skafu.metrics.model import Layout, TagFilter, Tags, columns_of, matches
from skafu.metrics.reader import Reader
from skafu.metrics.sources import living
from skafu.metrics.store import Entry, MetricsStore
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.table import Item, Query, Table

__all__ = ["MOST_LAYOUTS", "Asked", "Listing", "Metric"]

MOST_LAYOUTS = 1_000
"""So many layouts of one metric are looked at."""

MOST_LOOKED = 5_000
"""With so many layouts in all a page of metrics ends, short as it may be."""

_MAX_LOOKS = 500  # layouts whose newest segment is read for one page
# A layout that still gets data was refreshed at most a day ago.
_LIVELY_MS = DAY_MS + 6 * HOUR_MS


@dataclass(frozen=True)
class _Known:
    """Layouts and, for those that still get data, when each column was last seen."""

    layouts: Mapping[str, Layout]
    seen: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True)
class _Series:
    """Distinct series by tags, when each was last seen, and whether these are all."""

    seen: Mapping[Tags, int]
    complete: bool


class Listing:
    """The use cases of GET /api/metrics, /api/metrics/series and /api/metrics/tags.

    `last_seen` is the newest timestamp in the newest segment of the last three hours that tells of
    the series; without one it is the time at which its layout was last refreshed, which is at most
    a day before its last request, or the end of the last compacted bucket or day that has it.
    Metrics that are deleted, and were not seen since, are not listed.
    """

    def __init__(
        self, table: Table, store: MetricsStore, clock: Clock, deletions: Deletions
    ) -> None:
        self._table = table
        self._store = store
        self._clock = clock
        self._deletions = deletions
        self._reader = Reader(table, clock, store=store, deletions=deletions)

    # --- metrics ----------------------------------------------------------------------------------

    def metrics(self, asked: Asked, prefix: str) -> Page[Metric]:
        """Metrics whose names begin with `prefix`, in order of name. Of those that a page looks at,
        the ones without a series that passes the filters are left out: a page may be short and yet
        not the last. With filters only metrics of the last 35 days are looked at.
        """
        after = asked.position.get("metric", "")
        looked: list[tuple[str, list[Entry], Item]] = []
        total, more = 0, False
        for name, entries, record in self._names(asked, prefix, after):
            if len(looked) == asked.limit or total > MOST_LOOKED:
                more = True
                break
            looked.append((name, entries, record))
            total += len(entries)
        known = self._known(asked.tenant, [e for _, some, _ in looked for e in some[:MOST_LAYOUTS]])
        deleted = self._deletions.of(asked.tenant)
        rows = [
            row
            for each in looked
            if (row := _metric(*each, known, asked.filters)) is not None
            and row.last_seen >= deleted.get(row.name, 0)
        ]
        return Page(rows, {"metric": looked[-1][0]} if more else None)

    def _names(
        self, asked: Asked, prefix: str, after: str
    ) -> Iterator[tuple[str, list[Entry], Item]]:
        """Names in order, with what the catalogue and the records say of each."""
        lively = self._lively(asked, prefix, after)
        recorded = self._recorded(asked, prefix, after)
        live, past = next(lively, None), next(recorded, None)
        while live is not None or past is not None:
            name = min(each[0] for each in (live, past) if each is not None)
            entries: list[Entry] = []
            record: Item = {}
            if live is not None and live[0] == name:
                entries, live = live[1], next(lively, None)
            if past is not None and past[0] == name:
                record, past = past[1], next(recorded, None)
            yield name, entries, record

    def _lively(self, asked: Asked, prefix: str, after: str) -> Iterator[tuple[str, list[Entry]]]:
        """Metrics with entries in the catalogue, at most one more each than is looked at."""
        entries = self._store.catalogue(asked.tenant, prefix, after, asked.limit + 1)
        for name, some in groupby(entries, lambda entry: entry.metric):
            found = list(islice(some, MOST_LAYOUTS + 1))
            yield name, found
            if len(found) > MOST_LAYOUTS:  # go on behind the rest of them, however many these are
                yield from self._lively(asked, prefix, name)
                return

    def _recorded(self, asked: Asked, prefix: str, after: str) -> Iterator[tuple[str, Item]]:
        """Metrics that have compacted points; with filters nobody asks for them."""
        if asked.filters:
            return
        now = self._clock()
        between = keys.catalogue_range(prefix, after)
        query = Query(keys.metric_records(asked.tenant), between=between, limit=asked.limit + 1)
        for item in self._table.query_all(query):
            if "last_day" in item and int(item.get("ttl", now)) * 1000 > now:
                yield str(item["sk"]), item

    # --- series and tags --------------------------------------------------------------------------

    def series(self, asked: Asked, metric: str) -> Page[Sighting]:
        """The series of a metric in order of tags: those that were sent in the last 35 days or,
        where a time is given, those that it had then. With compacted points a series counts when
        one of the up to 63 beside it had points.
        """
        found = self._series(asked, metric)
        rows = [Sighting(metric, dict(tags), last) for tags, last in sorted(found.seen.items())]
        position = asked.position.get("tags")
        after = None if position is None else _tags_from(position)
        behind = [row for row in rows if after is None or tuple(row.tags.items()) > after]
        page = behind[: asked.limit]
        more = len(behind) > asked.limit
        last = orjson.dumps(list(page[-1].tags.items())).decode() if more else ""
        return Page(page, {"tags": last} if more else None, found.complete)

    def tags(self, asked: Asked, metric: str) -> Page[TagKey]:
        """The keys of the tags of a metric's series, in order."""
        found = self._series(asked, metric)
        values: dict[str, set[str]] = {}
        numbers: dict[str, int] = {}
        for tags in found.seen:
            for key, value in tags:
                values.setdefault(key, set()).add(value)
                numbers[key] = numbers.get(key, 0) + 1
        rows = [TagKey(key, numbers[key], len(values[key])) for key in sorted(values)]
        return _page(rows, [row.key for row in rows], asked, found.complete)

    def values(self, asked: Asked, metric: str, tag: str, prefix: str) -> Page[TagValue]:
        """The values that begin with `prefix` of one tag of a metric's series, in order."""
        found = self._series(asked, metric)
        numbers: dict[str, int] = {}
        for tags in found.seen:
            value = dict(tags).get(tag)
            if value is not None and value.startswith(prefix):
                numbers[value] = numbers.get(value, 0) + 1
        rows = [TagValue(value, numbers[value]) for value in sorted(numbers)]
        return _page(rows, [row.value for row in rows], asked, found.complete)

    def _series(self, asked: Asked, metric: str) -> _Series:
        entries = self._store.some_entries(asked.tenant, metric, MOST_LAYOUTS + 1)
        complete = len(entries) <= MOST_LAYOUTS
        entries = entries[:MOST_LAYOUTS]
        past: Mapping[Tags, int] = {}
        if asked.start is not None or asked.end is not None:
            now = self._clock()
            end = now if asked.end is None else asked.end
            start = end - DAY_MS if asked.start is None else asked.start
            entries = [entry for entry in entries if living(entry, start, end)]
            seen = self._reader.series(asked.tenant, metric, start, end)
            past = {
                each.tags: at
                for each, at in seen.series.items()
                if matches(asked.filters, each.tags)
            }
            complete = complete and seen.complete
        found = dict(past)
        for tags, last in _sightings(entries, self._known(asked.tenant, entries), asked.filters):
            found[tags] = max(last, found.get(tags, 0))
        until = self._deletions.of(asked.tenant).get(metric, 0)
        return _Series({tags: last for tags, last in found.items() if last >= until}, complete)

    def _known(self, tenant: str, entries: Sequence[Entry]) -> _Known:
        layouts = self._store.layouts(tenant, (entry.layout for entry in entries))
        since = self._clock() - _LIVELY_MS
        lively = dict.fromkeys(e.layout for e in entries if e.seen > since and e.layout in layouts)
        newest = self._store.newest(tenant, list(lively)[:_MAX_LOOKS])
        # Points of a series are in order of time, so the last of each wins.
        seen = {
            name: dict(zip(segment.series, segment.timestamps, strict=True))
            for name, segment in newest.items()
        }
        return _Known(layouts, seen)


def _sightings(
    entries: Iterable[Entry], known: _Known, filters: Sequence[TagFilter]
) -> Iterator[tuple[Tags, int]]:
    """The series of one metric that pass the filters, and when each was last seen in a layout."""
    for entry in entries:
        layout = known.layouts.get(entry.layout)
        if layout is None:
            continue
        times = known.seen.get(entry.layout, {})
        for position in columns_of(layout, entry.metric):
            tags = layout.series[position].tags
            if matches(filters, tags):
                yield tags, times.get(position, entry.seen)


def _metric(
    name: str, entries: Sequence[Entry], record: Item, known: _Known, filters: Sequence[TagFilter]
) -> Metric | None:
    """A metric's row; None where nothing passes the filters."""
    found: dict[Tags, int] = {}
    for tags, last in _sightings(entries[:MOST_LAYOUTS], known, filters):
        found[tags] = max(last, found.get(tags, 0))
    if found:
        complete = len(entries) <= MOST_LAYOUTS
        unit = _unit(entries) or _text(record.get("unit"))
        return Metric(name, unit, len(found), max(found.values()), complete)
    if not record:
        return None
    last = int(record["last_day"]) + DAY_MS - 1
    return Metric(name, _text(record.get("unit")), int(record.get("series", 0)), last)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _unit(entries: Iterable[Entry]) -> str | None:
    """The unit that was sent last."""
    newest = max((e for e in entries if e.unit), key=lambda entry: entry.seen, default=None)
    return newest.unit if newest else None


def _tags_from(position: str) -> Tags:
    return tuple((key, value) for key, value in orjson.loads(position))


def _page[Row](rows: list[Row], names: list[str], asked: Asked, complete: bool) -> Page[Row]:
    """The rows behind the position, which is a name."""
    after = asked.position.get("name")
    first = 0 if after is None else sum(name <= after for name in names)
    page = rows[first : first + asked.limit]
    last = first + len(page)
    return Page(page, {"name": names[last - 1]} if last < len(rows) else None, complete)
