"""The whole life of points: units, bytes at rest, and what reading them takes, counted exactly; CPU
of compaction.
"""

from collections.abc import Iterator

from benchmarks.dollars import MONTH_MS, Load, cloudwatch, items, prometheus, skafu
from benchmarks.lives import LIVES_MS, MANIFEST_LIFE_MS, counted, month, whole
from benchmarks.metrics_post import Posting, measured
from benchmarks.prices import prices
from benchmarks.rows import Row

LOADS = [
    Load(series, batch)
    for series in (100, 1000, 10_000, 100_000)
    for batch in (1, 20, 100, 1000, 10_000)
    if batch <= series
]
BUDGETS = {(1000, 1000): (0.012, 0.0064), (1000, 100): (0.055, 0.045)}
"""Dollars for a million points, and what no design could go below."""

LONG_TERM = ("day", "rollup", "sketch")


def rows() -> Iterator[Row]:
    """Everything that a day of a thousand series tells, and the dollars of every load."""
    posting = measured()
    yield from _units(posting)
    yield from _bytes()
    yield from _reads()
    yield from _compaction(posting)
    yield from _dollars(posting)


def _units(posting: Posting) -> Iterator[Row]:
    for load, budget, limit in (
        (Load(1000, 1000), 0.010, 0.004),
        (Load(1000, 100), 0.016, 0.010),
        (Load(100, 100), None, 0.010),
    ):
        found = counted(load, posting)
        yield Row(
            f"WRU per point, {load.series:,} series in batches of {load.batch:,}",
            found.wru,
            "WRU",
            budget,
            limit,
            f"with compaction; {found.rru:.4f} RRU",
        )


def _bytes() -> Iterator[Row]:
    at_rest = whole(1000, 1000).bytes
    parts = ", ".join(f"{kind} {at_rest[kind]:.2f}" for kind in (*LONG_TERM, "chunk", "segment"))
    yield Row(
        "bytes per point at rest, decimal mix",
        sum(at_rest[kind] for kind in LONG_TERM),
        "B",
        2.0,
        1.5,
        f"day chunks, rollups, sketches; {parts}",
    )
    mean = sum(
        size * min(LIVES_MS.get(kind, MANIFEST_LIFE_MS), MONTH_MS) / MONTH_MS
        for kind, size in at_rest.items()
    )
    yield Row(
        "bytes per point over its first month, decimal mix",
        mean,
        "B",
        note="with the segment (32 days) and the chunk (7 days)",
    )


def _reads() -> Iterator[Row]:
    day = whole(1000, 1000)
    yield Row(
        "RRU of one series, 24 h of points, worst",
        day.unmerged.rru,
        "RRU",
        36,
        note="of 1,000 in one batch, as the day ends: 95 chunks and 19 segments, which are read "
        f"consistently; {day.merged.rru:g} when the day is merged; a reader that knows nothing",
    )
    unmerged, merged = month()
    yield Row(
        "RRU of 100 series, 30 d of hours, worst",
        unmerged.rru,
        "RRU",
        150,
        note=f"as the last day ends; {merged.rru:g} when it is merged",
    )


def _compaction(posting: Posting) -> Iterator[Row]:
    day = whole(1000, 1000)
    calls = (day.seal.calls + day.merge.calls) / day.points * 1000
    cpu_ms = (day.seal.cpu_ms + day.merge.cpu_ms) / day.points * 1000
    total = cpu_ms + calls * posting.call
    yield Row(
        "CPU of compaction, 1,000 points",
        total / posting.least[1000],
        "x of JSON parse + one signed request",
        note=f"{total:.1f} ms: {cpu_ms:.1f} and {calls:.1f} requests of {posting.call:.2f} ms",
    )


def _dollars(posting: Posting) -> Iterator[Row]:
    at = prices()
    per_item = posting.typical[1000] / 1000
    for load in LOADS:
        taken = counted(load, posting)
        own = skafu(load, taken, at)
        cheaper = skafu(load, taken, at, at.http_api_million).total
        budget, limit = BUDGETS.get((load.series, load.batch), (None, None))
        once = posting.typical[1] + per_item * (load.batch - 1)
        yield Row(
            f"$ per million points, {load.series:,} series in batches of {load.batch:,}",
            own.total,
            "$",
            budget,
            limit,
            f"API {own.gateway:.4f}, ingest {own.ingest:.4f}, units {own.units:.4f}, "
            f"alerts {own.alerts:.4f}, compaction {own.compaction:.4f}, "
            f"30 d at rest {own.storage:.4f}; 15 months of rollups {own.later:.4f} more; "
            f"behind an HTTP API {cheaper:.4f}; "
            f"an item each {items(load, once, at):.3f}, CloudWatch {cloudwatch(load, at):.2f}, "
            f"Managed Prometheus {prometheus(at):.2f}",
        )
