"""What is left to chance, and the stage that it happens on."""

from collections.abc import Callable
from random import Random

from tests.support.actors import Stage
from tests.support.clocks import NOON

TENANT = "acme"
NEIGHBOUR = "umbrella"
"""A tenant in the same table, whose alerts have the same names, and who sends nothing."""

SECOND = 1000
START = NOON + 1200 * SECOND
SKEW_MS = 900
"""No server's clock is further from the true time: two of them differ by less than 2 s."""


class Fate:
    """One seed's luck. Nothing goes wrong in a calm world, nor when it has become quiet; servers'
    clocks differ in all of them.
    """

    def __init__(self, seed: int, calm: bool, stage: Stage) -> None:
        self.random = Random(seed)
        self.calm = calm
        self.stage = stage
        self.quiet = False

    def chance(self, p: float) -> bool:
        """Whether a fault with this probability happens."""
        return not self.calm and not self.quiet and self.random.random() < p

    def dawdle(self, p: float) -> None:
        """Let others go on, with this probability, for seconds or for minutes."""
        if not self.stage.playing or not self.chance(p):
            return
        if self.random.random() < 0.1:
            self.stage.pause(self.random.choice((12, 60, 400)) * SECOND)
        else:
            self.stage.pause(self.random.uniform(1, 9) * SECOND)

    def server(self) -> int:
        """How much a server's clock is ahead, in milliseconds."""
        return self.random.randint(-SKEW_MS, SKEW_MS)

    def clock(self) -> Callable[[], int]:
        """The clock of a server."""
        ahead = self.server()
        return lambda: self.stage.now + ahead

    @property
    def elapsed(self) -> int:
        """Seconds since the start."""
        return (self.stage.now - START) // SECOND
