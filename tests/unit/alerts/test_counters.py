"""Counters in alerts, against a plain account of the same points."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from skafu.alerts.counters import Reading, increase, readings
from skafu.alerts.model import Transform, TransformType
from skafu.alerts.points import read_start
from skafu.alerts.samples import Past, Samples
from skafu.alerts.transforms import counter_buckets, near_buckets
from skafu.metrics.model import Statistic, Summary, Tags
from tests.support.clocks import NOON
from tests.support.definitions import definition

MINUTE = 60_000
A, B = (("host", "a"),), (("host", "b"),)

type Counters = Mapping[Tags, Sequence[tuple[int, float]]]


def test_a_counter_grows_by_its_steps_and_begins_anew_where_it_falls() -> None:
    points = [Reading(at, value) for at, value in enumerate([5.0, 9.0, 2.0, 2.0, 7.0])]

    assert increase(None, points) == 4 + 2 + 0 + 5
    assert increase(Reading(-1, 3.0), points) == 2 + 4 + 2 + 0 + 5
    assert increase(Reading(-1, 8.0), points) == 5 + 4 + 2 + 0 + 5


def test_of_a_single_point_nothing_is_known_but_from_the_one_before() -> None:
    assert increase(None, [Reading(0, 5.0)]) is None
    assert increase(Reading(-1, 3.0), [Reading(0, 5.0)]) == 2.0


def test_points_are_taken_in_order_of_time_and_summaries_by_their_means() -> None:
    found = readings([(3, 1.0), (1, Summary(2, 8.0, 3.0, 5.0)), (1, 2.0)])

    assert found == [(1, 2.0), (1, 4.0), (3, 1.0)]


def samples(counters: Counters, statistic: Statistic = Statistic.INCREASE) -> Samples:
    """What an alert of a minute's period sees; the points are by seconds from noon on."""
    found = Samples(definition(statistic=statistic), NOON - 10 * MINUTE, NOON + 60 * MINUTE)
    for tags, points in counters.items():
        found.feed(tags, [(NOON + at * 1000, value) for at, value in points])
    return found


def test_series_grow_by_themselves_and_are_added() -> None:
    found = samples({A: [(10, 100.0), (70, 130.0)], B: [(20, 7.0), (80, 3.0)]})

    assert found.value(NOON + MINUTE) is None, "the first points of both"
    assert found.value(NOON + 2 * MINUTE) == 30 + 3


def test_a_rate_is_the_increase_by_the_second() -> None:
    found = samples({A: [(10, 100.0), (70, 130.0)]}, Statistic.RATE)

    assert found.value(NOON + 2 * MINUTE) == 0.5


def test_a_series_that_was_away_for_longer_than_it_is_looked_for_begins_again() -> None:
    gap = 60 * counter_buckets(definition(statistic=Statistic.RATE))
    found = samples({A: [(10, 100.0), (gap + 10, 150.0), (2 * gap + 70, 190.0)]})

    assert found.value(NOON + gap * 1000 + MINUTE) == 50.0
    assert found.value(NOON + 2 * gap * 1000 + 2 * MINUTE) is None


POINTS = st.lists(
    st.tuples(st.integers(0, 1200), st.integers(0, 50).map(float)),
    max_size=40,
    unique_by=lambda x: x[0],
)


@given(POINTS, POINTS)
def test_a_bucket_has_the_growth_that_leads_to_its_points(
    one: list[tuple[int, float]], other: list[tuple[int, float]]
) -> None:
    found = samples({A: one, B: other})
    reach = counter_buckets(definition(statistic=Statistic.INCREASE))
    for bucket in range(20):
        steps: list[float] = []
        for points in (sorted(one), sorted(other)):
            for (before_at, before), (at, value) in zip(points, points[1:]):
                near = before_at // 60 >= bucket - reach
                if at // 60 == bucket and near:
                    steps.append(value - before if value >= before else value)
        wanted = sum(steps) if steps else None
        assert found.value(NOON + (bucket + 1) * MINUTE) == wanted


@given(
    POINTS,
    POINTS,
    st.integers(6, 16),
    st.sampled_from([Statistic.RATE, Statistic.INCREASE, Statistic.AVG, Statistic.P90]),
    st.sampled_from(
        [
            None,
            Transform(TransformType.CHANGE, offset=180),
            Transform(TransformType.FORECAST, lookback=240, horizon=60),
        ]
    ),
)
def test_what_is_remembered_says_the_same_as_what_is_read(
    one: list[tuple[int, float]],
    other: list[tuple[int, float]],
    through: int,
    statistic: Statistic,
    transform: Transform | None,
) -> None:
    rules = definition(statistic=statistic, transform=transform, keep_firing=120)
    whole = Samples(rules, NOON - 60 * MINUTE, NOON + 20 * MINUTE)
    after = NOON + through * MINUTE
    first = read_start(rules, after + MINUTE)
    points = {
        A: [(NOON + at * 1000, v) for at, v in one],
        B: [(NOON + at * 1000, v) for at, v in other],
    }
    for tags, some in points.items():
        whole.feed(tags, some)
    past: dict[int, Past] = {end: whole.past(end) for end in range(first, after + 1, MINUTE)}
    rest = Samples(rules, after, NOON + 20 * MINUTE, past)
    for tags, some in points.items():
        rest.feed(tags, some)

    for end in range(after + MINUTE, NOON + 20 * MINUTE + 1, MINUTE):
        assert rest.window(end) == whole.window(end)
        assert rest.layouts(end) == whole.layouts(end)
    assert near_buckets(rules) in (0, 3)
