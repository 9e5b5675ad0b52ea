"""Whatever was sent, in whatever order, how often and how late: answers are those of a plain list
of the accepted points.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.model import Operator, Statistic, TagFilter, Tags, reduce
from skafu.metrics.query.planning import raw_from
from skafu.metrics.query.question import Inquiry, Question
from skafu.metrics.query.service import Queries
from skafu.metrics.query.stored import Stored
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.shared.errors import Unprocessable
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, point

REDUCED = [Statistic(x) for x in "avg sum min max count last stddev p50 p90 p99.9".split()]
HOSTS = ("a", None)
METRICS = ("cpu", "cpu", "mem")

OLDEST = -30 * DAY_MS
# A few moments around now and around the oldest that is accepted (a retry loses it soon), so that
# requests meet in buckets and layouts; and anywhere.
offsets = st.one_of(
    st.sampled_from([0, 0, 1, -1, BUCKET_MS]),
    st.sampled_from([OLDEST - 1, OLDEST, OLDEST + 5 * MINUTE_MS, OLDEST + BUCKET_MS]),
    st.integers(-2 * DAY_MS, 3 * HOUR_MS),
)
bodies = st.builds(
    lambda name, host, offset, value: point(
        name,
        value,
        **({} if host is None else {"tags": {"host": host}}),
        **({} if offset is None else {"timestamp": NOON + offset}),
    ),
    st.sampled_from(METRICS),
    st.sampled_from(HOSTS),
    st.one_of(offsets, st.none()),
    st.one_of(st.integers(-5, 5), st.floats(-1e6, 1e6), st.sampled_from([1, 1, math.nan])),
)
requests = st.tuples(st.lists(bodies, min_size=1, max_size=5), st.sampled_from([None, "k", "l"]))
# Which request is tried, how long after the try before, and by which of two warm environments.
tries = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from([0, 1, 92_000, MINUTE_MS, MINUTE_MS * 14, BUCKET_MS, HOUR_MS, DAY_MS]),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=6,
)


@dataclass
class World:
    """The platform, and beside it the plain list of what it has accepted."""

    clock: FakeClock = field(default_factory=FakeClock)
    table: InMemoryTable = field(default_factory=lambda: InMemoryTable(page_size=3))
    points: dict[tuple[Any, ...], tuple[str, Tags, int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environments = [Ingest(MetricsStore(self.table, self.clock)) for _ in range(2)]

    def send(self, batch: list[dict[str, Any]], key: str | None, number: int, who: int) -> None:
        body = json.dumps({"metrics": batch}).encode()
        delivery = Delivery(TENANT, body, f"gateway{number}", self.clock.now, key)
        try:
            outcome = self.environments[who].take(delivery)
        except Unprocessable:
            return
        refused = {each.index for each in outcome.rejected}
        assert outcome.accepted == len(batch) - len(refused)
        for index, raw in enumerate(batch):
            if index not in refused:
                stamp = raw.get("timestamp")
                event = (number, index) if stamp is None else (key, body, index)
                at = self.clock.now if stamp is None else stamp
                tags = tuple(raw.get("tags", {}).items())
                self.points.setdefault(event, (raw["name"], tags, at, float(raw["value"])))

    def queries(self) -> Queries:
        """Of an environment that remembers nothing."""
        store = MetricsStore(self.table, self.clock)
        reader = Reader(self.table, self.clock, store=store, degree=1)
        return Queries(Stored(store, reader), self.clock)

    def expected(
        self, asked: Question, start: int, end: int
    ) -> dict[Tags, dict[int, float | None]]:
        period = asked.period or 0
        samples: dict[Tags, dict[int, list[tuple[int, float]]]] = defaultdict(dict)
        for metric, tags, at, value in self.points.values():
            if metric == asked.metric and start <= at < end:
                if all(_holds(each, dict(tags)) for each in asked.filters):
                    group = tuple(tag for tag in tags if tag[0] in asked.group_by)
                    bucket = at // period * period
                    samples[group].setdefault(bucket, []).append((at, value))
        return {
            group: {at: reduce(asked.statistic, some) for at, some in buckets.items()}
            for group, buckets in samples.items()
        }


def _holds(condition: TagFilter, tags: dict[str, str]) -> bool:
    equal = tags.get(condition.tag) == condition.value
    return equal if condition.op is Operator.EQUAL else not equal


def _answers(lines: Any, start: int, end: int, period: int) -> Iterator[tuple[Tags, Any]]:
    for line in lines:
        assert line.timestamps == list(range(start // period * period, end, period))
        values = dict(zip(line.timestamps, line.values, strict=True))
        yield tuple(line.tags.items()), {at: v for at, v in values.items() if v is not None}


questions = st.builds(
    Question,
    id=st.just("a"),
    metric=st.sampled_from(METRICS),
    statistic=st.sampled_from(REDUCED),
    period=st.sampled_from([MINUTE_MS * 7, BUCKET_MS, HOUR_MS, DAY_MS]),
    filters=st.lists(
        st.builds(
            TagFilter,
            st.just("host"),
            st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]),
            st.sampled_from(["a", "b", "c"]),
        ),
        max_size=1,
    ).map(tuple),
    group_by=st.sampled_from([(), ("host",), ("zone", "host")]),
)
EVERYTHING = (NOON + OLDEST - DAY_MS // 2, 31 * DAY_MS)
ranges = st.one_of(
    st.just(EVERYTHING),
    st.just(EVERYTHING),
    st.tuples(offsets.map(lambda offset: NOON + offset), st.integers(1, 2 * BUCKET_MS)),
    st.tuples(offsets.map(lambda offset: NOON + offset), st.integers(1, 31 * DAY_MS)),
)


@given(st.lists(requests, min_size=1, max_size=2), tries, questions, ranges)
@settings(max_examples=300, deadline=None)
def test_every_accepted_point_is_answered_exactly_once(
    batches: list[tuple[list[dict[str, Any]], str | None]],
    order: list[tuple[int, int, int]],
    asked: Question,
    stretch: tuple[int, int],
) -> None:
    world = World()
    for number, (chosen, wait, who) in enumerate(order):
        world.clock.advance(wait)
        world.send(*batches[chosen % len(batches)], number, who)
    start = max(stretch[0], raw_from(world.clock.now))
    end = max(sum(stretch), start + 1)
    (result,) = world.queries().answer(TENANT, Inquiry(start, end, (asked,))).results
    found = dict(_answers(result.series, start, end, asked.period or 0))
    assert found == world.expected(asked, start, end)
