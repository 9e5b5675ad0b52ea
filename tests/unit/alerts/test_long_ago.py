"""What is compared with long ago: it is read by itself, and the same whoever reads it."""

from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.cases import Case, Feed, TooMuchToRead, fill
from skafu.alerts.machine import Bucket, window_length
from skafu.alerts.memory import Remembered
from skafu.alerts.model import Alert, State, Transform, TransformType
from skafu.alerts.points import range_start
from skafu.alerts.samples import Past
from skafu.alerts.snapshot import Snapshot
from skafu.metrics.model import Series, Statistic
from skafu.shared.keys import BUCKET_MS, DAY_MS
from tests.support.clocks import NOON
from tests.support.decisions import HOST_A, TENANT, subject
from tests.support.definitions import alert
from tests.support.points import MemoryPoints, layout_of, segment_of

MINUTE = 60_000
WEEK = 7 * DAY_MS
LAYOUT = layout_of("x", Series("cpu.load", HOST_A))
FOREVER = 1 << 50


def weekly(kind: TransformType = TransformType.CHANGE, **changes: Any) -> Alert:
    return alert(
        transform=Transform(kind, offset=WEEK // 1000), edited_at=NOON - 10 * MINUTE, **changes
    )


def points() -> MemoryPoints:
    """A value a minute, around noon today and a week ago: minutes since noon, plus 100 today."""
    found = MemoryPoints()
    for number in range(-30, 30):
        for start, more in ((NOON, 100.0), (NOON - WEEK, 0.0)):
            at = start + number * MINUTE
            found.put(TENANT, LAYOUT, segment_of(LAYOUT, [(at, number * number + more)], at))
    return found


def case(
    version: Alert, after: int, past: dict[int, Past] | None = None, until: int = FOREVER
) -> Case:
    remembered = (
        Remembered(1, after, past, State.OK, after, after + MINUTE, after + 2 * MINUTE)
        if past
        else None
    )
    feeds = {1: {"x": Feed((0,), until)}}
    return Case(subject(version), (version,), after, remembered, feeds)


def filled(version: Alert, after: int, now: int, past: dict[int, Past] | None = None) -> Case:
    found = case(version, after, past)
    fill([found], Snapshot(points(), TENANT, now), 1_000)
    return found


def test_a_bucket_is_compared_with_the_same_time_last_week() -> None:
    found = filled(weekly(), NOON, NOON + 5 * MINUTE).samples[1]

    window = found.window(NOON + 3 * MINUTE)
    assert window == [Bucket(NOON + number * MINUTE, 100.0) for number in (1, 2, 3)]
    assert found.raw(NOON + 3 * MINUTE - WEEK) == 4.0


def asked_of(source: MemoryPoints) -> list[tuple[int, int]]:
    """The stretches that are read from now on."""
    asked: list[tuple[int, int]] = []
    read = source.segments

    def noting(tenant: str, layouts: object, start: int, end: int, **how: bool) -> object:
        asked.append((start, end))
        return read(tenant, layouts, start, end, **how)  # type: ignore[arg-type]  # passed on

    source.segments = noting  # type: ignore[method-assign,assignment]  # it counts
    return asked


def test_only_the_two_stretches_are_read() -> None:
    made = weekly()
    source = points()
    found = case(made, NOON)
    asked = asked_of(source)
    fill([found], Snapshot(source, TENANT, NOON + 5 * MINUTE), 1_000)

    quarter = (NOON - BUCKET_MS, NOON + BUCKET_MS)
    assert sorted(asked) == [tuple(each - WEEK for each in quarter), quarter]
    with pytest.raises(LookupError):
        found.samples[1].raw(NOON - 3 * DAY_MS)


def test_too_much_is_counted_in_both_stretches() -> None:
    with pytest.raises(TooMuchToRead, match="4 quarters of an hour of layouts, at most 3"):
        fill([case(weekly(), NOON)], Snapshot(points(), TENANT, NOON + 5 * MINUTE), 3)


def test_a_layout_of_last_week_alone_is_compared_with_and_not_read_today() -> None:
    found = case(weekly(), NOON, until=NOON - WEEK + DAY_MS)
    source = points()
    asked = asked_of(source)
    fill([found], Snapshot(source, TENANT, NOON + 5 * MINUTE), 1_000)

    samples = found.samples[1]
    assert samples.raw(NOON + 3 * MINUTE - WEEK) == 4.0
    assert samples.raw(NOON + 3 * MINUTE) is None
    assert len(asked) == 1 and asked[0][1] < NOON - DAY_MS


@pytest.mark.parametrize("statistic", [Statistic.AVG, Statistic.INCREASE, Statistic.P90])
def test_what_is_remembered_of_both_stretches_says_the_same(statistic: Statistic) -> None:
    made = weekly(statistic=statistic, keep_firing=120)
    whole = filled(made, NOON, NOON + 20 * MINUTE).samples[1]
    through = NOON + 10 * MINUTE
    wanted = range(NOON - 2 * MINUTE, through + 1, MINUTE)
    first = range_start(made.definition, through + MINUTE) - 5 * MINUTE
    past = {
        end: whole.past(end)
        for shift in (0, WEEK)
        for end in range(first - shift, through - shift + 1, MINUTE)
        if whole.covers(end)
    }
    rest = filled(made, through, NOON + 20 * MINUTE, past).samples[1]

    assert wanted and window_length(made.definition) == 4
    for end in range(through + MINUTE, NOON + 20 * MINUTE + 1, MINUTE):
        assert rest.window(end) == whole.window(end)


def test_an_alert_without_long_ago_reads_one_stretch() -> None:
    made = replace(weekly(), definition=alert().definition)

    assert len(case(made, NOON).spans(made, NOON + MINUTE)) == 1
    near = Transform(TransformType.CHANGE, offset=300)
    assert len(case(made, NOON).spans(alert(transform=near), NOON + MINUTE)) == 1
