"""What a tenant has used and what that costs, by day and by metric (GET /api/metrics/usage).

Everything comes from counters: bills of stored manifests and what queries read (usage.py). Of a
merged day that are its generations' bills, of a day that is not merged yet those of its sealed
buckets; what is not sealed yet is not counted, and `counted_until` tells so. A manifest without a
bill (from before there were any) counts its points, and no cost.

Dollars are an estimate by prices.py: units of reading and writing, requests to the API, and the
storage of what was written for as long as points are kept raw. A day's cost is shared out to
metrics by their points; what queries read is in days alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from skafu.metrics.columns import CodecError
from skafu.metrics.manifests import Manifest, manifest_from
from skafu.metrics.prices import PRICES, capacity_dollars, storage_dollars
from skafu.metrics.quotas import (
    ACTIVE_SERIES,
    POINTS_A_MINUTE,
    points_of_minute,
    series_from,
    series_key,
)
from skafu.metrics.tenancy import Tenancies, Tenancy
from skafu.metrics.times import RAW_RETENTION_MS
from skafu.metrics.touches import unused_since
from skafu.metrics.usage import OTHERS, Bill, Reads, bill_key, bills_of, reads_from, reads_key
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.observability import logger
from skafu.shared.table import Query, Table


@dataclass(frozen=True, slots=True)
class DayUse:  # pylint: disable=too-many-instance-attributes # a row of the answer
    """What was used in one day (UTC). `complete` tells that nothing but late points will come."""

    day: str
    points: int
    bytes: int
    wru: float
    rru: float
    dollars: float
    complete: bool


@dataclass(frozen=True, slots=True)
class MetricUse:
    """A metric's share of what storing the points of a range has used."""

    name: str
    points: int
    bytes: int
    wru: float
    dollars: float
    unused_since: str | None = None


@dataclass(frozen=True)
class Account:
    """What was used in a range of days."""

    days: list[DayUse]
    metrics: list[MetricUse]
    quotas: dict[str, dict[str, int]]
    counted_until: int | None


@dataclass(frozen=True)
class _Counted:
    """A stored manifest with its bill."""

    manifest: Manifest
    bill: Bill


class Accounts:
    """Reads what was used."""

    def __init__(self, table: Table, clock: Clock, tenancies: Tenancies) -> None:
        self._table = table
        self._clock = clock
        self._tenancies = tenancies

    def account(self, tenant: str, start: int, end: int) -> Account:
        """What was used in the days that [start, end) meets; the metrics that cost most first.
        Raises Unavailable.
        """
        tenancy = self._tenancies.of(tenant)
        days = range(start // DAY_MS * DAY_MS, end, DAY_MS)
        shards = tenancy.sharding.all(start, end)
        stored = {shard: self._manifests(tenant, shard, days) for shard in shards}
        every = [manifest for some in stored.values() for manifest in some]
        counted = self._billed(tenant, every)
        return Account(
            days=self._days(tenant, days, stored, counted),
            metrics=sorted(_shares(counted), key=_costliest),
            quotas=self._quotas(tenant, tenancy, every),
            counted_until=_counted_until(tenancy, stored),
        )

    def _manifests(self, tenant: str, shard: int, days: range) -> list[Manifest]:
        """Generations of merged days, and seals of the others."""
        if not days:
            return []
        between = keys.generation_range(days[0], days[-1] + DAY_MS)
        found = list(self._read(Query(keys.generations(tenant, shard), between=between)))
        merged = {each.start for each in found if each.generation == 1}
        edges = [days[0] - DAY_MS, *sorted(merged), days[-1] + DAY_MS]
        for before, after in pairwise(edges):
            if after - before > DAY_MS:
                between = keys.seal_range(before + DAY_MS, after)
                found += self._read(Query(keys.seals(tenant, shard), between=between))
        return found

    def _read(self, query: Query) -> Iterator[Manifest]:
        for item in self._table.query_all(query):
            try:
                yield manifest_from(item)
            except CodecError:
                logger.warning("manifest cannot be counted", sk=item["sk"], exc_info=True)

    def _billed(self, tenant: str, manifests: Sequence[Manifest]) -> list[_Counted]:
        bills = bills_of(self._table, tenant, manifests)
        return [
            _Counted(each, bills.get(bill_key(tenant, each)) or Bill({OTHERS: each.points}))
            for each in manifests
        ]

    def _days(
        self,
        tenant: str,
        days: Iterable[int],
        stored: Mapping[int, Sequence[Manifest]],
        counted: Iterable[_Counted],
    ) -> list[DayUse]:
        bills: dict[int, list[Bill]] = defaultdict(list)
        for each in counted:
            bills[each.manifest.start // DAY_MS * DAY_MS].append(each.bill)
        reads = self._table.get_many(reads_key(tenant, day) for day in days)
        merged = [{m.start for m in some if m.generation == 1} for some in stored.values()]
        return [
            _day(
                day,
                bills[day],
                reads_from(reads.get(reads_key(tenant, day))),
                complete=all(day in some for some in merged),
            )
            for day in days
        ]

    def _quotas(
        self, tenant: str, tenancy: Tenancy, manifests: Sequence[Manifest]
    ) -> dict[str, dict[str, int]]:
        """Limits, and what of them is used now, as far as processes have counted together."""
        now, quotas = self._clock(), tenancy.quotas
        today = now // DAY_MS * DAY_MS
        series = len(series_from(self._table.get(series_key(tenant, today))))
        minute = points_of_minute(self._table, tenant, now - MINUTE_MS)
        points = max(minute, _points_a_minute(tenancy, manifests))
        found = {
            ACTIVE_SERIES: {"limit": quotas.active_series, "used": series},
            POINTS_A_MINUTE: {"limit": quotas.points_a_minute, "used": points},
            "batch_points": {"limit": quotas.batch_points},
        }
        if quotas.retention_days is not None:
            found["retention_days"] = {"limit": quotas.retention_days}
        return found

    # --- what nobody looks at ---------------------------------------------------------------------

    def unused(self, tenant: str) -> dict[str, str]:
        """All metrics that no query, alert or dashboard has touched for 30 days, each with the day
        since when.
        """
        now, found = self._clock(), {}
        for item in self._table.query_all(Query(keys.metric_records(tenant))):
            since = unused_since(item, now)
            if since is not None:
                found[str(item["sk"])] = date_of(since)
        return found

    def unused_among(self, tenant: str, metrics: Iterable[str]) -> dict[str, str]:
        """Those of some metrics."""
        now, found = self._clock(), {}
        records = self._table.get_many(keys.metric_record(tenant, metric) for metric in metrics)
        for key, item in records.items():
            since = unused_since(item, now)
            if since is not None:
                found[key.sk] = date_of(since)
        return found


def date_of(day: int) -> str:
    """A day as YYYY-MM-DD."""
    return datetime.fromtimestamp(day // 1000, UTC).date().isoformat()


def _cost(bill: Bill) -> float:
    """Dollars for storing what a bill is about."""
    requests = bill.requests * (PRICES.rest_api_million + PRICES.lambda_million) / 1_000_000
    units = capacity_dollars(bill.wru, bill.rru)
    return units + requests + storage_dollars(bill.bytes, RAW_RETENTION_MS)


def _day(day: int, bills: Sequence[Bill], reads: Reads, *, complete: bool) -> DayUse:
    return DayUse(
        day=date_of(day),
        points=sum(sum(bill.points.values()) for bill in bills),
        bytes=sum(bill.bytes for bill in bills),
        wru=sum(bill.wru for bill in bills) + reads.wru,
        rru=sum(bill.rru for bill in bills) + reads.rru,
        dollars=_rounded(sum(map(_cost, bills)) + capacity_dollars(reads.wru, reads.rru)),
        complete=complete,
    )


def _rounded(dollars: float) -> float:
    """To a millionth of a cent."""
    return round(dollars, 8)


def _shares(counted: Iterable[_Counted]) -> Iterator[MetricUse]:
    """What each metric has of every bill, by its points; those that bills do not name are left
    out.
    """
    points: dict[str, int] = defaultdict(int)
    size, wru, dollars = (defaultdict[str, float](float) for _ in range(3))
    for each in counted:
        bill = each.bill
        total, cost = sum(bill.points.values()), _cost(bill)
        for metric, number in bill.points.items():
            points[metric] += number
            share = number / total if total else 0.0
            size[metric] += share * bill.bytes
            wru[metric] += share * bill.wru
            dollars[metric] += share * cost
    for metric, number in points.items():
        if metric != OTHERS:
            yield MetricUse(
                metric,
                number,
                round(size[metric]),
                round(wru[metric], 3),
                _rounded(dollars[metric]),
            )


def _costliest(use: MetricUse) -> tuple[int, str]:
    return -use.points, use.name


def _counted_until(tenancy: Tenancy, stored: Mapping[int, Sequence[Manifest]]) -> int | None:
    """The end of what is counted: of the newest bucket that is compacted in every shard."""
    ends = [max(_end(tenancy, manifest) for manifest in some) for some in stored.values() if some]
    return min(ends, default=None)


def _end(tenancy: Tenancy, manifest: Manifest) -> int:
    if manifest.generation:
        return manifest.start + DAY_MS
    return tenancy.bucketing.end(manifest.start)


def _points_a_minute(tenancy: Tenancy, manifests: Iterable[Manifest]) -> int:
    """The mean of the newest bucket."""
    seals = [each for each in manifests if not each.generation]
    newest = max((seal.start for seal in seals), default=0)
    minutes = tenancy.bucketing.length(newest) // MINUTE_MS
    return round(sum(seal.points for seal in seals if seal.start == newest) / minutes)
