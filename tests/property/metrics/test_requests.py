"""Requests of all kinds: nonsense is refused, and columns are the points that they stand for."""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.items import segment_from, segment_item
from skafu.metrics.model import Layout, Segment, Summary
from skafu.metrics.tenancy import Bucketing, Tenancy
from skafu.shared.errors import SkafuError
from skafu.shared.keys import BUCKET_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON
from tests.support.metrics import TENANT


class Stored:
    """What would be in the table: items, encoded and read back."""

    def __init__(self, tenancy: Tenancy = Tenancy()) -> None:
        self.segments: list[Segment] = []
        self.tenancies = self
        self._tenancy = tenancy
        self._known: dict[str, Layout] = {}

    def of(self, tenant: str) -> Tenancy:
        assert tenant == TENANT
        return self._tenancy

    def known_layouts(self, tenant: str, hashes: Iterable[str]) -> dict[str, Layout]:
        assert tenant == TENANT
        return {name: self._known[name] for name in hashes if name in self._known}

    def write(self, tenant: str, layouts: list[Layout], segments: list[Segment]) -> None:
        self._known |= {each.hash: each for each in layouts}
        for segment in segments:
            assert {*segment.series} <= {*range(len(self._known[segment.layout].series))}
            self.segments.append(segment_from(segment_item(tenant, 0, segment)))

    def points(self) -> list[tuple[Any, int, int, Any]]:
        """Every point: series, bucket, timestamp, value."""
        return sorted(
            (
                (
                    self._known[segment.layout].series[position],
                    segment.bucket,
                    at,
                    segment.summaries.get(row, value),
                )
                for segment in self.segments
                for row, (position, at, value) in enumerate(
                    zip(segment.series, segment.timestamps, segment.values, strict=True)
                )
            ),
            key=repr,
        )

    def take(self, body: object) -> int:
        text = json.dumps(body).encode()
        return Ingest(self).take(Delivery(TENANT, text, "g", NOON)).accepted


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, 2, NOON, 10**400, "1", "-3", "x", "abcdefghijklmnop", ""]),
    st.floats(),
    st.text(max_size=4),
)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
numbers = st.one_of(anything, st.lists(leaves, max_size=4), st.floats(0, 9), st.integers(0, 9))


small = st.lists(st.integers(0, 9), min_size=2, max_size=4)
by_index = st.dictionaries(st.sampled_from(["1", "-2", "x", "99999999"]), st.integers(0, 9))


def form(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object that is mostly right."""
    return st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields) | anything


extremes = {name: st.integers(-9, 99) | numbers for name in ("sum", "minimum", "maximum")}
statistics = form(sample_count=st.integers(0, 9), **extremes)
bins = st.integers(1, 3).flatmap(
    lambda size: form(
        bounds=st.lists(st.floats(-9, 9), min_size=size, max_size=size, unique=True).map(sorted),
        counts=st.lists(st.integers(0, 3), min_size=size + 1, max_size=size + 1),
    )
)
histograms = st.builds(
    lambda found, told: {**found, **told} if isinstance(found, dict) else found,
    bins,
    st.fixed_dictionaries({}, optional=extremes),
)
sketches = st.builds(
    lambda found, told: {**found, **told} if isinstance(found, dict) else found,
    form(relative_accuracy=st.just(0.01), positive=by_index, negative=by_index),
    st.fixed_dictionaries({}, optional=extremes),
)
points = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(st.just("m"), anything),
        "value": numbers,
        "values": numbers,
        "counts": numbers,
        "timestamp": st.one_of(st.just(NOON), anything),
        "tags": st.one_of(st.dictionaries(st.text(max_size=2), leaves, max_size=2), anything),
        "unit": st.one_of(st.just("Bytes"), anything),
        "type": st.one_of(st.sampled_from(["gauge", "counter"]), anything),
    },
)
good = {"name": st.just("m"), "timestamp": st.just(NOON)}
observed = st.one_of(
    [
        st.fixed_dictionaries(good | {name: each})
        for name, each in {
            "values": small,
            "statistics": statistics,
            "histogram": histograms,
            "sketch": sketches,
        }.items()
    ]
)
columns = st.fixed_dictionaries(
    {},
    optional={
        "layout": st.one_of(st.sampled_from(["abcdefghijklmnop"]), anything),
        "timestamp": anything,
        "timestamps": anything,
        "values": numbers,
    },
)
bodies = st.one_of(
    anything,
    st.fixed_dictionaries({"metrics": st.lists(points | observed | anything, max_size=3)}),
    st.fixed_dictionaries({"columns": st.lists(st.one_of(columns, anything), max_size=3)}),
)


@given(bodies)
@settings(max_examples=800, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_taken_or_refused_and_what_is_taken_can_be_kept(body: object) -> None:
    stored = Stored()
    try:
        accepted = stored.take(body)
    except SkafuError:
        assert not stored.segments
        return
    assert len(stored.points()) == accepted > 0
    for _, _, _, value in stored.points():
        if isinstance(value, Summary):
            check(value)
        else:
            assert math.isfinite(value)


def check(summary: Summary) -> None:
    """What `Summary` promises."""
    assert all(map(math.isfinite, (summary.sum, summary.minimum, summary.maximum)))
    assert summary.count > 1
    assert summary.minimum <= summary.mean <= summary.maximum
    if summary.bins:
        assert summary.count == sum(count for _, count in summary.bins)
        assert list(summary.bins) == sorted(dict(summary.bins).items())
        assert summary.minimum <= summary.bins[0][0] <= summary.bins[-1][0] <= summary.maximum


stamps = st.integers(-2 * HOUR_MS, HOUR_MS).map(lambda off: NOON + off)
values = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 99))
lengths = st.sampled_from([(), ((NOON, 5 * MINUTE_MS),), ((NOON - HOUR_MS, 5 * MINUTE_MS),)])


@st.composite
def batches(draw: st.DrawFn) -> list[tuple[int | list[int], list[float | None]]]:
    """Columns over the same series, of one time each or of a time for each value."""
    size = draw(st.integers(1, 6))
    times = st.one_of(stamps, st.lists(stamps, min_size=size, max_size=size))
    column = st.tuples(times, st.lists(values, min_size=size, max_size=size))
    return draw(st.lists(column, min_size=1, max_size=5))


@given(batches(), lengths)
@settings(max_examples=300)
def test_columns_are_the_points_that_they_stand_for(
    found: Sequence[tuple[int | list[int], list[float | None]]],
    steps: tuple[tuple[int, int], ...],
) -> None:
    tenancy = Tenancy(bucketing=Bucketing(steps))
    full, short = Stored(tenancy), Stored(tenancy)
    names = [f"m{n}" for n in range(len(found[0][1]))]
    first = [{"name": name, "value": 0.0, "timestamp": NOON} for name in names]
    short.take({"metrics": first})
    segment = short.segments.pop()
    plain = [
        {"name": name, "value": value, "timestamp": at if isinstance(at, int) else at[n]}
        for at, column in found
        for n, (name, value) in enumerate(zip(names, column, strict=True))
        if value is not None
    ]
    named = [
        {"layout": segment.layout, "values": column}
        | ({"timestamp": at} if isinstance(at, int) else {"timestamps": at})
        for at, column in found
    ]
    if not plain:
        return
    assert full.take({"metrics": plain}) == short.take({"columns": named}) == len(plain)
    assert short.points() == full.points()
    for _, bucket, at, _ in short.points():
        assert tenancy.bucketing.start(at) == bucket
        assert bucket % (5 * MINUTE_MS if steps and at >= steps[0][0] else BUCKET_MS) == 0
