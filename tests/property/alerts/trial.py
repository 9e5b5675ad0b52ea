"""One trial, and several in a row: `python -m tests.property.alerts.trial 0 10 [chaos|calm]` prints
what went wrong and exits with 1 where anything did.
"""

import logging
import sys

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


def first_problem(seeds: range, kinds: tuple[bool, ...]) -> str | None:
    """The first thing that went wrong, with the trial that shows it."""
    for seed in seeds:
        for calm in kinds:
            try:
                wrong = trial(seed, calm)
            except Exception as error:  # pylint: disable=broad-exception-caught # it is the finding
                wrong = [f"{type(error).__name__}: {error}"]
            if wrong:
                return f"trial {seed} {'calm' if calm else 'chaos'}: {wrong[0]}"
    return None


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    KINDS = {"chaos": (False,), "calm": (True,), "both": (False, True)}
    FOUND = first_problem(
        range(int(sys.argv[1]), int(sys.argv[2])), KINDS[(sys.argv[3:] or ["both"])[0]]
    )
    if FOUND:
        print(FOUND[:600])
        sys.exit(1)
