"""One trial, and several in a row: `python -m tests.property.metrics.store_world.trial 0 1 2` (or
`0-59`) prints what went wrong and exits with 1 where anything did; `scenes` plays the staged ones.
"""

import logging
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.property.metrics.store_world.ledger import Wrong
from tests.property.metrics.store_world.scenes import SCENES
from tests.property.metrics.store_world.world import World
from tests.support.actors import Stage
from tests.support.clocks import NOON

DAY_MS = 86_400_000


def trial(seed: int, counts: Counter[str] | None = None) -> str | None:
    """What went wrong in one world; nothing should. Adds to `counts` what happened in it."""
    with Stage(NOON) as stage:
        world = World(seed, stage)
        try:
            world.live()
            world.rest()
        except Wrong as wrong:
            return f"{wrong} at {(stage.now - NOON) / DAY_MS:.5f} d"
        finally:
            if counts is not None:
                counts.update(world.counts())
    return None


def main(seeds: Iterable[int]) -> int:
    """Run these trials; 1 when anything went wrong in one of them, and what."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            wrong = trial(seed, counts)
        except Exception as error:  # pylint: disable=broad-exception-caught # it is the finding
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            print(f"trial {seed}: {wrong[:600]}")
            return 1
    print(dict(counts))
    return 0


def main_of_scenes() -> int:
    """Play all scenes; 1 when anything went wrong in one of them, and what."""
    for scene in SCENES:
        if wrong := scene():
            print(f"{scene.__name__}: {wrong}")
            return 1
    return 0


def seeds_of(texts: Iterable[str]) -> Iterator[int]:
    """Numbers and ranges of numbers."""
    for text in texts:
        first, _, last = text.partition("-")
        yield from range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    STAGED = sys.argv[1:2] == ["scenes"]
    sys.exit(main_of_scenes() if STAGED else main(seeds_of(sys.argv[1:])))
