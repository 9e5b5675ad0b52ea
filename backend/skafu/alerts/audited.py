"""Changes of alerts as the audit keeps them."""

from typing import Any

from skafu.alerts.model import Alert
from skafu.alerts.states import Instances
from skafu.alerts.views import alert_view
from skafu.shared import audit
from skafu.shared.audit import Change
from skafu.shared.table import Put

KIND = "alert"
CREATE, CHANGE, DELETE, RESTORE = "create", "change", "delete", "restore"


def document(alert: Alert) -> dict[str, Any]:
    """An alert as the API shows it, without its instances: those are nobody's doing."""
    shown = alert_view(alert, Instances())
    del shown["instances"], shown["more_instances"]
    return shown


def entry(
    tenant: str, actor: str, action: str, before: Alert | None, after: Alert | None, at: int
) -> Put:
    """The entry for a change that makes `before` into `after`, one of which may be None."""
    alert = after or before
    assert alert is not None  # nosec B101: for the type checker; nothing never becomes nothing
    change = Change(
        actor=actor,
        at=at,
        action=action,
        kind=KIND,
        subject=alert.id,
        before=None if before is None else document(before),
        after=None if after is None else document(after),
    )
    return audit.entry(tenant, change)
