"""What templates can name, and of what kind it is: enough to find every wrong name before anything
is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scalar:
    """A text, a number, yes or no, or nothing."""


@dataclass(frozen=True)
class Fields:
    """Named parts, all of which are known."""

    parts: Mapping[str, "Shape"]


@dataclass(frozen=True)
class Keyed:
    """Texts by names that differ from alert to alert: labels and tags."""


@dataclass(frozen=True)
class Many:
    """A list of things of one shape."""

    of: "Shape"


type Shape = Scalar | Fields | Keyed | Many

TEXT = Scalar()
PAIR = Fields({"name": TEXT, "value": TEXT})
LOOP = Fields({name: TEXT for name in ("index", "first", "last", "length")})

ITEM = Fields(
    {
        "name": TEXT,
        "status": TEXT,
        "severity": TEXT,
        "value": TEXT,
        "reason": TEXT,
        "condition": TEXT,
        "description": TEXT,
        "runbook_url": TEXT,
        "link": TEXT,
        "began": TEXT,
        "ended": TEXT,
        "alert": TEXT,
        "instance": TEXT,
        "tags": Keyed(),
        "labels": Keyed(),
        "tag_list": Many(PAIR),
        "label_list": Many(PAIR),
    }
)
"""One instance. Times are written out in UTC; `value` is a number, or none."""

PAGE = Fields(
    {
        "title": TEXT,
        "text": TEXT,
        "status": TEXT,
        "severity": TEXT,
        "cause": TEXT,
        "why": TEXT,
        "step": TEXT,
        "route": TEXT,
        "note": TEXT,
        "link": TEXT,
        "drill": TEXT,
        "began": TEXT,
        "lasting": TEXT,
        "sent": TEXT,
        "firing": TEXT,
        "resolved": TEXT,
        "unknown": TEXT,
        "total": TEXT,
        "group": Keyed(),
        "labels": Keyed(),
        "first": ITEM,
        "items": Many(ITEM),
    }
)
"""A page. `title` and `text` are the standard ones, `group` what its instances are grouped by,
`labels` what they have in common, `first` the one that matters most. `firing`, `resolved`,
`unknown` and `total` count instances.
"""
