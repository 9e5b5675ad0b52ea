"""Composite alerts, and the stories that they are folded from, for tests."""

from dataclasses import replace
from typing import Any

from skafu.alerts.composites.fold import Story
from skafu.alerts.model import Alert, Cause, Effect, Expression, Kind, Logic, State
from skafu.metrics.model import Tags
from tests.support.decisions import effect, minute
from tests.support.definitions import alert

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA


def one(alert_id: str) -> Expression:
    return Expression(Logic.ALERT, alert_id)


def _part(part: Expression | str) -> Expression:
    return one(part) if isinstance(part, str) else part


def every(*parts: Expression | str) -> Expression:
    return Expression(Logic.ALL, of=tuple(_part(each) for each in parts))


def some(*parts: Expression | str) -> Expression:
    return Expression(Logic.ANY, of=tuple(_part(each) for each in parts))


def no(part: Expression | str) -> Expression:
    return Expression(Logic.NOT, of=(_part(part),))


def composite(expression: Expression, alert_id: str = "both", **changes: Any) -> Alert:
    """A composite alert, with changes to its definition."""
    made = alert(alert_id, metric="", kind=Kind.COMPOSITE, expression=expression, **changes)
    return replace(made, name=alert_id)


def edited(version: Alert, at: int, **changes: Any) -> Alert:
    """The next version of an alert."""
    definition = replace(version.definition, **changes)
    return replace(version, version=version.version + 1, edited_at=at, definition=definition)


def over(number: int, source: State) -> Effect:
    """The end of an instance, in the number-th minute."""
    return Effect(minute(number), source, INSUFFICIENT, Cause.CLOCK, 1)


def story(alert_id: str, *turns: tuple[int, State], tags: Tags = (), **changes: Any) -> Story:
    """An instance that goes to these states in these minutes."""
    state, effects = INSUFFICIENT, []
    for number, target in turns:
        effects.append(effect(number, state, target))
        state = target
    return Story(alert_id, tags, effects=tuple(effects), **changes)
