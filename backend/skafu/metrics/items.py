"""Segments, late items, layouts and catalogue entries as items of the table, and back.

Lives. A segment lives 32 days from its bucket's end. A layout is refreshed when a request finds it
older than a day, so what names it was written at most a day after its refresh, for a bucket that
ends at most 2 h 30 min after that (points may be 2 h ahead, to the bucket's end): the last segment
dies 33 days and some hours after the refresh, and 35 days leave a day for clocks and retries. Late
items have no end of their own, but nothing older than raw retention (30 days) is read, and a late
item is written after its bucket ended.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skafu.metrics import codec, layout as layouts
from skafu.metrics.codec import CodecError
from skafu.metrics.model import Layout, Segment, Tags
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS, SegmentName
from skafu.shared.table import Item, Value

SEGMENT_LIFE_MS = 32 * DAY_MS
LAYOUT_LIFE_MS = 35 * DAY_MS
REFRESH_MS = DAY_MS
"""From this age on a layout's life is renewed before it is named again."""


@dataclass(frozen=True)
class Entry:
    """That a metric occurs in a layout: how many series of it, with which unit.

    `first` and `seen` are epoch milliseconds: when the layout was written first and refreshed last.
    """

    metric: str
    layout: str
    series: int
    unit: str | None
    first: int
    seen: int


# --- segments and late items ----------------------------------------------------------------------


def segment_item(tenant: str, shard: int, segment: Segment) -> dict[str, Value]:
    """The item of a segment or, where `late` says so, of a late item.

    Its key depends on the request alone. Raises ValueError for columns out of order.
    """
    first = min(segment.timestamps)
    bucket = keys.minute_of(segment.bucket)
    name = SegmentName(segment.layout, bucket, first, segment.request)
    key = (keys.late if segment.late else keys.segment)(tenant, shard, name)
    item: dict[str, Value] = {
        "pk": key.pk,
        "sk": key.sk,
        "k": "late" if segment.late else "segment",
        "p": codec.encode(segment.series, segment.timestamps, segment.values, segment.summaries),
        "r": segment.receipt,
    }
    if not segment.late:
        item["ttl"] = (segment.bucket + BUCKET_MS + SEGMENT_LIFE_MS) // 1000
    return item


def segment_from(item: Item) -> Segment:
    """Read a segment or late item. Raises CodecError for one that is damaged or of a version that
    is not known here.
    """
    try:
        kind, payload, receipt = item["k"], item["p"], item["r"]
        name = (keys.late_name if kind == "late" else keys.segment_name)(str(item["sk"]))
        bucket = keys.bucket_start(name.bucket)
    except (KeyError, ValueError, TypeError) as error:
        raise CodecError("the item is no segment") from error
    if not isinstance(payload, bytes) or not isinstance(receipt, int):
        raise CodecError("the item is no segment")
    columns = codec.decode(payload)
    return Segment(
        layout=name.layout,
        bucket=bucket,
        request=name.request,
        receipt=receipt,
        late=kind != "segment",
        series=columns.series,
        timestamps=columns.timestamps,
        values=columns.values,
        summaries=columns.summaries,
    )


# --- layouts and the catalogue --------------------------------------------------------------------


def layout_item(tenant: str, layout: Layout, first: int, now: int) -> dict[str, Value]:
    """The item of a layout that is refreshed now."""
    key = keys.layout(tenant, layout.hash)
    return {
        "pk": key.pk,
        "sk": key.sk,
        "k": "layout",
        "p": layouts.encode(layout),
        "first": first,
        "refreshed": now,
        "ttl": (now + LAYOUT_LIFE_MS) // 1000,
    }


def layout_from(item: Item) -> Layout:
    """Read a layout. Raises CodecError for one that is damaged."""
    payload = item.get("p")
    if not isinstance(payload, bytes):
        raise CodecError("the item is no layout")
    return layouts.decode(str(item["sk"]), payload)


def entry_items(tenant: str, layout: Layout, first: int, now: int) -> Iterator[dict[str, Value]]:
    """The catalogue entries of a layout that is refreshed now: one for each of its metrics."""
    series: dict[str, set[Tags]] = defaultdict(set)
    units: dict[str, str] = {}
    for each in layout.series:
        series[each.metric].add(each.tags)
        if each.unit is not None:
            units.setdefault(each.metric, each.unit)
    for metric, found in series.items():
        key = keys.catalogue_entry(tenant, metric, layout.hash)
        item: dict[str, Value] = {
            "pk": key.pk,
            "sk": key.sk,
            "k": "catalogue",
            "n": len(found),
            "first": first,
            "seen": now,
            "ttl": (now + LAYOUT_LIFE_MS) // 1000,
        }
        if metric in units:
            item["unit"] = units[metric]
        yield item


def entries_from(items: Iterable[Item], now: int) -> Iterator[Entry]:
    """Read catalogue entries; DynamoDB may show expired ones for days, which are left out."""
    for item in items:
        if int(item["ttl"]) * 1000 <= now:
            continue
        metric, layout = keys.catalogue_name(str(item["sk"]))
        unit = item.get("unit")
        yield Entry(
            metric=metric,
            layout=layout,
            series=int(item["n"]),
            unit=None if unit is None else str(unit),
            first=int(item["first"]),
            seen=int(item["seen"]),
        )
