"""Which alerts a composite alert may name, and what is said where it names others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from skafu.alerts.composites.logic import named, parts
from skafu.alerts.model import Alert
from skafu.shared.errors import Conflict, FieldError, Unprocessable

MOST_NAMED = 30
"""Different alerts in one expression: each naming is an item of the transaction that stores it."""


class NamedByComposites(Conflict):
    """An alert cannot be removed while composite alerts name it."""

    def __init__(self, composites: Iterable[Alert]) -> None:
        found = sorted(composites, key=lambda each: (each.name, each.id))
        names = ", ".join(f"{each.name} ({each.id})" for each in found)
        super().__init__(
            f"composite alerts name this alert: {names}; change or delete them first",
            extra={"composites": [{"id": each.id, "name": each.name} for each in found]},
        )
        self.composites = tuple(each.id for each in found)


def refuse(alert: Alert, reached: Mapping[str, Alert]) -> None:
    """Raises Unprocessable naming the fields by which a composite names itself, an alert that is
    not there, or one that depends on it. `reached` are the alerts that it depends on, however far
    away, as far as they exist.
    """
    wrong = [*_wrong(alert, reached)]
    if wrong:
        raise Unprocessable("the alert names alerts that it cannot", wrong)


def _wrong(alert: Alert, reached: Mapping[str, Alert]) -> Iterator[FieldError]:
    expression = alert.definition.expression
    if expression is None:
        return
    if len(named(expression)) > MOST_NAMED:
        yield FieldError("condition", f"names more than {MOST_NAMED} different alerts")
    for field, name in parts(expression):
        if name == alert.id:
            yield FieldError(field, "an alert cannot depend on itself")
        elif name not in reached or reached[name].drill_of is not None:
            yield FieldError(field, "there is no such alert")
        elif way := _way(name, alert.id, reached):
            names = " names ".join(reached[each].name for each in way)
            yield FieldError(field, f"would make a circle: {names} names this alert")
    if alert.definition.group_by and not any(
        set(alert.definition.group_by) <= set(reached[name].definition.group_by)
        for name in named(expression)
        if name in reached
    ):
        yield FieldError(
            "group_by", "none of the alerts in the condition is grouped by all of these tags"
        )


def _way(
    start: str, goal: str, reached: Mapping[str, Alert], behind: Sequence[str] = ()
) -> Sequence[str]:
    """The alerts from `start` to the one that names `goal`, or nothing."""
    if start in behind or start not in reached:
        return ()
    way = (*behind, start)
    below = named(reached[start].definition.expression)
    if goal in below:
        return way
    return next((found for x in below if (found := _way(x, goal, reached, way))), ())
