import pytest

from skafu.alerts.model import Definition
from skafu.alerts.points import (
    QUIET_MS,
    Memberships,
    advance,
    end_after,
    members,
    points_of,
    range_start,
)
from skafu.alerts.samples import Past, Samples
from skafu.alerts.snapshot import Snapshot
from skafu.metrics.model import Operator, Segment, Series, Statistic, TagFilter
from tests.support.clocks import NOON
from tests.support.definitions import alert, definition
from tests.support.points import MemoryPoints, layout_of, segment_of

MINUTE = 60_000
QUARTER = 15 * MINUTE
LOAD = Series("cpu.load", (("host", "a"),))


def tagged(metric: str, **tags: str) -> Series:
    return Series(metric, tuple(sorted(tags.items())))


def test_a_bucket_ends_after_its_points() -> None:
    assert end_after(NOON, MINUTE) == NOON + MINUTE
    assert end_after(NOON + MINUTE - 1, MINUTE) == NOON + MINUTE
    assert end_after(NOON + MINUTE, MINUTE) == NOON + 2 * MINUTE


def test_an_evaluation_range_reaches_n_and_two_periods_back() -> None:
    rules = definition(evaluation_periods=3)

    assert range_start(rules, NOON) == NOON - 5 * MINUTE


@pytest.mark.parametrize(
    ("ahead", "advanced"), [(-9, -9), (0, 0), (1, 0), (60_000, 0), (60_001, -2 * MINUTE)]
)
def test_a_segment_advances_its_layout_to_its_receipt_at_most(ahead: int, advanced: int) -> None:
    layout = layout_of("x", LOAD)
    points = [(NOON - 2 * MINUTE, 1.0), (NOON + ahead, 2.0)]

    assert advance(segment_of(layout, points, NOON)) == NOON + advanced


def test_a_segment_far_in_the_future_advances_nothing() -> None:
    layout = layout_of("x", LOAD)

    assert advance(segment_of(layout, [(NOON + 2 * MINUTE, 1.0)], NOON)) == 0


def test_the_points_of_a_series_are_found_among_the_others() -> None:
    segment = Segment("x", NOON, "r", NOON, False, [0, 2, 2, 5], [NOON] * 4, [1.0, 2.0, 3.0, 4.0])

    assert [list(points_of(segment, x)) for x in range(6)] == [[0], [], [1, 2], [], [], [3]]


def test_a_layout_feeds_the_instances_whose_series_it_lists() -> None:
    layout = layout_of(
        "x",
        tagged("cpu.load", host="a", zone="1"),
        tagged("cpu.load", host="a", zone="2"),
        tagged("cpu.load", host="b", zone="1"),
        tagged("cpu.load"),
        tagged("cpu", host="a"),
        tagged("mem.used", host="a"),
    )
    zone_1 = TagFilter("zone", Operator.EQUAL, "1")

    def fed(rules: Definition) -> dict[tuple[tuple[str, str], ...], list[Series]]:
        return {
            tags: [layout.series[position] for position in positions]
            for tags, positions in members(rules, layout).items()
        }

    assert fed(definition(group_by=("host",))) == {
        (("host", "a"),): [
            tagged("cpu.load", host="a", zone="1"),
            tagged("cpu.load", host="a", zone="2"),
        ],
        (("host", "b"),): [tagged("cpu.load", host="b", zone="1")],
        (): [tagged("cpu.load")],
    }
    assert fed(definition(filters=(zone_1,))) == {
        (): [
            tagged("cpu.load", host="a", zone="1"),
            tagged("cpu.load", host="b", zone="1"),
        ]
    }
    assert fed(definition(metric="disk.free")) == {}


def test_memberships_are_worked_out_once() -> None:
    memberships, layout = Memberships(capacity=1), layout_of("x", LOAD)
    first = memberships.of(alert(group_by=("host",)), layout)

    assert memberships.of(alert(group_by=("host",)), layout) is first
    assert memberships.of(alert("other"), layout) == {(): (0,)}
    assert memberships.of(alert(group_by=("host",)), layout) == first


def test_a_snapshot_reads_each_quarter_of_an_hour_of_a_layout_once() -> None:
    points, layout = MemoryPoints(), layout_of("x", LOAD)
    for quarter in range(3):
        moment = NOON + quarter * QUARTER
        points.put("acme", layout, segment_of(layout, [(moment, 1.0)], moment))
    snapshot = Snapshot(points, "acme", NOON)

    snapshot.read(["x"], NOON, NOON + QUARTER)
    snapshot.read(["x"], NOON, NOON + 1)
    assert points.reads == 1
    snapshot.read(["x"], NOON, NOON + 3 * QUARTER)

    assert points.reads == 2
    found = snapshot.segments("x", NOON, NOON + 3 * QUARTER)
    assert [segment.bucket for segment in found] == [NOON + k * QUARTER for k in range(3)]
    assert snapshot.advanced("x") == NOON + 2 * QUARTER


def test_a_snapshot_tells_up_to_when_a_layout_may_have_points() -> None:
    points, layout = MemoryPoints(), layout_of("x", LOAD)
    points.put("acme", layout)
    points.seen["x"] = NOON

    (known,) = Snapshot(points, "acme", NOON).layouts_of("cpu.load")

    assert (known.layout, known.until) == (layout, NOON + QUIET_MS)


def samples_of(points: list[tuple[int, float]], receipt: int, rules: Definition) -> Samples:
    source, layout = MemoryPoints(), layout_of("x", LOAD)
    source.put("acme", layout, segment_of(layout, points, receipt))
    snapshot = Snapshot(source, "acme", receipt)
    snapshot.read(["x"], NOON, NOON + QUARTER)
    samples = Samples(rules, NOON, NOON + QUARTER)
    samples.add(snapshot, "x", [0])
    return samples


def test_samples_reduce_a_bucket_by_the_alerts_statistic() -> None:
    points = [(NOON, 1.0), (NOON + 59_999, 4.0), (NOON + MINUTE, 9.0)]

    def value(statistic: Statistic) -> float | None:
        samples = samples_of(points, NOON + MINUTE, definition(statistic=statistic))
        return samples.value(NOON + MINUTE)

    assert value(Statistic.AVG) == 2.5
    assert value(Statistic.MAX) == 4.0
    assert value(Statistic.COUNT) == 2.0
    assert value(Statistic.LAST) == 4.0


def test_a_point_counts_when_it_came_within_the_lateness_of_its_bucket() -> None:
    rules = definition(lateness=10)
    end = NOON + MINUTE

    assert samples_of([(NOON, 1.0)], end + 10_000, rules).value(end) == 1.0
    late = samples_of([(NOON, 1.0)], end + 10_001, rules)
    assert late.value(end) is None
    assert not late.present


def test_what_is_past_is_recalled_and_its_layouts_are_waited_for() -> None:
    rules = definition(evaluation_periods=2)
    past = {
        NOON - MINUTE: Past(None, frozenset()),
        NOON: Past(7.0, frozenset({"silent"})),
    }
    samples = Samples(rules, NOON, NOON + QUARTER, past)

    assert [bucket.value for bucket in samples.window(NOON + 2 * MINUTE)] == [None, 7.0, None, None]
    assert not samples.complete(NOON + MINUTE)
    assert samples.present
    assert samples.past(NOON) == past[NOON]
