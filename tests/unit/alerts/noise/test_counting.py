from dataclasses import replace

from skafu.alerts.model import Cause, Decision, State
from skafu.alerts.noise.cost import WRITES, month
from skafu.alerts.noise.counting import counted
from skafu.alerts.noise.hours import Hours
from skafu.alerts.noise.model import Counted, Suggestion
from skafu.alerts.noise.service import suggested
from skafu.metrics.prices import capacity_dollars
from tests.support.decisions import decision, effect, minute
from tests.support.definitions import alert, definition

OK, ALARM = State.OK, State.ALARM
NIGHT = Hours(0, 1)


def story(*numbers: int) -> list[Decision]:
    """Fires in the first minute, is over in the second, and so on; newest entry first."""
    found = []
    for place, number in enumerate(numbers):
        states = (OK, ALARM) if place % 2 == 0 else (ALARM, OK)
        found.append(decision([effect(number, *states)]))
    return found[::-1]


def of(*numbers: int, hours: Hours = Hours(0, 24), cooldown: int = 0) -> Counted:
    log = story(*numbers)
    made = replace(alert(evaluation_periods=3), cooldown=cooldown)
    return counted(made, log, minute(0), minute(100), hours)


def test_firings_and_their_length_are_counted() -> None:
    found = of(1, 11, 20, 50)

    assert (found.pages, found.transitions, len(found.firings)) == (2, 4, 2)
    assert (found.open_seconds, found.median_open_seconds) == (40 * 60, 10 * 60)


def test_what_still_fires_is_open_until_the_end() -> None:
    assert of(90).open_seconds == 600


def test_a_firing_that_is_over_within_twice_the_window_is_a_flap() -> None:
    assert of(1, 7, 20, 27).flaps == 1


def test_a_firing_within_the_cooldown_is_no_page_unless_it_lasts() -> None:
    assert of(1, 2, 4, 5, cooldown=600).pages == 1
    assert of(1, 2, 4, 15, cooldown=600).pages == 2


def test_firings_out_of_hours_have_a_share() -> None:
    assert of(1, 2, 4, 5, hours=NIGHT).out_of_hours_share == 1.0
    assert of(1, 2, 4, 5).out_of_hours_share == 0.0
    assert of().out_of_hours_share is None


def test_what_a_correction_took_back_does_not_count() -> None:
    correction = decision([], cause=Cause.CORRECTION, base=minute(1), bucket=minute(2))

    found = counted(alert(), [correction, *story(1, 2)], minute(0), minute(9), Hours())

    assert (found.pages, found.transitions) == (0, 0)


def test_a_firing_that_began_before_the_range_is_not_counted() -> None:
    found = counted(alert(), story(1, 5, 7, 8), minute(3), minute(9), Hours())

    assert (len(found.firings), found.transitions) == (1, 3)


def test_what_evidently_would_calm_an_alert_is_suggested() -> None:
    flapping = suggested(of(1, 2, 4, 5, 7, 8), None)
    ignored = suggested(of(*range(1, 90, 7), 91), 0)

    assert flapping is not None and flapping[0] is Suggestion.FLAPS
    assert ignored is not None and ignored[0] is Suggestion.IGNORED
    assert suggested(of(1, 50), 0) is None


def test_what_an_alert_costs_grows_with_closes_layouts_and_transitions() -> None:
    day = 86_400_000
    minutely = month(definition(), 1, 5.0, 0, 30 * day)

    assert month(definition(), 3, 5.0, 0, 30 * day) == 3 * minutely
    assert month(definition(period=300), 1, 5.0, 0, 30 * day) < minutely / 3
    extra = month(definition(), 1, 5.0, 10, day) - minutely
    assert abs(extra - capacity_dollars(300 * WRITES, 0)) < 1e-9
