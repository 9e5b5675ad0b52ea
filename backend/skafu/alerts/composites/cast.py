"""Reading what a composite alert is folded from: the stories of its alerts' instances."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from skafu.alerts.codec import alert_from, instance_state_from
from skafu.alerts.composites.fold import Story
from skafu.alerts.composites.logic import named
from skafu.alerts.endings import read_ended
from skafu.alerts.journal import Subject
from skafu.alerts.ledger import Ledger, StateItem
from skafu.alerts.model import Alert, instance_id
from skafu.alerts.scope import SKEW_MS
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.table import Query, Table


class Ruled(NamedTuple):
    """The versions of a composite by which it is folded again, oldest first, and from when on."""

    versions: tuple[Alert, ...]
    after: int


def read_alerts(table: Table, tenant: str, versions: Iterable[Alert]) -> dict[str, Alert]:
    """The alerts that these versions of a composite name, as far as they are there, by id (read
    consistently). Raises Unavailable.
    """
    names = {name for each in versions for name in named(each.definition.expression)}
    wanted = [keys.alert(tenant, name) for name in sorted(names)]
    found = table.get_many(wanted, consistent=True)
    return {key.sk: alert_from(str(item["body"])) for key, item in found.items()}


def ruled(versions: Sequence[Alert], after: int, alerts: Mapping[str, Alert]) -> Ruled:
    """What can still be folded again. What an earlier version has decided by alerts that are gone
    stands as it is recorded.
    """
    first = 0
    for i, version in enumerate(versions[:-1]):
        names = named(version.definition.expression)
        if any(name not in alerts or _younger(alerts[name], version) for name in names):
            first = i + 1
    begin = max(after, versions[first].edited_at) if first else after
    return Ruled(tuple(versions[first:]), begin)


def _younger(alert: Alert, version: Alert) -> bool:
    """Whether it was made again since a version that names one of the same id."""
    return alert.created_at > version.edited_at + SKEW_MS


def read_marks(table: Table, tenant: str, alerts: Mapping[str, Alert]) -> dict[str, int]:
    """Up to where each of the alerts is final. Raises Unavailable."""
    wanted = {name: keys.mark(tenant, name) for name in alerts}
    found = table.get_many(wanted.values(), consistent=True)
    return {
        name: max(alerts[name].created_at, int(found[key]["end"]) if key in found else 0)
        for name, key in wanted.items()
    }


def read_states(table: Table, tenant: str, alert_id: str) -> dict[Tags, StateItem]:
    """The states of an alert's instances (read consistently). Raises Unavailable."""
    parts = keys.alert_parts(tenant, alert_id)
    found = table.query_all(Query(parts, begins="instance", consistent=True))
    return {instance_state_from(str(item["body"])).tags: item for item in found}


def read_stories(
    table: Table, ledger: Ledger, tenant: str, alerts: Iterable[Alert], after: int
) -> Iterator[Story]:
    """What happened since `after` to every instance that these alerts have, or have had since then.
    Raises Unavailable.

    States are read before ends, and both before logs: who is in neither began after that.
    """
    for alert in alerts:
        scope = ledger.scope(tenant, alert)
        items: dict[Tags, StateItem | None] = {**read_states(table, tenant, alert.id)}
        ends: dict[Tags, list[int]] = {}
        for gone in read_ended(table, tenant, alert.id, after):
            ends.setdefault(gone.tags, []).append(gone.at)
            items.setdefault(gone.tags, None)
        for tags, item in items.items():
            subject = Subject(tenant, alert, instance_id(tags), tags)
            journal = ledger.journal(subject, item, after, scope)
            yield Story(
                alert.id, tags, journal.standing, journal.effects, tuple(ends.get(tags, ()))
            )
