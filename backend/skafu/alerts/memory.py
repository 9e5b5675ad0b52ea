"""What an environment remembers of instances it has evaluated: an economy, never the truth.

Only what can no longer change is remembered of points, and every decision is planned from
consistent reads. What an instance waits for is remembered too, so that most records of the stream
need no reading at all; where that is out of date, a minute's sweep makes up for it.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from skafu.alerts.model import State
from skafu.alerts.samples import Past

CAPACITY = 50_000
"""Instances; each takes about 1 KB, and its past buckets."""

MOST_PAST = 500_000
"""Past buckets of all instances together, of about 150 bytes: few alerts look at more than ten, a
forecast may look at hundreds."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An instance as it was last evaluated, under one version of its alert.

    Everything up to `through` is final and recorded; `past` are the last buckets up to there. The
    first open bucket is [open_start, open_end), and `due` is when its grace runs out.
    """

    version: int
    through: int
    past: Mapping[int, Past]
    state: State
    open_start: int
    open_end: int
    due: int
    level: int = 0


@dataclass
class Memory:
    """Remembers the instances that were evaluated last."""

    capacity: int = CAPACITY
    most_past: int = MOST_PAST
    _kept: OrderedDict[tuple[str, str, str], Remembered] = field(default_factory=OrderedDict)
    _past: int = 0

    def get(self, tenant: str, alert_id: str, instance: str, version: int) -> Remembered | None:
        """What is remembered under this version of the alert."""
        found = self._kept.get((tenant, alert_id, instance))
        return found if found is not None and found.version == version else None

    def put(self, tenant: str, alert_id: str, instance: str, remembered: Remembered) -> None:
        key = (tenant, alert_id, instance)
        if (before := self._kept.get(key)) is not None:
            self._past -= len(before.past)
        self._kept[key] = remembered
        self._kept.move_to_end(key)
        self._past += len(remembered.past)
        while len(self._kept) > self.capacity or (
            self._past > self.most_past and len(self._kept) > 1
        ):
            _, forgotten = self._kept.popitem(last=False)
            self._past -= len(forgotten.past)
