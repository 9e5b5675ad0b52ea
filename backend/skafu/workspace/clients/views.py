"""How machine clients are shown: the shapes of schemas.py as plain values, never a secret. Written
by hand so that reading needs no pydantic; a test holds them to their models.
"""

from typing import Any

from skafu.workspace.clients.model import Client


def client_view(client: Client) -> dict[str, Any]:
    """A client as the API and the audit show it."""
    return {
        "id": client.id,
        "name": client.name,
        "role": client.role.label,
        "scopes": list(client.scopes),
        "client_id": client.client_id,
        "created": client.created,
        "rotated_at": client.rotated_at,
        "earlier": [{"client_id": x.client_id, "until": x.until} for x in client.earlier],
        "version": client.version,
    }
