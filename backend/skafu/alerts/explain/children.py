"""A composite's alerts, as they were at a moment."""

from collections.abc import Iterable, Iterator

from skafu.alerts.composites.fold import Cast, Story
from skafu.alerts.composites.logic import named, witnesses
from skafu.alerts.explain.model import Child
from skafu.alerts.explain.recorded import read_recorded
from skafu.alerts.model import Alert, State, instance_id
from skafu.alerts.scope import read_scope
from skafu.alerts.states import StateReader
from skafu.alerts.store import AlertStore
from skafu.alerts.walk import Standing
from skafu.metrics.model import Tags
from skafu.shared.table import Table

MOST_INSTANCES = 100
"""Of each alert: whose logs are read."""


class ChildrenReader:
    """Reads logs as they stand today. Raises Unavailable."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._alerts = AlertStore(table)
        self._states = StateReader(table)

    def of(
        self, tenant: str, composite: Alert, tags: Tags, at: int, warnings: list[str]
    ) -> tuple[Child, ...]:
        """The alerts that a composite names, in order, with those of their instances that count for
        this one of its own.
        """
        expression = composite.definition.expression
        if expression is None:
            return ()
        ids = named(expression)
        alerts = self._alerts.get_many(tenant, ids)
        stories = [
            s for alert in alerts.values() for s in self._stories(tenant, alert, at, warnings)
        ]
        counting: dict[str, list[tuple[Tags, State]]] = {each: [] for each in ids}
        for story in Cast(stories).of(tags):
            counting[story.alert].append((story.tags, story.standing.state))
        states = {each: _together(state for _, state in counting[each]) for each in ids}
        deciding = witnesses(expression, states)
        return tuple(
            Child(
                alert=each,
                name=alerts[each].name if each in alerts else None,
                state=states[each],
                counts=tuple(sorted(counting[each])),
                deciding=each in deciding,
            )
            for each in ids
        )

    def _stories(self, tenant: str, alert: Alert, at: int, warnings: list[str]) -> Iterator[Story]:
        known = self._states.of_alert(tenant, alert.id, MOST_INSTANCES)
        if known.more:
            warnings.append(
                f"of the alert {alert.name} only {MOST_INSTANCES} instances were looked at"
            )
        first = read_scope(self._table, tenant, alert).versions[0].version
        for each in known.shown:
            instance = instance_id(each.tags)
            log = read_recorded(self._table, tenant, alert.id, instance, at, at, first)
            yield Story(alert.id, each.tags, Standing(log.after.state, True, log.after.level))


def _together(states: Iterable[State]) -> State:
    """Of one alert: ALARM if any of its instances is, otherwise OK if any is."""
    found = set(states)
    return next((x for x in (State.ALARM, State.OK) if x in found), State.INSUFFICIENT_DATA)
