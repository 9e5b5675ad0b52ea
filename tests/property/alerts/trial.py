"""One trial, and several in a row: `python -m tests.property.alerts.trial chaos:3 calm:0-9` prints
what went wrong and exits with 1 where anything did.
"""

import logging
import sys
from collections.abc import Iterable, Iterator

from tests.property.alerts.fate import START
from tests.property.alerts.invariants import problems
from tests.property.alerts.world import World
from tests.support.actors import Stage


def trial(seed: int, calm: bool) -> list[str]:
    """What went wrong in one world; nothing should."""
    with Stage(START) as stage:
        world = World(seed, calm, stage)
        world.live()
        return list(problems(world))


def named(name: str) -> Iterator[tuple[int, bool]]:
    """Seeds and kinds of worlds: `chaos:3`, or several, `calm:0-9`."""
    kind, _, seeds = name.partition(":")
    first, _, last = seeds.partition("-")
    for seed in range(int(first), int(last or first) + 1):
        yield seed, {"calm": True, "chaos": False}[kind]


def main(names: Iterable[str]) -> int:
    """Run these trials; 1 when anything went wrong in one of them, and what."""
    for seed, calm in (world for name in names for world in named(name)):
        try:
            wrong = trial(seed, calm)
        except Exception as error:  # pylint: disable=broad-exception-caught # it is the finding
            wrong = [f"{type(error).__name__}: {error}"]
        if wrong:
            print(f"trial {seed} {'calm' if calm else 'chaos'}: {wrong[0][:600]}")
            return 1
    return 0


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main(sys.argv[1:]))
