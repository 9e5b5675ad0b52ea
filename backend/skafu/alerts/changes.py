"""The log of changes of a tenant's alerts: one small item for each version of the rules, written in
the transaction of the change. Who knows the alerts at one version reads what came after it.

The log is an economy: where it has a hole, whoever reads it reads the alerts themselves.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from skafu.alerts.codec import alert_from
from skafu.alerts.model import Alert
from skafu.shared import keys
from skafu.shared.observability import logger
from skafu.shared.table import Put, Query, Table, Value

KEEP_S = 86_400
"""So long a change is kept: many times as long as the packed copy of all alerts may be behind."""


class Change(NamedTuple):
    """What one version of the rules changed: the alert as it is since, None where it was
    removed.
    """

    version: int
    id: str
    alert: Alert | None


def change_item(tenant: str, version: int, alert_id: str, body: str | None, now: int) -> Put:
    """The entry of a change. That nobody else writes it is seen to by who counts the version up."""
    item: dict[str, Value] = {
        **keys.rules_change(tenant, version)._asdict(),
        "k": "change",
        "version": version,
        "alert": alert_id,
        "ttl": now // 1000 + KEEP_S,
    }
    if body is not None:
        item["body"] = body
    return Put(item)


def read_changes(table: Table, tenant: str, after: int) -> list[Change]:
    """The changes since a version that follow each other without a hole, from the first one on:
    mostly all there are (read consistently). Raises Unavailable.
    """
    return list(_unbroken(_logged(table, tenant, after), after))


def read_changes_around(table: Table, tenant: str, version: int, back: int) -> list[Change]:
    """The changes that follow each other without a hole around a version: at most `back` up to it,
    and those after it. Raises Unavailable.
    """
    found = list(_logged(table, tenant, max(0, version - back)))
    before = [each for each in found if each.version <= version]
    expected, first = version, len(before)
    while first and before[first - 1].version == expected:
        first, expected = first - 1, expected - 1
    return list(_unbroken(found[first:], expected))


def applied(alerts: Mapping[str, Alert], changes: Iterable[Change]) -> dict[str, Alert]:
    """The alerts, by id, after these changes."""
    result = dict(alerts)
    for change in changes:
        if change.alert is None:
            result.pop(change.id, None)
        else:
            result[change.id] = change.alert
    return result


def _logged(table: Table, tenant: str, after: int) -> Iterator[Change]:
    log = Query(keys.rules(tenant), between=keys.changes_after(after), consistent=True)
    for item in table.query_all(log):
        try:
            alert = alert_from(str(item["body"])) if "body" in item else None
            yield Change(int(item["version"]), str(item["alert"]), alert)
        except (ValueError, KeyError, TypeError):
            logger.warning("change of the rules cannot be read", exc_info=True)  # it is a hole


def _unbroken(changes: Iterable[Change], after: int) -> Iterator[Change]:
    for expected, change in enumerate(changes, after + 1):
        if change.version != expected:
            return
        yield change
