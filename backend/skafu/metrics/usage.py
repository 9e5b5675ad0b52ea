"""What a tenant has used, as items of the table.

A *bill* is what one manifest's compaction counted: the points that it names, by metric, what
storing them had cost, and what compacting them cost. It is written before its manifest, under a key
that has the manifest's tag, and counts only if the stored manifest has this tag: so whatever
crashes and is done again, and whoever compacts beside, each point is counted once. A day's first
generation sums the bills of its buckets, which are then looked at no more.

What queries read is counted where they run (reads.py), in one item a day.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from skafu.metrics.columns import CodecError
from skafu.metrics.manifests import Manifest
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, Key
from skafu.shared.table import Item, Table, Value

__all__ = [
    "OTHERS",
    "Bill",
    "Reads",
    "bill_from",
    "bill_item",
    "bill_key",
    "bills_of",
    "hot_reads",
    "reads_from",
    "reads_key",
    "sum_bills",
]

VERSION = 1
BILLED_METRICS = 5_000
"""So many metrics a bill names: those with the most points. The others' points are summed up."""

OTHERS = ""
"""In the place of the names of metrics that a bill does not name."""

READS = "reads"
_MAX_TEXT = 4 * 1024 * 1024
_HALVES = 2  # read units come in halves, the table's numbers are whole


@dataclass(frozen=True)
class Bill:
    """What a manifest stands for: points by metric; bytes of all that was written for them, from
    segments and late items to sketches; write and read units of all that; and in how many requests
    they came (one of two buckets or layouts is counted for each).
    """

    points: Mapping[str, int] = field(default_factory=dict)
    bytes: int = 0
    wru: float = 0.0
    rru: float = 0.0
    requests: int = 0


def sum_bills(bills: Iterable[Bill]) -> Bill:
    """All of them as one."""
    points: dict[str, int] = {}
    size, requests = 0, 0
    wru = rru = 0.0
    for bill in bills:
        for metric, number in bill.points.items():
            points[metric] = points.get(metric, 0) + number
        size, requests = size + bill.bytes, requests + bill.requests
        wru, rru = wru + bill.wru, rru + bill.rru
    return Bill(points, size, wru, rru, requests)


def bill_key(tenant: str, manifest: Manifest) -> Key:
    """Where the bill of a manifest is."""
    of = f"{manifest.shard}-{manifest.roster}-{manifest.tag}"
    return keys.usage_of(tenant, manifest.start, f"bill-{of}")


def bill_item(tenant: str, manifest: Manifest, bill: Bill, expires: int) -> dict[str, Value]:
    """The item of a manifest's bill, which lives until `expires`, epoch milliseconds."""
    text = orjson.dumps(_bounded(bill.points))
    return {
        **bill_key(tenant, manifest)._asdict(),
        "k": "usage",
        "v": VERSION,
        "p": zlib.compress(text, level=6, wbits=-15),
        "b": bill.bytes,
        "q": bill.requests,
        "w": round(bill.wru * _HALVES),
        "r": round(bill.rru * _HALVES),
        "ttl": expires // 1000,
    }


def _bounded(points: Mapping[str, int]) -> Mapping[str, int]:
    if len(points) <= BILLED_METRICS:
        return points
    ordered = sorted(points, key=lambda metric: (metric == OTHERS, -points[metric], metric))
    named = {metric: points[metric] for metric in ordered[: BILLED_METRICS - 1]}
    return {**named, OTHERS: sum(points[metric] for metric in ordered[BILLED_METRICS - 1 :])}


def bill_from(item: Item) -> Bill:
    """Read a bill. Raises CodecError for one that is damaged or of an unknown version."""
    if item.get("v") != VERSION:
        raise CodecError(f"bill version {item.get('v')!r} is not known")
    payload = item.get("p")
    if not isinstance(payload, bytes):
        raise CodecError("the item is no bill")
    try:
        text = zlib.decompressobj(wbits=-15).decompress(payload, _MAX_TEXT)
        return Bill(
            points={str(name): int(number) for name, number in orjson.loads(text).items()},
            bytes=int(item["b"]),
            wru=int(item["w"]) / _HALVES,
            rru=int(item["r"]) / _HALVES,
            requests=int(item["q"]),
        )
    except (zlib.error, ValueError, AttributeError, KeyError) as error:
        raise CodecError("the bill is damaged") from error


def bills_of(table: Table, tenant: str, manifests: Iterable[Manifest]) -> dict[Key, Bill]:
    """The bills of stored manifests, by `bill_key`; one that is not there is left out. Raises
    CodecError for one that cannot be read.
    """
    items = table.get_many(bill_key(tenant, each) for each in manifests)
    return {key: bill_from(item) for key, item in items.items()}


# --- what queries read ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reads:
    """What the API used for a tenant in one day: read units, those of them that went to segments
    of open buckets, and write units apart from those of segments and late items.
    """

    rru: float = 0.0
    hot: float = 0.0
    wru: float = 0.0

    def plus(self, other: "Reads") -> "Reads":
        """Both together."""
        return Reads(self.rru + other.rru, self.hot + other.hot, self.wru + other.wru)

    def attributes(self) -> dict[str, int]:
        """The same as numbers to add to the item."""
        numbers = {"r": self.rru, "h": self.hot, "w": self.wru}
        return {name: round(value * _HALVES) for name, value in numbers.items()}


def reads_key(tenant: str, day: int) -> Key:
    """Where a day's reads are counted; `day` is any moment of it."""
    return keys.usage_of(tenant, day // DAY_MS * DAY_MS, READS)


def reads_from(item: Item | None) -> Reads:
    """Read a day's reads; none where nothing was counted."""
    rru, hot, wru = (int((item or {}).get(name, 0)) / _HALVES for name in ("r", "h", "w"))
    return Reads(rru, hot, wru)


def hot_reads(table: Table, tenant: str, day: int) -> float:
    """How many read units a tenant's queries spent on segments in the day that this moment is in:
    what buckets that close sooner would save. The last half minute of a process may be missing.
    """
    return reads_from(table.get(reads_key(tenant, day))).hot
