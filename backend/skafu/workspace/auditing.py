"""Who changed what: the endpoint over the audit. Imported when the first such request comes."""

import re
from typing import Any

from skafu.shared.audit import AuditReader, Change, Wanted
from skafu.shared.differences import differences
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.identity import Identity
from skafu.shared.membership import Members
from skafu.shared.paging import cursor_for, instant_of, limit_of, position_of, single
from skafu.shared.routes import Reply, Request
from skafu.shared.table import Table

NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
ROUTE = "audit"


class Auditing:
    """GET /api/audit."""

    def __init__(self, table: Table, members: Members) -> None:
        self._reader = AuditReader(table)
        self._members = members

    def page(self, request: Request) -> Reply:
        """A page of changes, with what is known of who made them."""
        tenant = request.identity.tenant
        wanted = Wanted(
            kind=_name(request, "kind"),
            subject=_name(request, "subject"),
            start=instant_of(request, "start"),
            end=instant_of(request, "end"),
        )
        limit, position = limit_of(request), position_of(ROUTE, request)
        found = self._reader.page(tenant, wanted, limit, position)
        actors = {each.actor for each in found.changes if NAME.fullmatch(each.actor)}
        known = self._members.among(tenant, actors)
        return Reply(
            {
                "entries": [_entry(each, known.get(each.actor)) for each in found.changes],
                "cursor": cursor_for(ROUTE, request, found.after),
            }
        )


def _name(request: Request, parameter: str) -> str | None:
    text = single(request, parameter)
    if text is not None and not NAME.fullmatch(text):
        wrong = FieldError(parameter, "is no name: letters, digits and _ . : - (at most 128)")
        raise BadRequest("the query string cannot be read", [wrong])
    return text


def _entry(change: Change, member: Identity | None) -> dict[str, Any]:
    return {
        "at": change.at,
        "actor": {
            "id": change.actor,
            "kind": None if member is None else member.kind.value,
            "role": None if member is None else member.role.label,
        },
        "action": change.action,
        "kind": change.kind,
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "changes": differences(change.before, change.after),
    }
