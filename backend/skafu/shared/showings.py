"""Which dashboards show which metrics: written with every dashboard, read by who lists dashboards
of a metric or deletes one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from skafu.shared import keys
from skafu.shared.table import Put, Query, Table


@dataclass(frozen=True)
class Showing:
    """A dashboard, by id and name."""

    id: str
    name: str


def put(tenant: str, dashboard: Showing, metrics: Sequence[str]) -> Put:
    """What is to be written together with a dashboard."""
    key = keys.showing(tenant, dashboard.id)
    body = orjson.dumps({"name": dashboard.name, "metrics": metrics}).decode()
    return Put({**key._asdict(), "k": "showing", "body": body})


def of(table: Table, tenant: str, metric: str) -> list[Showing]:
    """The dashboards that show a metric, in the order of their names (read consistently)."""
    return of_each(table, tenant, [metric])[metric]


def of_each(table: Table, tenant: str, metrics: Iterable[str]) -> dict[str, list[Showing]]:
    """The same for several metrics, by metric."""
    found: dict[str, list[Showing]] = {metric: [] for metric in metrics}
    for item in table.query_all(Query(keys.showings(tenant), consistent=True)):
        body = orjson.loads(str(item["body"]))
        for metric in found.keys() & set(body["metrics"]):
            found[metric].append(Showing(str(item["sk"]), body["name"]))
    for some in found.values():
        some.sort(key=lambda each: (each.name.casefold(), each.id))
    return found
