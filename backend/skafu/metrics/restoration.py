"""What manifests name and nobody finds, made again from the requests that they say are inside."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from skafu.metrics.demands import (
    HourRun,
    Run,
    Selection,
    Sieve,
    Window,
    rows_of,
    samples_of,
)
from skafu.metrics.hours import hours_of
from skafu.metrics.items import SEGMENT_LIFE_MS
from skafu.metrics.manifest_reader import ManifestReader, Standing
from skafu.metrics.manifests import Manifest, part_of
from skafu.metrics.model import Sample, Segment, Series
from skafu.metrics.plan import Lost, day_windows
from skafu.metrics.population import Population
from skafu.metrics.sources import Bucket, Sources
from skafu.metrics.tenancy import Bucketing
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, DAYS, HOUR_MS, ROLLUPS

type Delivered = Iterator[tuple[int, Run | HourRun]]


@dataclass
class Restoration:
    """Made for one reading of one tenant. Segments live longer than what replaces their points, and
    copies of folded late items where they came within a day; of the rest `warnings` tells.
    """

    tenant: str
    sieve: Sieve
    population: Population
    manifests: ManifestReader
    sources: Sources
    bucketing: Bucketing
    now: int
    warnings: list[str]

    def restored(self, standing: Standing, lost: Sequence[Lost]) -> Delivered:
        """The wanted points and hours among what is lost, day by day."""
        wanted = [each for each in lost if self.windows(standing, each)]
        wanted.sort(key=lambda each: (each.manifest.start // DAY_MS, each.manifest.generation))
        for (day, generation), found in groupby(
            wanted, lambda each: (each.manifest.start // DAY_MS * DAY_MS, each.manifest.generation)
        ):
            some = list(found)
            if generation > 1:
                yield from self._from_folded(standing, day, some)
            elif generation == 1:
                seals = self.manifests.seals_between(
                    self.tenant, standing.shard, day, day + DAY_MS, self.warnings
                )
                yield from self._from_segments(standing, seals, some)
            else:
                seals = {each.manifest.start: each.manifest for each in some}
                yield from self._from_segments(standing, seals, some)

    def windows(self, standing: Standing, lost: Lost) -> Mapping[int, Window]:
        """When which demand wants what is lost."""
        manifest = lost.manifest
        if not manifest.generation:
            inside, windows = self._bucket(manifest.start), self.sieve.windows.all
        else:
            inside = manifest.start, manifest.start + DAY_MS
            kind = ROLLUPS if lost.hours else DAYS
            windows = day_windows(self.sieve, standing, manifest.start, kind)
        return {
            number: window
            for number, window in windows.items()
            if window[0] < inside[1] and inside[0] < window[1]
        }

    def _bucket(self, start: int) -> Bucket:
        return start, self.bucketing.end(start)

    def _from_segments(
        self, standing: Standing, seals: Mapping[int, Manifest], lost: Sequence[Lost]
    ) -> Delivered:
        """Hour by hour, so that few seals' parts are in memory."""
        gone = 0
        for hour, some in groupby(sorted(seals), lambda bucket: bucket // HOUR_MS * HOUR_MS):
            buckets = [self._bucket(start) for start in some]
            if hour + HOUR_MS + SEGMENT_LIFE_MS <= self.now:
                gone += 1
                continue
            parts = {
                start: self.manifests.parts(self.tenant, seals[start], self.warnings) or frozenset()
                for start, _ in buckets
            }
            pieces = _Pieces(self, standing, lost)
            for segment in self.sources.segments(standing.shard, buckets):
                if part_of(segment) in parts[segment.bucket]:
                    yield from pieces.take(segment, seals[segment.bucket])
            yield from pieces.hours()
        if gone or not seals:
            day = keys.day_of(lost[0].manifest.start)
            self.warnings.append(f"points of {day} are lost: {gone or 24} hours of it")

    def _from_folded(self, standing: Standing, day: int, lost: Sequence[Lost]) -> Delivered:
        for manifest in dict.fromkeys(each.manifest for each in lost):
            parts = set(self.manifests.parts(self.tenant, manifest, self.warnings) or ())
            pieces = _Pieces(self, standing, [each for each in lost if each.manifest == manifest])
            for segment in self.sources.folded(standing.shard, day):
                if (part := part_of(segment)) in parts:
                    parts.discard(part)
                    if self.sources.may_matter(segment.layout):
                        yield from pieces.take(segment, manifest)
            yield from pieces.hours()
            if parts:
                name = manifest.roster
                self.warnings.append(f"points of {len(parts)} late requests in {name} are lost")


class _Pieces:
    """Picks what is lost from segments."""

    def __init__(self, of: Restoration, standing: Standing, lost: Sequence[Lost]) -> None:
        self._of = of
        self._standing = standing
        self._lost = lost
        self._samples: dict[tuple[int, Series], list[Sample]] = defaultdict(list)
        self._asked: dict[tuple[int, Series], tuple[int, ...]] = {}

    def take(self, segment: Segment, manifest: Manifest) -> Delivered:
        """Give the lost points of a segment that a manifest names, and keep those of lost hours."""
        selection = self._of.sources.selection(segment.layout)
        if selection is None:
            yield from self._of.sources.runs(segment, {})  # it is counted there
            return
        for position, series in selection.series.items():
            group = self._of.population.home(manifest.directories, series)
            for place, each in enumerate(self._lost):
                if not _concerns(each, manifest, group, series):
                    continue
                if each.hours:
                    self._asked[place, series] = selection.demands[position]
                    rows = rows_of(segment, position)
                    self._samples[place, series] += samples_of(segment, *rows)
                    continue
                one = Selection({position: series}, {position: selection.demands[position]})
                windows = self._of.windows(self._standing, each)
                yield from self._of.sieve.runs(one, segment, windows)

    def hours(self) -> Delivered:
        """The lost hours of what was taken."""
        for name, samples in self._samples.items():
            _, series = name
            one = Selection({0: series}, {0: self._asked[name]})
            yield from self._of.sieve.hour_runs(one, {0: hours_of(samples)})


def _concerns(lost: Lost, manifest: Manifest, group: str | None, series: Series) -> bool:
    """Whether a series' points, which are in this group where the manifest tells, are lost."""
    if not lost.manifest.generation and lost.manifest.start != manifest.start:
        return False
    if lost.group is not None and lost.group != group:
        return False
    return lost.series is None or series in lost.series
