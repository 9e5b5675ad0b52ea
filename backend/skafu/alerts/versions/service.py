"""What people do with earlier versions: look at them, and go back to one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from skafu.alerts import audited
from skafu.alerts.model import Alert, Draft
from skafu.alerts.service import AlertService, outdated, refuse, safe, unknown_channels
from skafu.alerts.store import AlertStore, UnknownChannels
from skafu.alerts.versions.store import VersionStore
from skafu.shared.audit import Change
from skafu.shared.clock import Clock
from skafu.shared.differences import Difference, differences
from skafu.shared.errors import FieldError, NotFound, Unprocessable
from skafu.shared.table import ConditionFailed

type Position = Mapping[str, str] | None

# What differs between any two versions and is nobody's news.
SELF_EVIDENT = ("version", "edited_at")
MAKING = frozenset({audited.CREATE, audited.CHANGE, audited.RESTORE})


@dataclass(frozen=True)
class Version:
    """One version, what made it, and how it differs from the one before. `change` is None where the
    audit does not reach (entries live 400 days).
    """

    alert: Alert
    change: Change | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Versions:
    """One page of versions, newest first. `deletion` is set while the alert is deleted and the
    audit knows it.
    """

    versions: tuple[Version, ...]
    last: int
    deleted: bool
    deletion: Change | None
    after: Position


class VersionService:
    """Use cases over the stores. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(
        self, versions: VersionStore, alerts: AlertStore, service: AlertService, clock: Clock
    ) -> None:
        self._versions = versions
        self._alerts = alerts
        self._service = service
        self._clock = clock

    def page(self, tenant: str, alert_id: str, limit: int, after: Position) -> Versions:
        """Versions, newest first, each with who made it and what it changed."""
        found = self._versions.page(tenant, safe(alert_id), limit, after)
        last = self._last(tenant, alert_id)
        deleted = self._alerts.get(tenant, alert_id) is None
        shown = found.versions
        since = min((each.edited_at for each in shown), default=last.edited_at)
        changes = self._versions.changes(tenant, alert_id, since)
        # Drills and acknowledgements are audited of alerts too, and make no version.
        made = {x.after["version"]: x for x in changes if x.after and x.action in MAKING}
        deletions = (x for x in changes if x.action == audited.DELETE)
        return Versions(
            versions=tuple(
                Version(new, made.get(new.version), _between(old, new))
                for new, old in zip(shown, (*shown[1:], found.earlier), strict=False)
            ),
            last=last.version,
            deleted=deleted,
            deletion=next(deletions, None) if deleted else None,
            after=found.after,
        )

    def restore(self, tenant: str, actor: str, alert_id: str, wanted: int, version: int) -> Alert:
        """Make what version `wanted` said the next version of an alert whose newest is `version`.

        A deleted alert begins anew, under its id, with the number after its last; its instances
        begin with their next point. What is so already makes no version. Raises PreconditionFailed
        when another version is the newest, and Unprocessable when there is no such version or what
        it says is no longer sound (a channel may be gone).
        """
        last = self._last(tenant, safe(alert_id))
        if last.version != version:
            raise outdated(last)
        old = self._versions.get(tenant, alert_id, wanted)
        if old is None:
            wrong = FieldError("version", f"there is none; there are 1 to {last.version}")
            raise Unprocessable("there is no such version", [wrong])
        draft = draft_of(old)
        if self._alerts.get(tenant, alert_id) is not None:
            return self._service.replace(tenant, actor, alert_id, version, draft, audited.RESTORE)
        return self._revive(tenant, actor, last, draft)

    def _revive(self, tenant: str, actor: str, last: Alert, draft: Draft) -> Alert:
        refuse(draft)
        at = max(self._clock(), last.edited_at)
        alert = replace(last, **vars(draft), version=last.version + 1, edited_at=at)
        entry = audited.entry(tenant, actor, audited.RESTORE, None, alert, at)
        try:
            return self._alerts.create(tenant, alert, [entry], last.version)
        except UnknownChannels as unknown:
            raise unknown_channels(draft, unknown) from unknown
        except ConditionFailed as failure:
            # Somebody else has restored it meanwhile.
            raise outdated(self._last(tenant, last.id)) from failure

    def _last(self, tenant: str, alert_id: str) -> Alert:
        last = self._versions.last(tenant, alert_id)
        if last is None:
            raise NotFound("there is no such alert")
        return last


def draft_of(alert: Alert) -> Draft:
    """What people said about an alert."""
    return Draft(**{each.name: getattr(alert, each.name) for each in fields(Draft)})


def _between(old: Alert | None, new: Alert) -> tuple[Difference, ...]:
    before = None if old is None else audited.document(old)
    found = differences(before, audited.document(new))
    return tuple(each for each in found if each.field not in SELF_EVIDENT)
