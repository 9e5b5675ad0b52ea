"""What an expression over alerts says: three-valued logic, and who made it say so."""

from collections.abc import Iterator, Mapping

from skafu.alerts.model import Expression, Logic, State

TRUTHS: Mapping[State, bool | None] = {
    State.ALARM: True,
    State.OK: False,
    State.INSUFFICIENT_DATA: None,
}
STATES = {truth: state for state, truth in TRUTHS.items()}


def parts(expression: Expression, path: str = "condition") -> Iterator[tuple[str, str]]:
    """Every naming of an alert in an expression, in order: the field that does, and the alert's id.

    Fields are those of the API, as in `condition.all.0.alert` and `condition.not.alert`.
    """
    match expression.logic:
        case Logic.ALERT:
            yield f"{path}.alert", expression.alert
        case Logic.NOT:
            yield from parts(expression.of[0], f"{path}.not")
        case _:
            for i, part in enumerate(expression.of):
                yield from parts(part, f"{path}.{expression.logic.value}.{i}")


def named(expression: Expression | None) -> tuple[str, ...]:
    """The alerts that an expression names, each once, in the order in which it does."""
    return () if expression is None else tuple(dict.fromkeys(x for _, x in parts(expression)))


def truth(expression: Expression, states: Mapping[str, State]) -> bool | None:
    """Whether it holds where alerts are in these states; None is unknown. An alert that is not
    among them is unknown.
    """
    if expression.logic is Logic.ALERT:
        return TRUTHS[states.get(expression.alert, State.INSUFFICIENT_DATA)]
    values = [truth(part, states) for part in expression.of]
    if expression.logic is Logic.NOT:
        return None if values[0] is None else not values[0]
    deciding = expression.logic is Logic.ANY
    if deciding in values:
        return deciding
    return None if None in values else not deciding


def state_of(expression: Expression, states: Mapping[str, State]) -> State:
    """The state of a composite alert: true is ALARM, false is OK."""
    return STATES[truth(expression, states)]


def witnesses(expression: Expression, states: Mapping[str, State]) -> tuple[str, ...]:
    """The alerts by which it has the truth that it has: of the parts of an `any` that holds, those
    that hold, of an `all` that does not, those that do not; each once, in order.
    """
    return tuple(dict.fromkeys(_witnesses(expression, states)))


def _witnesses(expression: Expression, states: Mapping[str, State]) -> Iterator[str]:
    if expression.logic is Logic.ALERT:
        yield expression.alert
        return
    mine = truth(expression, states)
    for part in expression.of:
        if expression.logic is Logic.NOT or truth(part, states) is mine:
            yield from _witnesses(part, states)
