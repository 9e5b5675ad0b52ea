from skafu.alerts.late import LateMarks, late_points
from skafu.alerts.codec import decision_from
from skafu.alerts.model import State
from skafu.alerts.rules import Match
from skafu.metrics.model import Segment, Series
from tests.support.clocks import NOON, FakeClock
from tests.support.decisions import HOST_A, TENANT, subject
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable
from tests.support.points import layout_of, segment_of

MINUTE = 60_000
HOUR = 60 * MINUTE
LAYOUT = layout_of("x", Series("cpu.load", (("host", "a"),)), Series("mem.used", (("host", "a"),)))


def match(positions: tuple[int, ...] = (0,)) -> Match:
    return Match(alert(group_by=("host",)), HOST_A, subject().instance, positions)


def sent(*moments: int, receipt: int, position: int = 0) -> Segment:
    points = [(moment, 1.0) for moment in moments]
    return segment_of(LAYOUT, points, receipt, position=position)


def test_points_are_late_beyond_the_lateness_of_their_own_bucket() -> None:
    receipt = NOON + 6 * MINUTE

    # Minute 1 ended five minutes before the receipt, which is in time.
    assert not list(late_points(match(), sent(NOON, receipt=receipt)))
    assert list(late_points(match(), sent(NOON, receipt=receipt + 1))) == [NOON]


def test_points_of_other_series_are_not_the_instances() -> None:
    assert not list(late_points(match(), sent(NOON, receipt=NOON + HOUR, position=1)))


def test_what_is_older_than_the_alert_concerns_nobody() -> None:
    assert not list(late_points(match(), sent(NOON - 1, receipt=NOON + HOUR)))


def test_an_hour_is_marked_once_for_an_instance() -> None:
    table = InMemoryTable()
    marks = LateMarks(table, FakeClock())

    for receipt in (NOON + HOUR, NOON + HOUR + MINUTE, NOON + 2 * HOUR):
        marks.mark(TENANT, match(), sent(NOON, receipt=receipt), State.OK)
    LateMarks(table, FakeClock()).mark(TENANT, match(), sent(NOON, receipt=NOON + HOUR), State.OK)

    found = [decision_from(str(item["body"])) for item in table.items.values()]
    assert [mark.bucket for mark in found] == [NOON + HOUR, NOON + 2 * HOUR]
    assert {(mark.source, mark.target) for mark in found} == {(State.OK, State.OK)}


def test_what_came_in_time_is_not_marked() -> None:
    table = InMemoryTable()

    LateMarks(table, FakeClock()).mark(TENANT, match(), sent(NOON, receipt=NOON), State.OK)

    assert not table.items
