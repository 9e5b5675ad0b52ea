import pytest

from skafu.metrics.model import Operator, Statistic, TagFilter
from skafu.metrics.query import limits
from skafu.metrics.query.question import Inquiry
from skafu.metrics.query.service import Queries
from skafu.shared.errors import Unprocessable
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON, FakeClock
from tests.support.metrics import TENANT, point
from tests.support.querying import Platform, at, question


@pytest.fixture
def platform() -> Platform:
    return Platform()


def test_buckets_are_aligned_named_by_their_start_and_gaps_are_none(platform: Platform) -> None:
    platform.send(at(0, 1.0), at(0.9, 2.0), at(2, 4.0))
    (result,) = platform.ask(start=NOON + 1, end=NOON + 4 * MINUTE_MS - 1).results
    (line,) = result.series
    assert (result.id, line.tags) == ("a", {})
    assert line.timestamps == [NOON + n * MINUTE_MS for n in range(4)]
    assert line.values == [2.0, None, 4.0, None]


def test_the_start_is_inside_and_the_end_is_not(platform: Platform) -> None:
    platform.send(at(0, 1.0), at(1, 2.0), at(2, 4.0))
    assert platform.values(end=NOON + 2 * MINUTE_MS) == [[1.0, 2.0]]
    assert platform.values(end=NOON + 2 * MINUTE_MS + 1) == [[1.0, 2.0, 4.0]]
    assert platform.values(start=NOON + 1) == [[None, 2.0, 4.0]]


def test_without_group_by_all_series_become_one(platform: Platform) -> None:
    platform.send(at(0, 1.0, host="a"), at(0, 2.0, host="b"), at(0, 4.0))
    assert platform.values() == [[7.0, None, None]]


def test_groups_are_sorted_and_a_series_without_the_tag_has_its_own(platform: Platform) -> None:
    platform.send(
        at(0, 1.0, host="b", zone="1"),
        at(0, 2.0, host="a", zone="1"),
        at(1, 4.0, host="a", zone="2"),
        at(0, 8.0, zone="1"),
    )
    (result,) = platform.ask(question(group_by=("host",))).results
    assert [(line.tags, line.values) for line in result.series] == [
        ({}, [8.0, None, None]),
        ({"host": "a"}, [2.0, 4.0, None]),
        ({"host": "b"}, [1.0, None, None]),
    ]


def test_filters_choose_series(platform: Platform) -> None:
    platform.send(at(0, 1.0, host="a"), at(0, 2.0, host="b"), at(0, 4.0))
    equal = TagFilter("host", Operator.EQUAL, "a")
    other = TagFilter("host", Operator.NOT_EQUAL, "a")
    assert platform.values(question(filters=(equal,))) == [[1.0, None, None]]
    assert platform.values(question(filters=(other,))) == [[6.0, None, None]]
    assert platform.values(question(filters=(equal, other))) == []


def test_a_group_without_points_in_the_range_is_left_out(platform: Platform) -> None:
    platform.send(at(0, host="a"), at(5, host="b"))
    (result,) = platform.ask(question(group_by=("host",))).results
    assert [line.tags for line in result.series] == [{"host": "a"}]
    assert platform.values(question(metric="unknown")) == []


def test_several_questions_are_answered_in_their_order(platform: Platform) -> None:
    platform.send(at(0, 3.0), at(0.5, 1.0), point("mem", 9.0, timestamp=NOON))
    answer = platform.ask(
        question(id="z", statistic=Statistic.MIN),
        question(id="b", metric="mem"),
        question(id="c", statistic=Statistic.LAST, period=3 * MINUTE_MS),
    )
    assert [(r.id, r.series[0].values) for r in answer.results] == [
        ("z", [1.0, None, None]),
        ("b", [9.0, None, None]),
        ("c", [1.0]),
    ]
    assert not answer.warnings


def test_a_series_in_two_layouts_is_one_series(platform: Platform) -> None:
    platform.send(at(0, 1.0, host="a"))
    platform.send(at(0, 2.0, host="a"), point("mem", timestamp=NOON))
    (result,) = platform.ask(question(group_by=("host",))).results
    assert [line.values for line in result.series] == [[3.0, None, None]]


def test_late_and_future_points_are_found_where_they_belong(platform: Platform) -> None:
    yesterday, ahead = NOON - DAY_MS, NOON + 2 * HOUR_MS
    platform.send(
        point(value=1.0, timestamp=yesterday),
        point(value=2.0, timestamp=NOON),
        point(value=4.0, timestamp=ahead),
    )
    kinds = sorted(str(item["k"]) for item in platform.table.items.values() if "r" in item)
    assert kinds == ["late", "segment", "segment"]
    for moment, value in ((yesterday, 1.0), (NOON, 2.0), (ahead, 4.0)):
        assert platform.values(start=moment, end=moment + 1) == [[value]]


def test_a_retry_across_the_border_counts_once(platform: Platform) -> None:
    platform.send(at(0, 1.0))
    platform.clock.advance(BUCKET_MS)
    platform.send(at(0, 1.0))
    assert sum("r" in item for item in platform.table.items.values()) == 2
    assert platform.values() == [[1.0, None, None]]


def test_old_segments_of_a_layout_stay_readable_long_after_it_was_last_sent(
    platform: Platform,
) -> None:
    platform.send(at(0, 1.0))
    platform.clock.advance(29 * DAY_MS)
    assert platform.values() == [[1.0, None, None]]


def test_what_is_older_than_raw_retention_is_kept_by_the_hour_only(platform: Platform) -> None:
    platform.send(at(0, 1.0))
    platform.clock.advance(33 * DAY_MS)
    with pytest.raises(Unprocessable, match="smallest possible period is 3600") as caught:
        platform.ask()
    assert [each.field for each in caught.value.errors] == ["queries.0.period"]
    assert platform.ask(question(period=HOUR_MS)).results[0].period == 3600


def test_points_of_30_days_ago_can_be_sent_and_asked_for(platform: Platform) -> None:
    old = platform.clock.now - 30 * DAY_MS
    platform.send(point(value=5.0, timestamp=old))
    found = platform.values(start=old, end=platform.clock.now)
    assert [v for v in found[0] if v is not None] == [5.0]


def test_segments_whose_layout_is_gone_are_counted_in_a_warning(platform: Platform) -> None:
    platform.send(at(0, 1.0))
    platform.send(at(0, 2.0, host="b"))
    gone = next(key for key, item in platform.table.items.items() if item["k"] == "layout")
    platform.table.items.pop(gone)
    answer = platform.ask()
    assert len(answer.results[0].series) == 1
    assert len(answer.warnings) == 1
    assert gone.sk in answer.warnings[0] and "1 stored items" in answer.warnings[0]


def test_damaged_segments_are_listed_up_to_a_point(platform: Platform) -> None:
    for n in range(30):
        platform.send(at(0, float(n)))
    for item in platform.table.items.values():
        if "r" in item:
            item["p"] = b"\x01"
    answer = platform.ask()
    assert len(answer.warnings) == 21
    assert answer.warnings[-1] == "and 10 more"


def test_a_sum_beyond_doubles_is_none_and_a_warning(platform: Platform) -> None:
    platform.send(at(0, 1.7e308), at(0, 1.7e308))
    answer = platform.ask()
    assert answer.results[0].series[0].values == [None, None, None]
    assert "too large" in answer.warnings[0]


@pytest.mark.parametrize(
    ("start", "end", "period", "field", "limit"),
    [
        (NOON, NOON, MINUTE_MS, "end", "later than start"),
        (NOON, NOON - 1, MINUTE_MS, "end", "later than start"),
        (-5, NOON, MINUTE_MS, "end", "later than start"),
        (NOON - 455 * DAY_MS - 1, NOON, HOUR_MS, "start", "455 days; this has 456"),
        (NOON, 10**14, HOUR_MS, "end", "2286"),
        (NOON - 2 * DAY_MS, NOON, 1000, "queries", "100,800 points"),
    ],
)
def test_ranges_beyond_a_limit_are_refused_with_its_name(
    platform: Platform, start: int, end: int, period: int, field: str, limit: str
) -> None:
    with pytest.raises(Unprocessable, match=limit) as caught:
        platform.ask(question(period=period), start=start, end=end)
    assert [each.field for each in caught.value.errors] == [field]


def test_an_answer_has_at_most_500_series(platform: Platform) -> None:
    platform.send(*(at(0, host=f"h{n}") for n in range(500)))
    grouped = question(group_by=("host",))
    assert len(platform.values(grouped)) == 500
    platform.send(at(0, host="h500"))
    with pytest.raises(Unprocessable, match="500 series"):
        platform.ask(grouped)
    assert len(platform.values()) == 1


def test_an_answer_has_at_most_100800_points(platform: Platform) -> None:
    platform.send(*(at(0, host=f"h{n}") for n in range(28)))
    grouped = question(group_by=("host",), period=1000)
    assert len(platform.values(grouped, end=NOON + HOUR_MS)) == 28
    with pytest.raises(Unprocessable, match="100,800 points"):
        platform.ask(grouped, end=NOON + HOUR_MS + 1000)


def test_reading_ends_when_there_is_no_time_left(platform: Platform) -> None:
    platform.send(at(0))
    clock = FakeClock(platform.clock.now)

    def hurrying() -> int:
        clock.advance(21_000)
        return clock.now

    slow = Queries(platform.source, hurrying)
    with pytest.raises(Unprocessable, match="20 seconds"):
        slow.answer(TENANT, Inquiry(NOON, NOON + MINUTE_MS, (question(),)))


def test_points_to_reduce_are_bounded(platform: Platform) -> None:
    platform.send(*(at(0, float(n)) for n in range(10)))
    for most, fits in ((10, True), (9, False)):
        small = Queries(platform.source, platform.clock, max_samples=most)
        try:
            small.answer(TENANT, Inquiry(NOON, NOON + 1, (question(),)))
            assert fits
        except Unprocessable as error:
            assert not fits
            assert "9 points" in str(error)


def test_the_limits_are_those_that_clients_were_promised() -> None:
    assert (limits.MAX_SERIES, limits.MAX_POINTS) == (500, 100_800)
