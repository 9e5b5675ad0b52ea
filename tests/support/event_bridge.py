"""EventBridge's rules as its user guide documents them: patterns, and what an input transformer
makes of an event.

Values are put into a template as they are: quotes in them are not escaped, and a path that leads
nowhere puts nothing in ("common issues with transforming input" in the guide). Known here are
placeholders within quotes.
"""

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

type Event = Mapping[str, Any]

MISSING = object()
BARE = re.compile(r'": *<[\w-]+>')
STEP = re.compile(r"([\w-]+)|\[(\d+)]")
COMPARED = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def matches(pattern: Mapping[str, Any], found: Any) -> bool:
    """Whether an event, or a part of it, is what the pattern asks for. Raises ValueError for a
    kind of matching that is not known here.
    """
    if isinstance(found, list):
        return any(matches(pattern, each) for each in found)
    inside = found if isinstance(found, dict) else {}
    return all(_field(wanted, inside.get(name, MISSING)) for name, wanted in pattern.items())


def _field(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        return matches(wanted, {} if found is MISSING else found)
    values = found if isinstance(found, list) else [found]
    return any(_value(each, value) for each in wanted for value in values)


def _value(wanted: Any, found: Any) -> bool:
    if not isinstance(wanted, dict):
        return type(wanted) is type(found) and wanted == found
    [(kind, argument)] = wanted.items()
    if kind == "exists":
        return (found is not MISSING) is argument
    if found is MISSING:
        return False
    if kind == "anything-but":
        return found not in argument
    if kind == "prefix":
        return isinstance(found, str) and found.startswith(argument)
    if kind == "wildcard":
        return isinstance(found, str) and fnmatchcase(found, argument)
    if kind == "numeric":
        pairs = zip(argument[::2], argument[1::2], strict=True)
        number = isinstance(found, int | float) and not isinstance(found, bool)
        return number and all(COMPARED[operator](found, limit) for operator, limit in pairs)
    raise ValueError(f"not understood: {wanted}")


def transformed(target: Mapping[str, Any], event: Event) -> str:
    """What a target of a rule is sent. Raises ValueError for a placeholder without quotes."""
    asked = target["InputTransformer"]
    text: str = asked["InputTemplate"]
    if BARE.search(text):
        raise ValueError(f"not understood: {text}")
    for name, path in asked["InputPathsMap"].items():
        value = _at(path, event)
        plain = "" if value is MISSING else value if isinstance(value, str) else json.dumps(value)
        text = text.replace(f"<{name}>", plain)
    return text


def _at(path: str, event: Event) -> Any:
    found: Any = event
    for name, index in STEP.findall(path.removeprefix("$")):
        try:
            found = found[name] if name else found[int(index)]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return found
