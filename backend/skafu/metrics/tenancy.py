"""What is different from tenant to tenant: quotas, retention, and over how many shards points are
spread. All of it is data, in the tenant's own record; what the record does not say has a default.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import HOUR_MS, MINUTE_MS
from skafu.shared.table import Table, Value

CACHE_MS = MINUTE_MS
"""So long a tenant's record is believed."""

MAX_SHARDS = 64
_MOST_CACHED = 10_000


@dataclass(frozen=True)
class Quotas:
    """What a tenant may use. Over it a request is refused (429), naming the quota.

    `active_series` are the series with points since midnight UTC, `retention_days` how long rollups
    are kept, at most as long as the environment keeps them (None).
    """

    active_series: int = 100_000
    points_a_minute: int = 1_000_000
    batch_points: int = 10_000
    retention_days: int | None = None


@dataclass(frozen=True)
class Sharding:
    """Over how many partitions a tenant's points are spread, from which bucket on.

    One partition takes 1,000 writes a second (DynamoDB's limit), that is a million points in
    batches of a thousand. `steps` are (start of an hour, number of shards from then on), in order of
    time; before the first step there is one shard. A layout stays in its shard as long as their
    number does. A request's keys depend on the request alone (DESIGN 3, rule 1), and its retry may
    meet another process: so a step begins behind all that can be written when it is decided on
    (`items.py` and `times.py` say how far ahead that is), never at once.
    """

    steps: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if any(at % HOUR_MS or not 1 <= count <= MAX_SHARDS for at, count in self.steps):
            raise ValueError(f"a step begins with an hour and has 1 to {MAX_SHARDS} shards")
        if any(before >= after for (before, _), (after, _) in pairwise(self.steps)):
            raise ValueError("steps are in order of time")

    def count(self, bucket: int) -> int:
        """How many shards a bucket, or hour, named by its start, is spread over."""
        place = bisect_right(self.steps, bucket, key=lambda step: step[0])
        return self.steps[place - 1][1] if place else 1

    def shard(self, layout: str, bucket: int) -> int:
        """Where a layout's points of a bucket are."""
        count = self.count(bucket)
        if count == 1:
            return 0
        digest = blake2b(layout.encode(), digest_size=4, person=b"shard").digest()
        return int.from_bytes(digest, "big") % count

    def all(self, start: int, end: int) -> range:
        """Every shard that may hold points of [start, end)."""
        inside = [count for at, count in self.steps if start < at < end]
        return range(max([self.count(start), *inside]))


@dataclass(frozen=True)
class Tenancy:
    """One tenant's own record."""

    quotas: Quotas = field(default_factory=Quotas)
    sharding: Sharding = field(default_factory=Sharding)


def tenancy_from(item: Mapping[str, Value] | None) -> Tenancy:
    """Read the record; one that is not there says nothing. Raises ValueError or TypeError for what
    cannot be meant.
    """
    record = item or {}
    quotas = Quotas(**json.loads(str(record.get("quotas", "{}"))))
    steps = json.loads(str(record.get("shards", "[]")))
    return Tenancy(quotas, Sharding(tuple((int(at), int(count)) for at, count in steps)))


def tenancy_attributes(tenancy: Tenancy) -> dict[str, Value]:
    """The same as attributes of the record."""
    return {
        "quotas": json.dumps(vars(tenancy.quotas)),
        "shards": json.dumps(tenancy.sharding.steps),
    }


class Tenancies:
    """Tenants' records, each believed for a minute."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._known: dict[str, tuple[int, Tenancy]] = {}

    def of(self, tenant: str) -> Tenancy:
        """A tenant's record. Raises Unavailable."""
        now = self._clock()
        until, known = self._known.get(tenant, (0, Tenancy()))
        if now >= until:
            known = tenancy_from(self._table.get(keys.tenant_settings(tenant)))
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            self._known[tenant] = now + CACHE_MS, known
        return known
