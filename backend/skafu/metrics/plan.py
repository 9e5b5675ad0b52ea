"""What has to be read of compacted metrics: which stored items manifests name that hold what is
wanted, and with which queries to get them.

Several demands that touch the same items share their queries. Days in a row of one group are one
query, and so are the chunks of one group and day.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skafu.metrics.blocks import DAY_SERIES
from skafu.metrics.demands import Selection, Sieve, Window, meets
from skafu.metrics.manifest_reader import Standing
from skafu.metrics.manifests import Manifest
from skafu.metrics.model import Series
from skafu.metrics.population import Population
from skafu.metrics.rollups import ROLLUP_SERIES
from skafu.metrics.tenancy import Bucketing
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, DAYS, ROLLUPS, SKETCHES
from skafu.shared.table import Query

CHUNKS = "chunks"
MOST_DAYS = 31
"""So many days one query asks for: what comes of sketches is put together at its end."""

_PART_SERIES = {DAYS: DAY_SERIES, ROLLUPS: ROLLUP_SERIES}


@dataclass(frozen=True)
class Unit:
    """Stored items of one group that one query brings, or two where sketches are wanted: those that
    the manifests in `named` name, by (start, generation). `selection` is what is wanted of them;
    `kind` is CHUNKS, DAYS or ROLLUPS.
    """

    kind: str
    group: str
    selection: Selection
    named: Mapping[tuple[int, int], Manifest]
    queries: tuple[Query, ...]

    def again(self, manifest: Manifest) -> list[Query]:
        """The same for what one manifest names, consistently."""
        prefix = (
            keys.merged_pieces(manifest.start, manifest.generation, manifest.tag)
            if manifest.generation
            else keys.chunk_pieces(manifest.start, manifest.tag)
        )
        return [Query(query.pk, begins=prefix, consistent=True) for query in self.queries]


@dataclass(frozen=True)
class Lost:
    """Something that a manifest names cannot be read: points or, with `hours`, hours. `group` is
    None where it is not known which, and `series` where it may be any.
    """

    manifest: Manifest
    hours: bool
    group: str | None = None
    series: frozenset[Series] | None = None


def name_in(kind: str, sk: str) -> tuple[tuple[int, int], str]:
    """What a stored item of a unit's kind is, from its sort key: (start, generation), and the tag
    that must be its manifest's for it to count.
    """
    if kind == CHUNKS:
        start, tag, _ = keys.chunk_name(sk)
        return (start, 0), tag
    start, generation, tag, _ = keys.merged_name(sk)
    return (start, generation), tag


class Plan:
    """Made for one reading of one tenant."""

    def __init__(
        self, tenant: str, sieve: Sieve, population: Population, bucketing: Bucketing
    ) -> None:
        self._tenant = tenant
        self._sieve = sieve
        self._population = population
        self._bucketing = bucketing

    def units(self, standing: Standing, lost: list[Lost]) -> Iterator[Unit]:
        """What to read, group by group; what cannot even be planned is added to `lost`."""
        manifests = self.surveyed(standing)
        named: dict[str, list[tuple[int, Manifest]]] = defaultdict(list)
        for manifest in manifests:
            groups = self._population.present(manifest)
            if groups is None:
                lost += _whole(manifest)
            for number, group in groups or ():
                named[group].append((number, manifest))
        for group, selection in self._population.selected(named):
            if selection is None:
                lost += [each for _, manifest in named[group] for each in _whole(manifest, group)]
            elif selection:
                yield from self._merged(standing, group, selection, named[group])
                yield from self._sealed(standing.shard, group, selection, named[group])

    def surveyed(self, standing: Standing) -> list[Manifest]:
        """The manifests that count, after their directories were looked at."""
        manifests = self._counting(standing)
        self._population.survey(each.directories for each in manifests)
        return manifests

    def end_of(self, manifest: Manifest) -> int:
        """The end of the bucket or day that a manifest is about."""
        if manifest.generation:
            return manifest.start + DAY_MS
        return self._bucketing.end(manifest.start)

    def _counting(self, standing: Standing) -> list[Manifest]:
        """The manifests whose points or hours are asked for: of merged days their generations, of
        others their seals.
        """
        found = [x for day in self._days(standing, True) for x in standing.generations[day]]
        for bucket, seal in standing.seals.items():
            if not standing.merged(bucket) and self._asked(seal, self._sieve.windows.all):
                found.append(seal)
        return found

    def _days(self, standing: Standing, asked: bool) -> list[int]:
        """The days with generations that are asked for, or those that are not."""
        return [day for day in standing.generations if self._sieve.asks(day, day + DAY_MS) is asked]

    def _asked(self, seal: Manifest, windows: Mapping[int, Window]) -> bool:
        return meets(windows, seal.start, self._bucketing.end(seal.start))

    def _sealed(
        self, shard: int, group: str, selection: Selection, named: Sequence[tuple[int, Manifest]]
    ) -> Iterator[Unit]:
        windows = _asking(selection, self._sieve.windows.all)
        days: dict[int, list[Manifest]] = defaultdict(list)
        for _, seal in named:
            if not seal.generation and self._asked(seal, windows):
                days[seal.start // DAY_MS * DAY_MS].append(seal)
        for day, seals in days.items():
            starts = [seal.start for seal in seals]
            query = Query(
                keys.chunks(self._tenant, shard, day, group),
                between=keys.chunk_range(min(starts), max(starts) + 1),
            )
            yield Unit(CHUNKS, group, selection, {(s.start, 0): s for s in seals}, (query,))

    def _merged(
        self,
        standing: Standing,
        group: str,
        selection: Selection,
        named: Sequence[tuple[int, Manifest]],
    ) -> Iterator[Unit]:
        for kind, size in _PART_SERIES.items():
            for part, inside in _parts(selection, size):
                days: dict[int, list[Manifest]] = defaultdict(list)
                for number, manifest in named:
                    if manifest.generation and manifest.has_series(number, part * size, size):
                        days[manifest.start].append(manifest)
                for some in self._rows(standing, kind, inside, sorted(days)):
                    counting = {(m.start, m.generation): m for day in some for m in days[day]}
                    queries = self._queries(standing.shard, kind, group, part, some, inside)
                    yield Unit(kind, group, inside, counting, queries)

    def _rows(
        self, standing: Standing, kind: str, selection: Selection, days: Sequence[int]
    ) -> Iterator[list[int]]:
        """Of these days, on which a part of a group has something, the rows that are wanted."""
        wanted = [
            day
            for day in days
            if meets(
                _asking(selection, day_windows(self._sieve, standing, day, kind)), day, day + DAY_MS
            )
        ]
        return _rows(wanted, {*days, *self._days(standing, False)})

    def _queries(
        self,
        shard: int,
        kind: str,
        group: str,
        part: int,
        days: Sequence[int],
        selection: Selection,
    ) -> tuple[Query, ...]:
        sketches = kind == ROLLUPS and any(
            self._sieve.demands[n].sketches for some in selection.demands.values() for n in some
        )
        between = keys.merged_range(days[0], days[-1] + DAY_MS)
        return tuple(
            Query(keys.merged(self._tenant, shard, each, group, part), between=between)
            for each in ((kind, SKETCHES) if sketches else (kind,))
        )


def day_windows(sieve: Sieve, standing: Standing, day: int, kind: str) -> Mapping[int, Window]:
    """When which demand is answered by what a day's generations hold: by its hours (ROLLUPS) or its
    points (DAYS). Should the first generation be unreadable, hours would lack most of the day: then
    points have to do.
    """
    if not standing.merged(day):
        return {} if kind == ROLLUPS else sieve.windows.all
    return sieve.windows.hours if kind == ROLLUPS else sieve.windows.raw


def _asking(selection: Selection, windows: Mapping[int, Window]) -> dict[int, Window]:
    """Of these windows those of demands that want anything of a selection."""
    numbers = {number for some in selection.demands.values() for number in some}
    return {number: window for number, window in windows.items() if number in numbers}


def _parts(selection: Selection, size: int) -> Iterator[tuple[int, Selection]]:
    """A selection by parts of a group, each of `size` positions."""
    parts: dict[int, dict[int, Series]] = defaultdict(dict)
    for position, series in selection.series.items():
        parts[position // size][position] = series
    for part, inside in parts.items():
        yield part, Selection(inside, {at: selection.demands[at] for at in inside})


def _rows(wanted: Sequence[int], there: set[int]) -> Iterator[list[int]]:
    """Days in a row: between the days of one there is none that is there and not wanted, because a
    query would pay for it.
    """
    row: list[int] = []
    for day in wanted:
        if row and (
            len(row) == MOST_DAYS or any(d in there for d in range(row[-1] + DAY_MS, day, DAY_MS))
        ):
            yield row
            row = []
        row.append(day)
    if row:
        yield row


def _whole(manifest: Manifest, group: str | None = None) -> list[Lost]:
    kinds = (False, True) if manifest.generation else (False,)
    return [Lost(manifest, hours, group) for hours in kinds]
