"""Pages of the documentation whose examples are run: requests as blocks of JSON, and what is shown
of their answers.

A block begins with "```json GET /api/alerts/{cpu} 200 name as admin version 3" (name, person and
version may be left out; `name` keeps the answer's id for `{name}` further down) or, for what was
answered, with "```json answer".
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

ASKED = re.compile(
    r"(?P<method>GET|POST|PUT|DELETE) (?P<path>\S+) (?P<status>\d+)"
    r"(?: (?!as |version )(?P<name>\w+))?(?: as (?P<person>\w+))?(?: version (?P<version>\d+))?"
)
PART = re.compile(r"^```json ([^\n]+)\n(.*?)^```$|(^<!-- .*? -->$)", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of the page: what stands behind `json`, and its text; or a comment."""

    head: str
    text: str
    comment: str


def blocks(page: str) -> list[Block]:
    """The page's blocks and comments, in order."""
    return [Block(*each.groups(default="")) for each in PART.finditer(page)]


def differences(shown: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where what was answered is not what is shown; objects may have more fields than are shown."""
    if isinstance(shown, dict) and isinstance(found, dict):
        for name, value in shown.items():
            if name not in found:
                yield f"{path}.{name} is missing"
            else:
                yield from differences(value, found[name], f"{path}.{name}")
    elif isinstance(shown, list) and isinstance(found, list) and len(shown) == len(found):
        for i, (one, other) in enumerate(zip(shown, found, strict=True)):
            yield from differences(one, other, f"{path}.{i}")
    elif shown != found:
        yield f"{path} is {found!r}, and {shown!r} is shown"
