"""How dashboards are shown: the shapes of schemas.py as plain values. Written by hand so that
reading needs no pydantic; a test holds each of them to its model.
"""

from dataclasses import asdict
from typing import Any

from skafu.workspace.dashboards.model import Dashboard, Head, Version

type View = dict[str, Any]


def dashboard_view(dashboard: Dashboard) -> View:
    """A dashboard as it is stored."""
    head = dashboard.head
    return {
        "id": head.id,
        "version": head.version,
        "created_at": head.created_at,
        "updated_at": head.updated_at,
        "updated_by": head.updated_by,
        **dashboard.document,
    }


def row_view(head: Head) -> View:
    """A dashboard in a list."""
    return {
        "id": head.id,
        "name": head.name,
        "description": head.description,
        "panels": head.panels,
        "version": head.version,
        "updated_at": head.updated_at,
        "updated_by": head.updated_by,
    }


def version_view(version: Version) -> View:
    """A version in the list of them."""
    head = version.head
    return {
        "version": head.version,
        "at": head.updated_at,
        "by": head.updated_by,
        "action": version.action,
        "name": head.name,
        "panels": head.panels,
        "changes": [asdict(each) for each in version.changes],
    }
