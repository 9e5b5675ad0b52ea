"""What a generation is made of: day chunks, rollups and sketches of each group."""

from dataclasses import dataclass

from skafu.metrics.blocks import DAY_SERIES, day_items
from skafu.metrics.compaction.lives import DAY_LIFE_MS
from skafu.metrics.compaction.means import Batch, Means
from skafu.metrics.compaction.place import Place
from skafu.metrics.compaction.points import Runs, columns_of, parts_of
from skafu.metrics.model import Layout
from skafu.metrics.rollups import ROLLUP_SERIES, hours_of, rollup_items, sketch_items
from skafu.shared.keys import DAY_MS


@dataclass(frozen=True)
class Generation:
    """Which generation of which day is being written, under which tag."""

    means: Means
    place: Place
    day: int
    number: int
    tag: str

    @property
    def end(self) -> int:
        """The day's end."""
        return self.day + DAY_MS


def write_group(generation: Generation, group: Layout, runs: Runs, batch: Batch) -> int:
    """Write all parts of a group; returns a bit for each of its series that has points. What would
    be past its life is not written.
    """
    _write_days(generation, group.hash, runs, batch)
    _write_hours(generation, group.hash, runs, batch)
    return sum(1 << position for position, run in runs.items() if len(run))


def _write_days(generation: Generation, group: str, runs: Runs, batch: Batch) -> None:
    place, day = generation.place, generation.day
    expires = generation.end + DAY_LIFE_MS
    if expires <= generation.means.clock():
        return
    for part, some in parts_of(runs, DAY_SERIES):
        batch.add(
            day_items(
                place.tenant,
                place.shard,
                day,
                generation.number,
                group,
                part,
                generation.tag,
                columns_of(some),
                expires,
            )
        )


def _write_hours(generation: Generation, group: str, runs: Runs, batch: Batch) -> None:
    place, day = generation.place, generation.day
    expires = generation.means.lives(place.tenant).rollup(generation.end)
    if expires <= generation.means.clock():
        return
    for part, some in parts_of(runs, ROLLUP_SERIES):
        hours = {position: hours_of(run.samples()) for position, run in some.items()}
        for items in (rollup_items, sketch_items):
            batch.add(
                items(
                    place.tenant,
                    place.shard,
                    day,
                    generation.number,
                    group,
                    part,
                    generation.tag,
                    hours,
                    expires,
                )
            )
