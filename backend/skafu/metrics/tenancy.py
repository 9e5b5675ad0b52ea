"""What is different from tenant to tenant: quotas, retention, over how many shards points are
spread, and how long buckets last. All of it is data, in the tenant's own record; what the record
does not say has a default.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import BUCKET_MS, HOUR_MS, MINUTE_MS
from skafu.shared.quotas import MACHINE_CLIENTS
from skafu.shared.table import AllOf, Equals, Item, Missing, Present, Table, Update, Value

CACHE_MS = MINUTE_MS
"""So long a tenant's record is believed."""

MAX_SHARDS = 64
LENGTHS_MS = (5 * MINUTE_MS, BUCKET_MS)
STEP_AHEAD_MS = 3 * HOUR_MS
"""So far ahead of its decision a step begins at least: points may be two hours ahead and to the end
of their quarter, and a record is believed for a minute.
"""
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
    batches of a thousand. `steps` are (start of an hour, number of shards from then on), in order
    of time; before the first step there is one shard. A layout stays in its shard as long as their
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
class Bucketing:
    """How long a tenant's buckets are, from which hour on: a quarter of an hour, or five minutes.

    What is read of an open bucket are segments, one for each agent and request: where many agents
    feed one metric and somebody looks often, buckets that close sooner cost less to read and more
    to write. `steps` are as those of `Sharding`, for the same reason; before the first step buckets
    last 15 minutes, which are a multiple of every length.
    """

    steps: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if any(at % HOUR_MS or length not in LENGTHS_MS for at, length in self.steps):
            raise ValueError("a step begins with an hour, and buckets last 5 or 15 minutes")
        if any(before >= after for (before, _), (after, _) in pairwise(self.steps)):
            raise ValueError("steps are in order of time")

    def length(self, at: int) -> int:
        """How long the bucket lasts that this moment is in, in milliseconds."""
        place = bisect_right(self.steps, at, key=lambda step: step[0])
        return self.steps[place - 1][1] if place else BUCKET_MS

    def start(self, at: int) -> int:
        """The start of the bucket that this moment is in."""
        return at // (length := self.length(at)) * length

    def end(self, at: int) -> int:
        """The end of the bucket that this moment is in."""
        return self.start(at) + self.length(at)

    def all(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Start and end of every bucket that meets [start, end), in order."""
        at = self.start(start)
        while at < end:
            after = self.end(at)
            yield at, after
            at = after


@dataclass(frozen=True)
class Tenancy:
    """One tenant's own record. `paced` tells that the compactor may change how long buckets last,
    which it does where that saves money; an operator who has chosen a length says no.
    `machine_clients` are how many the workspace lets admins make.
    """

    quotas: Quotas = field(default_factory=Quotas)
    sharding: Sharding = field(default_factory=Sharding)
    bucketing: Bucketing = field(default_factory=Bucketing)
    paced: bool = True
    machine_clients: int = MACHINE_CLIENTS


def tenancy_from(item: Mapping[str, Value] | None) -> Tenancy:
    """Read the record; one that is not there says nothing. Raises ValueError or TypeError for what
    cannot be meant.
    """
    record = item or {}
    quotas = Quotas(**json.loads(str(record.get("quotas", "{}"))))
    shards, buckets = (_steps(record.get(name, "[]")) for name in ("shards", "buckets"))
    return Tenancy(
        quotas,
        Sharding(shards),
        Bucketing(buckets),
        bool(record.get("paced", True)),
        int(record.get("machine_clients", MACHINE_CLIENTS)),
    )


def _steps(text: Value) -> tuple[tuple[int, int], ...]:
    return tuple((int(at), int(value)) for at, value in json.loads(str(text)))


def tenancy_attributes(tenancy: Tenancy) -> dict[str, Value]:
    """The same as attributes of the record."""
    return {
        "quotas": json.dumps(vars(tenancy.quotas)),
        "shards": json.dumps(tenancy.sharding.steps),
        "buckets": json.dumps(tenancy.bucketing.steps),
        "paced": tenancy.paced,
        # Beside the quotas, which releases before it could not read with a name that is new.
        "machine_clients": tenancy.machine_clients,
    }


type Steps = tuple[tuple[int, int], ...]


def with_step(steps: Steps, value: int, now: int, *, default: int) -> Steps:
    """Steps by which `value` holds as soon as one may begin that is decided on at `now`: at the
    first hour that is STEP_AHEAD_MS ahead. What was planned for that hour or later is given up;
    `default` is what holds before the first step. The same steps where nothing would change.
    """
    begin = -(-(now + STEP_AHEAD_MS) // HOUR_MS) * HOUR_MS
    kept = tuple(step for step in steps if step[0] < begin)
    before = kept[-1][1] if kept else default
    return kept if before == value else (*kept, (begin, value))


def change(tenant: str, before: Item, after: Tenancy) -> Update:
    """The write by which a tenant's record, which was `before`, says `after`; its condition fails
    where somebody has changed the record since it was read, or there is none.
    """
    attributes = tenancy_attributes(after)
    unchanged = [
        Equals(name, before[name]) if name in before else Missing(name) for name in attributes
    ]
    when = AllOf((Present(), *unchanged))
    return Update(keys.tenant_settings(tenant), set=attributes, when=when)


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
