"""Points that are many observations, as alerts count them."""

from dataclasses import replace

import pytest

from skafu.alerts.news import News
from skafu.alerts.memory import Remembered
from skafu.alerts.model import (
    Alert,
    Comparison,
    Kind,
    Level,
    Severity,
    State,
    Transform,
    TransformType,
)
from skafu.alerts.rules import Match
from skafu.alerts.samples import Samples
from skafu.alerts.snapshot import Snapshot
from skafu.metrics.model import Segment, Series, Statistic, Summary
from skafu.shared.keys import BUCKET_MS, MINUTE_MS
from tests.support.clocks import NOON
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.points import MemoryPoints, layout_of

LAYOUT = layout_of("x", Series("cpu.load"))
SET = Summary(4, 10.0, 1.0, 7.0)
BINS = Summary(4, 10.0, 1.0, 4.0, ((1.0, 1), (2.0, 1), (3.0, 1), (4.0, 1)))


def segment(*points: tuple[int, float | Summary], bucket: int = NOON) -> Segment:
    return Segment(
        layout="x",
        bucket=bucket,
        request=f"r{points[0][0]}",
        receipt=NOON + 5 * MINUTE_MS,
        late=False,
        series=[0] * len(points),
        timestamps=[at for at, _ in points],
        values=[each.mean if isinstance(each, Summary) else each for _, each in points],
        summaries={row: each for row, (_, each) in enumerate(points) if isinstance(each, Summary)},
    )


def value_of(statistic: Statistic, *segments: Segment) -> float | None:
    """The statistic of the first minute."""
    points = MemoryPoints()
    points.put(TENANT, LAYOUT, *segments)
    snapshot = Snapshot(points, TENANT, NOON + 5 * MINUTE_MS)
    snapshot.read(["x"], NOON, NOON + BUCKET_MS)
    samples = Samples(alert(statistic=statistic).definition, NOON, NOON + BUCKET_MS)
    samples.add(snapshot, "x", [0])
    assert samples.present
    return samples.value(NOON + MINUTE_MS)


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        (Statistic.COUNT, 9.0),
        (Statistic.SUM, 25.0),
        (Statistic.AVG, 25.0 / 9),
        (Statistic.MAX, 7.0),
        (Statistic.MIN, 1.0),
        (Statistic.LAST, 5.0),
    ],
)
def test_an_alert_counts_observations(statistic: Statistic, value: float) -> None:
    found = segment((NOON, SET), (NOON + 1, BINS), (NOON + 2, 5.0))
    assert value_of(statistic, found) == value


def test_an_alert_takes_percentiles_from_bins() -> None:
    assert value_of(Statistic.P50, segment((NOON, BINS), (NOON + 1, 100.0))) == 3.0


def test_what_a_statistic_set_does_not_tell_is_missing_data() -> None:
    assert value_of(Statistic.P99, segment((NOON, SET), (NOON + 1, 5.0))) is None


def test_buckets_of_five_minutes_are_read_like_others() -> None:
    points = MemoryPoints()
    points.segments = lambda *_, **__: [  # type: ignore[method-assign]  # a stand-in
        segment((at, 1.0), bucket=at) for at in range(NOON, NOON + BUCKET_MS, 5 * MINUTE_MS)
    ]
    snapshot = Snapshot(points, TENANT, NOON + BUCKET_MS)
    snapshot.read(["x"], NOON, NOON + BUCKET_MS)
    assert len(list(snapshot.segments("x", NOON, NOON + BUCKET_MS))) == 3


def concerned(rule: Alert, found: Segment, state: State = State.OK, level: int = 0) -> bool:
    known = Remembered(
        version=1,
        through=NOON,
        past={},
        state=state,
        open_start=NOON,
        open_end=NOON + 15 * MINUTE_MS,
        due=NOON + 16 * MINUTE_MS,
        level=level,
    )
    match = Match(rule, (), "i", (0,))
    return News(found, NOON + MINUTE_MS).concerns(known, match)


@pytest.mark.parametrize(
    ("statistic", "comparison", "threshold", "news"),
    [
        (Statistic.MAX, Comparison.ABOVE, 6.0, True),
        (Statistic.MAX, Comparison.ABOVE, 7.0, False),
        (Statistic.MIN, Comparison.BELOW, 2.0, True),
        (Statistic.MIN, Comparison.BELOW, 1.0, False),
        (Statistic.AVG, Comparison.ABOVE, 2.0, False),
    ],
)
def test_the_extremes_of_a_summary_decide_early(
    statistic: Statistic, comparison: Comparison, threshold: float, news: bool
) -> None:
    rule = alert(statistic=statistic, comparison=comparison, threshold=threshold, period=900)
    assert concerned(rule, segment((NOON, SET))) is news


def test_only_a_heartbeat_that_is_missed_is_news_before_its_period_ends() -> None:
    rule = alert(kind=Kind.HEARTBEAT, statistic=Statistic.COUNT, threshold=None, period=900)
    found = segment((NOON, 1.0))

    assert [concerned(rule, found, state) for state in State] == [False, True, True]


def test_an_alarm_is_concerned_by_what_raises_its_level() -> None:
    higher = (Level(Severity.HIGH, 20.0), Level(Severity.CRITICAL, 30.0))
    rule = alert(statistic=Statistic.MAX, levels=higher, period=900)
    found = segment((NOON, 25.0))

    assert concerned(rule, found, State.ALARM, 0)
    assert not concerned(rule, found, State.ALARM, 1)
    assert not concerned(rule, found, State.ALARM, 2)
    plain = alert(statistic=Statistic.MAX, period=900)
    assert not concerned(plain, found, State.ALARM)


def test_what_is_transformed_is_news_at_the_end_of_its_period() -> None:
    change = Transform(TransformType.CHANGE, offset=900)
    rule = alert(statistic=Statistic.MAX, transform=change, period=900)

    assert not concerned(rule, segment((NOON, 99.0)))


def test_a_bucket_waits_for_a_layout_that_fed_the_one_before_it() -> None:
    """An agent that lags has something to say of this one, too."""
    points = MemoryPoints()
    agents = {"x": (0, 60_000, 120_000, 180_000), "y": (0,)}
    for name, moments in agents.items():
        sent = segment(*((NOON + at, 1.0) for at in moments))
        layout = layout_of(name, Series("cpu.load", (("agent", name),)))
        points.put(TENANT, layout, replace(sent, layout=name))
    snapshot = Snapshot(points, TENANT, NOON + 5 * MINUTE_MS)
    snapshot.read(list(agents), NOON, NOON + BUCKET_MS)
    samples = Samples(alert().definition, NOON, NOON + BUCKET_MS)
    for name in agents:
        samples.add(snapshot, name, [0])

    assert not samples.complete(NOON + 2 * MINUTE_MS)
    assert samples.complete(NOON + 3 * MINUTE_MS), "y feeds none of the last two"


def test_points_from_elsewhere_count_by_their_times_alone() -> None:
    found = Samples(alert(statistic=Statistic.SUM).definition, NOON, NOON + BUCKET_MS)
    found.feed((), [(NOON - 1, 99.0), (NOON, 1.0), (NOON + MINUTE_MS - 1, SET)])

    assert found.value(NOON + MINUTE_MS) == 11.0
    assert not found.complete(NOON + MINUTE_MS), "such a bucket closes by its grace"
