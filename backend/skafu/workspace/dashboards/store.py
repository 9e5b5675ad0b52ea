"""Dashboards in the table: of each what lists tell, its last versions, and the metrics it shows.

Every change is one transaction with its entry in the audit. How many there are is counted in an
item of its own, in the same transaction as what is made or removed: so the limit holds whoever else
makes one at the same moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from skafu.shared import keys, showings
from skafu.shared.conflicts import Conflicts
from skafu.shared.errors import Conflict
from skafu.shared.keys import Key
from skafu.shared.showings import Showing
from skafu.shared.table import (
    Absent,
    AnyOf,
    Below,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Present,
    Put,
    Query,
    Table,
    Update,
    Write,
)
from skafu.workspace.dashboards.codec import (
    content_item,
    document_from,
    head_from,
    head_item,
    to_json,
    version_from,
    version_item,
)
from skafu.workspace.dashboards.limits import MAX_DASHBOARDS, MAX_VERSIONS
from skafu.workspace.dashboards.model import Dashboard, Document, Head, Version, metrics_of

type Position = Mapping[str, str] | None

COUNT = "count"


class TooMany(Conflict):
    """The tenant has as many dashboards as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a tenant has at most {most:,} dashboards: delete one that nobody needs")


@dataclass(frozen=True)
class Edition:
    """A version to be written: how it came to be, and what it says."""

    version: Version
    document: Document


class DashboardStore:
    """Reads are consistent: who has changed a dashboard sees it so at once."""

    def __init__(
        self, table: Table, conflicts: Conflicts | None = None, most: int = MAX_DASHBOARDS
    ) -> None:
        self._table = table
        self._conflicts = conflicts or Conflicts()
        self._most = most

    # --- reads ---

    def heads(self, tenant: str) -> list[Head]:
        """All of a tenant's dashboards, in the order of their ids."""
        found = self._table.query_all(Query(keys.dashboards(tenant), consistent=True))
        return [head_from(item) for item in found]

    def head(self, tenant: str, dashboard_id: str) -> Head | None:
        """What lists tell of a dashboard."""
        item = self._table.get(keys.dashboard(tenant, dashboard_id), consistent=True)
        return None if item is None else head_from(item)

    def get(self, tenant: str, dashboard_id: str) -> Dashboard | None:
        """A dashboard as it is now."""
        head = self.head(tenant, dashboard_id)
        if head is None:
            return None
        document = self.content(tenant, dashboard_id, head.version)
        return None if document is None else Dashboard(head, document)

    def content(self, tenant: str, dashboard_id: str, version: int) -> Document | None:
        """What a version says."""
        key = keys.dashboard_content(tenant, dashboard_id, version)
        item = self._table.get(key, consistent=True)
        return None if item is None else document_from(item)

    def version(self, tenant: str, dashboard_id: str, version: int) -> Version | None:
        """How a version came to be."""
        key = keys.dashboard_version(tenant, dashboard_id, version)
        item = self._table.get(key, consistent=True)
        return None if item is None else version_from(item)

    def last(self, tenant: str, dashboard_id: str) -> Version | None:
        """The newest version that is kept, of a deleted dashboard too."""
        found, _ = self.versions(tenant, dashboard_id, 1, None)
        return found[0] if found else None

    def versions(
        self, tenant: str, dashboard_id: str, limit: int, after: Position
    ) -> tuple[list[Version], Position]:
        """Versions that are kept, newest first, and the position after them."""
        page = self._table.query(
            Query(
                keys.dashboard_parts(tenant, dashboard_id),
                begins="version",
                ascending=False,
                limit=limit,
                after=after,
                consistent=True,
            )
        )
        return [version_from(item) for item in page.items], page.after

    # --- writes ---

    # `also` are further writes of the same transaction: the entry of the audit.

    def create(self, tenant: str, edition: Edition, also: Sequence[Write]) -> None:
        """Store a new dashboard, or one that was deleted before at its next version.

        Raises TooMany, and ConditionFailed when there is one with this id or version.
        """
        count = Update(
            keys.dashboard_count(tenant),
            set={"k": "count"},
            add={COUNT: 1},
            when=AnyOf((Absent(), Below(COUNT, self._most))),
        )
        try:
            self._transact([count, *_written(tenant, edition, Absent()), *also])
        except ConditionFailed as failure:
            if failure.failed == (0,):
                raise TooMany(self._most) from failure
            raise
        head = edition.version.head
        if head.version > 1:
            kept = range(max(1, head.version - MAX_VERSIONS + 1), head.version)
            self._each(tenant, head.id, kept, lambda key: Update(key, remove=("ttl",)))

    def replace(self, tenant: str, edition: Edition, also: Sequence[Write]) -> None:
        """Store the next version of a dashboard. Raises ConditionFailed when it is gone or at any
        other version than the one before.
        """
        before = Equals("version", edition.version.head.version - 1)
        self._transact([*_written(tenant, edition, before), *also])

    def delete(self, tenant: str, head: Head, gone: int, also: Sequence[Write]) -> None:
        """Remove a dashboard that is at this version; its versions go at `gone`, epoch seconds.

        Raises ConditionFailed when it is gone already or at another version. If marking the
        versions is cut short, those that are not marked stay.
        """
        self._transact(
            [
                Delete(keys.dashboard(tenant, head.id), Equals("version", head.version)),
                Delete(keys.showing(tenant, head.id)),
                Update(keys.dashboard_count(tenant), add={COUNT: -1}, when=Present()),
                *also,
            ]
        )
        kept = range(max(1, head.version - MAX_VERSIONS + 1), head.version + 1)
        self._each(tenant, head.id, kept, lambda key: Update(key, set={"ttl": gone}))

    def _each(
        self, tenant: str, dashboard_id: str, versions: range, change: Callable[[Key], Update]
    ) -> None:
        """Change both items of each of these versions, as far as they are there."""
        named = (
            name(tenant, dashboard_id, version)
            for version in versions
            for name in (keys.dashboard_version, keys.dashboard_content)
        )
        self._table.write_many([replace(change(key), when=Present()) for key in named])

    def _transact(self, writes: Sequence[Write]) -> None:
        self._conflicts.outlive(lambda: self._table.transact(writes))


def _written(tenant: str, edition: Edition, condition: Condition) -> list[Write]:
    """The writes of a version; the one that is beyond those that are kept goes."""
    head, text = edition.version.head, to_json(edition.document)
    shown = showings.put(tenant, Showing(head.id, head.name), metrics_of(edition.document))
    writes: list[Write] = [
        Put(head_item(tenant, head), condition),
        Put(version_item(tenant, edition.version), Absent()),
        Put(content_item(tenant, head, text), Absent()),
        shown,
    ]
    beyond = head.version - MAX_VERSIONS
    if beyond > 0:
        writes += [
            Delete(keys.dashboard_version(tenant, head.id, beyond)),
            Delete(keys.dashboard_content(tenant, head.id, beyond)),
        ]
    return writes
