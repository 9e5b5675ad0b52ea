"""Which composite alerts name which alerts: an item beside the alert that is named, for each.

It is written with the composite, and read before an alert is removed.
"""

from collections.abc import Iterable

from skafu.alerts.codec import alert_from
from skafu.alerts.composites.logic import named
from skafu.alerts.composites.references import NamedByComposites, refuse
from skafu.alerts.model import Alert
from skafu.shared import keys
from skafu.shared.table import Delete, Put, Query, Table, Write


class Namings:
    """Reads consistently. What was read still holds in the transaction of a change where that is
    written on the condition that no alert of the tenant has changed since before.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def changed(self, tenant: str, alert_id: str, after: Alert | None) -> list[Write]:
        """What has to be written with an alert that is to be like this, or removed (None). Raises
        Unprocessable where it names what it cannot, and NamedByComposites where it is named and
        cannot be removed.
        """
        if after is None:
            self._refuse_if_named(tenant, alert_id)
        now = self._read(tenant, [alert_id]).get(alert_id)
        before = set(named(now.definition.expression)) if now else set()
        wanted = set(named(after.definition.expression)) if after else set()
        if after is not None and wanted:
            refuse(after, self._reached(tenant, wanted))
        fresh = (keys.naming(tenant, each, alert_id) for each in sorted(wanted - before))
        stale = (keys.naming(tenant, each, alert_id) for each in sorted(before - wanted))
        puts = (Put({**key._asdict(), "k": "naming", "alert": alert_id}) for key in fresh)
        return [*puts, *(Delete(key) for key in stale)]

    def _reached(self, tenant: str, alert_ids: Iterable[str]) -> dict[str, Alert]:
        """The alerts that these depend on, and they themselves, as far as they are there."""
        found: dict[str, Alert] = {}
        wanted = set(alert_ids)
        while wanted:
            some = self._read(tenant, wanted)
            found |= some
            below = (named(each.definition.expression) for each in some.values())
            wanted = {name for names in below for name in names} - found.keys() - wanted
        return found

    def _refuse_if_named(self, tenant: str, alert_id: str) -> None:
        parts = Query(keys.alert_parts(tenant, alert_id), begins=keys.NAMINGS, consistent=True)
        names = [str(item["alert"]) for item in self._table.query_all(parts)]
        composites = self._read(tenant, names).values()
        naming = [x for x in composites if alert_id in named(x.definition.expression)]
        if naming:
            raise NamedByComposites(naming)

    def _read(self, tenant: str, alert_ids: Iterable[str]) -> dict[str, Alert]:
        """Those that exist, by id."""
        wanted = [keys.alert(tenant, each) for each in sorted(alert_ids)]
        found = self._table.get_many(wanted, consistent=True)
        return {key.sk: alert_from(str(item["body"])) for key, item in found.items()}
