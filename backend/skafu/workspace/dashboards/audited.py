"""Changes of dashboards as the audit keeps them."""

from skafu.shared import audit
from skafu.shared.audit import Change
from skafu.shared.table import Put
from skafu.workspace.dashboards.model import Dashboard, outline

KIND = "dashboard"
CREATE, CHANGE, DELETE, RESTORE = "create", "change", "delete", "restore"


def entry(
    tenant: str,
    actor: str,
    action: str,
    before: Dashboard | None,
    after: Dashboard | None,
    at: int,
) -> Put:
    """The entry for a change that makes `before` into `after`, one of which may be None."""
    dashboard = after or before
    assert dashboard is not None  # nosec B101: for the type checker; nothing never becomes nothing
    change = Change(
        actor=actor,
        at=at,
        action=action,
        kind=KIND,
        subject=dashboard.head.id,
        before=None if before is None else outline(before.head, before.document),
        after=None if after is None else outline(after.head, after.document),
    )
    return audit.entry(tenant, change)
