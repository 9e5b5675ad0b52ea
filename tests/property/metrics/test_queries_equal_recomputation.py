"""Whatever is asked over whatever points, from points, hours or both, with whatever units: the
answer is that of a plain recomputation, which knows neither runs nor hours nor grids.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.metrics.model import Statistic, Tags
from skafu.metrics.query.question import Fill, Inquiry, Question
from skafu.metrics.query.service import Queries
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.metrics import TENANT, series
from tests.support.querying import Library

NOW = NOON + DAY_MS
ZONE = "America/New_York"
# The clocks of New York were set back on 2023-11-05 at 06:00 UTC.
CHANGE = 1_699_164_000_000

moments = st.one_of(
    st.integers(NOON - 3 * HOUR_MS, NOON + 3 * HOUR_MS),
    st.integers(-6, 6).map(lambda n: NOON + n * HOUR_MS),
    st.integers(CHANGE - 5 * HOUR_MS, CHANGE + 5 * HOUR_MS),
)
numbers = st.one_of(st.integers(0, 5).map(float), st.floats(-1e6, 1e6))
hosts = st.sampled_from(["a", "b", None])
UNITS = {"a": "Kilobytes", "b": "Bits", None: "Bytes"}
BYTES = {"Kilobytes": 1000.0, "Bytes": 1.0, "Bits": 0.125}


@dataclass(frozen=True)
class Point:
    """One observation, in its series' unit."""

    host: str | None
    at: int
    value: float

    @property
    def unit(self) -> str:
        return UNITS[self.host]

    @property
    def bytes(self) -> float:
        return self.value * BYTES[self.unit]


points = st.lists(st.builds(Point, hosts, moments, numbers), min_size=1, max_size=25)


@dataclass(frozen=True)
class Case:
    """Points, how much of them is rolled up, and one question."""

    points: list[Point]
    merged: int
    start: int
    length: int
    statistic: str
    hours: int
    group: bool
    zone: bool
    fill: Fill

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def period(self) -> int:
        return self.hours * HOUR_MS if self.hours else 7 * MINUTE_MS


cases = st.builds(
    Case,
    points=points,
    merged=st.one_of(moments, st.just(0), st.just(NOW)).map(lambda at: at // HOUR_MS * HOUR_MS),
    start=moments,
    length=st.one_of(st.just(DAY_MS), st.integers(1, 2 * HOUR_MS), st.just(9 * HOUR_MS)),
    statistic=st.sampled_from("sum avg min max count last stddev rate increase p0 p37.5".split()),
    hours=st.sampled_from([0, 1, 1, 2, 6, 24]),
    group=st.booleans(),
    zone=st.booleans(),
    fill=st.sampled_from(list(Fill)),
)


# --- the plain way --------------------------------------------------------------------------------


def bucket_of(case: Case, at: int) -> int:
    """A name of the bucket that a moment is in: its start, found by walking back to it."""
    if not case.zone or case.period % HOUR_MS:
        return at // case.period * case.period
    zone = ZoneInfo(ZONE)
    hour = at // HOUR_MS * HOUR_MS
    while True:
        local = datetime.fromtimestamp(hour / 1000, UTC).astimezone(zone)
        if local.hour % case.hours == 0 and not (case.hours > 1 and local.fold):
            return hour
        hour -= HOUR_MS


def buckets_of(case: Case) -> list[int]:
    step = math.gcd(case.period, HOUR_MS)
    moments = [case.start, case.end - 1, *range(case.start // step * step, case.end, step)]
    return sorted({bucket_of(case, at) for at in moments if case.start <= at < case.end})


def after(case: Case, bucket: int) -> int:
    at = bucket + min(case.period, HOUR_MS)
    while bucket_of(case, at) == bucket:
        at += HOUR_MS
    return at


def percentile(values: list[float], p: float) -> float:
    rank = (len(values) - 1) * p / 100
    low, high = values[math.floor(rank)], values[math.ceil(rank)]
    return low + (high - low) * (rank - math.floor(rank))


STATISTICS: dict[str, Callable[[list[tuple[int, float]]], float]] = {
    "sum": lambda some: math.fsum(v for _, v in some),
    "avg": lambda some: math.fsum(v for _, v in some) / len(some),
    "min": lambda some: min(v for _, v in some),
    "max": lambda some: max(v for _, v in some),
    "count": lambda some: float(len(some)),
    "last": lambda some: max(some)[1],
    "p0": lambda some: min(v for _, v in some),
    "p37.5": lambda some: percentile(sorted(v for _, v in some), 37.5),
}


def deviation(values: list[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))


STATISTICS["stddev"] = lambda some: deviation([v for _, v in some])


def increases(case: Case, some: list[Point]) -> dict[int, float]:
    """By bucket, of one series."""
    found: dict[int, float] = {}
    back = min(max(case.period, 15 * MINUTE_MS), DAY_MS)
    first = case.start - back
    if case.period % HOUR_MS == 0 and case.start % HOUR_MS == 0:
        first = first // HOUR_MS * HOUR_MS
    line = sorted((p.at, p.bytes) for p in some)
    line = [each for each in line if first <= each[0] < case.end]
    for (_, before), (at, value) in pairwise(line):
        if at >= case.start:
            growth = value - before if value >= before else value
            bucket = bucket_of(case, at)
            found[bucket] = found.get(bucket, 0.0) + growth
    return found


def plain(case: Case) -> dict[Tags, list[float | None]]:
    """The answer by groups, before gaps are filled."""
    inside = [p for p in case.points if case.start <= p.at < case.end]
    found: dict[Tags, list[float | None]] = {}
    buckets = buckets_of(case)
    for host in {p.host if case.group else None for p in inside}:
        mine = [p for p in case.points if not case.group or p.host == host]
        values: dict[int, float] = {}
        if case.statistic in ("rate", "increase"):
            for each in {p.host for p in mine}:
                own = increases(case, [p for p in mine if p.host == each])
                for bucket, growth in own.items():
                    values[bucket] = values.get(bucket, 0.0) + growth
            if case.statistic == "rate":
                for bucket in values:
                    values[bucket] /= (after(case, bucket) - bucket) / 1000
        else:
            for bucket in buckets:
                some = [
                    (p.at, p.bytes) for p in mine if p in inside and bucket_of(case, p.at) == bucket
                ]
                if some:
                    values[bucket] = STATISTICS[case.statistic](some)
        tags = (("host", host),) if case.group and host else ()
        found[tags] = [values.get(bucket) for bucket in buckets]
    return found


def filled(case: Case, values: list[float | None]) -> list[float | None]:
    buckets = buckets_of(case)
    known = [(at, v) for at, v in zip(buckets, values, strict=True) if v is not None]

    def fill(at: int) -> float | None:
        before = [each for each in known if each[0] < at]
        behind = [each for each in known if each[0] > at]
        if case.fill is Fill.ZERO and at <= NOW:
            return 0.0
        if case.fill is Fill.PREVIOUS and before and at <= NOW:
            return before[-1][1]
        if case.fill is Fill.LINEAR and before and behind:
            (x, low), (y, high) = before[-1], behind[0]
            return low + (high - low) * (at - x) / (y - x)
        return None

    return [fill(at) if v is None else v for at, v in zip(buckets, values, strict=True)]


# --- the same question to Skafu -------------------------------------------------------------------


def library(case: Case) -> Library:
    found = Library(case.merged)
    for p in case.points:
        tags = {} if p.host is None else {"host": p.host}
        found.add(series("size", p.unit, **tags), (p.at, p.value))
    return found


def question(case: Case, **fields: Any) -> Question:
    return Question(
        id="a",
        metric="size",
        statistic=Statistic(case.statistic),
        period=case.period,
        group_by=("host",) if case.group else (),
        unit="Bytes",
        fill=case.fill,
        **fields,
    )


def near(found: list[float | None], wanted: list[float | None], case: Case) -> bool:
    """Sums of hours are rounded hour by hour. Of hours percentiles are not asked for here, and an
    hour's squares suffer where values are large and near each other.
    """
    scale = max((abs(p.bytes) for p in case.points), default=1.0)
    return len(found) == len(wanted) and all(
        x is y is None
        or x is not None
        and y is not None
        and math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-6 * scale + 1e-9)
        for x, y in zip(found, wanted, strict=True)
    )


@given(cases)
@settings(max_examples=400, deadline=None)
def test_every_answer_is_that_of_a_plain_recomputation(case: Case) -> None:
    queries = Queries(library(case), FakeClock(NOW))
    zone = ZONE if case.zone else None
    inquiry = Inquiry(case.start, case.end, (question(case),), time_zone=zone)
    (result,) = queries.answer(TENANT, inquiry).results
    wanted = plain(case)
    assert [tuple(line.tags.items()) for line in result.series] == sorted(wanted)
    for line in result.series:
        assert list(line.timestamps) == buckets_of(case)
        expected = filled(case, wanted[tuple(line.tags.items())])
        assert near(list(line.values), expected, case), (line.values, expected)
