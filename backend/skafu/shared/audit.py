"""Who changed what, before and after: one entry for every mutation, written with it or not at all.

An entry is a `Put` that belongs into the transaction of the change. Secrets never get in: whoever
makes an entry leaves them out.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from skafu.shared import keys
from skafu.shared.table import Absent, Put, Value

KEEP_S = 400 * 86_400
"""Longer than a year, so that the same month of last year can still be looked at."""


@dataclass(frozen=True)
class Change:
    """One mutation. `actor` is the identity's subject, `kind` and `subject` name what was changed
    ("alert" and its id), `action` how ("create", "change", "delete", "restore", ...). `before` and
    `after` are as the API shows them, None where there was or is nothing.
    """

    actor: str
    at: int
    action: str
    kind: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def entry(tenant: str, change: Change) -> Put:
    """The item for a change, to be written in its transaction. It is put if absent, under a name
    that nobody had before.
    """
    name = secrets.token_hex(6)
    key = keys.audit_entry(tenant, change.at, name)
    index = keys.audit_index(tenant, change.kind, change.subject, change.at, name)
    item: dict[str, Value] = {
        **key._asdict(),
        **index._asdict(),
        "k": "audit",
        "body": orjson.dumps(change).decode(),
        "ttl": change.at // 1000 + KEEP_S,
    }
    return Put(item, Absent())


def change_from(text: str | bytes) -> Change:
    return Change(**orjson.loads(text))
