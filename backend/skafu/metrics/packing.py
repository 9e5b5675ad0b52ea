"""From the points of a request to its layouts and segments: a pure function of request, receipt and
the lengths of the tenant's buckets.

Keys and payloads depend on the request alone, so that a retry finds its first try whatever became
of the clock meanwhile. That is why a layout lists the series of all well-formed points, those too
whose timestamp has just left the acceptance window; the window's edges are edges of buckets, so a
bucket's points are there as a whole or not at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from skafu.metrics.codec import NO_SUMMARIES
from skafu.metrics.columnar import Column
from skafu.metrics.layout import fitting, layout_of
from skafu.metrics.model import Layout, Segment
from skafu.metrics.points import Batch, SeriesBook
from skafu.metrics.tenancy import LENGTHS_MS, Bucketing
from skafu.metrics.times import is_left

_GRAIN_MS = min(LENGTHS_MS)

REMEMBERED = 250_000
"""Spellings of series and points of plans that a packer remembers, together: about 100 MB."""


@dataclass(frozen=True)
class _Plan:
    """Where the points of a batch belong, which depends on the order of its series alone.

    For each point its layout (a place in `layouts`, of which there is mostly one) and its series'
    position there; `order` sorts points by both. `distinct`: each series occurs once.
    """

    layouts: list[Layout]
    layout: list[int]
    position: list[int]
    order: list[int]
    distinct: bool


@dataclass(frozen=True)
class Requests:
    """What a request is called: by its content or, for points without a time of their own, by the
    gateway.
    """

    content: str
    gateway: str


@dataclass(frozen=True)
class Packed:
    """What a request becomes in the table; every segment names one of the layouts."""

    layouts: list[Layout]
    segments: list[Segment]


class Packer:
    """Remembers the plans of recent batches: agents send the same series again and again."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._most = remembered
        self.book = SeriesBook()
        self._plans: dict[tuple[int, ...], _Plan] = {}
        self._planned = 0

    def make_room(self) -> None:
        """Forget everything where it is too much; between requests, because numbers change."""
        if len(self.book.spelled) + self._planned > self._most:
            self.book, self._plans, self._planned = SeriesBook(), {}, 0

    def pack(self, batch: Batch, requests: Requests, receipt: int, bucketing: Bucketing) -> Packed:
        """Segments for the accepted points of a batch, at least one."""
        plan = self._plan(tuple(batch.series))
        stamps, summaries = batch.timestamps, batch.summaries
        segments = []
        for (layout, request, bucket), rows in _parts(plan, batch, requests, bucketing).items():
            if not plan.distinct:
                # Sorting is stable, so points of one series and time stay in the request's order.
                rows.sort(key=lambda i: (plan.position[i], stamps[i]))
            segments.append(
                Segment(
                    layout=plan.layouts[layout].hash,
                    bucket=bucket,
                    request=request,
                    receipt=receipt,
                    late=is_left(bucketing.end(bucket), receipt),
                    series=[plan.position[i] for i in rows],
                    timestamps=[stamps[i] for i in rows],
                    values=[batch.values[i] for i in rows],
                    summaries=(
                        {row: summaries[i] for row, i in enumerate(rows) if i in summaries}
                        if summaries
                        else NO_SUMMARIES
                    ),
                )
            )
        used = {segment.layout for segment in segments}
        return Packed([layout for layout in plan.layouts if layout.hash in used], segments)

    def _plan(self, numbers: tuple[int, ...]) -> _Plan:
        plan = self._plans.get(numbers)
        if plan is None:
            plan = self._plans[numbers] = _planned(numbers, self.book)
            self._planned += len(numbers)
        return plan


def _planned(numbers: Sequence[int], book: SeriesBook) -> _Plan:
    series = [book.series[number] for number in numbers]
    layouts = fitting(layout_of(series))
    places = {
        each: (n, position)
        for n, layout in enumerate(layouts)
        for position, each in enumerate(layout.series)
    }
    found = [places[each] for each in series]
    return _Plan(
        layouts=layouts,
        layout=[n for n, _ in found],
        position=[position for _, position in found],
        order=sorted(range(len(found)), key=found.__getitem__),
        distinct=len(places) == len(found),
    )


def _parts(
    plan: _Plan, batch: Batch, requests: Requests, bucketing: Bucketing
) -> dict[tuple[int, str, int], list[int]]:
    """The accepted points by layout, request and bucket, each part in the plan's order."""
    stamps = batch.timestamps
    bucket = bucketing.start(min(stamps))
    if bucketing.start(max(stamps)) == bucket and len(plan.layouts) == 1:
        if not batch.outside and not batch.untimed:
            return {(0, requests.content, bucket): list(plan.order)}
    parts: dict[tuple[int, str, int], list[int]] = {}
    buckets = _Buckets(bucketing)
    for i in plan.order:
        if i not in batch.outside:
            request = requests.gateway if i in batch.untimed else requests.content
            parts.setdefault((plan.layout[i], request, buckets[stamps[i] // _GRAIN_MS]), []).append(
                i
            )
    return parts


class _Buckets(dict[int, int]):
    """The starts of buckets, by the shortest buckets' numbers: looked up once for each."""

    def __init__(self, bucketing: Bucketing) -> None:
        super().__init__()
        self._bucketing = bucketing

    def __missing__(self, number: int) -> int:
        start = self[number] = self._bucketing.start(number * _GRAIN_MS)
        return start


def pack_columns(
    columns: Iterable[Column], requests: Requests, receipt: int, bucketing: Bucketing
) -> Packed:
    """Segments for columns, none of which is empty."""
    parts: dict[tuple[str, str, int], list[Column]] = defaultdict(list)
    layouts: dict[str, Layout] = {}
    for column in columns:
        layouts[column.layout.hash] = column.layout
        request = requests.gateway if column.untimed else requests.content
        for bucket, piece in _by_bucket(column, bucketing):
            parts[column.layout.hash, request, bucket].append(piece)
    segments = []
    for (layout, request, bucket), pieces in parts.items():
        late = is_left(bucketing.end(bucket), receipt)
        rows = _rows(pieces)
        segments.append(Segment(layout, bucket, request, receipt, late, *rows, NO_SUMMARIES))
    return Packed(list(layouts.values()), segments)


def _by_bucket(column: Column, bucketing: Bucketing) -> list[tuple[int, Column]]:
    stamps = column.timestamps
    bucket = bucketing.start(min(stamps))
    if bucketing.start(max(stamps)) == bucket:
        return [(bucket, column)]
    buckets = _Buckets(bucketing)
    rows: dict[int, list[int]] = defaultdict(list)
    for i, stamp in enumerate(stamps):
        rows[buckets[stamp // _GRAIN_MS]].append(i)
    return [(start, column.chosen(some)) for start, some in rows.items()]


def _rows(pieces: Sequence[Column]) -> tuple[Sequence[int], Sequence[int], Sequence[float]]:
    """The points of all pieces, sorted by series and time, those of one time as they came."""
    first = pieces[0]
    if len(pieces) == 1:  # a column has each series once, in order
        return first.positions, first.timestamps, first.values
    rows = [
        row
        for piece in pieces
        for row in zip(piece.positions, piece.timestamps, piece.values, strict=True)
    ]
    rows.sort(key=_place)
    series, stamps, values = zip(*rows, strict=True)
    return series, stamps, values


_place = itemgetter(0, 1)
