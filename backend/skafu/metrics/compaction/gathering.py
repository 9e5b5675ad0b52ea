"""From a bucket's segments, or late items, to the points of each series."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched, groupby

from skafu.metrics.codec import CodecError
from skafu.metrics.compaction.directories import Directories, Grouping
from skafu.metrics.compaction.lives import Lives
from skafu.metrics.compaction.means import Tally
from skafu.metrics.compaction.place import Blocked
from skafu.metrics.compaction.points import Run, Runs
from skafu.metrics.compaction.stored import Sources, Stored
from skafu.metrics.groups import GROUP_SERIES
from skafu.metrics.items import segment_from
from skafu.metrics.model import Layout, Segment
from skafu.shared import keys
from skafu.shared.observability import Count, count, logger

_LAYOUTS = 16  # layouts in memory at a time, where their series have groups already


def layout_of_item(item: Stored) -> str:
    """The layout that a segment or late item names."""
    name = keys.late_name if item["k"] == "late" else keys.segment_name
    return name(str(item["sk"])).layout


def placed(
    tenant: str,
    items: Iterable[Stored],
    base: Grouping,
    sources: Sources,
    directories: Directories,
    lives: Lives,
) -> Grouping:
    """The grouping that has a place for every series that these items may have points of: `base`,
    or `base` and further groups. Raises Blocked where a layout is missing.
    """
    wanted = {layout_of_item(item) for item in items}
    lacking: dict[str, Layout] = {}
    for names in batched(sorted(wanted - base.by_layout.keys()), _LAYOUTS):
        found = sources.layouts(tenant, names)
        for name, layout in found.items():
            if all(each in base.numbers for each in layout.series):
                directories.place(tenant, base, {name: layout}, lives)
            else:
                lacking[name] = layout
    return directories.place(tenant, base, lacking, lives) if lacking else base


def gathered(items: Iterable[Stored], grouping: Grouping) -> Runs:
    """The points of these segments or late items, by their series' number in the grouping.

    Raises Blocked for one that is damaged or of an unknown version: what cannot be read must not be
    left out.
    """
    runs: Runs = {}
    for item in items:
        segment = _read(item)
        numbers = grouping.by_layout[segment.layout]
        try:
            _spread(segment, numbers, runs)
        except IndexError as error:
            raise Blocked(f"segment {item['sk']!r} has series that its layout has not") from error
    return runs


def _spread(segment: Segment, numbers: Sequence[int], runs: Runs) -> None:
    summaries = segment.summaries
    rows = zip(segment.series, segment.timestamps, segment.values, strict=True)
    for row, (position, at, value) in enumerate(rows):
        number = numbers[position]
        run = runs.get(number)
        if run is None:
            run = runs[number] = Run()
        run.add(at, value, summaries.get(row) if summaries else None)


def _read(item: Stored) -> Segment:
    try:
        return segment_from(item)
    except CodecError as error:
        logger.error("segment is damaged", sk=str(item["sk"]), reason=str(error))
        count(Count.DAMAGED_SEGMENTS)
        raise Blocked(f"segment {item['sk']!r} cannot be read: {error}") from error


def leave_out(runs: Runs, grouping: Grouping, deleted: Mapping[str, int]) -> None:
    """Leave out the points of deleted metrics that are older than their deletion tells."""
    if not deleted:
        return
    for number, run in list(runs.items()):
        until = deleted.get(grouping.series(number).metric)
        if until is not None:
            run.keep(until)
        if len(run) == 0:
            del runs[number]


def tally_points(runs: Runs, grouping: Grouping, tally: Tally) -> int:
    """Count the points by metric; returns how many there are."""
    total = 0
    for number, run in runs.items():
        tally.points[grouping.series(number).metric] += len(run)
        total += len(run)
    return total


def by_group(runs: Runs) -> Iterator[tuple[int, Runs]]:
    """The runs by group: its number, and each run by its series' position. They are taken out of
    `runs`, whose memory is free as soon as a group is done with.
    """
    for group, numbers in groupby(sorted(runs), key=lambda number: number // GROUP_SERIES):
        yield group, {number % GROUP_SERIES: runs.pop(number) for number in numbers}
