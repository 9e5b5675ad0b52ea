"""Versions of alerts, and what the audit knows of who made them. Nothing is written here."""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.alerts import audited
from skafu.alerts.codec import alert_from
from skafu.alerts.model import Alert
from skafu.shared import keys
from skafu.shared.audit import AuditReader, Change, Wanted
from skafu.shared.table import Query, Table

type Position = Mapping[str, str] | None


@dataclass(frozen=True)
class Page:
    """Versions, newest first; `earlier` is the one before the last of them. `after` is None at the
    end of the list.
    """

    versions: tuple[Alert, ...]
    earlier: Alert | None
    after: Position


class VersionStore:
    """Reads what AlertStore wrote. Versions are never overwritten, and outlive their alert."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._audit = AuditReader(table)

    def get(self, tenant: str, alert_id: str, version: int) -> Alert | None:
        """One version."""
        item = self._table.get(keys.alert_version(tenant, alert_id, version), consistent=True)
        return None if item is None else alert_from(str(item["body"]))

    def last(self, tenant: str, alert_id: str) -> Alert | None:
        """The newest version there ever was; None: there never was such an alert."""
        page = self._page(tenant, alert_id, 1, None)
        return page[0][0] if page[0] else None

    def page(self, tenant: str, alert_id: str, limit: int, after: Position) -> Page:
        """Up to `limit` versions, newest first."""
        versions, position = self._page(tenant, alert_id, limit, after)
        earlier = None
        if versions and versions[-1].version > 1:
            earlier = self.get(tenant, alert_id, versions[-1].version - 1)
        return Page(tuple(versions), earlier, position if earlier else None)

    def changes(self, tenant: str, alert_id: str, since: int) -> list[Change]:
        """What the audit has of this alert from a moment on, newest first."""
        wanted = Wanted(kind=audited.KIND, subject=alert_id, start=since)
        found: list[Change] = []
        after: Position = None
        while True:
            entries = self._audit.page(tenant, wanted, 1_000, after)
            found += entries.changes
            if entries.after is None:
                return found
            after = entries.after

    def _page(
        self, tenant: str, alert_id: str, limit: int, after: Position
    ) -> tuple[list[Alert], Position]:
        page = self._table.query(
            Query(
                keys.alert_parts(tenant, alert_id),
                begins="version",
                ascending=False,
                limit=limit,
                after=after,
                consistent=True,
            )
        )
        return [alert_from(str(item["body"])) for item in page.items], page.after
