import pytest

from skafu.alerts.composites.logic import named, parts, state_of, truth, witnesses
from skafu.alerts.model import Expression, State
from tests.support.composites import ALARM, INSUFFICIENT, OK, every, no, one, some

STATES = {"alarm": ALARM, "ok": OK, "dark": INSUFFICIENT}


@pytest.mark.parametrize(
    ("expression", "state"),
    [
        (one("alarm"), ALARM),
        (one("ok"), OK),
        (one("dark"), INSUFFICIENT),
        (one("nobody"), INSUFFICIENT),
        (no("alarm"), OK),
        (no("ok"), ALARM),
        (no("dark"), INSUFFICIENT),
        (every("alarm", "alarm"), ALARM),
        (every("alarm", "ok"), OK),
        (every("dark", "ok"), OK),
        (every("alarm", "dark"), INSUFFICIENT),
        (some("ok", "ok"), OK),
        (some("ok", "alarm"), ALARM),
        (some("dark", "alarm"), ALARM),
        (some("ok", "dark"), INSUFFICIENT),
        (every(some("ok", "alarm"), no(every("ok", "alarm"))), ALARM),
    ],
)
def test_what_is_unknown_matters_only_where_it_may_change_the_answer(
    expression: Expression, state: State
) -> None:
    assert state_of(expression, STATES) is state
    assert truth(no(no(expression)), STATES) is truth(expression, STATES)


def test_alerts_are_named_by_the_fields_that_name_them() -> None:
    expression = every("a", no(some("b", "a")), no("c"))

    assert list(parts(expression)) == [
        ("condition.all.0.alert", "a"),
        ("condition.all.1.not.any.0.alert", "b"),
        ("condition.all.1.not.any.1.alert", "a"),
        ("condition.all.2.not.alert", "c"),
    ]
    assert named(expression) == ("a", "b", "c")
    assert not named(None)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (some("ok", "alarm", "dark"), ("alarm",)),
        (every("ok", "alarm", "dark"), ("ok",)),
        (every("alarm", no("ok")), ("alarm", "ok")),
        (every("alarm", "dark"), ("dark",)),
        (some("ok", no("alarm")), ("ok", "alarm")),
        (no(some("alarm", "ok")), ("alarm",)),
    ],
)
def test_witnesses_are_those_that_made_it_so(
    expression: Expression, found: tuple[str, ...]
) -> None:
    assert witnesses(expression, STATES) == found
