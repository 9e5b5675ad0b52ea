"""A reader where all is not well, and what it asks of the table. That each point is read once, in
whatever mixture, is tests/property/metrics' to show.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from skafu.metrics.demands import Demand, HourRun, Run
from skafu.metrics.ingest import Ingest
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.metrics.tenancy import Bucketing, Tenancy, tenancy_attributes
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.metering import MeteredTable, item_size, read_units
from skafu.shared.table import Put, Query
from tests.support.clocks import NOON, FakeClock
from tests.support.compacted import Compacting
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT, point, send, series

MIDNIGHT = NOON // DAY_MS * DAY_MS
FIRST = MIDNIGHT - DAY_MS


class Lagging(InMemoryTable):
    """A table whose eventually consistent reads have not heard of some kinds of items yet; it notes
    what was asked.
    """

    def __init__(self) -> None:
        super().__init__(page_size=3)
        self.hidden: set[str] = set()
        self.asked: list[Query] = []

    def query(self, query: Query) -> Any:
        self.asked.append(query)
        page = super().query(query)
        if query.consistent:
            return page
        kept = [item for item in page.items if item["k"] not in self.hidden]
        return type(page)(kept, page.after)

    def get(self, key: Any, *, consistent: bool = False) -> dict[str, Any] | None:
        found = super().get(key, consistent=consistent)
        return None if not consistent and found and found["k"] in self.hidden else found


class Platform:
    """Ingest, a compactor and a reader over one table, the day after FIRST."""

    def __init__(self) -> None:
        self.clock = FakeClock(FIRST)
        self.table = Lagging()
        self.ingest = Ingest(MetricsStore(self.table, self.clock))
        hosts = [series(host=name) for name in ("a", "b")]
        self.compacting = Compacting(self.table, population=hosts)
        self.deleted: dict[str, int] = {}
        self.warnings: list[str] = []

    def of(self, tenant: str) -> Mapping[str, int]:
        """Deletions."""
        assert tenant == TENANT
        return self.deleted

    def send(self, *values: float, at: int, ago: int = 0, **tags: str) -> None:
        """Points a millisecond apart, received `ago` later than the first's time."""
        self.clock.now = at + ago
        points = [point(value=v, timestamp=at + n, tags=tags) for n, v in enumerate(values)]
        send(self.ingest, *points, receipt=self.clock.now)

    def read(self, *demands: Demand, **how: Any) -> list[tuple[int, Any]]:
        self.table.asked.clear()
        self.warnings.clear()
        reader = Reader(self.table, self.clock, deletions=self, degree=1, **how)
        return list(reader.read(TENANT, demands, self.warnings))

    def values(self, start: int = FIRST, end: int = MIDNIGHT + DAY_MS, **how: Any) -> list[float]:
        """The values of points, and the sums of hours."""
        found = []
        for _, run in self.read(Demand("cpu.load", start, end, **how)):
            if isinstance(run, HourRun):
                found += [hour.sum for hour in run.hours]
            else:
                found += run.values
        return sorted(found)

    def change(self, kind: str, **attributes: Any) -> int:
        """Change every item of a kind, or remove it where nothing is said; returns how many."""
        changed = [key for key, item in self.table.items.items() if item["k"] == kind]
        for key in changed:
            if attributes:
                self.table.items[key].update(attributes)
            else:
                item = self.table.items.pop(key)
                self.table._unlist(key, item)  # pylint: disable=protected-access # as TTL does
        return len(changed)

    def asked(self, kind: str) -> list[Query]:
        return [query for query in self.table.asked if query.pk.startswith(f"{TENANT}#{kind}#")]


@pytest.fixture
def platform() -> Platform:
    """A merged day with hours, a sealed bucket and an open one."""
    made = Platform()
    made.send(1.0, 2.0, at=FIRST + HOUR_MS, host="a")
    made.send(4.0, at=FIRST + 5 * HOUR_MS, host="b")
    made.clock.now = MIDNIGHT + 10 * MINUTE_MS
    made.compacting.merge(FIRST)
    made.send(8.0, at=FIRST + 5 * HOUR_MS, ago=DAY_MS, host="b")
    made.compacting.fold(FIRST, 2)
    made.send(16.0, at=MIDNIGHT + 6 * HOUR_MS, host="a")
    made.compacting.seal(MIDNIGHT + 6 * HOUR_MS)
    made.send(32.0, at=MIDNIGHT + 12 * HOUR_MS, host="a")
    made.send(64.0, at=FIRST + HOUR_MS, ago=DAY_MS + 12 * HOUR_MS, host="c")
    return made


RAW = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
HOURS = [3.0, 4.0, 8.0, 16.0, 32.0, 64.0]


def test_points_come_from_wherever_they_are(platform: Platform) -> None:
    assert platform.values() == RAW
    assert platform.values(hours=True) == HOURS
    assert not platform.warnings


@pytest.mark.parametrize("kind", ["chunk", "day", "rollup", "sketch", "group", "directory"])
def test_what_is_not_seen_yet_is_looked_for_again_consistently(
    platform: Platform, kind: str
) -> None:
    platform.table.hidden = {kind}
    assert platform.values() == RAW
    assert platform.values(hours=True, sketches=True) == HOURS
    assert not platform.warnings


@pytest.mark.parametrize("kind", ["chunk", "day", "rollup", "sketch"])
def test_what_is_gone_is_made_again_from_the_requests_that_manifests_name(
    platform: Platform, kind: str
) -> None:
    stray = platform.change(kind)
    assert stray
    assert platform.values() == RAW
    assert platform.values(hours=True, sketches=True) == HOURS
    assert not platform.warnings


def test_a_request_that_no_manifest_names_is_not_made_anything_of() -> None:
    platform = Platform()
    platform.send(1.0, at=FIRST, host="a")
    platform.send(2.0, at=FIRST + 9, host="b")
    requests = [k.sk.split("#")[-1] for k, i in platform.table.items.items() if i["k"] == "segment"]
    platform.clock.now = MIDNIGHT
    platform.compacting.seal(FIRST, without=requests[1:])
    assert platform.values() == [1.0]
    platform.change("chunk")
    assert platform.values() == [1.0]


@pytest.mark.parametrize("kind", ["chunk", "day", "rollup", "sketch"])
@pytest.mark.parametrize(
    "payload, reason",
    [(b"\x01garbage", "version 1"), (b"\x63" + b"0" * 9, "version 99"), ("x", "")],
)
def test_what_is_damaged_is_named_and_made_again(
    platform: Platform, kind: str, payload: bytes | str, reason: str
) -> None:
    platform.change(kind, p=payload)
    wants_hours = kind in ("rollup", "sketch")
    found = platform.values(hours=wants_hours, sketches=wants_hours)
    assert found == (HOURS if wants_hours else RAW)
    kinds = {"chunk": "chunks", "day": "days", "rollup": "rollups", "sketch": "rollups"}
    assert platform.warnings
    assert all(f"stored {kinds[kind]} of group" in warning for warning in platform.warnings)
    assert all(reason in warning for warning in platform.warnings)


def test_what_cannot_be_made_again_is_told_and_the_rest_delivered(platform: Platform) -> None:
    platform.change("day")
    platform.change("folded")
    assert platform.values() == [v for v in RAW if v != 8.0]
    assert any("late requests" in warning for warning in platform.warnings)
    platform.change("segment")
    assert 64.0 in platform.values() and 16.0 in platform.values()


def test_points_and_hours_past_their_lives_are_nobodys_fault(platform: Platform) -> None:
    platform.clock.now = FIRST + 90 * DAY_MS
    for kind in ("day", "segment", "folded", "chunk"):
        platform.change(kind)
    platform.change("late")
    assert platform.values(FIRST, MIDNIGHT, hours=True) == [3.0, 4.0, 8.0]
    assert platform.values(FIRST, MIDNIGHT) == []
    assert not platform.warnings
    platform.change("rollup")
    assert platform.values(FIRST, MIDNIGHT, hours=True) == []
    assert any("are lost" in warning for warning in platform.warnings)
    platform.read(Demand("cpu.load", FIRST, MIDNIGHT, True), retention_ms=60 * DAY_MS)
    assert not platform.warnings


@pytest.mark.parametrize("kind", ["group", "directory"])
def test_without_groups_or_directories_requests_are_read(platform: Platform, kind: str) -> None:
    platform.change(kind)
    assert platform.values() == RAW
    assert platform.values(hours=True) == HOURS


@pytest.mark.parametrize("kind", ["seal", "generation"])
def test_a_manifest_of_a_newer_version_is_refused_by_its_number(
    platform: Platform, kind: str
) -> None:
    platform.change(kind, v=7)
    platform.values()
    assert all("version 7 is not known" in warning for warning in platform.warnings)
    assert len(platform.warnings) >= (2 if kind == "generation" else 1)


def test_a_lost_roster_is_told(platform: Platform) -> None:
    compacting = Compacting(platform.table, inline=0)
    platform.send(128.0, at=MIDNIGHT + 7 * HOUR_MS, host="a")
    compacting.seal(MIDNIGHT + 7 * HOUR_MS)
    platform.send(256.0, at=MIDNIGHT + 7 * HOUR_MS, ago=HOUR_MS, host="a")
    assert platform.values()[-2:] == [128.0, 256.0]
    assert not platform.warnings
    platform.change("roster")
    assert platform.values()[-2:] == [128.0, 256.0]
    assert "0 of 1 rosters" in platform.warnings[0]


def test_a_layout_that_cannot_be_read_is_told_and_the_rest_delivered(platform: Platform) -> None:
    platform.change("layout", p=b"\x63")
    assert platform.values() == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert len(platform.warnings) == 2
    assert "1 stored items that name it are left out" in platform.warnings[0]


def test_a_damaged_segment_is_told_and_the_rest_delivered(platform: Platform) -> None:
    platform.change("segment", p=b"")
    assert platform.values() == [v for v in RAW if v != 32.0]
    assert len(platform.warnings) == 1


def test_deleted_points_are_not_delivered(platform: Platform) -> None:
    platform.deleted = {"cpu.load": FIRST + HOUR_MS + 1, "other": NOON}
    assert platform.values() == [v for v in RAW if v not in (1.0, 64.0)]
    # The hour that straddles the deletion comes as what is left of its points.
    assert platform.values(hours=True) == [2.0, *HOURS[1:-1]]
    platform.deleted = {"cpu.load": MIDNIGHT + 2 * DAY_MS}
    assert platform.values() == []
    assert not platform.table.asked


def test_several_demands_share_what_they_have_in_common(platform: Platform) -> None:
    alone = Demand("cpu.load", FIRST, NOON + 1)
    first = platform.read(alone)
    once = list(platform.table.asked)
    found = platform.read(alone, Demand("cpu.load", FIRST, NOON, wants=_host("a")), alone)
    assert platform.table.asked == once
    assert [run for number, run in found if number == 2] == [run for _, run in first]
    assert all(run.series.tags == (("host", "a"),) for number, run in found if number == 1)


def _host(name: str) -> Callable[[Any], bool]:
    return lambda series: bool(series.tags == (("host", name),))


def test_nothing_is_asked_for_nothing(platform: Platform) -> None:
    assert not platform.read()
    assert not platform.read(Demand("cpu.load", NOON, NOON))
    assert not platform.table.asked


def test_days_in_a_row_are_one_query_and_a_day_that_is_not_wanted_is_none() -> None:
    platform = Platform()
    for day in range(5):
        platform.send(float(day), at=FIRST + day * DAY_MS, host="a")
        platform.compacting.merge(FIRST + day * DAY_MS)
    platform.clock.now = FIRST + 5 * DAY_MS + HOUR_MS
    assert platform.values(FIRST, FIRST + 5 * DAY_MS) == [0.0, 1.0, 2.0, 3.0, 4.0]
    # Its five items are two pages of this table.
    assert len({(query.pk, query.between) for query in platform.asked("days")}) == 1
    days = [Demand("cpu.load", FIRST + n * DAY_MS, FIRST + (n + 1) * DAY_MS) for n in (0, 1, 4)]
    platform.read(*days)
    assert len({(query.pk, query.between) for query in platform.asked("days")}) == 2
    assert len(platform.asked("generations")) == 2  # one, of two pages
    assert not platform.asked("seals")


def test_a_rollup_and_its_sketches_are_read_once_each(platform: Platform) -> None:
    platform.values(FIRST, MIDNIGHT, hours=True, sketches=True)
    assert len(platform.asked("rollups")) == len(platform.asked("sketches")) == 1
    platform.values(FIRST, MIDNIGHT, hours=True)
    assert len(platform.asked("rollups")) == 1
    assert not platform.asked("sketches")
    assert not platform.asked("days")


def test_only_layouts_that_can_have_points_are_asked_for(platform: Platform) -> None:
    platform.values(MIDNIGHT + 11 * HOUR_MS, MIDNIGHT + 13 * HOUR_MS)
    hours = {query.pk for query in platform.asked("segments")}
    assert len(hours) == 2
    assert all(query.consistent for query in platform.asked("segments"))
    # Its first points came this noon: in the morning it had none.
    fresh = [q for q in platform.asked("segments") if q.between and q.pk.endswith("11")]
    assert len(fresh) < len(platform.asked("segments"))


def test_buckets_of_five_minutes_are_read_as_they_are() -> None:
    platform = Platform()
    tenancy = Tenancy(bucketing=Bucketing(((MIDNIGHT, 5 * MINUTE_MS),)))
    settings = keys.tenant_settings(TENANT)._asdict() | tenancy_attributes(tenancy)
    platform.table.write(Put({**settings, "k": "tenant"}))
    for n in range(4):
        platform.send(float(n), at=MIDNIGHT + n * BUCKET_MS // 3, host="a")
    platform.compacting.seal(MIDNIGHT + BUCKET_MS // 3)
    platform.compacting.seal(MIDNIGHT)
    assert platform.values() == [0.0, 1.0, 2.0, 3.0]
    assert platform.values(MIDNIGHT + BUCKET_MS // 3, MIDNIGHT + BUCKET_MS) == [1.0, 2.0]


def test_seals_that_were_seen_are_not_asked_for_again(platform: Platform) -> None:
    for n in range(24):
        if n * BUCKET_MS != 6 * HOUR_MS:
            platform.compacting.seal(MIDNIGHT + n * BUCKET_MS)
    reader = Reader(platform.table, platform.clock, degree=1)
    asked = []
    for _ in range(2):
        platform.table.asked.clear()
        list(reader.read(TENANT, [Demand("cpu.load", MIDNIGHT, NOON)], platform.warnings))
        asked.append([query.between for query in platform.asked("seals")])
    before, after = (keys.seal_range(MIDNIGHT + n * BUCKET_MS, NOON) for n in (0, 25))
    assert set(asked[0]) == {before}
    assert asked[1] and asked[1][0] == after


def test_what_reading_costs_is_what_the_sizes_of_items_say() -> None:
    """Late items, days' manifests, open buckets and the catalogue consistently, all else not; a
    query costs the sum of its page.
    """
    clock = FakeClock(MIDNIGHT)
    stored = InMemoryTable()
    ingest = Ingest(MetricsStore(stored, clock))
    compacting = Compacting(stored)
    for minute in range(3 * 60):
        clock.now = MIDNIGHT + minute * MINUTE_MS
        points = [point(value=n * 0.25, timestamp=clock.now, tags={"n": str(n)}) for n in range(60)]
        send(ingest, *points, receipt=clock.now)
    for n in range(11):
        compacting.seal(MIDNIGHT + n * BUCKET_MS)
    table = MeteredTable(stored, stored.items.get)
    demand = Demand("cpu.load", MIDNIGHT, clock.now + 1, wants=_tagged("n", "7"))
    runs = list(Reader(table, clock, degree=1).read(TENANT, [demand], []))
    assert sum(len(run.values) for _, run in runs if isinstance(run, Run)) == 180
    sizes: Counter[str] = Counter()
    for item in stored.items.values():
        sizes[str(item["k"])] += item_size(item)
    tail = sizes["segment"] * 15 // 180
    assert table.rru == sum(
        (
            0.5,  # the tenant's record
            read_units(0, True),  # late items
            read_units(0, True),  # days
            read_units(sizes["seal"], False),
            read_units(sizes["directory"], False),
            read_units(sizes["group"], False),
            read_units(sizes["chunk"], False),
            read_units(sizes["catalogue"], True),
            read_units(sizes["layout"], False),
            read_units(tail, True),
        )
    )
    assert table.calls == 10


def _tagged(tag: str, value: str) -> Callable[[Any], bool]:
    return lambda series: bool(dict(series.tags).get(tag) == value)
