"""Which alert each entry of a file is: pure.

An entry is the alert whose id it gives, without one the alert with its name, and otherwise a new
one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skafu.alerts.code.reading import Document, Path
from skafu.alerts.model import Alert
from skafu.alerts.service import SAFE_ID
from skafu.shared.errors import FieldError

ALERTS = "alerts"

# Words that stand where an id does in the API's paths.
RESERVED_IDS = frozenset({"backtest", "export", "import", "noise", "summary"})


class Faults:
    """Collects what is wrong with a file, so that all of it is told at once, each with its line."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.errors: list[FieldError] = []

    def add(self, path: Path, reason: str) -> None:
        """What is wrong with the value at a path."""
        line = self._document.line(path)
        field = ".".join(str(part) for part in path)
        self.errors.append(FieldError(field, f"{reason} (line {line})"))

    def all(self, path: Path, errors: Iterable[FieldError]) -> None:
        """What is wrong with fields of the value at a path."""
        for error in errors:
            parts = (int(x) if x.isdigit() else x for x in error.field.split(".") if x)
            self.add((*path, *parts), error.reason)


@dataclass(frozen=True)
class Claim:
    """An entry, where it stands among the others, and the alert that it is; `present` is None for
    a new one.
    """

    index: int
    entry: Mapping[str, Any]
    id: str
    present: Alert | None


def claims_of(
    found: Sequence[Any],
    alerts: Mapping[str, Alert],
    new_id: Callable[[], str],
    faults: Faults,
) -> list[Claim]:
    """The claims of all sound entries, in their order."""
    sound = [(i, each) for i, each in enumerate(found) if _is_sound(i, each, faults)]
    # Ids first, so that an alert can give its name to another.
    taken: dict[str, int] = {}
    for index, entry in sound:
        if "id" in entry and taken.setdefault(entry["id"], index) != index:
            faults.add((ALERTS, index, "id"), f"alerts.{taken[entry['id']]} has this id too")
    free: dict[str, list[Alert]] = {}
    for alert in alerts.values():
        if alert.id not in taken:
            free.setdefault(alert.name, []).append(alert)
    named: dict[str, int] = {}
    claims = []
    for index, entry in sound:
        if "id" in entry:
            if taken[entry["id"]] == index:
                there = alerts.get(entry["id"])
                claims.append(Claim(index, entry, entry["id"], there))
        elif _is_single(named, entry["name"], index, free, faults):
            there = next(iter(free.get(entry["name"], ())), None)
            alert_id = new_id() if there is None else there.id
            claims.append(Claim(index, entry, alert_id, there))
    return claims


def _is_sound(index: int, entry: Any, faults: Faults) -> bool:
    path = (ALERTS, index)
    if not isinstance(entry, dict):
        faults.add(path, "must be an object: the fields of an alert")
        return False
    if not isinstance(entry.get("name"), str):
        faults.add((*path, "name"), "is required: a text")
        return False
    if "id" in entry and not _is_id(entry["id"]):
        words = ", ".join(sorted(RESERVED_IDS))
        faults.add(
            (*path, "id"),
            f"must be 1 to 64 letters, digits, _ and -, and no word of the API's paths ({words})",
        )
        return False
    return True


def _is_single(
    named: dict[str, int],
    name: str,
    index: int,
    free: Mapping[str, list[Alert]],
    faults: Faults,
) -> bool:
    first = named.setdefault(name, index)
    path = (ALERTS, index, "name")
    if first != index:
        faults.add(path, f"alerts.{first} has this name too: give both their ids")
        return False
    if len(alike := free.get(name, [])) > 1:
        ids = ", ".join(each.id for each in alike[:5])
        faults.add(path, f"{len(alike)} alerts have this name: give the id ({ids})")
        return False
    return True


def _is_id(value: Any) -> bool:
    return (
        isinstance(value, str)
        and SAFE_ID.fullmatch(value) is not None
        and value not in RESERVED_IDS
    )
