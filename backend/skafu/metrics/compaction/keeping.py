"""What is looked after beside compacting: data that cannot be compacted are kept alive, segments
that landed too late are counted, and the catalogue forgets what is over.
"""

from collections.abc import Iterable, Iterator
from itertools import batched

from skafu.metrics.compaction.gathering import layout_of_item
from skafu.metrics.compaction.means import Means
from skafu.metrics.compaction.place import Budget, Place
from skafu.metrics.compaction.stored import Stored, part_at
from skafu.metrics.items import REFRESH_MS
from skafu.metrics.times import AHEAD_MS
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, Key
from skafu.shared.observability import Count, count, logger
from skafu.shared.table import AllOf, Below, Delete, Equals, Present, Query, Update, Write

NEAR_END_MS = 8 * DAY_MS
"""So long before their end data that still wait are kept alive."""

LONGER_MS = 16 * DAY_MS
"""So long they live from then on."""

UNSEEN_MS = 3 * DAY_MS
"""Catalogue entries of layouts that were not seen for so long go when their days are merged."""

_BATCH = 64


def keep_alive(means: Means, place: Place, day: int) -> None:
    """Let segments of a day live longer that are near their end, and what late items and segments
    of that day name. For days that should have been compacted and are not.
    """
    now = means.clock()
    names: set[str] = set()
    near: list[Key] = []
    for hour in range(day, day + DAY_MS, HOUR_MS):
        for items in means.sources.segments(place, hour).values():
            names.update(map(layout_of_item, items))
            near += _near_end(items, now)
    names.update(map(layout_of_item, means.sources.late(place, day, day + DAY_MS)))
    _prolong(means, near, now)
    layouts = [keys.layout(place.tenant, name) for name in sorted(names)]
    found = means.table.get_many(layouts, consistent=True)
    _prolong(means, _near_end(found.values(), now), now)
    for some in batched(sorted(names & {key.sk for key in found}), _BATCH):
        entries = [
            keys.catalogue_entry(place.tenant, metric, name)
            for name, layout in means.sources.layouts(place.tenant, some).items()
            for metric in sorted({series.metric for series in layout.series})
        ]
        listed = means.table.get_many(entries, consistent=True)
        _prolong(means, _near_end(listed.values(), now), now)


def _near_end(items: Iterable[Stored], now: int) -> list[Key]:
    until = (now + NEAR_END_MS) // 1000
    return [
        Key(str(item["pk"]), str(item["sk"])) for item in items if int(item.get("ttl", 0)) < until
    ]


def _prolong(means: Means, wanted: Iterable[Key], now: int) -> None:
    ttl = (now + LONGER_MS) // 1000
    alive = AllOf((Present(), Below("ttl", ttl)))
    for some in batched(wanted, _BATCH):
        means.table.write_many([Update(key, set={"ttl": ttl}, when=alive) for key in some])


def strays(means: Means, place: Place, hour: int) -> int:
    """How many segments of an hour's sealed buckets no seal names: they landed after it, and were
    never acknowledged.
    """
    found = 0
    seals = means.manifests.seals(place, hour, hour + HOUR_MS)
    for start, items in means.sources.segments(place, hour).items():
        if start in seals:
            parts = means.manifests.parts(place, seals[start])
            found += sum(part_at(keys.segment_name(str(x["sk"]))) not in parts for x in items)
    if found:
        logger.error("segments landed after their bucket was sealed", hour=hour, segments=found)
        count(Count.STRAY_SEGMENTS, found)
    return found


def clean_catalogue(means: Means, tenant: str, through: int, budget: Budget) -> int:
    """Delete the entries of layouts that were not seen for days, where everything that they may
    name is in merged days: all days before `through` are. Returns how many went.
    """
    now = means.clock()
    gone = 0
    for some in batched(_over(means, tenant, min(through, now - UNSEEN_MS)), _BATCH):
        means.table.write_many(some)
        gone += len(some)
        budget.take(len(some))
        if budget.spent():
            break
    return gone


def _over(means: Means, tenant: str, before: int) -> Iterator[Write]:
    """Deletions of the entries of which nothing is after a moment.

    A layout that was seen is named for a day without being seen again, for points up to two hours
    ahead, to the end of their bucket. Whoever names it later writes its entries again first.
    """
    last = REFRESH_MS + AHEAD_MS + BUCKET_MS
    for item in means.table.query_all(Query(keys.catalogue(tenant))):
        seen = int(item["seen"])
        if seen + last < before:
            yield Delete(Key(str(item["pk"]), str(item["sk"])), Equals("seen", seen))
