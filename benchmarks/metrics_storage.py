"""Write units and bytes of points, exactly: the requests are those that DynamoDB would get."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.store import MetricsStore
from skafu.shared.dynamo import DynamoTable
from benchmarks.capacity import STORAGE_OVERHEAD, MeteredClient, item_bytes
from benchmarks.population import ALL_DIGITS, Fleet
from benchmarks.rows import Row

NOON = 1_700_049_600_000
TENANT = "t4n7d1x0q2b8k6w3v9j5"  # as long as a real one
MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class Cost:
    """What one batch costs: the first time in a day that its series are sent, and ever after."""

    points: int
    first_units: int
    units: int
    calls: int
    stored_bytes: int

    @property
    def units_a_point(self) -> float:
        """With the day's first batch spread over a batch a minute."""
        return (self.units + self.first_units / MINUTES_A_DAY) / self.points

    @property
    def bytes_a_point(self) -> float:
        """As storage is billed."""
        return self.stored_bytes / self.points


def cost(fleet: Fleet, spread: int = 0) -> Cost:
    """Send two batches of a fleet, a minute apart."""
    client = MeteredClient()
    now = NOON
    ingest = Ingest(MetricsStore(DynamoTable(client, "skafu"), lambda: now))

    def send(at: int) -> int:
        nonlocal now
        # In two minutes of the quota, and within the one that a tenant's record is believed for.
        now = max(at, NOON + 59_000)
        body = json.dumps({"metrics": fleet.batch(at, spread)}).encode()
        client.forget()
        return ingest.take(Delivery(TENANT, body, "gateway", at + spread)).accepted

    send(NOON)
    first_units = client.units
    points = send(NOON + 60_000)
    first_units -= client.units  # layout and catalogue alone
    return Cost(
        points=points,
        first_units=first_units,
        units=client.units,
        calls=len(client.calls),
        stored_bytes=item_bytes(client.puts[0]) + STORAGE_OVERHEAD,
    )


def rows() -> Iterator[Row]:
    """WRU and bytes of segments alone; metrics_life.py has what compaction adds."""
    large, small = cost(Fleet(1000)), cost(Fleet(100))
    yield Row("WRU per point of ingest, batch 1,000", large.units_a_point, "WRU", limit=0.004)
    yield Row("WRU per point of ingest, batch 100", small.units_a_point, "WRU", limit=0.010)
    jitter = cost(Fleet(1000), spread=1000)
    name = "WRU per point of ingest, batch 1,000, each its own millisecond"
    yield Row(name, jitter.units_a_point, "WRU")
    worst = cost(Fleet(1000, ALL_DIGITS))
    name = "WRU per point of ingest, batch 1,000, doubles with all digits"
    yield Row(name, worst.units_a_point, "WRU")
    note = "layout and catalogue, once a day"
    yield Row("WRU of first sight, batch 1,000", large.first_units, "WRU", note=note)
    yield Row("WRU of first sight, batch 100", small.first_units, "WRU", note=note)
    yield Row("bytes per point of a segment, decimal mix", large.bytes_a_point, "B")
