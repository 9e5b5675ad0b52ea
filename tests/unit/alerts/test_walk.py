from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from skafu.alerts.model import (
    Alert,
    Cause,
    Comparison,
    Effect,
    Kind,
    Level,
    MissingData,
    Severity,
    State,
    Transform,
    TransformType,
)
from skafu.alerts.points import AHEAD_MS
from skafu.alerts.samples import Samples
from skafu.alerts.snapshot import Snapshot
from skafu.alerts.walk import Ruling, Standing, Walked, walk
from skafu.metrics.model import Layout, Series, Statistic
from tests.support.clocks import NOON
from tests.support.definitions import alert
from tests.support.points import MemoryPoints, layout_of, segment_of

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
SECOND, MINUTE = 1000, 60_000
LOAD = Series("cpu.load", (("host", "a"),))


def end(number: int) -> int:
    """The end of the number-th minute from noon on: 1, 2, ..."""
    return NOON + number * MINUTE


@dataclass
class Story:
    """What was sent about one instance, and what a walk makes of it at some moment."""

    versions: list[Alert] = field(default_factory=lambda: [alert()])
    points: MemoryPoints = field(default_factory=MemoryPoints)
    layouts: dict[str, Layout] = field(default_factory=dict)

    def send(
        self, minute: int, value: float, *, at: int = 30, receipt: int | None = None, by: str = "x"
    ) -> None:
        """A point in the number-th minute, `at` seconds after its start; received at once."""
        moment = end(minute - 1) + at * SECOND
        layout = self.layouts.setdefault(by, layout_of(by, LOAD))
        received = moment if receipt is None else receipt
        self.points.put("acme", layout, segment_of(layout, [(moment, value)], received))

    def walk(
        self,
        now: int,
        standing: Standing = Standing(),
        known: Sequence[Effect] = (),
        after: int = NOON,
        orphans: Sequence[int] = (),
    ) -> Walked:
        """Versions in `orphans` see no series of the instance."""
        until = now + AHEAD_MS + 1
        start = NOON - 60 * MINUTE
        snapshot = Snapshot(self.points, "acme", now)
        snapshot.read(self.layouts.keys(), start, until)
        rulings = []
        for version in self.versions:
            samples = Samples(version.definition, start, until)
            for name in self.layouts:
                samples.add(snapshot, name, [0])
            rulings.append(Ruling(version, None if version.version in orphans else samples))
        return walk(rulings, standing, after, now, known)


def edited(version: Alert, at: int, **changes: Any) -> Alert:
    definition = replace(version.definition, **changes)
    return replace(version, version=version.version + 1, edited_at=at, definition=definition)


def told(walked: Walked) -> list[tuple[int, State, State, Cause]]:
    return [((e.bucket - NOON) // MINUTE, e.source, e.target, e.cause) for e in walked.effects]


# --- closing --------------------------------------------------------------------------------------


def test_a_bucket_closes_when_its_layout_has_sent_data_beyond_its_end() -> None:
    story = Story()
    story.send(1, 20.0)
    story.send(2, 3.0, at=0)  # exactly at the end of the first minute

    assert told(story.walk(end(1) + SECOND)) == [(1, INSUFFICIENT, ALARM, Cause.DATA)]


def test_a_bucket_without_data_beyond_its_end_waits_for_its_grace() -> None:
    story = Story()
    story.send(1, 20.0)

    assert not story.walk(end(1) + 30 * SECOND - 1).effects
    assert told(story.walk(end(1) + 30 * SECOND)) == [(1, INSUFFICIENT, ALARM, Cause.CLOCK)]


def test_a_bucket_waits_for_every_layout_that_fed_it() -> None:
    story = Story()
    story.send(1, 20.0, by="x")
    story.send(1, 20.0, by="y")
    story.send(2, 20.0, at=1, by="x")

    assert not story.walk(end(1) + 2 * SECOND).effects
    story.send(2, 20.0, at=2, by="y")
    assert told(story.walk(end(1) + 3 * SECOND)) == [(1, INSUFFICIENT, ALARM, Cause.DATA)]


def test_a_bucket_waits_for_layouts_that_fed_the_n_periods_before_it() -> None:
    story = Story([alert(evaluation_periods=2, datapoints_to_alarm=1)])
    for minute in (1, 2):
        story.send(minute, 3.0, by="x")
    story.send(1, 3.0, by="y")
    story.send(4, 3.0, at=0, by="x")
    story.send(3, 3.0, by="x")

    waiting = story.walk(end(3) + SECOND)

    # Minutes 1 and 2 are closed by their grace, minute 3 looks back to 1 and so waits for y.
    assert waiting.open_end == end(3)
    assert story.walk(end(3) + 30 * SECOND).open_end == end(4)


def test_a_layout_that_fed_only_older_periods_is_not_waited_for() -> None:
    story = Story([alert(evaluation_periods=1)])
    story.send(1, 3.0, by="y")
    for minute in (1, 2, 3):
        story.send(minute, 3.0, by="x")
    story.send(4, 3.0, at=0, by="x")

    assert story.walk(end(3) + SECOND).open_end == end(4)


def test_late_points_are_not_waited_for() -> None:
    story = Story([alert(evaluation_periods=10)])
    for minute in range(1, 11):
        story.send(minute, 3.0, by="x")
    story.send(2, 50.0, by="backfill", receipt=end(9))
    story.send(11, 3.0, at=0, by="x")

    assert story.walk(end(10) + SECOND).open_end == end(11)


def test_no_bucket_closes_before_its_end_by_the_servers_clock() -> None:
    story = Story()
    story.send(1, 20.0)
    # A sender whose clock is 40 s ahead: its points count as received now.
    story.send(2, 20.0, at=10, receipt=end(1) - 30 * SECOND)

    assert not story.walk(end(1) - SECOND).effects
    assert not story.walk(end(1)).effects


def test_timestamps_in_the_far_future_advance_nothing() -> None:
    story = Story()
    story.send(1, 20.0)
    story.send(12, 20.0, receipt=end(1) + SECOND)

    assert not story.walk(end(1) + 2 * SECOND).effects


def test_a_segment_advances_its_layout_by_those_of_its_points_that_are_not_far_ahead() -> None:
    story = Story()
    story.send(1, 20.0)
    layout = story.layouts["x"]
    both = [(end(1) + SECOND, 3.0), (end(12), 3.0)]
    story.points.put("acme", layout, segment_of(layout, both, end(1) + 2 * SECOND))

    assert told(story.walk(end(1) + 3 * SECOND)) == [(1, INSUFFICIENT, ALARM, Cause.DATA)]


def test_nothing_is_decided_beyond_an_open_bucket() -> None:
    story = Story()
    story.send(1, 3.0, by="x")
    story.send(1, 3.0, by="silent")
    story.send(2, 20.0, by="x")
    story.send(3, 20.0, at=0, by="x")

    walked = story.walk(end(1) + 29 * SECOND)

    assert (walked.effects, walked.open_start, walked.open_end) == ((), NOON, end(1))


def test_what_was_decided_in_closed_buckets_stays_closed_when_a_new_layout_turns_up() -> None:
    story = Story()
    story.send(1, 20.0)
    story.send(2, 3.0)
    story.send(3, 3.0, at=1)
    before = story.walk(end(2) + 2 * SECOND)
    assert [each[0] for each in told(before)] == [1, 2]
    story.send(1, 30.0, by="y", receipt=end(2) + 3 * SECOND)
    story.send(2, 4.0, by="y", receipt=end(2) + 3 * SECOND)

    after = story.walk(end(2) + 4 * SECOND, known=before.effects)

    assert [each[:3] for each in told(after)] == [each[:3] for each in told(before)]
    assert [effect.datapoints[-1].value for effect in after.effects] == [25.0, 3.5]


def test_a_bucket_that_a_server_with_a_fast_clock_decided_stands() -> None:
    story = Story()
    story.send(1, 20.0)
    known = story.walk(end(1) + 30 * SECOND).effects

    assert story.walk(end(1) - SECOND, known=known).effects == known


def test_a_walk_tells_when_the_grace_of_the_open_bucket_runs_out() -> None:
    story = Story([alert(grace=45)])
    story.send(1, 20.0)

    walked = story.walk(end(1) - SECOND)

    assert (walked.due, walked.stirring) == (end(1) + 45 * SECOND, True)


def test_nothing_stirs_after_the_first_empty_range() -> None:
    story = Story()
    story.send(1, 20.0)

    # N + 2 = 3 minutes: the range of minute 4 is the first without the point, so it may change the
    # state; that of minute 5 is as empty as the one before.
    assert story.walk(end(3) + 30 * SECOND).open_end == end(4)
    assert story.walk(end(3) + 30 * SECOND).stirring
    assert not story.walk(end(4) + 30 * SECOND).stirring


# --- early decisions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statistic", "comparison", "value"),
    [("max", ">", 20.0), ("count", ">=", 1.0), ("min", "<", 3.0), ("max", "outside", 20.0)],
)
def test_an_open_bucket_decides_what_no_later_point_can_undo(
    statistic: str, comparison: str, value: float
) -> None:
    rules: dict[str, Any] = {
        "statistic": Statistic(statistic),
        "comparison": Comparison(comparison),
        "threshold": None if comparison == "outside" else 1.0 if statistic == "count" else 10.0,
        "lower": 5.0,
        "upper": 10.0,
    }
    story = Story([alert(**rules)])
    story.send(1, value, at=5)

    assert told(story.walk(NOON + 6 * SECOND)) == [(1, INSUFFICIENT, ALARM, Cause.EARLY)]


@pytest.mark.parametrize("statistic", ["avg", "sum", "last", "p99", "min"])
def test_what_a_later_point_can_undo_waits_for_the_close(statistic: str) -> None:
    story = Story([alert(statistic=Statistic(statistic))])
    story.send(1, 20.0, at=5)

    assert not story.walk(NOON + 6 * SECOND).effects


def test_an_early_decision_never_resolves() -> None:
    story = Story([alert(statistic=Statistic.MAX)])
    story.send(1, 3.0, at=5)

    assert not story.walk(NOON + 6 * SECOND, Standing(ALARM, True)).effects


def test_an_early_decision_is_the_same_once_the_bucket_has_closed() -> None:
    story = Story([alert(statistic=Statistic.MAX)])
    story.send(1, 20.0, at=5)
    early = story.walk(NOON + 6 * SECOND)
    story.send(1, 3.0, at=50)
    story.send(2, 3.0, at=1)

    closed = story.walk(end(1) + 2 * SECOND, known=early.effects)

    assert [e[:3] for e in told(closed)] == [e[:3] for e in told(early)]
    assert told(closed)[0][3] is Cause.DATA


def test_a_bucket_that_has_not_begun_is_not_decided_early() -> None:
    story = Story([alert(statistic=Statistic.MAX)])
    story.send(1, 3.0)
    story.send(2, 3.0, at=1)
    story.send(3, 20.0, at=0, receipt=end(1) + 20 * SECOND)

    assert told(story.walk(end(1) + 21 * SECOND)) == [(1, INSUFFICIENT, OK, Cause.DATA)]


def test_an_early_decision_stands_under_a_new_version_until_the_bucket_closes() -> None:
    story = Story([alert(statistic=Statistic.MAX)])
    story.send(1, 20.0, at=5)
    early = story.walk(NOON + 6 * SECOND).effects
    story.versions.append(edited(story.versions[0], NOON + 10 * SECOND, threshold=50.0))

    assert story.walk(NOON + 20 * SECOND, known=early).effects == early
    assert told(story.walk(end(1) + 30 * SECOND, known=early)) == [
        (1, INSUFFICIENT, OK, Cause.CLOCK)
    ]


# --- late data ------------------------------------------------------------------------------------


def test_data_within_the_lateness_count_and_later_data_do_not() -> None:
    story = Story()
    story.send(1, 20.0, at=10, receipt=end(1) + 300 * SECOND)
    story.send(1, 90.0, at=20, receipt=end(1) + 300 * SECOND + 1)

    effect = story.walk(end(10)).effects[0]

    assert effect.datapoints[-1].value == 20.0


def test_an_instance_that_has_late_data_only_does_not_begin() -> None:
    story = Story([alert(missing_data=MissingData.BREACHING)])
    story.send(1, 50.0, receipt=end(20))

    assert not story.walk(end(30)).effects


# --- beginning and ending -------------------------------------------------------------------------


def test_an_instance_begins_with_its_first_point_even_where_silence_is_breaching() -> None:
    story = Story([alert(missing_data=MissingData.BREACHING)])
    story.send(5, 3.0)

    # The evaluation range of minute 8 is the first without the point.
    assert [each[:3] for each in told(story.walk(end(8) + 30 * SECOND))] == [
        (5, INSUFFICIENT, OK),
        (8, OK, ALARM),
    ]


def test_before_an_instance_begins_nothing_is_waited_for() -> None:
    """The alert is made in one bucket, the first point comes in the next one."""
    story = Story([alert(edited_at=NOON)])
    story.send(2, 20.0)
    story.send(3, 20.0, at=0)

    assert told(story.walk(end(2) + SECOND)) == [(2, INSUFFICIENT, ALARM, Cause.DATA)]


def test_a_walk_without_points_stands_at_the_bucket_that_has_not_ended() -> None:
    walked = Story().walk(end(5) + SECOND)

    assert (walked.open_start, walked.open_end, walked.stirring) == (end(5), end(6), False)


def test_an_instance_that_has_begun_goes_on_in_silence() -> None:
    story = Story([alert(missing_data=MissingData.BREACHING)])

    assert [e[:3] for e in told(story.walk(end(1) + 30 * SECOND, Standing(OK, True)))] == [
        (1, OK, ALARM)
    ]


def test_an_instance_ends_where_no_series_belongs_to_it_any_more() -> None:
    story = Story()
    for minute in range(1, 6):
        story.send(minute, 20.0)
    story.versions.append(edited(story.versions[0], end(2) + SECOND, group_by=("zone",)))

    walked = story.walk(end(6), orphans=[2])

    assert told(walked) == [
        (1, INSUFFICIENT, ALARM, Cause.DATA),
        (3, ALARM, INSUFFICIENT, Cause.CLOCK),
    ]
    assert walked.effects[1].over


def test_an_instance_that_ended_begins_again_only_with_a_point() -> None:
    story = Story([alert(missing_data=MissingData.BREACHING)])
    story.send(1, 20.0)
    story.versions.append(edited(story.versions[0], end(2), group_by=("zone",)))
    story.versions.append(edited(story.versions[1], end(10), group_by=("host",)))

    silent = story.walk(end(20), orphans=[2])
    story.send(15, 20.0)
    again = story.walk(end(20), orphans=[2])

    assert [each[:3] for each in told(silent)] == [
        (1, INSUFFICIENT, ALARM),
        (3, ALARM, INSUFFICIENT),
    ]
    assert told(again)[2][:3] == (15, INSUFFICIENT, ALARM)


# --- versions -------------------------------------------------------------------------------------


def test_a_version_rules_the_buckets_that_end_after_its_edit() -> None:
    story = Story()
    for minute in range(1, 5):
        story.send(minute, 20.0)
    story.versions.append(edited(story.versions[0], end(2), threshold=50.0))

    walked = story.walk(end(4) + 30 * SECOND)

    assert [(each[0], each[2]) for each in told(walked)] == [(1, ALARM), (3, OK)]
    assert [effect.version for effect in walked.effects] == [1, 2]


def test_an_edit_of_the_period_takes_over_at_its_own_next_bucket() -> None:
    story = Story([alert(statistic=Statistic.SUM, threshold=55.0)])
    for minute in range(1, 11):
        story.send(minute, 10.0)
    story.versions.append(edited(story.versions[0], end(3) + SECOND, period=300))

    walked = story.walk(end(11))

    assert [each[:3] for each in told(walked)] == [(1, INSUFFICIENT, OK)]
    assert walked.open_end == end(15)
    story.versions[1] = edited(story.versions[0], end(3) + SECOND, period=300, threshold=45.0)
    assert [each[:3] for each in told(story.walk(end(11)))] == [
        (1, INSUFFICIENT, OK),
        (5, OK, ALARM),
    ]


def test_buckets_up_to_the_beginning_of_the_walk_are_not_decided_again() -> None:
    story = Story()
    for minute in range(1, 4):
        story.send(minute, 20.0)

    walked = story.walk(end(4), Standing(OK, True), after=end(2))

    assert [each[:3] for each in told(walked)] == [(3, OK, ALARM)]


def test_a_bucket_that_was_not_read_is_not_taken_for_empty() -> None:
    samples = Samples(alert().definition, end(5), end(10))

    assert samples.value(end(6)) is None
    with pytest.raises(LookupError, match="was not read"):
        samples.value(end(5))


# --- levels and heartbeats ------------------------------------------------------------------------

HIGHER = (Level(Severity.HIGH, 20.0), Level(Severity.CRITICAL, 30.0))


def levels(walked: Walked) -> list[tuple[int, int, int, bool]]:
    """Of each effect the minute, the levels before and after, and whether it was early."""
    return [
        ((e.bucket - NOON) // MINUTE, e.source_level, e.target_level, e.cause is Cause.EARLY)
        for e in walked.effects
    ]


def test_a_walk_carries_the_level_from_bucket_to_bucket() -> None:
    story = Story([alert(levels=HIGHER)])
    for minute, value in enumerate((15.0, 35.0, 25.0, 15.0, 3.0, 3.0), start=1):
        story.send(minute, value)

    walked = story.walk(end(5) - SECOND)

    assert levels(walked) == [
        (1, 0, 0, False),
        (2, 0, 2, False),
        (3, 2, 1, False),
        (4, 1, 0, False),
    ]
    assert (walked.state, walked.level) == (ALARM, 0)
    later = story.walk(end(3) + 31 * SECOND, Standing(ALARM, True, 2), after=end(2))
    assert levels(later) == [(3, 2, 1, False)]


def test_an_open_bucket_raises_the_level_of_an_alarm_and_its_close_confirms_it() -> None:
    story = Story([alert(levels=HIGHER, statistic=Statistic.MAX)])
    story.send(1, 15.0)
    story.send(2, 25.0, at=5)
    first = story.walk(end(1) + 31 * SECOND)
    assert levels(first) == [(1, 0, 0, False), (2, 0, 1, True)]

    story.send(2, 35.0, at=40)
    second = story.walk(end(1) + 41 * SECOND, known=first.effects)
    assert levels(second)[1:] == [(2, 0, 2, True)]
    closed = story.walk(end(2) + 30 * SECOND, known=second.effects)
    assert levels(closed)[1:] == [(2, 0, 2, False)]


def test_an_early_level_that_this_walk_does_not_see_stands_until_the_bucket_closes() -> None:
    story = Story([alert(levels=HIGHER, statistic=Statistic.MAX)])
    story.send(1, 15.0)
    raised = Effect(end(2), ALARM, ALARM, Cause.EARLY, 1, (), 0, 2)
    elsewhere = Effect(end(2), ALARM, ALARM, Cause.EARLY, 1, (), 1, 2)

    now = end(1) + 31 * SECOND
    assert levels(story.walk(now, known=[raised]))[1:] == [(2, 0, 2, True)]
    assert levels(story.walk(now, known=[elsewhere]))[1:] == []


def beating() -> Story:
    return Story(
        [
            alert(
                kind=Kind.HEARTBEAT,
                statistic=Statistic.COUNT,
                comparison=Comparison.BELOW,
                threshold=None,
                evaluation_periods=2,
                datapoints_to_alarm=2,
            )
        ]
    )


def test_a_heartbeat_begins_with_data_is_missed_after_its_periods_and_comes_back_at_once() -> None:
    story = beating()
    story.send(3, 1.0)
    story.send(6, 1.0, at=10)

    walked = story.walk(end(5) + 31 * SECOND)

    assert told(walked) == [
        (3, INSUFFICIENT, OK, Cause.DATA),
        (5, OK, ALARM, Cause.DATA),
        (6, ALARM, OK, Cause.EARLY),
    ]


def test_a_heartbeat_that_nothing_belongs_to_any_more_is_over() -> None:
    story = beating()
    story.send(1, 1.0)
    story.versions.append(edited(story.versions[0], end(4), lateness=60))

    walked = story.walk(end(6), orphans=[2])

    assert told(walked)[-1] == (5, ALARM, INSUFFICIENT, Cause.CLOCK)


def test_a_transform_begins_with_the_first_bucket_that_can_be_compared() -> None:
    change = Transform(TransformType.CHANGE, offset=120)
    story = Story([alert(transform=change, missing_data=MissingData.BREACHING)])
    for minute, value in enumerate((5.0, 5.0, 6.0, 5.0, 30.0), start=1):
        story.send(minute, value)

    walked = story.walk(end(5) + 31 * SECOND)

    assert told(walked) == [(3, INSUFFICIENT, OK, Cause.DATA), (5, OK, ALARM, Cause.CLOCK)]
    assert [point.value for point in walked.effects[0].datapoints] == [None, None, 1.0]
