import pytest

from skafu.alerts.composites.reasons import sentence
from skafu.alerts.model import Cause, Effect, Expression, State
from skafu.alerts.reasons import reason
from tests.support.composites import ALARM, INSUFFICIENT, OK, composite, every, no, one, some
from tests.support.decisions import minute

STATES = {"a": ALARM, "b": ALARM, "c": OK, "d": INSUFFICIENT}
NAMES = {"a": "disk", "b": "load", "c": "maintenance"}


def told(expression: Expression, states: dict[str, State] | None = None) -> str:
    inputs = STATES if states is None else states
    effect = Effect(minute(1), OK, ALARM, Cause.DATA, 1, inputs=inputs)
    return sentence(expression, effect, NAMES)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (every("a", "b"), "disk and load are in ALARM"),
        (every("a", no("c")), "disk is in ALARM, maintenance is OK"),
        (every("a", "c"), "maintenance is OK"),
        (some("c", "d"), "d is without data"),
        (no("a"), "disk is in ALARM"),
    ],
)
def test_a_reason_names_who_made_it_so(expression: Expression, words: str) -> None:
    assert told(expression) == words


def test_of_many_some_are_named() -> None:
    names = [f"alert-{number}" for number in range(8)]

    assert told(some(*names), dict.fromkeys(names, ALARM)) == (
        "alert-0, alert-1, alert-2, alert-3, alert-4 and 3 others are in ALARM"
    )
    assert told(some("x", "y", "z"), dict.fromkeys("xyz", OK)) == "x, y and z are OK"


def test_an_end_is_told_as_such_and_without_names_ids_will_do() -> None:
    definition = composite(one("a")).definition
    over = Effect(minute(1), ALARM, INSUFFICIENT, Cause.DATA, 1)

    assert reason(definition, over) == "none of its alerts has this instance any more"
    assert reason(definition, Effect(minute(1), OK, ALARM, Cause.DATA, 1, inputs=STATES)) == (
        "a is in ALARM"
    )
