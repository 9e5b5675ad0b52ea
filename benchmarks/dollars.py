"""Dollars per million points, all-in, from what was counted and measured; and what the same load
costs elsewhere.

Counted exactly: requests, write and read units, bytes. Measured: CPU. Assumed: that a core in AWS
is 1.3 times slower than this machine's, that DynamoDB answers within 5 ms (8 ms for a batch of 25
writes), that functions have production's 2,048 MB of which one core is used, so that a second of
CPU and one of waiting cost the same; and what an evaluator takes: 3 ms of CPU and 2 ms of waiting
for an invocation, 0.3 ms for a request's record, 0.7 us for a point.

Not in it: queries, what a user signs in for, logs, alarms, backups, transfer to the internet.
"""

import math
from dataclasses import dataclass

from skafu.shared.keys import DAY_MS
from benchmarks.prices import Prices

MILLION = 1_000_000
GB = 1024**3
MEMORY_GB = 2.0
SLOWER = 1.3
WAIT_MS, BATCH_WAIT_MS = 5.0, 8.0
MONTH_MS = 30 * DAY_MS
MINUTES_A_MONTH = 30 * 1440
FIRST_METRICS, MOST_METRICS = 10_000, 250_000
INVOCATIONS_A_MINUTE = 240
ITEM_BYTES = 250
"""Of a point that is an item of its own: keys and labels of about 130 bytes, 20 of numbers, 100
that DynamoDB adds.
"""


@dataclass(frozen=True)
class Load:
    """So many series, a point a minute each, sent in batches of this size."""

    series: int
    batch: int

    @property
    def requests(self) -> float:
        """For a million points."""
        return MILLION / self.batch

    @property
    def gathered(self) -> float:
        """Evaluator's invocations for a request, where these come evenly: one takes in what comes
        within a second, four at a time.
        """
        return min(1.0, INVOCATIONS_A_MINUTE / (self.series / self.batch))

    @property
    def points_a_month(self) -> int:
        """Of all series."""
        return self.series * MINUTES_A_MONTH


@dataclass(frozen=True)
class Counted:
    """What a point of a load takes, on average.

    `post_ms` is CPU of a whole request, `compaction_ms` and `calls` (of the table) are a point's.
    `rest` are byte-milliseconds at rest within the first 30 days, `later` those after them.
    """

    wru: float
    rru: float
    post_ms: float
    compaction_ms: float
    calls: float
    rest: float
    later: float


@dataclass(frozen=True)
class Dollars:
    """For a million points; `later` is what their rollups cost at rest after the first 30 days."""

    gateway: float
    ingest: float
    units: float
    alerts: float
    compaction: float
    storage: float
    later: float

    @property
    def total(self) -> float:
        """Everything in the first 30 days."""
        running = self.gateway + self.ingest + self.units + self.alerts + self.compaction
        return running + self.storage


def skafu(
    load: Load, counted: Counted, at: Prices, gateway_million: float | None = None
) -> Dollars:
    """What Skafu costs; with another price of the gateway, what it would cost behind that one."""
    gateway = at.rest_api_million if gateway_million is None else gateway_million
    ingest = _invocation(counted.post_ms, WAIT_MS, at)
    evaluator = _invocation(3.0, 2.0, at)
    compaction = _seconds(counted.compaction_ms, counted.calls * WAIT_MS, at)
    return Dollars(
        gateway=load.requests * gateway / MILLION,
        ingest=load.requests * ingest,
        units=counted.wru * at.write_units_million + counted.rru * at.read_units_million,
        alerts=load.requests * (load.gathered * evaluator + _seconds(0.3, 0, at))
        + MILLION * _seconds(0.0007, 0, at),
        compaction=MILLION * compaction,
        storage=_storage(counted.rest, at),
        later=_storage(counted.later, at),
    )


def items(load: Load, post_ms: float, at: Prices) -> float:
    """A million points where each is an item, stored for 30 days: batches of 25 one after another,
    a write unit each; `post_ms` is CPU of a request of the typical handler.
    """
    batches = math.ceil(load.batch / 25)
    wait = WAIT_MS if load.batch == 1 else BATCH_WAIT_MS * batches
    stream = MILLION / 100 * _invocation(3.0, 2.0, at) + MILLION * _seconds(0.03, 0, at)
    return (
        load.requests * (at.rest_api_million / MILLION + _invocation(post_ms, wait, at))
        + at.write_units_million
        + stream
        + _storage(ITEM_BYTES * MONTH_MS, at)
    )


def cloudwatch(load: Load, at: Prices) -> float:
    """A million points as custom metrics, at the same batch (PutMetricData takes 1,000 at most)."""
    first = min(load.series, FIRST_METRICS)
    following = min(load.series, MOST_METRICS) - first
    month = first * at.cloudwatch_metric_month_first + following * at.cloudwatch_metric_month_next
    requests = MILLION / min(load.batch, 1000)
    return month / load.points_a_month * MILLION + requests / 1000 * at.cloudwatch_request_thousand


def prometheus(at: Prices) -> float:
    """A million points taken in by Amazon Managed Service for Prometheus; storage and queries,
    which it charges for too, are left out.
    """
    return at.prometheus_samples_10_million / 10


def _invocation(cpu_ms: float, wait_ms: float, at: Prices) -> float:
    return at.lambda_million / MILLION + _seconds(cpu_ms, wait_ms, at)


def _seconds(cpu_ms: float, wait_ms: float, at: Prices) -> float:
    return (cpu_ms * SLOWER + wait_ms) / 1000 * MEMORY_GB * at.lambda_gb_second


def _storage(byte_ms: float, at: Prices) -> float:
    """A million points at rest."""
    return byte_ms * MILLION / GB / MONTH_MS * at.storage_gb_month
