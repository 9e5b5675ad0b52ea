"""What is left to chance, and the stage that it happens on."""

from dataclasses import dataclass
from random import Random

from skafu.metrics.times import REQUEST_LIFE_MS
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS

from tests.support.actors import Stage

TENANT = "acme"
SECOND = 1000
SKEW_MS = 5 * SECOND
"""So far a process' clock is off, at most."""

SEAL_MS = 300 * SECOND
# So many calls of the table a process makes; it stops somewhere among as many.
_SHORT, _LONG = (3, 6, 12), (12, 60, 400)


class Crash(BaseException):
    """The process is gone, wherever it was."""


@dataclass
class Plan:
    """What shall happen to one process: at which of its calls it freezes, at which it crashes, and
    before putting which kind of item it lingers.
    """

    freezes: tuple[int, ...] = ()
    end: int = 0
    calls: int = 0
    over: bool = False
    lingers: str = ""


class Fate:
    """One seed's luck. Nothing goes wrong when it has become quiet, nor to what is not played."""

    def __init__(self, seed: int, stage: Stage) -> None:
        self.random = Random(seed)
        self.stage = stage
        self.quiet = False

    def chance(self, p: float) -> bool:
        """Whether a fault with this probability happens."""
        return self.stage.playing and not self.quiet and self.random.random() < p

    def plan(
        self,
        freeze: float,
        crash: float,
        *,
        long: bool = False,
        lingers: tuple[str, ...] = (),
        linger: float = 0.3,
    ) -> Plan:
        """The luck of a process that is about to start."""
        r, calls = self.random, _LONG if long else _SHORT
        freezes = tuple(
            r.randint(1, r.choice(calls))
            for _ in range(2)
            if not self.quiet and r.random() < freeze
        )
        end = r.randint(1, r.choice(calls)) if r.random() < crash else 0
        kind = r.choice(lingers) if lingers and not self.quiet and r.random() < linger else ""
        return Plan(freezes, end, lingers=kind)

    def skew(self) -> int:
        """How far a process' clock is off."""
        return self.random.randint(-SKEW_MS, SKEW_MS)

    def frozen(self) -> int:
        """How long a process stands still: often until about the seal, where it hurts."""
        now, r = self.stage.now, self.random
        border = now // BUCKET_MS * BUCKET_MS + SEAL_MS + r.randint(-5, 40) * SECOND
        if border > now and r.random() < 0.6:
            return border - now
        seconds = r.choice((2, 10, 40, 200, 400, 1000, 3600, 3 * 3600, 9 * 3600))
        return seconds * SECOND + r.randrange(SECOND)

    def lingered(self, kind: str) -> int:
        """How long a process stands still before it puts something of this kind."""
        if kind == "segment" or self.random.random() < 0.2:
            return self.frozen()
        return self.random.choice((1, 3, 10, 30)) * SECOND

    def latency(self) -> int:
        """How long a call of the table takes to get there."""
        return self.random.choice((0, 1, 1, 5, 20, 80))

    def retry_wait(self) -> int:
        """How long a client waits before it sends a request again."""
        return self.random.choice(
            (
                *(SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS),
                *(HOUR_MS, 5 * HOUR_MS, DAY_MS, 8 * DAY_MS, 10 * DAY_MS, 12 * DAY_MS),
            )
        )

    def impatience(self) -> int:
        """After how long a client sends again though the first try still runs."""
        life = REQUEST_LIFE_MS
        return self.random.choice(
            (SECOND, 5 * SECOND, life + SECOND, life + SECOND, life + 30_000, life + 200_000)
        )
