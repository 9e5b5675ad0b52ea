"""What runs in an environment, and whether it is what was recorded.

Exits with 0 when all is as recorded, nothing is under way and nothing is held, else with 2; a
pipeline may ask before it begins.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops import deployment
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.console import site
from skafu.ops.console.publishing import Bucket
from skafu.ops.release.before import told
from skafu.ops.release.drift import shifting
from skafu.ops.release.observed import Alias, Stack, aliases_of, resources_of
from skafu.ops.release.place import Place, add_arguments, place_of
from skafu.ops.release.record import Hold, Release
from skafu.ops.release.words import moment, short, table, who
from skafu.shared import aws

APPLICATION, GROUP = "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"
UNDER_WAY = ("Created", "Queued", "InProgress", "Baking", "Ready")
SETTLED = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)
"""States in which nothing is under way and a deployment can begin."""
ODD = 2


@dataclass(frozen=True)
class Status:
    """What is seen of a stack. `shifting` are deployments of CodeDeploy that are under way, or one
    sentence on why nobody knows; `console` is the version that is published.
    """

    stack: Stack
    release: Release | None
    aliases: Mapping[str, Alias]
    hold: Hold | None
    shifting: Sequence[str]
    console: str

    @property
    def is_plain(self) -> bool:
        """Whether all is as recorded, and nothing is under way or held."""
        recorded = self.release.functions if self.release else {}
        there = {name: (each.function, each.version) for name, each in self.aliases.items()}
        return (
            there == {name: (each.name, each.version) for name, each in recorded.items()}
            and not any(each.shares for each in self.aliases.values())
            and self.stack.status in SETTLED
            and self.hold is None
            and not self.shifting
        )

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"stack        {self.stack.name}: {self.stack.status}"
        yield from _release_lines(self.release)
        yield f"console      {self.console}"
        yield f"held         {'no' if self.hold is None else told(self.hold)}"
        for each in self.shifting:
            yield f"under way    {each}"
        yield ""
        yield table(("function", "runs", "recorded", ""), list(self._functions()))

    def _functions(self) -> Iterator[tuple[str, str, str, str]]:
        recorded = self.release.functions if self.release else {}
        for name in sorted(recorded.keys() | self.aliases.keys()):
            alias, wanted = self.aliases.get(name), recorded.get(name)
            runs = alias.version if alias else "-"
            said = wanted.version if wanted else "-"
            notes = [] if runs == said else ["DIFFERS"]
            notes += shifting(alias) if alias else []
            yield name, runs, said, ", ".join(notes)


def _release_lines(release: Release | None) -> Iterator[str]:
    if release is None:
        yield "release      none was recorded: the next deployment makes the first"
        return
    back = "" if release.of is None else f" to {release.of}"
    artefact, formats = release.artefact, release.data_format
    reads = ", ".join(str(each) for each in formats.reads)
    about = f"{release.kind}{back}, {moment(release.at)}, {who(release.by)}"
    yield f"release      {release.id}: {about}"
    yield f"artefact     {short(artefact.identity)}, commit {short(artefact.commit)}"
    yield f"data format  writes {formats.writes}, reads {reads}"
    gates = ", ".join(each.gate + (" (waived)" if each.waived else "") for each in release.evidence)
    yield f"evidence     {gates or 'none'}"
    yield f"before it    {release.previous or 'nothing'}"


def status_of(place: Place) -> Status:
    """See. Raises Refused when there is no such stack."""
    stack, journal = place.stack(), place.journal
    return Status(
        stack=stack,
        release=journal.current(),
        aliases=aliases_of(place.account, place.name),
        hold=journal.held(),
        shifting=list(_shifting(place.account, place.name)),
        console=_console(place.account, stack),
    )


def _shifting(account: Account, stack: str) -> Iterator[str]:
    resources = list(resources_of(account, stack).values())
    applications = [physical_id for kind, physical_id in resources if kind == APPLICATION]
    groups = [physical_id for kind, physical_id in resources if kind == GROUP]
    if not applications or not groups:
        return
    client = account.client("codedeploy")
    try:
        for group in groups:
            for page in client.get_paginator("list_deployments").paginate(
                applicationName=applications[0],
                deploymentGroupName=group,
                includeOnlyStatuses=list(UNDER_WAY),
            ):
                yield from (f"deployment {each} of {group}" for each in page["deployments"])
    except (BotoCoreError, ClientError) as error:
        yield f"unknown: CodeDeploy did not answer ({error})"


def _console(account: Account, stack: Stack) -> str:
    """The version that was published last, and when."""
    bucket = stack.outputs.get("ConsoleBucket")
    found = Bucket(account.s3(), bucket).releases().releases if bucket else ()
    return "none is published" if not found else _published(found[0])


def _published(release: site.Release) -> str:
    return f"{release.version}, published {moment(release.at)}"


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops status",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        found = status_of(place_of(options, make))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print("\n".join(found.lines()))
    return 0 if found.is_plain else ODD
