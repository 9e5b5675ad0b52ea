"""How members are shown: the shapes of schemas.py as plain values. Written by hand so that reading
needs no pydantic; a test holds them to their models.
"""

from typing import Any

from skafu.shared.identity import Kind
from skafu.workspace.members.model import Member


def member_view(member: Member) -> dict[str, Any]:
    """A member as the API and the audit show them."""
    return {
        "id": member.id,
        "email": member.email,
        "name": member.name,
        "kind": Kind.PERSON.value,
        "role": member.role.label,
        "status": member.status.value,
        "created": member.created,
        "version": member.version,
    }
