"""List, plan and deploy the stacks that stand beside the application's own
(infrastructure/stacks.yaml, docs/infrastructure.md), in the order in which they need each other and
in each region where they are of use. Nothing is ever deleted: all of them are protected from it.

What is there already and would not change is left alone, so the same command goes on where one was
interrupted. Without names it is about all stacks of the account.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import yaml

from skafu.ops import deployment
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import IN_ACCOUNTS
from skafu.ops.environments import load as environments
from skafu.ops.generated import ROOT
from skafu.ops.release.changes import REVIEWED, Pause
from skafu.ops.release.observed import stack_of
from skafu.ops.stacks import application, book, telling
from skafu.ops.stacks.book import Book, Stack, stack_name_of, template_of
from skafu.ops.stacks.deploying import Target, drafted, protect
from skafu.ops.stacks.reaching import Reach
from skafu.ops.stacks.values import Finder, Found, Place, place_of
from skafu.ops.terminal import Ask, ask
from skafu.shared import aws

TEAM = "skafu"
"""Whose costs those of accounts are that are no environment's."""

type Read = Callable[[Path], Mapping[str, Any]]
"""Reads a template."""


def _read(path: Path) -> Mapping[str, Any]:
    # SAM's translator is there where Skafu is developed, and takes a second to load.
    from skafu.ops import transformed  # pylint: disable=import-outside-toplevel # loads SAM

    return transformed.read(path)


@dataclass(frozen=True)
class Means:
    """What the command works with; tests have others."""

    make: deployment.Make = aws.client
    answer: Ask = ask
    pause: Pause = sleep
    root: Path = ROOT
    read: Read = _read


@dataclass(frozen=True)
class Work:
    """What was asked for. `given`: parameters that somebody named, which count most."""

    book: Book
    place: Place
    reach: Reach
    given: Mapping[str, str]
    only: str | None
    means: Means

    def cells(self, wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Stacks and regions, in order. Raises Refused for a stack that this account has not."""
        for name in wanted:
            if not self.place.regions(self.book.stack(name)):
                raise Refused(f"{name} is of no use in {self.place.name}: see `stacks list`.")
        for name in self.book.ordered(wanted or self.book.stacks):
            for region in self.place.regions(self.book.stacks[name]):
                if self.only in (None, region):
                    yield name, region

    def template(self, name: str) -> Mapping[str, Any]:
        """As it is written."""
        return self.means.read(self.means.root / template_of(name))

    def target(self, name: str, region: str) -> Target:
        """Where one of them goes."""
        environment = self.place.environment
        team = environment.team if environment else TEAM
        tags = {"project": "skafu", "environment": self.place.name, "team": team}
        return Target(self.reach.within(region), stack_name_of(name), tags, self.means.pause)

    def found(self, name: str, region: str) -> Found:
        """Where its parameters come from."""
        finder = Finder(self.book, self.place, region, self.reach.look)
        return finder.all(self.book.stacks[name].parameters)


def main(arguments: Sequence[str], means: Means = Means()) -> int:
    """The command; its exit code."""
    options = _parser().parse_intermixed_args(arguments)
    try:
        found = book.load(means.root)
        if options.environment is None and options.account_of is None:
            if options.what != "list":
                raise Refused("Which account? --environment NAME, or --in ACCOUNT.")
            _print(telling.everything(found))
            return 0
        work = _work(options, found, means)
        account = work.reach.refuse_another(options.account)
        if options.what == "list":
            return _list(work, options.names)
        print(f"Account {account}, of {work.place.name}")
        _refuse_unknown(work, options.names)
        if options.what == "plan":
            return _plan(work, options.names)
        if options.yes and work.place.environment is None and options.account is None:
            raise Refused("Nobody is asked with --yes: say which account is meant, --account ID.")
        return _deploy(work, options.names, is_asked=not options.yes)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _list(work: Work, wanted: Sequence[str]) -> int:
    for name, region in work.cells(wanted):
        stack = stack_of(work.reach.within(region), stack_name_of(name))
        is_there = stack is not None and stack.status != REVIEWED
        print(telling.state(name, region, stack if is_there else None))
    return 0


def _plan(work: Work, wanted: Sequence[str]) -> int:
    for name, region in work.cells(wanted):
        found, declared = work.found(name, region), work.template(name).get("Parameters") or {}
        given = [each for each in work.given if each in declared]
        print(f"\n{name} in {region}", *telling.parameters(found, given), sep="\n")
        try:
            draft = _draft(work, name, region, found)
        except Refused as refusal:
            print(f"    cannot be deployed yet: {refusal}")
            continue
        if draft is None:
            print("    nothing would change")
            continue
        _print(telling.changed(draft.changes))
        draft.discard()
    if work.place.environment and not wanted:
        _plan_application(work)
    return 0


def _plan_application(work: Work) -> None:
    found = application.found(work.book, work.place, work.place.home, work.reach.look)
    print(f"\nThe application, {work.place.home}", *telling.parameters(found, ()), sep="\n")


def _deploy(work: Work, wanted: Sequence[str], *, is_asked: bool) -> int:
    for name, region in work.cells(wanted):
        draft = _draft(work, name, region, work.found(name, region))
        if draft is None:
            protect(work.target(name, region))
            print(f"{name} in {region} is there, and nothing would change")
            continue
        print(f"{name} in {region}")
        _print(telling.changed(draft.changes))
        if is_asked and not work.means.answer(f"Deploy {name} to {work.place.name}, {region}?"):
            draft.discard()
            return 1
        print(f"{name} in {region}: {draft.execute().status}", flush=True)
    return 0


def _draft(work: Work, name: str, region: str, found: Found) -> Any:
    _refuse_needs(work, name)
    given = {**found.values, **work.given}
    template, target = work.template(name), work.target(name, region)
    declared = template.get("Parameters") or {}
    if lacking := [f"{k}: {why}" for k, why in found.demanded.items() if k not in given]:
        raise Refused("This has to be there before:\n  " + "\n  ".join(lacking))
    told = _emptied(work.book.stacks[name], declared) | {
        key: value for key, value in given.items() if key in declared
    }
    return drafted(target, template, told, f"stacks-{uuid4().hex[:12]}")


def _emptied(stack: Stack, declared: Mapping[str, Any]) -> dict[str, str]:
    """Defaults of what the environment's file decides: what it no longer says does not stay."""
    ours = (key for key, source in stack.parameters.items() if source.environment is not None)
    return {key: str(declared[key]["Default"]) for key in ours if "Default" in declared[key]}


def _refuse_needs(work: Work, name: str) -> None:
    for need in work.book.stacks[name].needs:
        for region in work.place.regions(work.book.stacks[need]):
            if work.target(need, region).stack() is None:
                raise Refused(f"{name} needs {need}, which is not there in {region}.")


def _refuse_unknown(work: Work, wanted: Sequence[str]) -> None:
    """A parameter that no stack has was meant for another one, or misspelt."""
    names = [name for name, _ in work.cells(wanted)]
    known = {key for name in names for key in work.template(name).get("Parameters") or ()}
    if unknown := sorted(set(work.given) - known):
        raise Refused(f"No stack that this is about has a parameter {', '.join(unknown)}.")


def _work(options: argparse.Namespace, found: Book, means: Means) -> Work:
    environment = next(
        (x for x in environments(means.root / "environments") if x.name == options.environment),
        None,
    )
    place = place_of(found, options.account_of or "environment", environment)
    account = Account(means.make, {"region_name": place.home})
    profiles = _pairs(options.profile, "ACCOUNT=PROFILE")
    reach = Reach(account, place, profiles)
    return Work(found, place, reach, _given(options), options.region, means)


def _given(options: argparse.Namespace) -> dict[str, str]:
    written: dict[str, str] = {}
    if options.parameters is not None:
        read = yaml.safe_load(options.parameters.read_text("utf-8")) or {}
        if not isinstance(read, dict) or not all(isinstance(x, str) for x in read.values()):
            raise Refused(f"{options.parameters} is no file of NAME: value, each value a text.")
        written = read
    return written | _pairs(options.parameter, "NAME=VALUE")


def _pairs(told: Sequence[str], form: str) -> dict[str, str]:
    if wrong := next((each for each in told if "=" not in each), None):
        raise Refused(f"{wrong} is not {form}.")
    return dict(each.split("=", 1) for each in told)


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops stacks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["list", "plan", "deploy"])
    parser.add_argument("names", nargs="*", metavar="NAME", help="of stacks.yaml; all by default")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--environment", choices=IN_ACCOUNTS, help="whose account")
    where.add_argument("--in", dest="account_of", choices=book.OTHERS, help="which other account")
    parser.add_argument("--region", help="one of its regions alone")
    parser.add_argument(
        "--account", metavar="ID", help="its id, if not the one of the environment's file"
    )
    parser.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE", help="counts most"
    )
    parser.add_argument(
        "--parameters", type=Path, metavar="FILE", help="YAML of NAME: value, for what is secret"
    )
    parser.add_argument(
        "--profile",
        action="append",
        default=[],
        metavar="ACCOUNT=PROFILE",
        help="an AWS profile that reads another account's stacks, as in security=security-read",
    )
    parser.add_argument("--yes", action="store_true", help="ask nobody (pipelines)")
    return parser
