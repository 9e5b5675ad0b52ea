"""A check's outcome is a result, whatever happens to it."""

from collections.abc import Callable

from skafu.canary.calls import Answer, Call, asked
from skafu.canary.checks import Busy, Check, Failed, examine
from tests.support.clocks import FakeClock


def attempt(*outcomes: str | Exception) -> Callable[[], str]:
    waiting = iter(outcomes)

    def tried() -> str:
        outcome = next(waiting)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return tried


def test_what_goes_well_tells_what_it_has_seen() -> None:
    [result] = examine([Check("a", attempt("seen"))], FakeClock())
    assert (result.name, result.passed, result.detail) == ("a", True, "seen")


def test_what_fails_keeps_nothing_else_from_being_done() -> None:
    checks = [Check("a", attempt(Failed("wrong"))), Check("b", attempt("seen"))]
    found = [(each.passed, each.detail) for each in examine(checks, FakeClock())]
    assert found == [(False, "wrong"), (True, "seen")]


def test_an_answer_of_another_shape_is_a_failure() -> None:
    [result] = examine([Check("a", attempt(KeyError("accepted")))], FakeClock())
    assert (result.passed, result.detail) == (False, "KeyError: 'accepted'")


def test_what_is_too_slow_fails_though_it_is_right() -> None:
    clock = FakeClock()

    def slow() -> str:
        clock.advance(1_001)
        return "right"

    [result] = examine([Check("a", slow, limit_ms=1_000)], clock)
    assert (result.passed, result.ms) == (False, 1_001)
    assert result.detail == "took 1,001 ms; 1,000 are allowed"


def test_who_is_busy_is_asked_once_more_and_not_twice() -> None:
    once = Check("a", attempt(Busy("later"), "seen"))
    twice = Check("b", attempt(Busy("later"), Busy("later"), "seen"))
    found = [each.passed for each in examine([once, twice], FakeClock())]
    assert found == [True, False]


def test_a_wrong_answer_is_not_asked_for_again() -> None:
    [result] = examine([Check("a", attempt(Failed("lost"), "seen"))], FakeClock())
    assert not result.passed


def test_throttling_is_busy_and_other_errors_are_failures() -> None:
    def told(status: int) -> type[Exception] | None:
        try:
            asked(lambda _: Answer(status, {"detail": "no"}), Call("GET", "/api/me"))
        except Failed as error:
            assert str(error).startswith(f"GET /api/me: {status}")
            return type(error)
        return None

    found = [told(status) for status in (200, 429, 503, 500, 401, 599)]
    assert found == [None, Busy, Busy, Failed, Failed, Failed]
