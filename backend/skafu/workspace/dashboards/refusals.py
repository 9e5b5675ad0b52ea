"""What is refused, and what the caller hears of it."""

import re
from collections.abc import Mapping

from skafu.shared.errors import NotFound, PayloadTooLarge, PreconditionFailed, Unprocessable
from skafu.workspace.dashboards import views
from skafu.workspace.dashboards.codec import to_json
from skafu.workspace.dashboards.limits import MAX_BYTES
from skafu.workspace.dashboards.model import Dashboard, Document
from skafu.workspace.dashboards.rules import problems

SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def safe(dashboard_id: str) -> str:
    """Ids come from paths: what could not be an id is no dashboard's id."""
    if not SAFE_ID.fullmatch(dashboard_id):
        raise absent()
    return dashboard_id


def refuse(document: Document) -> None:
    """Raises Unprocessable naming what is wrong over several fields, and PayloadTooLarge."""
    wrong = problems(document)
    if wrong:
        raise Unprocessable("the dashboard does not make sense", wrong)
    size = len(to_json(document).encode())
    if size > MAX_BYTES:
        raise PayloadTooLarge(
            f"a dashboard has at most {MAX_BYTES:,} bytes of JSON; this has {size:,}: "
            "make two of it"
        )


def outdated(present: Dashboard) -> PreconditionFailed:
    """What a caller hears who meant another version: also what is there now."""
    return outdated_at(present.head.version, {"current": views.dashboard_view(present)})


def outdated_at(version: int, extra: Mapping[str, object]) -> PreconditionFailed:
    """The same where there is nothing to show."""
    return PreconditionFailed(
        f"the dashboard is at version {version}: read it again before you change it", extra=extra
    )


def absent() -> NotFound:
    """Of ids that nobody has and of those of other tenants alike."""
    return NotFound("there is no such dashboard")
