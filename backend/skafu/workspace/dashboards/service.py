"""What people do with dashboards: make, read, change, remove and list them, and go back."""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.shared.clock import Clock
from skafu.shared.differences import Difference, differences
from skafu.shared.errors import (
    FieldError,
    NotFound,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)
from skafu.shared.identity import NewId
from skafu.shared.table import ConditionFailed
from skafu.workspace.dashboards import audited
from skafu.workspace.dashboards.codec import to_json
from skafu.workspace.dashboards.limits import KEEP_DELETED_S, MAX_VERSIONS
from skafu.workspace.dashboards.model import Dashboard, Document, Head, Version, outline
from skafu.workspace.dashboards.refusals import absent, outdated, outdated_at, refuse, safe
from skafu.workspace.dashboards.store import DashboardStore, Edition

type Position = Mapping[str, str] | None

SELF_EVIDENT = ("id", "version")
"""What differs between any two versions, or never does, and is nobody's news."""

TRIES = 5


@dataclass(frozen=True)
class Listed:
    """One page of dashboards, and where the list goes on."""

    heads: tuple[Head, ...]
    after: Position


@dataclass(frozen=True)
class Versions:
    """One page of versions, newest first; `last` is the newest of all. `gone_at` is when those of a
    dashboard that was deleted are removed, epoch milliseconds.
    """

    versions: tuple[Version, ...]
    last: int
    deleted: bool
    gone_at: int | None
    after: Position


class DashboardService:
    """Use cases over the store. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(self, store: DashboardStore, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    # --- reads ---

    def page(
        self, tenant: str, prefix: str, among: set[str] | None, limit: int, after: Position
    ) -> Listed:
        """Dashboards whose names begin with `prefix`, in any case, in the order of their names; if
        given only those `among` these ids.
        """
        beginning = prefix.casefold()
        found = [
            each
            for each in self._store.heads(tenant)
            if each.name.casefold().startswith(beginning) and (among is None or each.id in among)
        ]
        found.sort(key=_place)
        if after is not None:
            found = [each for each in found if _place(each) > (after["name"], after["id"])]
        page = found[:limit]
        more = len(found) > limit
        position = {"name": page[-1].name.casefold(), "id": page[-1].id} if more else None
        return Listed(tuple(page), position)

    def read(self, tenant: str, dashboard_id: str) -> Dashboard:
        """A dashboard as it is now."""
        found = self._store.get(tenant, safe(dashboard_id))
        if found is None:
            raise absent()
        return found

    def read_version(self, tenant: str, dashboard_id: str, number: int) -> Dashboard:
        """A dashboard as an earlier version had it, also of one that was deleted."""
        version = self._store.version(tenant, safe(dashboard_id), number)
        document = self._store.content(tenant, dashboard_id, number)
        if version is None or document is None or self._is_gone(version):
            raise NotFound(f"there is no such version: the last {MAX_VERSIONS} are kept")
        return Dashboard(version.head, document)

    def versions(self, tenant: str, dashboard_id: str, limit: int, after: Position) -> Versions:
        """Versions, newest first, each with who made it and what it changed."""
        last = self._last(tenant, safe(dashboard_id))
        found, position = self._store.versions(tenant, dashboard_id, limit, after)
        deleted = self._store.head(tenant, dashboard_id) is None
        gone = last.gone if deleted else None
        return Versions(
            versions=tuple(found),
            last=last.head.version,
            deleted=deleted,
            gone_at=None if gone is None else gone * 1_000,
            after=position,
        )

    # --- writes ---

    def create(self, tenant: str, actor: str, document: Document) -> Dashboard:
        """Make a dashboard. Raises Unprocessable naming the fields that are wrong, PayloadTooLarge,
        and TooMany.
        """
        refuse(document)
        head = _head(self._new_id(), document, 1, actor, self._clock())
        return self._made(tenant, Dashboard(head, document), None, audited.CREATE)

    def change(
        self,
        tenant: str,
        actor: str,
        dashboard_id: str,
        version: int,
        document: Document,
        action: str = audited.CHANGE,
    ) -> Dashboard:
        """Give a dashboard that is at `version` its next one; saying what is so already makes none.

        Raises PreconditionFailed, with the dashboard as it is now, when it is at another version,
        and what `create` raises.
        """
        refuse(document)
        before = self.read(tenant, dashboard_id)
        if before.head.version != version:
            raise outdated(before)
        if to_json(before.document) == to_json(document):
            return before
        at = max(self._clock(), before.head.updated_at)
        head = _head(dashboard_id, document, version + 1, actor, at, before.head.created_at)
        after = Dashboard(head, document)
        entry = audited.entry(tenant, actor, action, before, after, at)
        made = Version(head, action, _changes(before, after))
        try:
            self._store.replace(tenant, Edition(made, document), [entry])
        except ConditionFailed as failure:
            raise outdated(self.read(tenant, dashboard_id)) from failure
        return after

    def delete(self, tenant: str, actor: str, dashboard_id: str, version: int | None) -> None:
        """Remove a dashboard; if `version` is given, only at that version (PreconditionFailed)."""
        for _ in range(TRIES):
            present = self.read(tenant, dashboard_id)
            if version is not None and present.head.version != version:
                raise outdated(present)
            at = max(self._clock(), present.head.updated_at)
            entry = audited.entry(tenant, actor, audited.DELETE, present, None, at)
            try:
                return self._store.delete(
                    tenant, present.head, at // 1_000 + KEEP_DELETED_S, [entry]
                )
            except ConditionFailed:
                continue  # it has changed meanwhile: the entry has to say what is deleted
        raise Unavailable("this dashboard is being changed at this very moment; try again")

    def restore(
        self, tenant: str, actor: str, dashboard_id: str, wanted: int, version: int
    ) -> Dashboard:
        """Make what version `wanted` said the next version of a dashboard whose newest is
        `version`. One that was deleted begins anew, under its id, with the number after its last.

        Raises PreconditionFailed when another version is the newest, Unprocessable when there is no
        such version (any more), and TooMany.
        """
        last = self._last(tenant, safe(dashboard_id))
        if last.head.version != version:
            raise self._outdated(tenant, last)
        document = self._store.content(tenant, dashboard_id, wanted)
        if document is None:
            first = max(1, version - MAX_VERSIONS + 1)
            wrong = FieldError("version", f"is not kept; there are {first} to {version}")
            raise Unprocessable("there is no such version", [wrong])
        if self._store.head(tenant, dashboard_id) is not None:
            return self.change(tenant, actor, dashboard_id, version, document, audited.RESTORE)
        at = max(self._clock(), last.head.updated_at)
        head = _head(dashboard_id, document, version + 1, actor, at, last.head.created_at)
        before = self._store.content(tenant, dashboard_id, version)
        old = None if before is None else Dashboard(last.head, before)
        try:
            return self._made(tenant, Dashboard(head, document), old, audited.RESTORE)
        except ConditionFailed as failure:
            # Somebody else has restored it meanwhile.
            raise self._outdated(tenant, self._last(tenant, dashboard_id)) from failure

    def _made(
        self, tenant: str, made: Dashboard, before: Dashboard | None, action: str
    ) -> Dashboard:
        """Write a dashboard that is not there; `before` is what it was before it was deleted."""
        head = made.head
        entry = audited.entry(tenant, head.updated_by, action, None, made, head.updated_at)
        changes = () if before is None else _changes(before, made)
        edition = Edition(Version(head, action, changes), made.document)
        self._store.create(tenant, edition, [entry])
        return made

    # --- versions ---

    def _last(self, tenant: str, dashboard_id: str) -> Version:
        last = self._store.last(tenant, dashboard_id)
        if last is None or self._is_gone(last):
            raise absent()
        return last

    def _is_gone(self, version: Version) -> bool:
        """Whether its time is over: the table removes it some day after it."""
        return version.gone is not None and version.gone * 1_000 <= self._clock()

    def _outdated(self, tenant: str, last: Version) -> PreconditionFailed:
        present = self._store.get(tenant, last.head.id)
        return outdated(present) if present else outdated_at(last.head.version, {})


def _place(head: Head) -> tuple[str, str]:
    return head.name.casefold(), head.id


def _head(
    dashboard_id: str,
    document: Document,
    version: int,
    actor: str,
    at: int,
    created: int | None = None,
) -> Head:
    return Head(
        id=dashboard_id,
        name=document["name"],
        description=document["description"],
        panels=len(document["panels"]),
        version=version,
        created_at=at if created is None else created,
        updated_at=at,
        updated_by=actor,
    )


def _changes(before: Dashboard, after: Dashboard) -> tuple[Difference, ...]:
    found = differences(outline(before.head, before.document), outline(after.head, after.document))
    return tuple(each for each in found if each.field not in SELF_EVIDENT)
