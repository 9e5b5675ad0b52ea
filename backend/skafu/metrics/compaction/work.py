"""What a run at one place goes by, and what it did."""

from dataclasses import dataclass, field

from skafu.metrics.compaction.mark import Mark
from skafu.metrics.compaction.place import Budget, Place


class Moved(Exception):
    """Somebody else has moved the mark: they are at work here."""


@dataclass
class Done:
    """What one run did."""

    sealed: int = 0
    merged: int = 0
    folded: int = 0
    blocked: int = 0
    overdue: int = 0
    strays: int = 0
    left: int = 0

    def add(self, other: "Done") -> None:
        """Add another place's."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class Work:
    """What a run at a place goes by."""

    place: Place
    at: int
    mark: Mark
    saved: Mark
    budget: Budget
    done: Done = field(default_factory=Done)
