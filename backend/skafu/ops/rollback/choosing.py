"""Which release to go back to, when nobody says."""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.ops.artefact.sources import Refused
from skafu.ops.release.observed import Alias
from skafu.ops.release.record import Hold, Kind, Release


@dataclass(frozen=True)
class Choice:
    """A release's id, and a sentence that says why this one."""

    release: str
    why: str


def choose(
    current: Release | None, held: Hold | None, aliases: Mapping[str, Alias], to: str | None
) -> Choice:
    """The release to go back to: the one that is asked for, else the one that makes sense.

    `aliases` are by logical id. A rollback that broke off is gone on with; where something else
    runs than was recorded, what was recorded is wanted; else what ran before. Raises Refused when
    there is none, when it runs already, and where only a person can know.
    """
    if current is None:
        raise Refused(
            "No release of this stack was recorded, so there is none to go back to: deploy an "
            "artefact that is known to be good."
        )
    broken = held is not None and not held.functions and not is_done(held, current)
    odd = strangers(current, held, aliases)
    if to is not None:
        if not broken and not strangers(current, None, aliases):
            _refuse_what_runs(current, to)
        return Choice(to, "It was asked for.")
    if held is not None and broken:
        why = f"The rollback to it, begun by {held.by}, did not come to its end."
        return Choice(held.release, why)
    if odd:
        return Choice(
            current.id,
            f"{', '.join(odd)}: not what was recorded last. A deployment died or is under way, or "
            "somebody moved aliases by hand; this is what was recorded.",
        )
    return _before(current)


def is_done(held: Hold, current: Release) -> bool:
    """Whether the rollback that a stack is held for came to its end."""
    return current.kind is Kind.ROLLBACK and current.of == held.release and current.at >= held.at


def is_at(alias: Alias, version: str) -> bool:
    """Whether all calls go to this version."""
    return alias.version == version and not alias.shares


def strangers(current: Release, held: Hold | None, aliases: Mapping[str, Alias]) -> list[str]:
    """The functions that do not run what was recorded, less those that were moved alone."""
    alone = held.functions if held is not None else ()
    names = (current.functions.keys() | aliases.keys()) - set(alone)
    return sorted(name for name in names if not _runs(name, current, aliases))


def _runs(name: str, current: Release, aliases: Mapping[str, Alias]) -> bool:
    recorded, alias = current.functions.get(name), aliases.get(name)
    if recorded is None or alias is None:
        return False
    return alias.function == recorded.name and is_at(alias, recorded.version)


def _refuse_what_runs(current: Release, to: str) -> None:
    if to == current.id:
        raise Refused(f"{to} is what runs: there is nothing to go back from.")
    if to == current.of:
        raise Refused(f"What runs went back to {to} already ({current.id}).")


def _before(current: Release) -> Choice:
    if current.kind is Kind.ROLLBACK:
        # What ran before a rollback is what was bad.
        raise Refused(
            f"What runs is a rollback already, to {current.of}. Say with --to where to go: "
            f"{current.previous} undoes it, `releases` lists older ones."
        )
    if current.previous is None:
        raise Refused(f"{current.id} is the first release of this stack: there is none before it.")
    return Choice(current.previous, f"It is what ran before {current.id}.")
