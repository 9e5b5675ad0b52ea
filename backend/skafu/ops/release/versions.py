"""Old versions of a stack's functions and of its layers: which may go, and their removal.

CloudFormation retains each version that it ever published, because a rollback needs it; but code is
counted (75 GB for each account and region). What stays: the ten newest versions of each function
and layer, what the ten newest releases name, what any alias points at, and what belongs to the
stack now.
"""

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skafu.ops import deployment
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.journal import Journal
from skafu.ops.release.observed import FUNCTION, resources_of
from skafu.ops.release.place import add_arguments, place_of
from skafu.ops.release.record import Release
from skafu.shared import aws

KEPT = 10
"""How many versions of each function and layer stay at least, and how many releases can be had
again.
"""
VERSION, LAYER = "AWS::Lambda::Version", "AWS::Lambda::LayerVersion"


@dataclass(frozen=True)
class Pruned:
    """Versions that went, or would go: numbers by the names of functions and by the ARNs of layers
    (without a version).
    """

    functions: Mapping[str, Sequence[int]]
    layers: Mapping[str, Sequence[int]]

    def __str__(self) -> str:
        functions = sum(len(each) for each in self.functions.values())
        layers = sum(len(each) for each in self.layers.values())
        return f"old versions removed: {functions} of functions, {layers} of layers"

    def lines(self) -> Iterator[str]:
        """One for each function and layer that loses any."""
        for name, numbers in (*self.functions.items(), *self.layers.items()):
            if numbers:
                yield f"{name}: {', '.join(str(each) for each in numbers)}"


def surplus(there: Collection[int], needed: Collection[int], kept: int = KEPT) -> list[int]:
    """Which of the versions that are there may go, oldest first: all but the newest and those that
    something needs.
    """
    newest = sorted(there)[-kept:] if kept else []
    return sorted(set(there) - set(newest) - set(needed))


def retained(journal: Journal) -> list[Release]:
    """The releases that can be had again: the newest, the current one, what ran before it, and what
    it went back to.
    """
    ids = journal.ids()
    wanted = set(ids[:KEPT])
    current = journal.current()
    if current is not None:
        wanted |= {each for each in (current.id, current.previous, current.of) if each is not None}
    return [journal.read(each) for each in sorted(wanted)]


def prune(account: Account, journal: Journal, *, dry: bool = False) -> Pruned:
    """Remove what may go; with `dry` only tell it."""
    client = account.client("lambda")
    resources = resources_of(account, journal.stack)
    releases = retained(journal)
    owned = {physical_id for kind, physical_id in resources.values() if kind in (VERSION, LAYER)}
    used: set[str] = {arn for each in releases for f in each.functions.values() for arn in f.layers}
    functions = {}
    for name in sorted(physical_id for kind, physical_id in resources.values() if kind == FUNCTION):
        there = versions_of(client, name)
        needed = _named(releases, name) | _aliased(client, name) | _numbers(owned, name)
        functions[name] = surplus(there.keys(), needed)
        kept = there.keys() - set(functions[name])
        used |= {arn for number in kept for arn in there[number]}
    layers = {}
    for name in sorted(_split(each)[0] for each in owned if ":layer:" in each):
        layers[name] = surplus(_layer_versions(client, name), _numbers(owned | used, name))
    found = Pruned(functions, layers)
    if not dry:
        _remove(client, found)
    return found


def _remove(client: Any, surplus_: Pruned) -> None:
    for name, numbers in surplus_.functions.items():
        for number in numbers:
            # Lambda itself refuses to delete what an alias points at.
            client.delete_function(FunctionName=name, Qualifier=str(number))
    for name, numbers in surplus_.layers.items():
        for number in numbers:
            client.delete_layer_version(LayerName=name, VersionNumber=number)


def versions_of(client: Any, name: str) -> Mapping[int, tuple[str, ...]]:
    """The layers of each published version of a function."""
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    return {
        int(each["Version"]): tuple(layer["Arn"] for layer in each.get("Layers") or ())
        for page in pages
        for each in page["Versions"]
        if each["Version"] != "$LATEST"
    }


def _aliased(client: Any, name: str) -> set[int]:
    """What any alias of a function points at, shares included."""
    found: set[str] = set()
    for page in client.get_paginator("list_aliases").paginate(FunctionName=name):
        for each in page["Aliases"]:
            routing = each.get("RoutingConfig") or {}
            found |= {each["FunctionVersion"], *(routing.get("AdditionalVersionWeights") or ())}
    return {int(each) for each in found if each != "$LATEST"}


def _layer_versions(client: Any, name: str) -> list[int]:
    pages = client.get_paginator("list_layer_versions").paginate(LayerName=name)
    return [int(each["Version"]) for page in pages for each in page["LayerVersions"]]


def _named(releases: Sequence[Release], name: str) -> set[int]:
    """The versions of a function that releases name."""
    found = (each for release in releases for each in release.functions.values())
    return {int(each.version) for each in found if each.name == name}


def _numbers(arns: Collection[str], name: str) -> set[int]:
    """The versions among ARNs that are of this function or layer."""
    parts = (_split(each) for each in arns)
    return {int(number) for front, number in parts if front == name or front.endswith(f":{name}")}


def _split(arn: str) -> tuple[str, str]:
    front, _, number = arn.rpartition(":")
    return front, number


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops versions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="tell what would go, remove nothing")
    options = parser.parse_args(arguments)
    try:
        place = place_of(options, make)
        place.stack()
        found = prune(place.account, place.journal, dry=options.dry_run)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    for line in found.lines():
        print(line)
    print(f"{found}{' (not yet: --dry-run)' if options.dry_run else ''}")
    return 0
