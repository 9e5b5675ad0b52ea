"""Answering queries: which series, which points, what they are reduced to.

All questions of a request are answered from one reading: an agent's metrics share layouts, so one
segment serves many of them.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched, groupby

from skafu.metrics.model import (
    Layout,
    Segment,
    Statistic,
    TagFilter,
    Tags,
    columns_of,
    group_of,
    matches,
    reduce,
)
from skafu.metrics.store import Entry, MetricsStore, Span
from skafu.metrics.times import AHEAD_MS, accepted
from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, Unprocessable
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS

MAX_SERIES = 500
MAX_POINTS = 100_800
MAX_SAMPLES = 5_000_000
MAX_RANGE_MS = 32 * DAY_MS
MAX_READING_MS = 20_000
"""A request has 28 seconds; what is left after reading is for reducing and for the way back."""

_SPANS = 8  # days of layouts that are read between two looks at the clock
_MAX_WARNINGS = 20


@dataclass(frozen=True)
class Question:
    """One query. `period` is in milliseconds. Without `group_by` all series are reduced to one."""

    id: str
    metric: str
    statistic: Statistic
    period: int
    filters: tuple[TagFilter, ...] = ()
    group_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One series of an answer: for each bucket its start and its value, None where there is no
    point.
    """

    tags: dict[str, str]
    timestamps: list[int]
    values: list[float | None]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one question: a line for each group that has points, in order of tags."""

    id: str
    series: list[Line]


@dataclass(frozen=True)
class Answer:
    """Results in the order of the questions, and what a reader should know of what is missing."""

    results: list[Result]
    warnings: list[str]


@dataclass
class _Samples:
    """The points of one group of one question, in order of arrival."""

    timestamps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))


class Queries:
    """The use case of GET and POST /api/metrics/query."""

    def __init__(
        self, store: MetricsStore, clock: Clock, *, max_samples: int = MAX_SAMPLES
    ) -> None:
        self._store = store
        self._clock = clock
        self._max_samples = max_samples

    def answer(self, tenant: str, questions: Sequence[Question], start: int, end: int) -> Answer:
        """Reduce the points in [start, end), epoch milliseconds, to buckets aligned to the epoch.

        Raises Unprocessable for a range or an answer beyond the limits, naming field and limit.
        """
        _check_range(questions, start, end)
        warnings: list[str] = []
        oldest = accepted(self._clock()).start
        if start < oldest:
            warnings.append(f"points older than 30 days are not kept; reading began at {oldest}")
        reading = _Reading(questions, start, end, self._max_samples)
        entries = self._entries(tenant, questions)
        layouts = self._store.layouts(tenant, entries)
        for layout in layouts.values():
            reading.expect(layout)
        self._read(
            tenant, reading, list(_spans(entries.values(), max(start, oldest), end)), warnings
        )
        results = reading.results(warnings)
        return Answer(results, _shortened(warnings + reading.missing()))

    def _entries(self, tenant: str, questions: Iterable[Question]) -> dict[str, Entry]:
        """One entry for each layout with any of the metrics; what is asked of it, layout's life, is
        the same for all metrics of a layout.
        """
        metrics = dict.fromkeys(question.metric for question in questions)
        return {
            entry.layout: entry for name in metrics for entry in self._store.entries(tenant, name)
        }

    def _read(
        self, tenant: str, reading: "_Reading", spans: list[Span], warnings: list[str]
    ) -> None:
        deadline = self._clock() + MAX_READING_MS
        for some in batched(spans, _SPANS):
            if self._clock() > deadline:
                raise _beyond("start", "the range holds more than can be read in 20 seconds")
            for segment in self._store.scan(tenant, some, warnings):
                reading.add(segment)


class _Reading:
    """Collects the points that questions ask for from whatever segments come by."""

    def __init__(
        self, questions: Sequence[Question], start: int, end: int, max_samples: int
    ) -> None:
        self._max_samples = max_samples
        self._questions = questions
        self._start = start
        self._end = end
        self._columns: dict[str, dict[int, list[_Samples]]] = {}
        self._groups: list[dict[Tags, _Samples]] = [{} for _ in questions]
        self._samples = 0
        self._missing: dict[str, int] = {}

    def expect(self, layout: Layout) -> None:
        """Note which of a layout's columns are asked for, and by which groups."""
        columns: dict[int, list[_Samples]] = {}
        for question, groups in zip(self._questions, self._groups, strict=True):
            for position in columns_of(layout, question.metric):
                tags = layout.series[position].tags
                if matches(question.filters, tags):
                    samples = groups.setdefault(group_of(question.group_by, tags), _Samples())
                    columns.setdefault(position, []).append(samples)
        self._columns[layout.hash] = columns

    def add(self, segment: Segment) -> None:
        """Take the points that are asked for. Raises Unprocessable when there are too many."""
        columns = self._columns.get(segment.layout)
        if columns is None:
            self._missing[segment.layout] = self._missing.get(segment.layout, 0) + 1
            return
        inside = self._start <= segment.bucket and segment.bucket + BUCKET_MS <= self._end
        for position, sinks in columns.items():
            low = bisect_left(segment.series, position)
            high = bisect_right(segment.series, position, low)
            times, values = segment.timestamps[low:high], segment.values[low:high]
            if not inside:
                # Within a series points are in order of time.
                first, last = bisect_left(times, self._start), bisect_left(times, self._end)
                times, values = times[first:last], values[first:last]
            for samples in sinks:
                samples.timestamps.extend(times)
                samples.values.extend(values)
            self._samples += len(sinks) * len(times)
        if self._samples > self._max_samples:
            most = f"{self._max_samples:,}"
            raise _beyond("start", f"the range holds more than {most} points to reduce")

    def results(self, warnings: list[str]) -> list[Result]:
        """Reduce what was collected. Raises Unprocessable when the answer is too large."""
        found = [
            sorted((tags, samples) for tags, samples in groups.items() if samples.timestamps)
            for groups in self._groups
        ]
        if sum(map(len, found)) > MAX_SERIES:
            raise _beyond("queries", f"an answer has at most {MAX_SERIES} series")
        points = sum(
            len(groups) * len(_buckets(question.period, self._start, self._end))
            for question, groups in zip(self._questions, found, strict=True)
        )
        if points > MAX_POINTS:
            raise _beyond("queries", f"an answer has at most {MAX_POINTS:,} points")
        return [
            Result(question.id, [self._line(question, *group, warnings) for group in groups])
            for question, groups in zip(self._questions, found, strict=True)
        ]

    def _line(self, question: Question, tags: Tags, samples: _Samples, warnings: list[str]) -> Line:
        buckets = _buckets(question.period, self._start, self._end)
        values: list[float | None] = [None] * len(buckets)
        ordered = sorted(zip(samples.timestamps, samples.values, strict=True))
        for number, some in groupby(ordered, lambda sample: sample[0] // question.period):
            value = reduce(question.statistic, list(some))
            if math.isfinite(value):
                values[number - buckets.start // question.period] = value
            else:
                at = number * question.period
                warnings.append(f"{question.id}: the value at {at} is too large for a double")
        return Line(dict(tags), list(buckets), values)

    def missing(self) -> list[str]:
        """Of segments whose layout cannot be read, and so cannot be named."""
        return [
            f"layout {name} cannot be read: {count} stored items that name it are left out"
            for name, count in self._missing.items()
        ]


def _buckets(period: int, start: int, end: int) -> range:
    """The starts of all buckets that [start, end) meets."""
    return range(start // period * period, end, period)


def _spans(entries: Iterable[Entry], start: int, end: int) -> Iterator[Span]:
    """Day by day, for each layout the time in which it can have points.

    A layout is named for at most a day after it was seen (items.REFRESH_MS), by points at most two
    hours ahead and to their bucket's end.
    """
    living = list(entries)
    for day in range(start // DAY_MS * DAY_MS, end, DAY_MS):
        for entry in living:
            last = entry.seen + DAY_MS + AHEAD_MS + BUCKET_MS + _SLACK_MS
            low, high = max(start, day), min(end, day + DAY_MS, last)
            if low < high:
                yield Span(entry.layout, low, high, entry.first - _SLACK_MS)


_SLACK_MS = HOUR_MS
"""Clocks differ, requests last and replicas lag by far less."""


def _check_range(questions: Sequence[Question], start: int, end: int) -> None:
    if not 0 <= start < end:
        raise _beyond("end", "must be later than start")
    if end - start > MAX_RANGE_MS:
        raise _beyond("start", "a range has at most 32 days")
    points = sum(len(_buckets(question.period, start, end)) for question in questions)
    if points > MAX_POINTS:
        reason = f"an answer has at most {MAX_POINTS:,} points; these would have {points:,} or more"
        raise _beyond("queries", reason)


def _beyond(name: str, reason: str) -> Unprocessable:
    return Unprocessable(f"the query is beyond a limit: {reason}", [FieldError(name, reason)])


def _shortened(warnings: list[str]) -> list[str]:
    if len(warnings) <= _MAX_WARNINGS:
        return warnings
    return [*warnings[:_MAX_WARNINGS], f"and {len(warnings) - _MAX_WARNINGS} more"]
