"""Baselines in the table: one item for each version of an alert, instance and day, put if absent,
so that whoever decides a bucket compares it with the same.

The sweeper makes them, ahead of the day: what they are learnt from is over a day before. The
evaluator, which must not hold up the stream, makes none: instances whose baseline is not there yet
are left to the sweeper's next look at the alert.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import batched, groupby
from typing import NamedTuple, Protocol

from skafu.alerts.baselines import baseline_from, baseline_json, bucket_starts, learned
from skafu.alerts.cases import Case
from skafu.alerts.model import Alert, Definition, TransformType
from skafu.alerts.points import end_after, period_ms, range_start
from skafu.alerts.samples import Samples
from skafu.alerts.transforms import SECOND_MS, Baseline, counter_buckets, season_days
from skafu.metrics.demands import Demand, HourRun, Run
from skafu.metrics.model import Sample, Series, Tags, group_of, matches
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, HOUR_MS, Key
from skafu.shared.observability import logger
from skafu.shared.table import Absent, ConditionFailed, Put, Table

AHEAD_FROM_MS = 6 * HOUR_MS
"""So long after midnight the next day's baselines are made: by then the day before is merged, and
read at a fraction of the price."""

LEARNING_MS = 4_000
"""So long one evaluation of an alert may learn; the next one goes on. Well below the deadline for
writing what was decided from what was read before."""

TOGETHER = 8
"""Instances whose days are read together; a stored day has so many series."""

LIFE_MS = 40 * DAY_MS
"""Points are gone by then, and nothing can be decided again."""

REMEMBERED = 5_000
"""Baselines, of about 3 KB."""


class PointReader(Protocol):
    """Reads points of the past (`metrics.reader.Reader`)."""

    def read(
        self, tenant: str, demands: Sequence[Demand], warnings: list[str]
    ) -> Iterator[tuple[int, Run | HourRun]]:
        """Every point with the number of the demand that it is for. Raises Unavailable."""


class _Need(NamedTuple):
    """One baseline that somebody needs: of an instance, on a day, under one version."""

    alert: str
    version: int
    definition: Definition
    instance: str
    tags: Tags
    day: int

    def key(self, tenant: str) -> Key:
        """Where it is stored."""
        return keys.baseline(tenant, self.alert, self.version, self.instance, self.day)


class Baselines:
    """Gives instances the baselines they are compared with. `reader` is the sweeper's: without one
    nothing is learnt.
    """

    def __init__(self, table: Table, clock: Clock, reader: PointReader | None = None) -> None:
        self._table = table
        self._clock = clock
        self._reader = reader
        self._known: OrderedDict[Key, Baseline] = OrderedDict()

    def provide(self, tenant: str, cases: Sequence[Case], now: int) -> list[Case]:
        """Those of the cases that have all the baselines they need, and now know them; mostly all,
        for nothing, because only deviations need any. With a reader, what is missing is learnt
        first, as far as there is time, and then tomorrow's. Raises Unavailable.
        """
        needs = {id(case): list(_needs(case, now)) for case in cases if _compares(case)}
        if not needs:
            return list(cases)
        wanted = list(dict.fromkeys(need for some in needs.values() for need in some))
        found = self._stored(tenant, wanted)
        self._ensure(tenant, wanted, found, now)
        ready = []
        for case in cases:
            mine = needs.get(id(case), [])
            if all(need in found for need in mine):
                for need in mine:
                    days = case.baselines.setdefault(need.version, {})
                    days[need.day] = found[need]
                ready.append(case)
        return ready

    def _ensure(
        self, tenant: str, wanted: Sequence[_Need], found: dict[_Need, Baseline], now: int
    ) -> None:
        """Learn what is missing of `wanted`, into `found`, and then what the next day will need."""
        if self._reader is None:
            return
        until = self._clock() + LEARNING_MS
        missing = [need for need in wanted if need not in found]
        if now % DAY_MS >= AHEAD_FROM_MS and not missing:
            today = now // DAY_MS * DAY_MS
            ahead = [need._replace(day=today + DAY_MS) for need in wanted if need.day == today]
            missing = [need for need in ahead if need not in self._stored(tenant, ahead)]
        for some in _together(missing):
            found.update(self._learn(tenant, some))
            if self._clock() >= until:
                return

    def _stored(self, tenant: str, needs: Collection[_Need]) -> dict[_Need, Baseline]:
        named = {need.key(tenant): need for need in needs}
        unknown = [key for key in named if key not in self._known]
        if unknown:
            # What is there never changes; what seems not to be there may be there since a moment.
            items = self._table.get_many(unknown)
            absent = [key for key in unknown if key not in items]
            items |= self._table.get_many(absent, consistent=True) if absent else {}
            for key, item in items.items():
                self._remember(key, baseline_from(str(item["body"])))
        return {need: self._known[key] for key, need in named.items() if key in self._known}

    def _remember(self, key: Key, baseline: Baseline) -> None:
        self._known[key] = baseline
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _learn(self, tenant: str, needs: Sequence[_Need]) -> dict[_Need, Baseline]:
        """Learn one day's baselines of some instances, day by day of what they are learnt from."""
        definition, day = needs[0].definition, needs[0].day
        values = self._values(tenant, definition, day, [need.tags for need in needs])
        return {
            need: self._put(tenant, need, learned(definition, day, mine.get))
            for need, mine in zip(needs, values, strict=True)
        }

    def _values(
        self, tenant: str, definition: Definition, day: int, instances: Sequence[Tags]
    ) -> list[dict[int, float]]:
        """For each instance the values of its buckets, by their ends."""
        if definition.transform is None or self._reader is None:
            raise ValueError("there is nothing to learn")
        found: list[dict[int, float]] = [{} for _ in instances]
        warnings: list[str] = []
        for each in season_days(definition.transform, day):
            demands = [_demand(definition, each, tags) for tags in instances]
            samples = [Samples(_plain(definition), x.start, x.end) for x in demands]
            for number, run in self._reader.read(tenant, demands, warnings):
                if isinstance(run, Run):
                    samples[number].feed(run.series.tags, _samples_of(run))
            for values, mine in zip(found, samples, strict=True):
                values.update(_of_day(definition, each, mine))
        if warnings:
            logger.warning("baseline learnt without what is missing", missing=len(warnings))
        return found

    def _put(self, tenant: str, need: _Need, baseline: Baseline) -> Baseline:
        """Store it, unless there is one already: that one is it, then."""
        key = need.key(tenant)
        item = {
            **key._asdict(),
            "k": "baseline",
            "body": baseline_json(baseline),
            "ttl": (need.day + LIFE_MS) // SECOND_MS,
        }
        try:
            self._table.write(Put(item, Absent()))
        except ConditionFailed:
            stored = self._table.get(key, consistent=True)
            baseline = baseline if stored is None else baseline_from(str(stored["body"]))
        self._remember(key, baseline)
        return baseline


def _plain(definition: Definition) -> Definition:
    """What is learnt are buckets' own values."""
    return replace(definition, transform=None)


def _demand(definition: Definition, day: int, tags: Tags) -> Demand:
    """What of an instance is needed for the buckets that begin on a day."""
    period = period_ms(definition)
    start = day // period * period - counter_buckets(definition) * period
    end = end_after(day + DAY_MS - 1, period)
    return Demand(definition.metric, start, end, wants=_wants(definition, tags))


def _of_day(definition: Definition, day: int, samples: Samples) -> Iterator[tuple[int, float]]:
    """The buckets that begin on a day and have data: their ends, and their values."""
    for start in bucket_starts(definition, day):
        end = start + period_ms(definition)
        value = samples.raw(end)
        if value is not None:
            yield end, value


def _wants(definition: Definition, tags: Tags) -> Callable[[Series], bool]:
    """Which series belong to an instance."""

    def wants(series: Series) -> bool:
        return (
            matches(definition.filters, series.tags)
            and group_of(definition.group_by, series.tags) == tags
        )

    return wants


def _samples_of(run: Run) -> Iterator[Sample]:
    for place, (at, value) in enumerate(zip(run.timestamps, run.values, strict=True)):
        yield at, run.summaries.get(place, value)


def _together(needs: Collection[_Need]) -> Iterator[tuple[_Need, ...]]:
    """Those of the same version and day, a few at a time; the first days first."""
    ordered = sorted(needs, key=lambda need: (need.day, need.version))
    for _, some in groupby(ordered, key=lambda need: (need.day, need.version)):
        yield from batched(some, TOGETHER)


def _deviates(version: Alert) -> bool:
    transform = version.definition.transform
    return transform is not None and transform.type is TransformType.DEVIATION


def _compares(case: Case) -> bool:
    return any(_deviates(version) for version in case.versions)


def _needs(case: Case, now: int) -> Iterator[_Need]:
    """The baselines of every day that has a bucket which the walk looks at; the last one that it
    decides began before now.
    """
    for version in case.versions:
        if not _deviates(version) or version.version not in case.feeds:
            continue
        first = end_after(max(case.after, version.edited_at), period_ms(version.definition))
        start = range_start(version.definition, first)
        for day in range(start // DAY_MS * DAY_MS, now + 1, DAY_MS):
            whose = case.subject
            yield _Need(
                version.id, version.version, version.definition, whose.instance, whose.tags, day
            )
