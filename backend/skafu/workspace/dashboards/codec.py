"""Dashboards as the items of the table. Nested data is JSON text in `body`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from skafu.shared import keys
from skafu.shared.differences import Difference
from skafu.shared.table import Item, Value
from skafu.workspace.dashboards.model import Document, Head, Version


def to_json(document: Document) -> str:
    """What a dashboard says, as it is kept."""
    return orjson.dumps(document).decode()


def head_item(tenant: str, head: Head) -> dict[str, Value]:
    """What lists tell; `version` is what changes are conditional on."""
    key = keys.dashboard(tenant, head.id)
    body = orjson.dumps(head).decode()
    return {**key._asdict(), "k": "dashboard", "version": head.version, "body": body}


def head_from(item: Item) -> Head:
    return Head(**orjson.loads(str(item["body"])))


def version_item(tenant: str, version: Version) -> dict[str, Value]:
    """How a version came to be."""
    head = version.head
    key = keys.dashboard_version(tenant, head.id, head.version)
    changes = [asdict(each) for each in version.changes]
    body = {"head": asdict(head), "action": version.action, "changes": changes}
    return {**key._asdict(), "k": "edition", "body": orjson.dumps(body).decode()}


def version_from(item: Item) -> Version:
    body: Mapping[str, Any] = orjson.loads(str(item["body"]))
    gone = item.get("ttl")
    return Version(
        head=Head(**body["head"]),
        action=body["action"],
        changes=tuple(Difference(**each) for each in body["changes"]),
        gone=None if gone is None else int(gone),
    )


def content_item(tenant: str, head: Head, text: str) -> dict[str, Value]:
    """What a version says."""
    key = keys.dashboard_content(tenant, head.id, head.version)
    return {**key._asdict(), "k": "content", "body": text}


def document_from(item: Item) -> Document:
    found: Document = orjson.loads(str(item["body"]))
    return found
