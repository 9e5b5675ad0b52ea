"""Move what acts from one region to the other, in an order in which two never act at once.

1. The region that is left stops: its stack's ActiveRegion is the other one. Where it does not
   answer, this is left for later.
2. The table names the region that acts. Who was cut off and comes back reads it there, before
   anything of its stack was changed (skafu/shared/fence.py).
3. The other region starts: its stack's ActiveRegion is itself.
4. The API's name leads there.

Each step looks first: what broke off is gone on with by the same command.
"""

from dataclasses import dataclass

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import regions, switching
from skafu.ops.recovery.changing import Means, write_down
from skafu.ops.recovery.regions import ACTIVE, Side
from skafu.ops.recovery.waiting import until
from skafu.shared.clock import Clock

SEEN_S = 300.0
"""What is written in one region is there in the other within a second or so; this is a limit."""


@dataclass(frozen=True)
class Move:
    """From one side to the other."""

    source: Side
    target: Side

    def stop(self, means: Means) -> None:
        """Have the region that is left do nothing by itself any more."""
        if self.source.stack is None:
            means.tell(
                f"{self.source.region} does not answer. When it is back, it does nothing as soon "
                "as its table has been told; give the same command again then, to stop it for good"
            )
            return
        self._activate(self.source, means)
        write_down(self.source.place, means, ACTIVE)

    def declare(self, means: Means) -> float | None:
        """Have the table name the region that acts; how long (s) it took until it was seen there,
        None where there was nobody to see it from.
        """
        region = self.target.region
        if regions.named(self.target) == region:
            means.tell(f"The table in {region} says that {region} acts")
            return None
        began = means.clock()
        if self.source.stack is None:
            regions.name(self.target, region, began)
            means.tell(f"The table in {region} says that {region} acts")
            return None
        # By the way that all else takes: once this is there, what was written before mostly is.
        regions.name(self.source, region, began)
        lag = _seen(self.target, region, means, means.clock)
        means.tell(f"Both tables say that {region} acts: replicated within {lag:.1f} s")
        return lag

    def start(self, means: Means) -> None:
        """Have the other region act. Raises Refused when what makes it act is not all on."""
        self._activate(self.target, means)
        off = [name for name, is_on in regions.triggers(self.target) if not is_on]
        if off:
            raise Refused(f"{self.target.region} does not act yet: {', '.join(off)} are off.")
        write_down(self.target.place, means, ACTIVE)

    def _activate(self, side: Side, means: Means) -> None:
        place = side.place
        clients = switching.Means(
            place.client("cloudformation"), place.client("lambda"), means.tell, means.wait
        )
        now = switching.look(clients.cloudformation, place.stack)
        region = self.target.region
        is_news = (now.parameters.get(ACTIVE) or place.environment.region) != region
        if is_news:
            switching.update(now, {ACTIVE: region}, clients, f"failover-{means.clock()}")
        does = "acts" if side is self.target else "does nothing by itself"
        means.tell(f"{side.region}: {place.stack} {does}{'' if is_news else ' already'}")


def _seen(target: Side, region: str, means: Means, clock: Clock) -> float:
    began = clock()
    until(
        lambda: regions.named(target) == region,
        *(SEEN_S, f"{target.region} does not see what was written in the other", means.wait),
    )
    return (clock() - began) / 1000
