"""The language as a whole, over points that need no table."""

import math
from typing import Any

import pytest

from skafu.metrics.model import Operator, Statistic, Summary, TagFilter
from skafu.metrics.query.planning import raw_from
from skafu.metrics.query.question import Answer, Asked, Fill, Inquiry, Resolution, Result, Slice
from skafu.metrics.query.service import Queries
from skafu.shared.errors import Unprocessable
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.metrics import TENANT, series
from tests.support.querying import Library, formula, question

MIDNIGHT = NOON // DAY_MS * DAY_MS
M = MINUTE_MS


class Desk:
    """Where questions are asked: a library, and the last answer."""

    def __init__(self, library: Library | None = None) -> None:
        self.library = library or Library()
        self.clock = FakeClock(NOON + DAY_MS)
        self.touched: list[str] = []
        self.queries = Queries(
            self.library, self.clock, touched=lambda _, metrics: self.touched.extend(metrics)
        )

    def add(self, metric: str, values: list[Any], unit: str | None = None, **tags: str) -> None:
        """A value a minute from noon on; None for a gap."""
        samples = [(NOON + n * M, value) for n, value in enumerate(values) if value is not None]
        self.library.add(series(metric, unit, **tags), *samples)

    def ask(self, *queries: Asked, start: int = NOON, minutes: int = 3, **how: Any) -> Answer:
        return self.queries.answer(
            TENANT, Inquiry(start, how.pop("end", start + minutes * M), queries, **how)
        )

    def one(self, *queries: Asked, **how: Any) -> Result:
        """The only result."""
        (result,) = self.ask(*queries, **how).results
        return result

    def values(self, *queries: Asked, **how: Any) -> list[list[float | None]]:
        return [list(line.values) for line in self.one(*queries, **how).series]

    def refusal(self, *queries: Asked, **how: Any) -> tuple[str, str]:
        """Field and reason."""
        with pytest.raises(Unprocessable) as caught:
            self.ask(*queries, **how)
        (error,) = caught.value.errors
        return error.field, error.reason


@pytest.fixture
def desk() -> Desk:
    return Desk()


def hidden(name: str, **fields: Any) -> Asked:
    return question(id=name, hidden=True, **fields)


# --- fill and max_points --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (Fill.NULL, [1.0, None, 3.0, None]),
        (Fill.ZERO, [1.0, 0.0, 3.0, 0.0]),
        (Fill.PREVIOUS, [1.0, 1.0, 3.0, 3.0]),
        (Fill.LINEAR, [1.0, 2.0, 3.0, None]),
    ],
)
def test_gaps_are_filled_as_asked(desk: Desk, fill: Fill, expected: list[float | None]) -> None:
    desk.add("cpu.load", [1.0, None, 3.0])
    assert desk.values(question(fill=fill), minutes=4) == [expected]


def test_a_group_without_points_is_not_filled_into_being(desk: Desk) -> None:
    desk.add("cpu.load", [1.0], host="a")
    assert desk.values(question(fill=Fill.ZERO), start=NOON + M) == []


def test_max_points_chooses_the_period_of_queries_without_one(desk: Desk) -> None:
    desk.add("cpu.load", [1.0] * 120)
    found = desk.ask(question(period=None), question(id="b"), minutes=120, max_points=24)
    assert [result.period for result in found.results] == [300, 60]
    assert len(found.results[0].series[0].values) == 24


def test_without_both_there_is_no_period(desk: Desk) -> None:
    field, reason = desk.refusal(question(), question(id="b", period=None))
    assert field == "queries.1.period" and "max_points" in reason


def test_days_of_a_time_zone_are_reduced_to_local_days(desk: Desk) -> None:
    desk.library.add(series("cpu.load"), *((MIDNIGHT + h * HOUR_MS, 1.0) for h in range(-48, 24)))
    found = desk.one(
        question(period=DAY_MS),
        start=MIDNIGHT - DAY_MS,
        end=MIDNIGHT,
        time_zone="America/New_York",
    )
    assert [at - MIDNIGHT for at in found.series[0].timestamps] == [-43 * HOUR_MS, -19 * HOUR_MS]
    assert found.series[0].values == [5.0, 19.0]


# --- units ----------------------------------------------------------------------------------------


def test_an_answer_has_the_unit_that_all_series_have(desk: Desk) -> None:
    desk.add("cpu.load", [1.0], "Percent", host="a")
    desk.add("cpu.load", [2.0], "Percent", host="b")
    found = desk.one(question(group_by=("host",)))
    assert [line.unit for line in found.series] == ["Percent", "Percent"]


def test_units_of_one_dimension_become_the_base_unit(desk: Desk) -> None:
    desk.add("size", [1.0], "Kilobytes", host="a")
    desk.add("size", [24.0], "Bytes", host="b")
    (line,) = desk.one(question(metric="size")).series
    assert (line.unit, line.values[0]) == ("Bytes", 1024.0)


def test_a_series_may_change_its_unit(desk: Desk) -> None:
    desk.add("latency", [1.5, None], "Seconds")
    desk.add("latency", [None, 500.0], "Milliseconds")
    (line,) = desk.one(question(metric="latency")).series
    assert (line.unit, line.values[:2]) == ("Seconds", [1.5, 0.5])


def test_units_that_cannot_be_converted_are_refused_with_their_names(desk: Desk) -> None:
    desk.add("cpu.load", [1.0], "Percent", host="a")
    desk.add("cpu.load", [1.0], host="b")
    field, reason = desk.refusal(question())
    assert field == "queries.0.unit"
    assert "cpu.load" in reason and "(None, Percent)" in reason and "`unit`" in reason
    assert desk.values(question(statistic=Statistic.COUNT))[0][0] == 2.0
    alone = TagFilter("host", Operator.EQUAL, "b")
    assert desk.values(question(filters=(alone,)))[0][0] == 1.0


def test_a_unit_converts_and_leaves_out_what_it_cannot_with_a_warning(desk: Desk) -> None:
    desk.add("size", [8.0], "Bits", host="a")
    desk.add("size", [1.0], "Percent", host="b")
    desk.add("size", [1.0], host="c")
    answer = desk.ask(question(metric="size", unit="Bytes"))
    (line,) = answer.results[0].series
    assert (line.unit, line.values[0]) == ("Bytes", 1.0)
    assert answer.warnings == ["a: series of another unit are left out: 1 in None, 1 in Percent"]
    assert desk.values(question(metric="size", unit="None"))[0][0] == 1.0


def test_every_statistic_is_converted(desk: Desk) -> None:
    desk.add("size", [Summary(2, 6.0, 2.0, 4.0, ((2.0, 1), (4.0, 1))), 3.0], "Kilobytes")
    for statistic, expected in (
        ("sum", [6000.0, 3000.0]),
        ("avg", [3000.0, 3000.0]),
        ("min", [2000.0, 3000.0]),
        ("max", [4000.0, 3000.0]),
        ("last", [3000.0, 3000.0]),
        ("stddev", [1000.0, 0.0]),
        ("p100", [4000.0, 3000.0]),
        ("count", [2.0, 1.0]),
    ):
        asked = question(metric="size", unit="Bytes", statistic=Statistic(statistic))
        assert desk.values(asked, minutes=2) == [expected], statistic


@pytest.mark.parametrize("statistic", ["sum", "avg", "min", "max", "last", "stddev", "p50"])
def test_hours_are_converted_too(statistic: str) -> None:
    raw, rolled = Desk(), Desk(Library(merged=NOON + DAY_MS))
    asked = question(unit="Seconds", statistic=Statistic(statistic), period=HOUR_MS)
    old = {"start": NOON - 60 * DAY_MS, "end": NOON - 60 * DAY_MS + HOUR_MS}
    found = []
    for desk in (raw, rolled):
        desk.clock.advance(0 if desk is rolled else -60 * DAY_MS)
        for value in (1.0, 7.0, 30.0):
            desk.library.add(series(unit="Milliseconds"), (old["start"] + int(value), value))
        found.append(desk.values(asked, **old)[0][0])
    assert found[1] == pytest.approx(found[0], rel=0.03)


# --- what is not known ----------------------------------------------------------------------------


def test_percentiles_of_statistic_sets_are_null_and_one_warning_says_why(desk: Desk) -> None:
    desk.add("cpu.load", [Summary(3, 6.0, 1.0, 3.0), 5.0], host="a")
    desk.add("cpu.load", [Summary(3, 6.0, 1.0, 3.0)], host="b")
    asked = question(statistic=Statistic.P99, group_by=("host",), fill=Fill.ZERO)
    answer = desk.ask(asked, minutes=3)
    assert [line.values for line in answer.results[0].series] == [
        [None, 5.0, 0.0],
        [None, 0.0, 0.0],
    ]
    assert len(answer.warnings) == 1
    assert (
        answer.warnings[0].startswith("a: 2 values are not known") and "p99" in answer.warnings[0]
    )
    assert desk.values(question(statistic=Statistic.MAX))[0][0] == 3.0


def test_expressions_know_nothing_of_what_is_not_known(desk: Desk) -> None:
    desk.add("cpu.load", [Summary(3, 6.0, 1.0, 3.0), 5.0])
    asked = hidden("a", statistic=Statistic.P99), formula("a + 1", fill=Fill.ZERO)
    assert desk.values(*asked) == [[None, 6.0, 0.0]]


# --- expressions ----------------------------------------------------------------------------------


def test_a_percentage_of_errors(desk: Desk) -> None:
    for host, errors, requests in (("a", 1.0, 4.0), ("b", 0.0, 5.0)):
        desk.add("errors", [errors], host=host)
        desk.add("requests", [requests, 1.0], host=host)
    desk.add("requests", [9.0], host="c")
    answer = desk.ask(
        hidden("errors", metric="errors", group_by=("host",)),
        question(id="requests", metric="requests", group_by=("host",)),
        formula("errors * 100 / requests"),
    )
    assert [result.id for result in answer.results] == ["requests", "z"]
    assert [(line.tags, line.values) for line in answer.results[1].series] == [
        ({"host": "a"}, [25.0, None, None]),
        ({"host": "b"}, [0.0, None, None]),
    ]
    assert answer.warnings == ["z: 1 series without a partner are left out"]
    assert desk.touched == ["errors", "requests"]


def test_expressions_may_stand_before_what_they_need(desk: Desk) -> None:
    desk.add("cpu.load", [2.0])
    found = desk.ask(formula("y + 1"), formula("a * a", id="y", hidden=True), question())
    assert [(r.id, r.series[0].values[0]) for r in found.results] == [("z", 5.0), ("a", 2.0)]


@pytest.mark.parametrize(
    ("queries", "place", "reason"),
    [
        ([formula("a + b"), question()], 0, "there is no query b"),
        ([question(), formula("z + 1")], 1, "goes in a circle: z needs z"),
        (
            [formula("y", id="x"), formula("z", id="y"), formula("x + a"), question()],
            0,
            "goes in a circle: x needs y needs z needs x",
        ),
        ([question(), formula("1 + 2")], 1, "names no query"),
        ([question(), formula("a +* 2")], 1, "at character 4: expected a number"),
        ([question(), formula("topk(0, a)")], 1, "a whole number from 1"),
        (
            [question(), question(id="b", period=HOUR_MS), formula("a + b")],
            2,
            "a has a period of 60 seconds and b one of 3600",
        ),
    ],
)
def test_expressions_without_an_answer_are_refused(
    desk: Desk, queries: list[Asked], place: int, reason: str
) -> None:
    desk.add("cpu.load", [1.0])
    field, found = desk.refusal(*queries)
    assert field == f"queries.{place}.expression"
    assert reason in found


def test_series_that_cannot_be_matched_are_refused_with_both_tag_sets(desk: Desk) -> None:
    desk.add("errors", [1.0], host="a")
    desk.add("requests", [1.0], zone="1")
    field, reason = desk.refusal(
        question(metric="errors", group_by=("host",)),
        question(id="b", metric="requests", group_by=("zone",)),
        formula("a / b"),
    )
    assert field == "queries.2.expression"
    assert "{host=a} and {zone=1}" in reason


def test_units_that_come_together_are_told(desk: Desk) -> None:
    desk.add("errors", [1.0], "Milliseconds")
    desk.add("requests", [1.0], "Seconds")
    answer = desk.ask(
        question(metric="errors"), question(id="b", metric="requests"), formula("a + b")
    )
    assert answer.warnings == [
        "z: Milliseconds and Seconds come together; give their queries the same `unit`"
    ]
    assert answer.results[2].series[0].unit is None


def test_the_largest_of_many_hidden_series_are_answered_by_rank(desk: Desk) -> None:
    for n in range(600):
        desk.add("cpu.load", [float(n % 599)], host=f"{n:03}")
    found = desk.one(hidden("a", group_by=("host",)), formula("topk(3, a)"))
    assert [line.tags["host"] for line in found.series] == ["598", "597", "596"]
    lowest = desk.one(hidden("a", group_by=("host",)), formula("bottomk(2, a)"))
    assert [line.tags["host"] for line in lowest.series] == ["000", "599"]


# --- limits ---------------------------------------------------------------------------------------


def test_an_answer_that_is_too_large_is_told_how_large_it_would_be(desk: Desk) -> None:
    for n in range(700):
        desk.add("cpu.load", [1.0], host=str(n))
    field, reason = desk.refusal(question(group_by=("host",)))
    assert field == "queries"
    assert "at most 500 series; this would have 700: filter" in reason and "`limit`" in reason
    field, reason = desk.refusal(hidden("a", group_by=("host",)), formula("a + 1"))
    assert "at most 500 series; this would have 700" in reason
    field, reason = desk.refusal(question(group_by=("host",)), minutes=240)
    assert "series" in reason
    some = tuple(map(str, range(500)))
    few = question(group_by=("host",), filters=(TagFilter("host", Operator.IN, some),))
    field, reason = desk.refusal(few, minutes=240)
    assert "at most 100,800 points; this would have 120,000" in reason and "max_points" in reason


def test_what_is_hidden_has_limits_too(desk: Desk) -> None:
    for n in range(10_001):
        desk.library.add(series(host=str(n)), (NOON, 1.0))
    field, reason = desk.refusal(hidden("a", group_by=("host",)), formula("sum(a)"))
    assert field == "queries"
    assert "hidden queries have at most 10,000 series; this would have 10,001" in reason


def test_a_hidden_query_that_nobody_needs_is_not_even_read(desk: Desk) -> None:
    desk.add("cpu.load", [1.0])
    desk.ask(question(), hidden("b", metric="mem"))
    assert {demand.metric for demand in desk.library.demands} == {"cpu.load"}


def test_arithmetic_is_bounded(desk: Desk) -> None:
    for n in range(500):
        desk.add("cpu.load", [1.0], host=str(n))
    wide = formula("+".join("a" * 99))
    field, reason = desk.refusal(hidden("a", group_by=("host",)), wide, minutes=120)
    assert field == "queries.1.expression"
    assert "at most 5,000,000 values" in reason


# --- pages ----------------------------------------------------------------------------------------


def test_pages_go_through_all_series_once(desk: Desk) -> None:
    for n in range(7):
        desk.add("cpu.load", [float(n)], host=str(n), zone=str(n % 2))
    asked = question(group_by=("host",), filters=(TagFilter("zone", Operator.EQUAL, "0"),))
    found, after = [], None
    for _ in range(2):
        answer = desk.ask(asked, page=Slice(2, after))
        found += [line.tags["host"] for line in answer.results[0].series]
        after = answer.after
    assert found == ["0", "2", "4", "6"]
    assert after is None
    wanted = [d.wants(series(host="6", zone="0")) for d in desk.library.demands]
    assert wanted == [False, True]


@pytest.mark.parametrize(
    "queries", [[question(), question(id="b")], [hidden("a"), formula("a + 1")], [hidden("a")]]
)
def test_pages_are_for_one_plain_query(desk: Desk, queries: list[Asked]) -> None:
    field, reason = desk.refusal(*queries, page=Slice(2))
    assert field == "limit" and "one query" in reason


# --- hours ----------------------------------------------------------------------------------------

OLD = NOON + DAY_MS - 100 * DAY_MS


def demanded(desk: Desk) -> list[tuple[int, int, bool, bool]]:
    return [(d.start, d.end, d.hours, d.sketches) for d in desk.library.demands]


def test_periods_of_whole_hours_ask_for_hours_and_for_points_at_ragged_ends(desk: Desk) -> None:
    desk.ask(question(period=HOUR_MS), start=NOON + 5 * M, minutes=150)
    assert demanded(desk) == [
        (NOON + 5 * M, NOON + HOUR_MS, False, False),
        (NOON + HOUR_MS, NOON + 2 * HOUR_MS, True, False),
        (NOON + 2 * HOUR_MS, NOON + 155 * M, False, False),
    ]
    desk.library.demands.clear()
    desk.ask(question(period=90 * M), minutes=180)
    desk.ask(question(period=HOUR_MS), start=NOON + 5 * M, minutes=50)
    assert demanded(desk) == [
        (NOON, NOON + 180 * M, False, False),
        (NOON + 5 * M, NOON + 55 * M, False, False),
    ]


def test_a_time_zone_off_the_hour_is_answered_from_points(desk: Desk) -> None:
    desk.ask(question(period=HOUR_MS), minutes=120, time_zone="Asia/Kolkata")
    assert [each[2] for each in demanded(desk)] == [False]
    desk.library.demands.clear()
    desk.ask(question(period=HOUR_MS), minutes=120, time_zone="Asia/Tokyo")
    assert [each[2] for each in demanded(desk)] == [True]


def test_percentiles_are_exact_as_long_as_there_are_points(desk: Desk) -> None:
    asked = question(period=6 * HOUR_MS, statistic=Statistic.P99)
    raw = raw_from(desk.clock())
    desk.ask(asked, start=raw, end=NOON)
    assert demanded(desk) == [(raw, NOON, False, False)]
    desk.library.demands.clear()
    desk.ask(asked, start=raw - 10 * HOUR_MS, end=NOON)
    assert demanded(desk) == [
        (raw - 10 * HOUR_MS, raw, True, True),
        (raw, NOON, False, False),
    ]


def test_a_bucket_that_began_before_the_points_does_not_make_percentiles_coarse(
    desk: Desk,
) -> None:
    raw = raw_from(desk.clock())
    asked = question(period=7 * DAY_MS, statistic=Statistic.P99)
    for start in (raw, raw + HOUR_MS, raw + DAY_MS):
        desk.library.demands.clear()
        desk.ask(asked, start=start, end=NOON)
        assert demanded(desk) == [(start, NOON, False, False)]


def test_details_of_hours_are_read_only_where_they_are_needed(desk: Desk) -> None:
    for statistic in ("avg", "last", "stddev", "increase", "p50"):
        desk.ask(
            question(period=HOUR_MS, statistic=Statistic(statistic)),
            start=OLD,
            end=OLD + 2 * HOUR_MS,
        )
    assert [each[3] for each in demanded(desk)] == [False, False, True, True, True]


def test_15_months_are_answered_from_hours() -> None:
    desk = Desk(Library(merged=NOON, generations=2))
    start = MIDNIGHT - 454 * DAY_MS
    desk.library.add(series(), *((start + n * DAY_MS // 4, float(n)) for n in range(454 * 4)))
    for statistic, expected in (
        ("sum", 0.0 + 1 + 2 + 3),
        ("avg", 1.5),
        ("max", 3.0),
        ("last", 3.0),
        ("count", 4.0),
        ("stddev", math.sqrt(1.25)),
        ("p100", 3.0),
    ):
        asked = question(period=DAY_MS, statistic=Statistic(statistic))
        found = desk.one(asked, start=start, end=start + 454 * DAY_MS)
        assert found.resolution in (Resolution.HOURS, Resolution.MIXED)
        assert len(found.series[0].values) == 454
        assert found.series[0].values[0] == pytest.approx(expected, rel=0.01), statistic


def test_old_ranges_are_rounded_to_whole_hours_with_a_warning(desk: Desk) -> None:
    answer = desk.ask(question(period=DAY_MS), start=OLD + 1, end=OLD + DAY_MS + 1)
    assert demanded(desk) == [(OLD + HOUR_MS, OLD + DAY_MS, True, False)]
    assert "only whole hours are kept" in answer.warnings[0]


@pytest.mark.parametrize(
    ("period", "zone", "field", "reason"),
    [
        (60, None, "queries.0.period", "smallest possible period is 3600"),
        (5400, None, "queries.0.period", "smallest possible period is 3600"),
        (86_400, "Asia/Kolkata", "time_zone", "Asia/Kolkata begin between them"),
    ],
)
def test_what_hours_cannot_answer_is_refused_where_there_are_only_hours(
    desk: Desk, period: int, zone: str | None, field: str, reason: str
) -> None:
    asked = question(period=period * 1000)
    found = desk.refusal(asked, start=OLD, end=OLD + DAY_MS, time_zone=zone)
    assert found[0] == field and reason in found[1]


def test_max_points_chooses_no_period_that_hours_cannot_answer(desk: Desk) -> None:
    desk.library.add(series(), (OLD, 1.0))
    found = desk.one(question(period=None), start=OLD, end=OLD + 2 * HOUR_MS, max_points=1000)
    assert found.period == 3600


def test_the_last_30_days_may_be_asked_for_minute_by_minute_however_slow_the_way(
    desk: Desk,
) -> None:
    start = desk.clock() - 30 * DAY_MS
    desk.clock.advance(60_000)
    assert desk.one(question(period=30 * M), start=start, end=desk.clock()).series == []


def test_what_is_older_than_the_retention_is_said_to_be_missing(desk: Desk) -> None:
    desk.library.kept = 90 * DAY_MS
    answer = desk.ask(question(period=DAY_MS), start=OLD, end=OLD + DAY_MS)
    assert answer.warnings == ["metrics are kept for 90 days: older ones may be missing"]
    later = OLD + 20 * DAY_MS
    assert not desk.ask(question(period=DAY_MS), start=later, end=later + DAY_MS).warnings
