"""The alerts that composites name, and those that these name in turn."""

from collections.abc import Iterable, Iterator

from skafu.alerts.backtest.limits import refused
from skafu.alerts.composites.logic import parts
from skafu.alerts.model import Alert
from skafu.alerts.store import AlertStore

MOST_ALERTS = 100
"""So many alerts, those that composites name and those that these name, one backtest tries."""


def composite(alert: Alert) -> bool:
    """Whether it looks at other alerts."""
    return alert.definition.expression is not None


def read_family(store: AlertStore, tenant: str, heads: Iterable[Alert]) -> dict[str, Alert]:
    """Every alert that these name, directly or through others, by id.

    Raises Unprocessable where there is no such alert, where one names itself, and where they are
    too many.
    """
    heads = list(heads)
    ids = {head.id for head in heads}
    found: dict[str, Alert] = {}
    waiting = dict(_named(heads))
    while waiting:
        for alert_id, field in waiting.items():
            if alert_id in ids:
                raise refused(field, "an alert cannot name itself, directly or through others")
        if len(found) + len(waiting) > MOST_ALERTS:
            raise refused("alert", f"a backtest tries at most {MOST_ALERTS} alerts together")
        here = store.get_many(tenant, waiting)
        for alert_id, field in waiting.items():
            if alert_id not in here:
                raise refused(field, f"there is no alert {alert_id!r}")
        found |= here
        fields = waiting
        waiting = {
            each: fields[alert.id]
            for alert in here.values()
            for each, _ in _named([alert])
            if each not in found
        }
    return found


def _named(alerts: Iterable[Alert]) -> Iterator[tuple[str, str]]:
    """Ids of alerts, with the field of a request that names them."""
    for alert in alerts:
        if alert.definition.expression is not None:
            for field, alert_id in parts(alert.definition.expression, "alert.condition"):
                yield alert_id, field
