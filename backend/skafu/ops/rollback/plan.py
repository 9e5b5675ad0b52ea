"""What a rollback would do, and what forbids it: said before anything is touched.

Pure: what is seen of the stack comes in, a Plan comes out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skafu.ops.release.data_format import may_take_over
from skafu.ops.release.observed import Alias
from skafu.ops.release.record import Hold, Release
from skafu.ops.rollback.choosing import Choice, is_at, strangers
from skafu.ops.rollback.differences import Differences

BUSY = "_IN_PROGRESS"
STUCK = "UPDATE_ROLLBACK_FAILED"
TABLE = "RestoredTableName"
"""The parameter that names another table than the stack's own (docs/adr/0015-restore.md)."""
STEPS = {
    "hold": "hold the stack: nothing is deployed until `resume`",
    "stop": "stop deployments that are under way",
    "aliases": "move all aliases at once",
    "console": "publish the console of then",
    "verify": "see that the service is back",
    "settle": "wait for CloudFormation to come to rest",
    "redeploy": "deploy the template of then, all at once, so that stack and gateway agree with it",
    "verify again": "see that the service is still there",
    "record": "record what runs",
}
"""What is done, in this order."""
STEPS_ALONE = ("hold", "stop", "aliases", "verify")
"""What is done of it for single functions."""


@dataclass(frozen=True)
class Where:
    """The stack that is spoken of."""

    environment: str
    stack: str
    account: str
    region: str


@dataclass(frozen=True)
class Seen:
    """What there is. `aliases` and `provisioned` (how many instances are kept warm) are by logical
    id; `since` are the releases that were recorded after the one to go back to.
    """

    where: Where
    status: str
    current: Release
    held: Hold | None
    aliases: Mapping[str, Alias]
    provisioned: Mapping[str, int]
    since: Sequence[Release]


@dataclass(frozen=True)
class Kept:
    """What is left of the release to go back to: CodeSha256 of its versions by logical id (those
    that are gone are not in it), whether its template is there (then `differences` tells what it
    changes), and which of its parts are not.
    """

    versions: Mapping[str, str]
    differences: Differences | None
    missing: Sequence[str]


@dataclass(frozen=True)
class Move:
    """An alias from one version to another; `shares` are what other versions get of its calls."""

    function: str
    name: str
    old: str
    shares: Mapping[str, float]
    new: str


@dataclass(frozen=True)
class Plan:
    """A rollback. `alone` are the functions that are asked for, none for everything; `problems` are
    what forbids it.
    """

    seen: Seen
    target: Release
    why: str
    alone: Sequence[str]
    moves: Sequence[Move]
    steps: Sequence[str]
    differences: Differences
    warnings: Sequence[str]
    problems: Sequence[str]


def plan(seen: Seen, target: Release, kept: Kept, choice: Choice, alone: Sequence[str]) -> Plan:
    """The rollback of everything, or of some functions alone, to a release."""
    names = sorted(alone) or sorted(target.functions)
    found = [name for name in names if _is_there(name, seen, target)]
    return Plan(
        seen=seen,
        target=target,
        why=choice.why,
        alone=tuple(sorted(alone)),
        moves=tuple(_moves(seen, target, found)),
        steps=STEPS_ALONE if alone else tuple(STEPS),
        differences=Differences() if alone else kept.differences or Differences(),
        warnings=tuple(_warnings(seen, target, kept, alone)),
        problems=tuple(_problems(seen, target, kept, found, alone)),
    )


def _is_there(name: str, seen: Seen, target: Release) -> bool:
    """Whether the function of then is the function of now: versions are those of a function."""
    alias, wanted = seen.aliases.get(name), target.functions.get(name)
    return alias is not None and wanted is not None and alias.function == wanted.name


def _moves(seen: Seen, target: Release, names: Sequence[str]) -> Iterator[Move]:
    for name in names:
        alias, wanted = seen.aliases[name], target.functions[name].version
        if not is_at(alias, wanted):
            yield Move(name, alias.function, alias.version, alias.shares, wanted)


def _problems(
    seen: Seen, target: Release, kept: Kept, names: Sequence[str], alone: Sequence[str]
) -> Iterator[str]:
    there = (seen.where.stack, seen.where.account, seen.where.region)
    if (target.stack, target.account, target.region) != there:
        yield (
            f"{target.id} is a release of {target.stack} in account {target.account}, "
            f"{target.region}: not of this one."
        )
    yield from _of_data(seen, target, alone)
    for name in names:
        yield from _of_version(name, target, kept)
    if alone:
        yield from (
            f"{name} is no function that both runs and was part of {target.id}: "
            f"{', '.join(sorted(target.functions))}."
            for name in sorted(set(alone) - set(names))
        )
        return
    if kept.differences is None:
        yield f"The template of {target.id} is gone. {_instead(target)}"
    if kept.missing:
        yield f"Parts of {target.id} are gone ({', '.join(kept.missing)}). {_instead(target)}"


def _of_data(seen: Seen, target: Release, alone: Sequence[str]) -> Iterator[str]:
    theirs, ours = (each.parameters.get(TABLE, "") for each in (target, seen.current))
    if theirs != ours:
        yield (
            f"{target.id} uses {theirs or 'the stack\'s own table'}, what runs uses "
            f"{ours or 'the stack\'s own table'}: what was written since the switch-over would "
            "not be seen. `switch` goes back to another table, `rollback` does not."
        )
    for newer in {each.id: each for each in (*seen.since, seen.current)}.values():
        if newer.id != target.id and not may_take_over(target.data_format, newer.data_format):
            yield (
                f"{newer.id} writes data format {newer.data_format.writes}, which {target.id} "
                f"cannot read (it reads {_list(target.data_format.reads)}). Go back to a release "
                "that reads it, or mend this one and deploy."
            )
    # Alone, the old function also writes what the newer ones have to read.
    if alone and not may_take_over(seen.current.data_format, target.data_format):
        yield (
            f"{target.id} writes data format {target.data_format.writes}, which the functions that "
            "stay cannot read."
        )


def _of_version(name: str, target: Release, kept: Kept) -> Iterator[str]:
    wanted = target.functions[name]
    if name not in kept.versions:
        yield f"Version {wanted.version} of {name} is gone. {_instead(target)}"
    elif kept.versions[name] != wanted.code:
        yield (
            f"Version {wanted.version} of {name} has other code than {target.id} had. "
            f"{_instead(target)}"
        )


def _instead(target: Release) -> str:
    return (
        f"Deploy its artefact again instead ({target.artefact.identity[:12]}, commit "
        f"{target.artefact.commit[:12]})."
    )


def _warnings(seen: Seen, target: Release, kept: Kept, alone: Sequence[str]) -> Iterator[str]:
    if seen.held is None or seen.held.release != target.id or seen.held.functions:
        yield from _of_state(seen, target)
    if seen.status.endswith(BUSY):
        yield f"The stack is in {seen.status}: what is under way is stopped."
    elif seen.status == STUCK:
        yield (
            f"The stack is in {STUCK}: the service comes back, the template can only be deployed "
            "once CloudFormation has continued its own rollback (docs/runbook.md)."
        )
    yield from _of_functions(seen, target, alone)
    if alone:
        forth = " ".join(("rollback --to", seen.current.id, *(f"--function {x}" for x in alone)))
        yield (
            "CloudFormation does not know of it, and CodeDeploy refuses to move what is not where "
            f"the stack believes it to be: before the next deployment, `{forth}`."
        )
    elif kept.differences is not None and kept.differences.holding:
        yield f"Deleted with all they hold: {', '.join(kept.differences.holding)}."


def _of_state(seen: Seen, target: Release) -> Iterator[str]:
    """Unknown to whoever only goes on with what broke off."""
    if seen.held is not None:
        reason = seen.held.reason.rstrip(".")
        yield f"It is held already, by {seen.held.by}: {reason}. This takes its place."
    if odd := strangers(seen.current, seen.held, seen.aliases):
        yield (
            f"{', '.join(odd)}: what runs was not recorded, so nobody knows whether {target.id} "
            "can read what it has written."
        )


def _of_functions(seen: Seen, target: Release, alone: Sequence[str]) -> Iterator[str]:
    names = alone or sorted(target.functions)
    for name in names:
        if instances := seen.provisioned.get(name):
            yield f"{name} starts cold until its {instances} provisioned instances are ready again."
        if not alone and not _is_there(name, seen, target):
            yield f"{name} is not there any more: only the redeployment brings it back."
    if not alone:
        for name in sorted(seen.aliases.keys() - target.functions.keys()):
            yield f"{name} came later: it stays as it is until the redeployment deletes it."


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(str(each) for each in numbers)
