"""Reserved concurrency: up while calls are refused, down when none were for long."""

from dataclasses import replace

import pytest

from skafu.scaling.concurrency import KEPT_FREE, Change, Limits, Seen, decide, obstacle

LIMITS = Limits(usual=100, most=300)
CALM = Seen(reserved=100, free=900, account=1_000, throttled_lately=0, throttled=0)
REFUSING = replace(CALM, throttled_lately=7, throttled=7)


def change(seen: Seen, limits: Limits = LIMITS) -> tuple[int, int] | None:
    found = decide(limits, seen)
    return None if found is None else (found.before, found.after)


def test_calm_needs_nothing() -> None:
    assert decide(LIMITS, CALM) is None
    assert obstacle(LIMITS, CALM) is None


def test_refused_calls_raise_it_by_half_of_what_is_usual() -> None:
    assert decide(LIMITS, REFUSING) == Change(100, 150, "7 calls were refused within 15 minutes")
    assert change(replace(REFUSING, reserved=150)) == (150, 200)


def test_it_goes_no_further_than_the_file_allows() -> None:
    assert change(replace(REFUSING, reserved=280)) == (280, 300)
    at_most = replace(REFUSING, reserved=300)
    assert change(at_most) is None
    assert "300 is the most" in str(obstacle(LIMITS, at_most))


def test_the_account_keeps_what_its_other_functions_run_on() -> None:
    assert change(replace(REFUSING, free=120)) == (100, 120)
    used_up = replace(REFUSING, free=KEPT_FREE)
    assert change(used_up) is None
    assert "ask for a higher quota" in str(obstacle(LIMITS, used_up))


def test_two_quiet_hours_bring_it_back_to_what_the_file_says() -> None:
    assert change(replace(CALM, reserved=250)) == (250, 100)
    assert change(replace(CALM, reserved=250, throttled=1)) is None


@pytest.mark.parametrize("reserved", [0, 99, 301])
def test_what_somebody_has_set_otherwise_stays(reserved: int) -> None:
    assert change(replace(CALM, reserved=reserved)) is None
    assert change(replace(REFUSING, reserved=reserved)) is None
    assert obstacle(LIMITS, replace(REFUSING, reserved=reserved)) is not None


def test_a_release_that_is_being_moved_to_is_not_helped() -> None:
    shifting = replace(REFUSING, shifting=True)
    assert change(shifting) is None
    assert "Its alarms take it back" in str(obstacle(LIMITS, shifting))


def test_a_function_without_concurrency_of_its_own_gets_none() -> None:
    shared = replace(REFUSING, reserved=None, free=1_000)
    assert change(shared) is None
    assert "is 1,000, of which 1,000 are unreserved" in str(obstacle(None, shared))
