"""What differs between two documents of plain values, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One field (a dotted path) that was `before` and is `after`; None also where it was or is not
    there.
    """

    field: str
    before: Any
    after: Any


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[Difference]:
    """Every field that differs, in order of names.

    Objects are compared field by field, however deep; lists as a whole, because an entry has no
    name that would tell which one it was. What is absent and what is None are the same.
    """
    return list(_between("", before or {}, after or {}))


def _between(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _between(f"{path}{name}.", old, new)
        elif _plain(old) != _plain(new):
            yield Difference(f"{path}{name}", old, new)


def _plain(value: Any) -> Any:
    """Tuples and lists are the same in JSON."""
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value
