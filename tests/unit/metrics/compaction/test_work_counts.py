"""What compaction costs, in DynamoDB's units: counts are exact, so they are asserted."""

import random
from collections import Counter

from skafu.metrics.compaction import Compactor
from skafu.metrics.items import segment_item
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Layout, Segment
from skafu.metrics.store import MetricsStore
from skafu.shared.capacity import item_size, write_units
from skafu.shared.keys import BUCKET_MS, DAY_MS, MINUTE_MS
from skafu.shared.metering import MeteredTable
from tests.support.compaction import DAY, RETENTION_MS, Works
from tests.support.metrics import TENANT, series

SERIES = 256
MINUTES = 1440
BUDGET = 0.010
"""Write units a point at batches of 1,000, storing included (DESIGN 9)."""


class Load:
    """Values as machines send them: counters, gauges of two decimals, full doubles, constants,
    latencies.
    """

    def __init__(self, count: int) -> None:
        self._random = random.Random(7)
        self.values = [float(self._random.randrange(10**6)) for _ in range(count)]

    def step(self) -> list[float]:
        chance = self._random
        for i, value in enumerate(self.values):
            match i % 20:
                case 0 | 1 | 2 | 3 | 4 | 5 | 6:
                    self.values[i] = value + chance.randrange(50)
                case 7 | 8 | 9 | 10 | 11 | 12:
                    self.values[i] = round(value % 100 + chance.uniform(-1, 1), 2)
                case 13:
                    self.values[i] = chance.random()
                case 14 | 15:
                    pass
                case _:
                    self.values[i] = round(chance.lognormvariate(2, 0.6), 3)
        return list(self.values)


def population(count: int) -> Layout:
    """Twenty series of each metric."""
    return layout_of(series(f"m{i // 20:02}", host=f"h{i % 20:02}") for i in range(count))


def request(layout: Layout, at: int, values: list[float]) -> Segment:
    count = len(values)
    bucket = at // BUCKET_MS * BUCKET_MS
    times = [at] * count
    return Segment(layout.hash, bucket, f"r{at}", at, False, range(count), times, values, {})


def test_a_point_costs_less_than_a_hundredth_of_a_write() -> None:
    works = Works(created=DAY + 20 * MINUTE_MS)
    table = MeteredTable(works.table, works.table.items.get)
    store = MetricsStore(table, works.clock)
    compactor = Compactor(table, works.clock, retention_ms=RETENTION_MS)
    layout, load, stored = population(SERIES), Load(SERIES), 0.0
    for minute in range(MINUTES + 10):
        works.clock.now = DAY + minute * MINUTE_MS + 500
        if minute < MINUTES:
            stored -= table.wru
            store.write(TENANT, [layout], [request(layout, works.clock.now, load.step())])
            stored += table.wru
        if minute % 5 == 0:
            compactor.run()
    points = SERIES * MINUTES
    assert works.generations()[0].points == points
    compaction = (table.wru - stored) / points
    kinds = Counter[str]()
    for item in works.table.items.values():
        kinds[str(item["k"])] += write_units(item_size(item))
    # What does not depend on the number of series: seals, bills, marks, leases.
    fixed = sum(kinds[kind] for kind in ("seal", "usage", "generation", "mark")) / points
    assert kinds["chunk"] / points <= 0.0031
    assert kinds["day"] / points <= 0.0016
    assert (kinds["rollup"] + kinds["sketch"]) / points <= 0.0006
    assert compaction - 3 * fixed <= 0.0052
    thousand = segment_item(TENANT, 0, request(population(1000), DAY, Load(1000).step()))
    assert compaction + write_units(item_size(thousand)) / 1000 <= BUDGET


def test_a_run_with_nothing_due_writes_nothing_and_reads_little() -> None:
    works = Works()
    works.run(DAY + DAY_MS)
    table = MeteredTable(works.table, works.table.items.get)
    compactor = Compactor(table, works.clock, retention_ms=RETENTION_MS)
    works.clock.advance(MINUTE_MS)
    compactor.run()
    assert table.wru == 0
    assert table.rru <= 6


def test_an_idle_day_costs_little() -> None:
    works = Works()
    works.run(DAY + DAY_MS)
    table = MeteredTable(works.table, works.table.items.get)
    compactor = Compactor(table, works.clock, retention_ms=RETENTION_MS)
    for _ in range(288):
        works.clock.advance(5 * MINUTE_MS)
        compactor.run()
    # Seal and bill of 96 buckets, a lease and a mark for each; ten cents a year.
    assert table.wru <= 96 * 5 + 20
    assert table.rru <= 288 * 6 + 96 * 10
