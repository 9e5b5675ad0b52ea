import json
import random
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from skafu.metrics.ingest import Delivery, Ingest, Outcome, entries_of, requests_of
from skafu.metrics.model import Layout, Segment
from skafu.metrics.packing import Packer, Requests
from skafu.metrics.points import Rejection, read_points
from skafu.metrics.tenancy import Bucketing, Tenancy
from skafu.metrics.times import accepted
from skafu.shared.errors import BadRequest, PayloadTooLarge, Unprocessable
from skafu.shared.keys import BUCKET_MS, DAY_MS
from tests.support.clocks import NOON
from tests.support.metrics import TENANT, point, points_of as rows


class Written:
    """Remembers what would have been stored."""

    def __init__(self, tenancy: Tenancy = Tenancy()) -> None:
        self.written: list[Layout] = []
        self.segments: list[Segment] = []
        self.tenancies = self
        self._tenancy = tenancy

    def of(self, tenant: str) -> Tenancy:
        assert tenant == TENANT
        return self._tenancy

    def layouts(self, tenant: str, hashes: Iterable[str]) -> dict[str, Layout]:
        assert tenant == TENANT
        known = {each.hash: each for each in self.written}
        return {name: known[name] for name in hashes if name in known}

    def write(self, tenant: str, layouts: list[Layout], segments: list[Segment]) -> None:
        assert tenant == TENANT
        assert {segment.layout for segment in segments} == {layout.hash for layout in layouts}
        self.written += layouts
        self.segments += segments

    def names(self) -> list[tuple[str, int, int, str]]:
        """Everything that a segment's key is made of."""
        return sorted((s.layout, s.bucket, min(s.timestamps), s.request) for s in self.segments)


@pytest.fixture
def written() -> Written:
    return Written()


def take(
    written: Written,
    *points: Mapping[str, Any],
    receipt: int = NOON,
    key: str | None = None,
    gateway_id: str = "g1",
    ingest: Ingest | None = None,
) -> Outcome:
    body = json.dumps({"metrics": points}).encode()
    delivery = Delivery(TENANT, body, gateway_id, receipt, key)
    return (ingest or Ingest(written)).take(delivery)


def test_a_batch_becomes_one_segment_sorted_by_series_time_and_place(written: Written) -> None:
    outcome = take(
        written,
        point("b", 1.0, timestamp=NOON + 2),
        point("a", 2.0, timestamp=NOON + 9),
        point("b", 3.0, timestamp=NOON + 1),
        point("b", 4.0, timestamp=NOON + 1),
    )
    assert outcome == Outcome(4, [], written.written[0].hash)
    (segment,) = written.segments
    assert [series.metric for series in written.written[0].series] == ["a", "b"]
    assert rows(segment) == [
        (0, NOON + 9, 2.0),
        (1, NOON + 1, 3.0),
        (1, NOON + 1, 4.0),
        (1, NOON + 2, 1.0),
    ]
    assert (segment.bucket, segment.receipt, segment.late) == (NOON, NOON, False)


def test_a_bad_point_never_costs_the_good_ones(written: Written) -> None:
    outcome = take(written, point(), point(value="x"), point(timestamp=5), point("b"))
    assert outcome.accepted == 2
    assert [(each.index, each.field) for each in outcome.rejected] == [
        (1, "value"),
        (2, "timestamp"),
    ]
    assert len(rows(written.segments[0])) == 2


def test_a_request_without_a_good_point_lists_them_twice_and_stores_nothing(
    written: Written,
) -> None:
    with pytest.raises(Unprocessable) as caught:
        take(written, point(value="x"), point(timestamp=5))
    assert [e.field for e in caught.value.errors] == ["metrics.0.value", "metrics.1.timestamp"]
    rejected = caught.value.extra["rejected"]
    assert isinstance(rejected, list)
    assert rejected[0] == Rejection(0, "value", "must be a number")
    assert not written.segments


def test_every_bucket_has_its_segment_and_those_left_are_late(written: Written) -> None:
    buckets = [NOON - DAY_MS, NOON - BUCKET_MS, NOON, NOON + BUCKET_MS]
    take(written, *(point(timestamp=bucket + 5) for bucket in buckets), receipt=NOON + 92_001)
    assert sorted((s.bucket, s.late) for s in written.segments) == [
        (buckets[0], True),
        (buckets[1], True),
        (buckets[2], False),
        (buckets[3], False),
    ]
    assert len(written.written) == 1


def test_writers_leave_a_bucket_92_seconds_after_its_end(written: Written) -> None:
    for after in (92_000, 92_001):
        take(written, point(timestamp=NOON - 1), receipt=NOON + after)
    assert [segment.late for segment in written.segments] == [False, True]


def test_the_same_body_has_the_same_name_another_has_another(written: Written) -> None:
    first = point(timestamp=NOON)
    take(written, first, gateway_id="g1")
    take(written, first, gateway_id="g2")
    take(written, first | {"value": 2.0})
    take(written, first, key="k")
    take(written, first, key="l")
    names = [segment.request for segment in written.segments]
    assert names[0] == names[1]
    assert len(set(names)) == 4


def test_where_the_key_ends_and_the_body_begins_is_never_in_doubt() -> None:
    one = requests_of(Delivery(TENANT, b"bc", "g", NOON, "a"))
    other = requests_of(Delivery(TENANT, b"c", "g", NOON, "ab"))
    assert one.content != other.content
    assert one.gateway == other.gateway


def test_untimed_points_are_named_by_the_gateway_and_timed_ones_beside_them_are_not(
    written: Written,
) -> None:
    batch = point("a", timestamp=NOON), point("b")
    take(written, *batch, gateway_id="g1")
    take(written, *batch, gateway_id="g2")
    by_series: dict[int, set[str]] = {}
    for segment in written.segments:
        by_series.setdefault(segment.series[0], set()).add(segment.request)
    assert [len(names) for _, names in sorted(by_series.items())] == [1, 2]


def test_a_retry_finds_its_names_though_a_bucket_has_left_the_window(written: Written) -> None:
    oldest = NOON - 30 * DAY_MS
    batch = point("old", timestamp=oldest), point("new", timestamp=NOON)
    take(written, *batch)
    first = written.names()
    again = Written()
    outcome = take(again, *batch, receipt=NOON + BUCKET_MS)
    assert [each.index for each in outcome.rejected] == [0]
    assert len(again.names()) == 1
    assert set(again.names()) < set(first)


def test_a_warm_environment_writes_what_a_cold_one_writes(written: Written) -> None:
    warm, noise = Ingest(written), random.Random(7)
    batch = [
        point(f"m{noise.randrange(9)}", timestamp=NOON + noise.randrange(BUCKET_MS * 2))
        for _ in range(60)
    ]
    for _ in range(2):
        again = Written()
        take(again, *batch)
        written.segments.clear()
        take(written, *batch, ingest=warm)
        assert written.segments == again.segments
        noise.shuffle(batch)


def test_what_is_remembered_is_bounded_and_forgetting_changes_nothing() -> None:
    packer = Packer(remembered=50)
    now, window = NOON, accepted(NOON)
    sizes = []
    for n in range(40):
        packer.make_room()
        sizes.append(len(packer.book.spelled))
        names = [f"m{n}", f"m{n + 1}", "m"]
        points: list[object] = [point(name, float(n), timestamp=NOON) for name in names]
        batch = read_points(points, packer.book, window, now, keyed=False)
        packed = packer.pack(batch, Requests("content", "gateway"), NOON, Bucketing())
        assert [s.metric for s in packed.layouts[0].series] == sorted(names)
        assert list(packed.segments[0].values) == [float(n)] * 3
    assert max(sizes) <= 50
    assert sizes.count(0) > 2


def test_series_that_fit_into_no_item_are_split_over_layouts(written: Written) -> None:
    noise = random.Random(5)
    batch = [
        point(
            timestamp=NOON,
            value=float(n),
            tags={f"t{i}": f"{noise.getrandbits(600):x}" for i in (1, 2)},
        )
        for n in range(4000)
    ]
    outcome = take(written, *batch)
    assert outcome == Outcome(4000, [])
    assert len(written.written) == len(written.segments) > 1
    stored = {
        (layout.series[n].tags, value)
        for layout, segment in zip(written.written, written.segments, strict=True)
        for n, value in zip(segment.series, segment.values, strict=True)
    }
    assert stored == {(tuple(sorted(p["tags"].items())), p["value"]) for p in batch}


@pytest.mark.parametrize(
    ("body", "error", "field"),
    [
        (b"", BadRequest, "body"),
        (b"{", BadRequest, "body"),
        (b"\xff\xfe{\x00}\x00", BadRequest, "body"),
        (b"[" * 100_000, BadRequest, "body"),
        (b"[]", BadRequest, "metrics"),
        (b"null", BadRequest, "metrics"),
        (b"NaN", BadRequest, "metrics"),
        (b"{}", Unprocessable, "metrics"),
        (b'{"metrics": []}', Unprocessable, "metrics"),
        (b'{"metrics": {}}', Unprocessable, "metrics"),
        (b'{"metrics": [1], "tags": {}}', Unprocessable, "tags"),
        (b'{"metrics": [' + b"1," * 10_000 + b"1]}", PayloadTooLarge, "metrics"),
    ],
)
def test_what_is_wrong_with_the_whole_is_a_problem(
    body: bytes, error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as caught:
        Ingest(Written()).take(Delivery(TENANT, body, "g", NOON))
    assert isinstance(caught.value, BadRequest | Unprocessable | PayloadTooLarge)
    assert [each.field for each in caught.value.errors] == [field]


def test_ten_thousand_points_are_taken(written: Written) -> None:
    batch = [point(value=float(n), timestamp=NOON + n) for n in range(10_000)]
    assert take(written, *batch).accepted == 10_000


def test_nan_and_infinities_are_refused_one_by_one(written: Written) -> None:
    body = b"""{"metrics": [{"name": "a", "value": NaN}, {"name": "a", "value": 1},
        {"name": "a", "value": Infinity}, {"name": "a", "value": -Infinity},
        {"name": "a", "value": 1e999}]}"""
    outcome = Ingest(written).take(Delivery(TENANT, body, "g", NOON))
    assert outcome.accepted == 1
    assert [each.index for each in outcome.rejected] == [0, 2, 3, 4]


def test_a_key_of_endless_length_is_refused(written: Written) -> None:
    take(written, point(timestamp=NOON), key="k" * 255)
    with pytest.raises(BadRequest) as caught:
        take(written, point(timestamp=NOON), key="k" * 256)
    assert [each.field for each in caught.value.errors] == ["Idempotency-Key"]
