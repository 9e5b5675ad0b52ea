from dataclasses import replace

import pytest

from skafu.alerts.backtest.tally import difference, pages, seconds_in_alarm, tally
from skafu.alerts.model import Effect, Level, Severity, State
from tests.support.decisions import HOST_A, effect, minute
from tests.support.definitions import alert

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
END = minute(100)


def moves(*numbers: int) -> list[Effect]:
    """Fires in the first minute, is over in the second, and so on."""
    return [
        effect(number, *((OK, ALARM) if place % 2 == 0 else (ALARM, OK)))
        for place, number in enumerate(numbers)
    ]


def rise(number: int, low: int, high: int) -> Effect:
    return replace(effect(number, ALARM, ALARM), source_level=low, target_level=high)


def test_each_beginning_of_an_alarm_is_told() -> None:
    assert pages(moves(1, 2, 3, 4), 0, END) == 2


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((1, 2, 5, 6), 1),  # over before the cooldown is
        ((1, 2, 5, 12), 2),  # still firing then: told then
        ((1, 2, 5, 6, 11), 2),  # exactly at the cooldown's end
        ((1, 2, 5, 12, 13, 14), 2),  # what was told late begins a cooldown of its own
        ((1, 2, 95), 2),
    ],
)
def test_a_cooldown_holds_back_what_begins_within_it(numbers: tuple[int, ...], told: int) -> None:
    assert pages(moves(*numbers), 600, END) == told


def test_what_is_held_beyond_the_range_is_not_told_in_it() -> None:
    assert pages(moves(1, 2, 5), 600, minute(10)) == 1
    assert pages(moves(1, 2, 5), 600, minute(11)) == 2


def test_a_rise_to_a_graver_level_is_told_and_a_fall_is_not() -> None:
    effects = [*moves(1), rise(2, 0, 2), rise(3, 2, 1), rise(4, 1, 2)]

    assert pages(effects, 0, END) == 3


def test_time_in_alarm_ends_with_the_range() -> None:
    assert seconds_in_alarm(moves(1, 3, 98), END) == 240
    assert seconds_in_alarm([], END) == 0


def test_a_transition_matters_as_its_level_does() -> None:
    made = alert(levels=(Level(Severity.CRITICAL, threshold=90.0),))
    found = tally(made, minute(0), END, {HOST_A: [*moves(1), rise(2, 0, 1)]})

    assert [x.severity for x in found.transitions] == [Severity.MEDIUM, Severity.CRITICAL]
    assert found.instances[0].pages == 2


def test_a_difference_has_what_only_one_of_the_two_does() -> None:
    before = tally(alert(), minute(0), END, {HOST_A: moves(1, 2, 5, 6)})
    after = tally(alert(), minute(0), END, {HOST_A: moves(1, 3)})

    found = difference(before, after)

    assert (found.pages, found.seconds_in_alarm) == ((2, 1), (120, 120))
    assert [x.at for x in found.only_before] == [minute(2), minute(5), minute(6)]
    assert [x.at for x in found.only_after] == [minute(3)]
