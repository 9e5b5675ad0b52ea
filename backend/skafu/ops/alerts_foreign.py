"""What becomes of other systems' rules: alerts as they stand in a Skafu file, and those that do not
fit, by name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skafu.alerts.code.entries import Wrong, asked
from skafu.alerts.code.names import Names, names
from skafu.alerts.code.writing import write
from skafu.alerts.definitions import problems

type Entry = dict[str, Any]

MAX_NAME = 255


class Unreadable(Exception):
    """The text is not what it is said to be."""


class Unfit(Exception):
    """A rule that Skafu cannot say; the text says why."""


@dataclass(frozen=True)
class Refused:
    """A rule that was left out, as its own system names it, and why."""

    name: str
    reason: str


@dataclass
class Rule:
    """One rule of the other system: the alerts that stand for it, the one with its name last."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Converted:
    """A whole file."""

    alerts: tuple[Entry, ...]
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]

    def yaml(self) -> str:
        """As `PUT /api/alerts/import` takes it."""
        return write({"alerts": list(self.alerts)})

    def document(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "alerts": list(self.alerts),
            "refused": [{"name": x.name, "reason": x.reason} for x in self.refused],
            "notes": list(self.notes),
        }


def gathered(rules: Iterable[Rule], refused: Iterable[Refused]) -> Converted:
    """Put rules together: names made distinct, what the API would refuse left out, and what names
    an alert that was left out.
    """
    left_out = list(refused)
    kept = list(_distinct(rules))
    while True:
        present = [str(entry["name"]) for rule in kept for entry in rule.entries]
        called = names("alert", ((f"a{i}", name) for i, name in enumerate(present)))
        complaints = [(rule, "; ".join(_complaints(rule.entries, called))) for rule in kept]
        left_out += [Refused(rule.name, said) for rule, said in complaints if said]
        sound = [rule for rule, said in complaints if not said]
        if len(sound) == len(kept):
            break
        kept = sound
    entries = [entry for rule in kept for entry in rule.entries]
    notes = [f"{rule.name}: {note}" for rule in kept for note in rule.notes]
    return Converted(tuple(entries), tuple(left_out), tuple(notes))


def _distinct(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Names tell alerts apart here: a second one of the same name gets its severity, or a number,
    behind it.
    """
    taken: set[str] = set()
    for rule in rules:
        renamed: dict[str, str] = {}
        for entry in rule.entries:
            name = _free(entry["name"], str(entry.get("severity", "")), taken)
            if name != entry["name"]:
                rule.notes.append(f"is called {name} here, as another has its name already")
            renamed[entry["name"]] = name
            taken.add(name)
        for entry in rule.entries:
            entry["name"] = renamed[entry["name"]]
            if "condition" in entry:
                entry["condition"] = _renamed(entry["condition"], renamed)
        yield rule


def _free(name: str, severity: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    name = name[: MAX_NAME - 20]
    if severity and f"{name} ({severity})" not in taken:
        return f"{name} ({severity})"
    number = 2
    while f"{name} {number}" in taken:
        number += 1
    return f"{name} {number}"


def _renamed(condition: Any, names_: Mapping[str, str]) -> Any:
    if isinstance(condition, dict):
        return {
            key: names_.get(each, each) if key == "alert" else _renamed(each, names_)
            for key, each in condition.items()
        }
    if isinstance(condition, list):
        return [_renamed(each, names_) for each in condition]
    return condition


def _complaints(entries: Sequence[Entry], called: Names) -> Iterator[str]:
    """What the API would say of these alerts, if there were only those that are called so."""
    for entry in entries:
        try:
            _, draft = asked(entry, called, names("channel", ()))
        except Wrong as wrong:
            yield from (f"{each.field} {each.reason}" for each in wrong.errors)
        else:
            yield from (f"{each.field} {each.reason}" for each in problems(draft.definition))


# --- composites -----------------------------------------------------------------------------------


def alert(name: str) -> Entry:
    """A condition: this alert is in ALARM."""
    return {"alert": name}


def all_of(parts: list[Entry]) -> Entry:
    """A condition: all of them hold."""
    return {"all": parts}


def any_of(parts: list[Entry]) -> Entry:
    """A condition: one of them holds."""
    return {"any": parts}


def none_of(part: Entry) -> Entry:
    """A condition: it does not hold."""
    return {"not": part}
