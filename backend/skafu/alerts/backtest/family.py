"""The alerts that composites name, and those that these name in turn."""

from collections.abc import Iterable

from skafu.alerts.backtest.limits import refused
from skafu.alerts.composites.logic import named
from skafu.alerts.composites.references import refuse
from skafu.alerts.model import Alert
from skafu.alerts.store import AlertStore
from skafu.shared.errors import FieldError, Unprocessable

MOST_ALERTS = 100
"""So many alerts, those that composites name and those that these name, one backtest tries."""


def composite(alert: Alert) -> bool:
    """Whether it looks at other alerts."""
    return alert.definition.expression is not None


def read_family(store: AlertStore, tenant: str, heads: Iterable[Alert]) -> dict[str, Alert]:
    """Every alert that these name, directly or through others, by id.

    Raises Unprocessable where one names what it cannot, and where they are too many.
    """
    heads = list(heads)
    found: dict[str, Alert] = {}
    waiting = _named(heads)
    while waiting:
        if len(found) + len(waiting) > MOST_ALERTS:
            raise refused("alert", f"a backtest tries at most {MOST_ALERTS} alerts together")
        here = store.get_many(tenant, waiting)
        found |= here
        waiting = _named(here.values()) - found.keys()
    for head in heads:
        try:
            refuse(head, found)
        except Unprocessable as wrong:
            errors = [FieldError(f"alert.{each.field}", each.reason) for each in wrong.errors]
            raise Unprocessable(str(wrong), errors) from wrong
    return found


def _named(alerts: Iterable[Alert]) -> set[str]:
    return {each for alert in alerts for each in named(alert.definition.expression)}
