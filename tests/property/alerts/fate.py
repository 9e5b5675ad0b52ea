"""What is left to chance, and the stage that it happens on."""

from random import Random

from tests.support.actors import Stage
from tests.support.clocks import NOON

TENANT = "acme"
SECOND = 1000
START = NOON + 1200 * SECOND


class Fate:
    """One seed's luck. Nothing goes wrong in a calm world, nor when it has become quiet."""

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

    @property
    def elapsed(self) -> int:
        """Seconds since the start."""
        return (self.stage.now - START) // SECOND
