"""Names in place of ids: people write names, alerts keep ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skafu.shared.errors import FieldError


class NoSuchName(Exception):
    """Nothing has this name, or more than one thing does: the text says so to a caller."""


@dataclass(frozen=True)
class Names:
    """Things of one kind (`kind` is the word for one of them) by id and by name."""

    kind: str
    names: Mapping[str, str]
    ids: Mapping[str, tuple[str, ...]]

    def name_of(self, thing: str) -> str:
        """What stands for an id in a file: its name, if that can mean nothing else."""
        name = self.names.get(thing, thing)
        return name if len(self.ids.get(name, ())) == 1 and name not in self.names else thing

    def id_of(self, text: str) -> str:
        """The id that a name or an id stands for. Raises NoSuchName."""
        if text in self.names:
            return text
        found = self.ids.get(text, ())
        if len(found) > 1:
            raise NoSuchName(
                f"{len(found)} {self.kind}s have this name: use an id ({', '.join(found[:5])})"
            )
        if not found:
            raise NoSuchName(f"there is no {self.kind} with this name or id")
        return found[0]


def names(kind: str, things: Iterable[tuple[str, str]]) -> Names:
    """From (id, name)."""
    by_id = dict(things)
    by_name: dict[str, tuple[str, ...]] = {}
    for thing, name in by_id.items():
        by_name[name] = (*by_name.get(name, ()), thing)
    return Names(kind, by_id, by_name)


def ids_of(path: str, named: Sequence[Any], things: Names, errors: list[FieldError]) -> list[Any]:
    """Ids for names; what is no name of any is added to the errors."""
    ids: list[Any] = []
    for i, name in enumerate(named):
        try:
            ids.append(things.id_of(name) if isinstance(name, str) else name)
        except NoSuchName as error:
            errors.append(FieldError(f"{path}.{i}", str(error)))
            ids.append(f"unknown-{i}")  # the rest is looked at all the same
    return ids
