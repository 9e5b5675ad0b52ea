"""How engagements and remarks are shown: the shapes of schemas.py as plain values."""

from typing import Any

from skafu.alerts.engagement.service import Engaged
from skafu.alerts.engagement.store import Remark

type View = dict[str, Any]


def engaged_view(engaged: Engaged) -> View:
    """What people do about one firing."""
    found = engaged.engagement
    return {
        "tags": dict(engaged.firing.tags),
        "began": found.began,
        "acknowledged_by": found.acknowledged_by,
        "acknowledged_at": found.acknowledged_at,
        "assignee": found.assignee,
    }


def remark_view(remark: Remark) -> View:
    """Something that was done or said."""
    return {
        "id": remark.id,
        "at": remark.at,
        "by": remark.by,
        "action": remark.action,
        "began": remark.began,
        "comment": remark.text,
        "assignee": remark.assignee,
    }
