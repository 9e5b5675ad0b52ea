"""Who compacts a shard at the moment: an economy (DESIGN 3, rule 8). Two that compact one place
waste work and harm nothing.
"""

from skafu.metrics.compaction.place import Place
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.table import (
    Absent,
    AnyOf,
    Below,
    ConditionFailed,
    Delete,
    Equals,
    Put,
    Table,
)

LEASE_MS = 6 * MINUTE_MS
"""A lease ends by itself after this time: longer than any run may take (5 minutes)."""


class Lease:
    """Leases of one run, which `owner` names."""

    def __init__(self, table: Table, clock: Clock, owner: str) -> None:
        self._table = table
        self._clock = clock
        self._owner = owner

    def take(self, place: Place) -> bool:
        """Whether the place is free, or this run's already; it is this run's then."""
        now = self._clock()
        item = {
            **keys.compaction_lease(place.tenant, place.shard)._asdict(),
            "k": "lease",
            "owner": self._owner,
            "until": now + LEASE_MS,
            "ttl": (now + DAY_MS) // 1000,
        }
        free = AnyOf((Absent(), Below("until", now), Equals("owner", self._owner)))
        try:
            self._table.write(Put(item, free))
        except ConditionFailed:
            return False
        return True

    def give_back(self, place: Place) -> None:
        """Let others go on."""
        key = keys.compaction_lease(place.tenant, place.shard)
        try:
            self._table.write(Delete(key, Equals("owner", self._owner)))
        except ConditionFailed:
            pass  # it has ended, and somebody else has it
