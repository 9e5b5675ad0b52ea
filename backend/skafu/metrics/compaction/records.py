"""What is known of each metric for as long as its rollups live: the days that it has points in, how
many series it had on the last of them, its unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import batched

from skafu.metrics.compaction.means import Means
from skafu.metrics.model import Series
from skafu.shared import keys
from skafu.shared.keys import DAY_MS
from skafu.shared.table import Item, Update, Value

_BATCH = 64


@dataclass
class _Seen:
    series: int = 0
    unit: str | None = None

    def add(self, series: Series) -> None:
        self.series += 1
        self.unit = self.unit or series.unit


def record_metrics(means: Means, tenant: str, day: int, present: Mapping[str, int]) -> None:
    """Record that metrics have points in a day. `present` has a bit for each series with points of
    a group. What is recorded already is not written again.
    """
    seen: dict[str, _Seen] = {}
    for group in means.directories.groups(tenant, present):
        for position, series in enumerate(group.series):
            if present[group.hash] >> position & 1:
                seen.setdefault(series.metric, _Seen()).add(series)
    retention = means.lives(tenant).retention
    for some in batched(sorted(seen), _BATCH):
        stored = means.table.get_many(keys.metric_record(tenant, metric) for metric in some)
        updates = []
        for metric in some:
            key = keys.metric_record(tenant, metric)
            if changes := _changes(stored.get(key, {}), seen[metric], day, retention):
                updates.append(Update(key, set=changes))
        means.table.write_many(updates)


def _changes(stored: Item, seen: _Seen, day: int, retention: int) -> dict[str, Value]:
    """The attributes that change. Of several shards the largest number of series counts."""
    first, last = int(stored.get("first_day", day)), int(stored.get("last_day", day))
    wanted: dict[str, Value] = {
        "k": "metric",
        "first_day": min(first, day),
        "last_day": max(last, day),
        "ttl": (max(last, day) + DAY_MS + retention) // 1000,
    }
    if day >= last:
        before = int(stored.get("series", 0)) if day == last else 0
        wanted["series"] = max(before, seen.series)
        if seen.unit is not None:
            wanted["unit"] = seen.unit
    return {name: value for name, value in wanted.items() if stored.get(name) != value}
