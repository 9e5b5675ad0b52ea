"""What became of the points of a drill: by the moment at which each was acknowledged. Pure, but for
the ledger's lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.rehearsal.ledger import Balance, Cell, Ledger


@dataclass
class TimedLedger(Ledger):
    """A ledger that also knows when each point was acknowledged first, epoch ms."""

    _when: dict[Cell, int] = field(default_factory=dict)

    def answered(self, cell: Cell, at: int, status: int) -> None:
        super().answered(cell, at, status)
        if status == 202:
            with self._lock:
                self._when.setdefault(cell, at)

    def acknowledged_by(self, until: int) -> list[Cell]:
        """What was acknowledged before a moment."""
        with self._lock:
            return sorted(cell for cell, at in self._when.items() if at < until)

    def when(self) -> dict[Cell, int]:
        """All that was acknowledged, and when."""
        with self._lock:
            return dict(self._when)


@dataclass(frozen=True)
class Moments:
    """Of a drill, epoch ms: the backup, the damage, the end of the switch-over."""

    backup: int
    damage: int
    switched: int


@dataclass(frozen=True)
class Losses:
    """Points that were acknowledged and are not there: before the backup (there must be none), from
    it to the damage, from that to the switch-over, and after it (none). `last` is when the last of
    them was acknowledged.
    """

    before: int
    since_backup: int
    since_damage: int
    after: int
    last: int | None
    balance: Balance

    def rpo_s(self, moments: Moments) -> float:
        """From the backup to the last point that is lost, or to the damage if that is later."""
        last = max(self.last or moments.backup, moments.damage)
        return (last - moments.backup) / 1000

    @property
    def problems(self) -> list[str]:
        """What must not be."""
        told = {
            "points from before the backup are lost": self.before,
            "points from after the switch-over are lost": self.after,
            "points are there twice": len(self.balance.doubled),
            "points have another value": len(self.balance.wrong),
            "points are there that nobody has sent": len(self.balance.foreign),
        }
        found = [f"{number} {what}" for what, number in told.items() if number]
        return found if self.balance.acknowledged else ["no point was acknowledged"]


def losses(
    ledger: TimedLedger, stored: Mapping[Cell, tuple[int, float]], moments: Moments
) -> Losses:
    """Compare what was acknowledged with what is there at the end."""
    balance, when = ledger.balance(stored), ledger.when()
    at = [when[cell] for cell in balance.lost]
    return Losses(
        before=sum(each < moments.backup for each in at),
        since_backup=sum(moments.backup <= each < moments.damage for each in at),
        since_damage=sum(moments.damage <= each < moments.switched for each in at),
        after=sum(each >= moments.switched for each in at),
        last=max(at, default=None),
        balance=balance,
    )
