"""What becomes of points, measured once in a run: short lives of many loads, up to the seal of
their second bucket, and whole days.
"""

from dataclasses import dataclass
from functools import cache

from skafu.metrics.compaction.lives import CHUNK_LIFE_MS, DAY_LIFE_MS
from skafu.metrics.items import SEGMENT_LIFE_MS
from skafu.metrics.reader import Demand
from skafu.shared.keys import BUCKET_MS, DAY_MS, MINUTE_MS
from benchmarks.deployment import DAY, RETENTION_MS, Deployment, Read, Work
from benchmarks.dollars import MONTH_MS, Counted, Load
from benchmarks.metrics_post import Posting
from benchmarks.population import Fleet

MEASURED = {1: 100, 20: 1000, 100: 1000, 1000: 10_000, 10_000: 10_000}
"""For each batch the most series that a short life is measured with: from there on a point takes
what it takes there, because nothing but the number of groups and requests grows.
"""

LIVES_MS = {
    "segment": SEGMENT_LIFE_MS,
    "chunk": CHUNK_LIFE_MS,
    "day": DAY_LIFE_MS,
    "rollup": RETENTION_MS,
    "sketch": RETENTION_MS,
}
MANIFEST_LIFE_MS = RETENTION_MS + 40 * DAY_MS
"""Of everything else: seals, generations, rosters, bills."""

HOUSE = "app.requests"


@dataclass(frozen=True)
class Short:
    """The work of a load's second bucket: taking it in, and sealing it."""

    points: int
    first: Work
    ingest: Work
    seal: Work
    bytes: dict[str, float]


@dataclass(frozen=True)
class Whole:
    """A day's work, what is at rest of a point afterwards, by kind, and what a day's points of one
    series take to be read: just before the day is merged, and just after.
    """

    points: int
    ingest: Work
    seal: Work
    merge: Work
    bytes: dict[str, float]
    unmerged: Read
    merged: Read


@cache
def short(series: int, batch: int) -> Short:
    """Two buckets, of which the second is measured: the first has groups to make."""
    deployment, fleet = Deployment(), Fleet(series)
    deployment.live(fleet, batch, DAY + BUCKET_MS + 6 * MINUTE_MS)
    first = deployment.first
    deployment.seal, deployment.ingest = Work(), Work()
    deployment.live(fleet, batch, deployment.now + BUCKET_MS)
    points = series * 15
    at_rest = deployment.at_rest()
    sent, sealed = series * 36, series * 30
    return Short(
        points=points,
        first=first,
        ingest=deployment.ingest,
        seal=deployment.seal,
        bytes={
            kind: size / (sent if kind == "segment" else sealed)
            for kind, size in at_rest.items()
            if kind in ("segment", "chunk", "seal", "roster", "usage")
        },
    )


@cache
def whole(series: int, batch: int) -> Whole:
    """A day with a point a minute of each series, and what follows until it is merged."""
    deployment, fleet = Deployment(), Fleet(series)
    deployment.live(fleet, batch, DAY + DAY_MS + 4 * MINUTE_MS)
    unmerged = deployment.read([_one(deployment.now)])
    deployment.live(fleet, batch, DAY + DAY_MS + 6 * MINUTE_MS)
    merged = deployment.read([_one(deployment.now)])
    points = series * 1440
    return Whole(
        points=points,
        ingest=deployment.ingest,
        seal=deployment.seal,
        merge=deployment.merge,
        bytes={kind: size / points for kind, size in deployment.at_rest().items()},
        unmerged=unmerged,
        merged=merged,
    )


def _one(now: int) -> Demand:
    """A day of one series, up to now."""
    point = Fleet(1).batch(0)[0]
    tags = tuple(sorted(point["tags"].items()))
    return Demand(point["name"], now - DAY_MS, now, wants=lambda series: series.tags == tags)


@cache
def month() -> tuple[Read, Read]:
    """Hours of 100 series of one metric over 30 days: as the last day ends, and when it is merged.

    29 days have a point every five minutes, which hours do not show, and the last one a minute.
    """
    start = DAY - 29 * DAY_MS
    deployment, fleet = Deployment(start), Fleet(100, metric=HOUSE)
    deployment.live(fleet, 100, DAY, every=5 * MINUTE_MS)
    deployment.live(fleet, 100, DAY + DAY_MS + 4 * MINUTE_MS)
    demand = Demand(HOUSE, DAY - 29 * DAY_MS, DAY + DAY_MS, hours=True)
    unmerged = deployment.read([demand])
    deployment.live(fleet, 100, DAY + DAY_MS + 6 * MINUTE_MS)
    return unmerged, deployment.read([demand])


def counted(load: Load, posting: Posting) -> Counted:
    """What a point of a load takes, on average."""
    own = short(min(load.series, MEASURED[load.batch]), load.batch)
    day = whole(100, 100) if load.series < 1000 else whole(1000, 1000)
    requests = own.ingest.runs
    # What the first batch of a day took beyond a later one: layouts and catalogue.
    daily = own.first.wru - own.ingest.wru / requests * own.first.runs
    calls = own.seal.calls / own.points + day.merge.calls / day.points
    cpu_ms = own.seal.cpu_ms / own.points + day.merge.cpu_ms / day.points
    at_rest = {**day.bytes, **own.bytes}
    lives = {kind: LIVES_MS.get(kind, MANIFEST_LIFE_MS) for kind in at_rest}
    return Counted(
        wru=(own.ingest.wru + own.seal.wru) / own.points
        + day.merge.wru / day.points
        + daily / (own.points / 15 * 1440),
        rru=(own.ingest.rru + own.seal.rru) / own.points + day.merge.rru / day.points,
        post_ms=posting.ours[load.batch],
        compaction_ms=cpu_ms + calls * posting.call,
        calls=calls,
        rest=sum(size * min(lives[kind], MONTH_MS) for kind, size in at_rest.items()),
        later=sum(size * max(0, lives[kind] - MONTH_MS) for kind, size in at_rest.items()),
    )
