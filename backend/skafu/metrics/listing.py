"""Which metrics there are, and which series a metric has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import orjson

from skafu.metrics.model import Layout, TagFilter, Tags, columns_of, matches
from skafu.metrics.store import Entry, MetricsStore
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, HOUR_MS

_MAX_LOOKS = 500  # layouts whose newest segment is read for one page
# A layout is named for at most a day after it was seen; older ones have no newest segment.
_LIVELY_MS = DAY_MS + 6 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its unit as last sent, how many series it has, when it was last seen."""

    name: str
    unit: str | None
    series: int
    last_seen: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A series, and when it was last seen."""

    metric: str
    tags: dict[str, str]
    last_seen: int


@dataclass(frozen=True)
class Page[Row]:
    """Some rows, and after which position the next page begins (None: there is none)."""

    rows: list[Row]
    after: Mapping[str, str] | None


@dataclass(frozen=True)
class Asked:
    """What every list is asked for: at most `limit` rows behind `position` (empty at first)."""

    tenant: str
    filters: Sequence[TagFilter]
    limit: int
    position: Mapping[str, str]


@dataclass(frozen=True)
class _Known:
    """Layouts and, for those that still get data, when each column was last seen."""

    layouts: Mapping[str, Layout]
    seen: Mapping[str, Mapping[int, int]]


class Listing:
    """The use cases of GET /api/metrics and GET /api/metrics/series.

    `last_seen` is the newest timestamp in the newest segment of the last three hours that tells of
    the series; without one it is the time at which its layout was last refreshed, which is at most
    a day before its last request.
    """

    def __init__(self, store: MetricsStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def metrics(self, asked: Asked, prefix: str) -> Page[Metric]:
        """Metrics whose names begin with `prefix`, in order of name. Of those that a page looks at,
        the ones without a series that passes the filters are left out: a page may be short and yet
        not the last.
        """
        after = asked.position.get("metric", "")
        entries = self._store.catalogue(asked.tenant, prefix, after, asked.limit + 1)
        groups = groupby(entries, lambda entry: entry.metric)
        looked = [(name, list(some)) for name, some in islice(groups, asked.limit + 1)]
        known = self._known(asked.tenant, [e for _, some in looked[: asked.limit] for e in some])
        rows = []
        for name, some in looked[: asked.limit]:
            sightings = _sightings(some, known, asked.filters)
            if sightings:
                rows.append(Metric(name, _unit(some), len(sightings), max(sightings.values())))
        more = len(looked) > asked.limit
        return Page(rows, {"metric": looked[asked.limit - 1][0]} if more else None)

    def series(self, asked: Asked, metric: str) -> Page[Sighting]:
        """The series of a metric in order of tags."""
        entries = self._store.entries(asked.tenant, metric)
        known = self._known(asked.tenant, entries)
        found = sorted(_sightings(entries, known, asked.filters).items())
        if asked.position:
            after = tuple((key, value) for key, value in orjson.loads(asked.position["tags"]))
            found = [row for row in found if row[0] > after]
        page = found[: asked.limit]
        rows = [Sighting(metric, dict(tags), last) for tags, last in page]
        more = len(found) > asked.limit
        return Page(rows, {"tags": orjson.dumps(page[-1][0]).decode()} if more else None)

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
) -> dict[Tags, int]:
    """The distinct series of one metric that pass the filters, and when each was last seen."""
    found: dict[Tags, int] = {}
    for entry in entries:
        layout = known.layouts.get(entry.layout)
        if layout is None:
            continue
        times = known.seen.get(entry.layout, {})
        for position in columns_of(layout, entry.metric):
            tags = layout.series[position].tags
            if matches(filters, tags):
                last = times.get(position, entry.seen)
                found[tags] = max(last, found.get(tags, 0))
    return found


def _unit(entries: Iterable[Entry]) -> str | None:
    """The unit that was sent last."""
    newest = max((e for e in entries if e.unit), key=lambda entry: entry.seen, default=None)
    return newest.unit if newest else None
