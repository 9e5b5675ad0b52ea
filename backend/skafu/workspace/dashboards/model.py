"""Dashboards as values. What one says is a document: the JSON of schemas.DashboardIn, with what is
as if it had not been given left out, so that equal dashboards have equal documents.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from skafu.shared.differences import Difference

type Document = Mapping[str, Any]

FINGERPRINT_BYTES = 6


@dataclass(frozen=True)
class Head:
    """What a list tells of a dashboard; times are epoch milliseconds, `panels` is how many."""

    id: str
    name: str
    description: str
    panels: int
    version: int
    created_at: int
    updated_at: int
    updated_by: str


@dataclass(frozen=True)
class Dashboard:
    """A dashboard at one version."""

    head: Head
    document: Document


@dataclass(frozen=True)
class Version:
    """One version without what it says: how it came to be (create, change, restore), and what it
    changed. `gone` is when a deleted dashboard's versions are removed, epoch seconds.
    """

    head: Head
    action: str
    changes: tuple[Difference, ...]
    gone: int | None = None


def metrics_of(document: Document) -> list[str]:
    """The metrics that a dashboard shows, each once, in order."""
    return sorted(
        {
            query["metric"]
            for panel in document["panels"]
            for query in panel["queries"]
            if "metric" in query
        }
    )


def outline(head: Head, document: Document) -> dict[str, Any]:
    """What the audit keeps of a dashboard, and what versions are compared by: of what a panel
    shows only a fingerprint, because before and after have to fit into one item of the table.
    """
    return {
        "id": head.id,
        "version": head.version,
        "name": document["name"],
        "description": document["description"],
        "range": dict(document["range"]),
        "variables": dict(_variables(document)),
        "panels": dict(_panels(document)),
    }


def _variables(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in document["variables"]:
        shown = {"tag": each["tag"], "metric": each.get("metric")}
        yield each["name"], {**shown, "default": _fingerprint(each["default"])}


def _panels(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    named = ("id", "title", "type", "x", "y", "w", "h")
    for each in document["panels"]:
        content = {name: value for name, value in each.items() if name not in named}
        yield each["id"], {
            "title": each["title"],
            "type": each["type"],
            "place": [each[name] for name in ("x", "y", "w", "h")],
            "content": _fingerprint(content),
        }


def _fingerprint(value: object) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=FINGERPRINT_BYTES).hexdigest()
