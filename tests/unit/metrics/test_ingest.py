import json
import random
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from skafu.metrics.ingest import Delivery, Ingest, Outcome, requests_of
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Layout, Segment, Series, Summary
from skafu.metrics.packing import Packer, Requests
from skafu.metrics.points import Rejection, read_points
from skafu.metrics.tenancy import Bucketing, Quotas, Tenancy
from skafu.metrics.times import accepted
from skafu.shared.errors import BadRequest, PayloadTooLarge, UnknownLayout, Unprocessable
from skafu.shared.keys import BUCKET_MS, DAY_MS, MINUTE_MS
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

    def known_layouts(self, tenant: str, hashes: Iterable[str]) -> dict[str, Layout]:
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
        (b'{"metrics": [1], "columns": [1]}', Unprocessable, "columns"),
        (b'{"columns": []}', Unprocessable, "columns"),
        (b'{"columns": {}}', Unprocessable, "columns"),
        (b'{"columns": [' + b"1," * 1_000 + b"1]}", PayloadTooLarge, "columns"),
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


def test_a_batch_over_the_tenants_quota_is_refused_by_the_quotas_name() -> None:
    written = Written(Tenancy(Quotas(batch_points=2)))
    batch = [point(f"m{n}", timestamp=NOON) for n in range(3)]
    with pytest.raises(PayloadTooLarge) as caught:
        take(written, *batch)
    assert [each.field for each in caught.value.errors] == ["metrics"]
    assert "the quota batch_points allows 2" in caught.value.errors[0].reason
    assert take(written, *batch[:2]).accepted == 2


def test_no_quota_allows_more_than_ten_thousand_points() -> None:
    written = Written(Tenancy(Quotas(batch_points=20_000)))
    with pytest.raises(PayloadTooLarge, match="too many points"):
        take(written, *[point(timestamp=NOON)] * 10_001)


def test_buckets_are_as_long_as_the_tenants_record_says() -> None:
    five = 5 * MINUTE_MS
    # Buckets become shorter at the full hour.
    written = Written(Tenancy(bucketing=Bucketing(((NOON, five),))))
    stamps = [NOON - 1, NOON - five, NOON, NOON + five - 1, NOON + five]
    take(written, *(point(timestamp=at) for at in stamps), receipt=NOON + five + 92_001)
    assert sorted((s.bucket, len(s.series), s.late) for s in written.segments) == [
        (NOON - BUCKET_MS, 2, True),
        (NOON, 2, True),
        (NOON + five, 1, False),
    ]


def test_an_answer_names_the_layout_if_it_is_one(written: Written) -> None:
    timed, untimed = point("a", timestamp=NOON), point("b")
    assert take(written, timed, untimed).layout == layout_of([Series("a"), Series("b")]).hash
    # Of two buckets too: the layout is the same.
    later = point("b", timestamp=NOON + BUCKET_MS)
    assert take(written, timed, later).layout == layout_of([Series("a"), Series("b")]).hash


def test_summaries_keep_their_place_among_points_that_are_sorted(written: Written) -> None:
    some = {"values": [3.0, 1.0], "counts": [1, 2]}
    bare = {"name": "a", "timestamp": NOON + 1, **some}
    outside = bare | {"timestamp": 5}
    take(written, outside, point("b", 9.0, timestamp=NOON), bare, point("a", 8.0, timestamp=NOON))
    (segment,) = written.segments
    assert rows(segment) == [(0, NOON, 8.0), (0, NOON + 1, 5 / 3), (1, NOON, 9.0)]
    assert segment.summaries == {1: Summary(3, 5.0, 1.0, 3.0, ((1.0, 2), (3.0, 1)))}


def test_more_bins_than_an_item_holds_are_refused(written: Written) -> None:
    noise = random.Random(3)
    batch = [
        {"name": f"m{n}", "timestamp": NOON, "values": [noise.random() for _ in range(150)]}
        for n in range(400)
    ]
    with pytest.raises(PayloadTooLarge, match="too many bins"):
        take(written, *batch)
    assert take(written, *batch[:200]).accepted == 200


def columns(written: Written, *found: Any, **options: Any) -> Outcome:
    body = json.dumps({"columns": found}).encode()
    receipt, key = options.pop("receipt", NOON), options.pop("key", None)
    delivery = Delivery(TENANT, body, options.pop("gateway_id", "g1"), receipt, key)
    return Ingest(written).take(delivery)


def known(written: Written, *metrics: str) -> str:
    """Make a layout known by sending its points in full."""
    layout = take(written, *(point(name, timestamp=NOON) for name in metrics)).layout
    assert layout is not None
    written.segments.clear()
    return layout


def test_columns_become_what_the_same_points_in_full_become(written: Written) -> None:
    layout = known(written, "a", "b", "c")
    stamps = [NOON, NOON + 7, NOON + BUCKET_MS]
    found = [
        {"layout": layout, "timestamp": stamps[2], "values": [1.5, None, 2]},
        {"layout": layout, "timestamps": [stamps[1], stamps[0], None], "values": [3.5, 4.5, None]},
        {"layout": layout, "timestamp": "2023-11-15T12:00:00Z", "values": [5.5, 6.5, 7.5]},
    ]
    assert columns(written, *found) == Outcome(7, [], layout)
    by_columns = sorted((s.layout, s.bucket, s.late, rows(s)) for s in written.segments)
    again = Written()
    take(
        again,
        point("a", 1.5, timestamp=stamps[2]),
        point("c", 2, timestamp=stamps[2]),
        point("a", 3.5, timestamp=stamps[1]),
        point("b", 4.5, timestamp=stamps[0]),
        *(point(name, value, timestamp=NOON) for name, value in zip("abc", (5.5, 6.5, 7.5))),
    )
    assert sorted((s.layout, s.bucket, s.late, rows(s)) for s in again.segments) == by_columns
    assert len({s.request for s in written.segments}) == 1


def test_the_same_columns_twice_have_the_same_names(written: Written) -> None:
    column = {"layout": known(written, "a"), "timestamp": NOON, "values": [1.0]}
    columns(written, column)
    columns(written, column, receipt=NOON + 10 * BUCKET_MS, gateway_id="g2")
    assert len(set(written.names())) == 1


def test_untimed_columns_are_named_by_the_gateway(written: Written) -> None:
    column = {"layout": known(written, "a"), "values": [1.0]}
    assert columns(written, column, gateway_id="g1").accepted == 1
    columns(written, column, gateway_id="g2")
    assert len({s.request for s in written.segments}) == 2
    assert {s.timestamps[0] for s in written.segments} == {NOON}
    with pytest.raises(Unprocessable) as caught:
        columns(written, column, key="k")
    assert [each.field for each in caught.value.errors] == ["columns.0.timestamp"]


def test_columns_of_an_unknown_layout_are_answered_so_that_they_are_sent_in_full(
    written: Written,
) -> None:
    layout, other = known(written, "a"), layout_of([Series("z")]).hash
    with pytest.raises(UnknownLayout, match="in full") as caught:
        columns(
            written,
            {"layout": layout, "timestamp": NOON, "values": [1.0]},
            {"layout": other, "timestamp": NOON, "values": [1.0]},
        )
    assert caught.value.extra == {"layouts": [other]}
    assert (caught.value.status, caught.value.slug) == (409, "unknown-layout")
    assert not written.segments


@pytest.mark.parametrize(
    ("column", "fields"),
    [
        ("x", ["columns"]),
        ({"timestamp": NOON, "values": [1.0, 2.0]}, ["layout"]),
        ({"layout": "a#b", "timestamp": NOON, "values": [1.0, 2.0]}, ["layout"]),
        ({"values": [1.0]}, ["values"]),
        ({"values": [1.0, 2.0, 3.0]}, ["values"]),
        ({"values": None}, ["values"]),
        ({"values": [1.0, 2.0], "tags": {}}, ["tags"]),
        ({"values": [1.0, "2"]}, ["values.1"]),
        ({"values": [True, 10**400]}, ["values.0", "values.1"]),
        ({"timestamp": "yesterday", "values": [1.0, 2.0]}, ["timestamp"]),
        ({"timestamp": 5, "values": [1.0, 2.0]}, ["timestamp"]),
        ({"timestamps": [NOON, NOON], "timestamp": NOON, "values": [1.0, 2.0]}, ["timestamps"]),
        ({"timestamps": [NOON], "values": [1.0, 2.0]}, ["timestamps"]),
        ({"timestamps": NOON, "values": [1.0, 2.0]}, ["timestamps"]),
        ({"timestamps": [None, 5], "values": [1.0, 2.0]}, ["timestamps.0", "timestamps.1"]),
        ({"timestamps": [10**14, "x"], "values": [1.0, 2.0]}, ["timestamps.0", "timestamps.1"]),
    ],
)
def test_what_is_wrong_in_a_column_is_named_and_costs_the_others_nothing(
    written: Written, column: Any, fields: list[str]
) -> None:
    layout = known(written, "a", "b")
    if isinstance(column, dict) and "values" in column and len(column) < 5:
        column = {"layout": layout} | column if "tags" in column or fields != ["layout"] else column
        if "timestamps" not in column:
            column = {"timestamp": NOON} | column
    good = {"layout": layout, "timestamp": NOON, "values": [1.0, 2.0]}
    outcome = columns(written, good, column, good)
    assert [(each.index, each.field) for each in outcome.rejected] == [(1, f) for f in fields]
    broken = sum(field.startswith(("values.", "timestamps.")) for field in fields)
    assert outcome.accepted == 4 + (2 - broken if broken else 0)


def test_nothing_good_in_columns_is_told_by_their_places(written: Written) -> None:
    layout = known(written, "a")
    with pytest.raises(Unprocessable) as caught:
        columns(written, {"layout": layout, "timestamp": NOON, "values": ["x"]}, "x")
    assert [each.field for each in caught.value.errors] == ["columns.0.values.0", "columns.1"]
    # All null is nothing, too.
    with pytest.raises(Unprocessable):
        columns(written, {"layout": layout, "timestamp": NOON, "values": [None]})


def test_columns_count_as_many_points_as_they_have_values() -> None:
    written = Written(Tenancy(Quotas(batch_points=3)))
    column = {"layout": known(written, "a", "b"), "timestamp": NOON, "values": [1.0, None]}
    assert columns(written, column, column, column).accepted == 3
    with pytest.raises(PayloadTooLarge) as caught:
        columns(written, column, column, column, column)
    assert [each.field for each in caught.value.errors] == ["columns"]


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
