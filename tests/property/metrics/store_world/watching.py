"""The invariant, looked at after every change that could break it, and by slow readers.

What a change touches is read again at once, by the product's own reader, with nobody in between:
every acknowledged point exactly once, any other at most once; points of the raw retention one by
one, all points in whole hours and the points of what is not merged.
"""

from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.metrics.times import RAW_RETENTION_MS
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, Key

from tests.property.metrics.store_world.fate import TENANT, Fate
from tests.property.metrics.store_world.faulty_table import Stored, Watched
from tests.property.metrics.store_world.ledger import (
    Answer,
    Ledger,
    Sent,
    Wrong,
    compare_hours,
    compare_points,
)
from tests.property.metrics.store_world.processes import (
    METRICS,
    Environment,
    Fleet,
    ask,
    build_reader,
)

# How often a change of this kind is looked at.
OFTEN = {
    "segment": 0.2,
    "late": 0.2,
    "folded": 0.05,
    "seal": 0.1,
    "generation": 1.0,
    "chunk": 0.05,
    "day": 0.05,
    "rollup": 0.05,
    "sketch": 0.02,
    "roster": 0.05,
    "layout": 0.02,
    "group": 0.02,
    "directory": 0.02,
}
MOST_SHARDS = 3
RAW_KINDS = ("segment", "late", "seal", "chunk")


class Watch:
    """Whoever sees everything."""

    def __init__(self, fate: Fate, table: Watched, ledger: Ledger) -> None:
        self._fate, self._table, self._ledger = fate, table, ledger
        self._reader = self._fresh()
        self.checks = 0

    def _fresh(self) -> Reader:
        return build_reader(self._table, self._fate.stage)

    def changed(self, key: Key, old: Stored, new: Stored) -> None:
        """Something was written or deleted: look, most of the time."""
        item = new or old or {}
        if not item:
            return
        if "k" not in item:
            raise Wrong(f"an item has no kind: {key} {dict(item)}")
        kind = str(item["k"])
        often = OFTEN.get(kind, 0.0)
        if self._fate.random.random() >= often:
            return
        start, end = self._touched(kind, key)
        if start < end:
            self.look(start, end, f"after {kind} {key.sk} {'put' if new else 'deleted'}: ")

    def _touched(self, kind: str, key: Key) -> tuple[int, int]:
        """The time that a change is about."""
        days = self._ledger.days
        if kind in RAW_KINDS:
            match kind:
                case "segment":
                    at = keys.bucket_start(keys.segment_name(key.sk).bucket)
                case "late":
                    at = keys.bucket_start(keys.late_name(key.sk).bucket)
                case "seal":
                    at = keys.bucket_start(key.sk)
                case _:
                    at = keys.chunk_name(key.sk)[0]
            start = at // BUCKET_MS * BUCKET_MS
            return (start, start + BUCKET_MS) if start // DAY_MS * DAY_MS in days else (0, 0)
        if kind == "generation":
            day = keys.generation_name(key.sk)[0]
        elif kind in ("day", "rollup", "sketch"):
            day = keys.merged_name(key.sk)[0]
        elif days:
            day = self._fate.random.choice(days)
        else:
            return 0, 0
        return (day, day + DAY_MS) if day in days else (0, 0)

    def look(self, start: int, end: int, what: str = "") -> None:
        """Read at once, and compare."""
        self.checks += 1
        reader = self._reader
        if self._fate.random.random() < 0.1:
            reader = self._reader = self._fresh()
        for hours in (False, True) if self._is_merged(start) else (False,):
            answer = ask(reader, start, end, hours=hours)
            self.judge(answer, hours, self._ledger.acknowledged(answer.start, answer.end), what)

    def _is_merged(self, at: int) -> bool:
        """Whether a day has hours; without any, these are asked for in vain."""
        shards = range(MOST_SHARDS)
        return any(keys.generation(TENANT, shard, at, 1) in self._table.items for shard in shards)

    def look_at_requests(self) -> None:
        """What alerts read: requests of the last day, wherever compaction has put them."""
        now, store = self._fate.stage.now, MetricsStore(self._table, self._fate.stage, readers=1)
        start, end = now - DAY_MS, now + 3 * HOUR_MS
        answer = Answer(start, end)
        layouts = {x.hash: x for metric in METRICS for x in store.layouts_of(TENANT, metric)}
        for segment in store.segments(TENANT, layouts, start, end, consistent=True):
            columns = zip(segment.series, segment.timestamps, segment.values, strict=True)
            for row, (position, at, value) in enumerate(columns):
                series = layouts[segment.layout].series[position]
                name = (series.metric, series.tags)
                answer.points.append(Sent(name, at, segment.summaries.get(row, value)))
        answer.points = [point for point in answer.points if start <= point.at < end]
        self.judge(answer, False, self._ledger.acknowledged(start, end), "requests: ")

    def judge(self, answer: Answer, hours: bool, acked: list[Sent], what: str) -> None:
        """Raises Wrong for an answer that cannot be; `acked` were acknowledged before it began."""
        may = self._ledger.sent(answer.start, answer.end)
        what += f"{'hours' if hours else 'points'} of {keys.minute_of(answer.start)}"
        if hours:
            compare_hours(what, answer, acked, may)
        else:
            oldest = self._fate.stage.now - RAW_RETENTION_MS
            compare_points(what, answer, acked, may, oldest)

    def slow_reader(self, fleet: Fleet[Reader], start: int, end: int, hours: bool) -> None:
        """Somebody who takes long, while everything goes on."""
        if hours:
            start, end = start // DAY_MS * DAY_MS, start // DAY_MS * DAY_MS + DAY_MS
        acked = self._ledger.acknowledged(start, end)

        def task(environment: Environment[Reader]) -> Answer:
            return ask(environment.work, start, end, hours=hours)

        answer = fleet.invoke(self._fate.plan(0.4, 0.02), task)
        if answer is not None:
            self.checks += 1
            self.judge(answer, hours, acked, "slow reader: ")

    def everything(self, what: str) -> None:
        """Read every day that has points."""
        for day in self._ledger.days:
            self.look(day, day + DAY_MS, what)

    def leftovers(self) -> list[str]:
        """The late items that are still there."""
        return [key.sk for key, item in self._table.items.items() if item["k"] == "late"]
