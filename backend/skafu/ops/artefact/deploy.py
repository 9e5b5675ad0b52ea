"""Deploy an artefact: upload its parts, have CloudFormation deploy its template, publish its
console, record the release. Nothing is built.

Staging and production take only what was tested in the environment below; where that one is in
another account, --below-profile names the AWS profile that may read its records. Once the
environment's own tests have passed, `python -m skafu.ops tested` says so. A stack that is held
after a rollback takes nothing until `python -m skafu.ops resume`.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops import deployment
from skafu.ops.artefact import frontend
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account, Settings, account_of
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened, upload
from skafu.ops.bootstrap import outputs
from skafu.ops.console import command as console
from skafu.ops.console.publishing import Published
from skafu.ops.deployment import Deployment
from skafu.ops.environments import BELOW, NAMES
from skafu.ops.promotion import admission
from skafu.ops.promotion.admission import Occasion, admit
from skafu.ops.release import versions
from skafu.ops.release.before import oddities, refuse_held, refuse_unreadable
from skafu.ops.release.deploying import Target, deploy_template, marked, parameters_of
from skafu.ops.release.journal import Journal
from skafu.ops.release.protecting import protect
from skafu.ops.release.record import Evidence, Kind, Release
from skafu.ops.release.recording import Deployed, record
from skafu.ops.stacks.application import beside
from skafu.ops.terminal import Operator
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock


@dataclass(frozen=True)
class Wanted:
    """An artefact's folder and where it is to go: `parameters` are those of the template."""

    folder: Path
    manifest: Manifest
    environment: str
    target: Target
    parameters: dict[str, str]
    is_asked: bool

    @property
    def region(self) -> str:
        """Where it goes."""
        return self.target.settings.region

    @classmethod
    def of(cls, folder: Path, options: argparse.Namespace, account: Account) -> "Wanted":
        """As the command's arguments say. Raises Refused for what cannot be understood."""
        manifest, environment = manifests.read(folder), options.environment
        region = account.where["region_name"]
        settings = replace(Settings.of(folder, environment), region=region)
        return cls(
            folder,
            manifest,
            environment,
            Target(account, settings, options.stack or settings.stack, options.role_arn),
            parameters_of(settings, manifest, options.parameter),
            settings.confirm and not options.no_confirm_changeset,
        )


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    operator: Operator | None = None,
    clock: Clock = system_clock,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    try:
        with opened(options.artefact) as folder:
            account = account_of(folder, options.environment, make, options.region)
            wanted = Wanted.of(folder, options, account)
            evidence = _evidence(wanted, options, make, clock)
            found = beside(account, options.environment, wanted.region, options.parameter)
            wanted = replace(wanted, parameters=found | wanted.parameters)
            return carry_out(wanted, evidence, operator or Operator(), clock)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def carry_out(
    wanted: Wanted, evidence: tuple[Evidence, ...], operator: Operator, clock: Clock
) -> int:
    """Deploy what was admitted; the exit code. `evidence` is kept with the release. Raises Refused
    for a stack that is held, and for data that one of both releases could not read.
    """
    account, stack = wanted.target.account, wanted.target.stack
    journal = account.journal(stack)
    refuse_held(journal)
    refuse_unreadable(journal, wanted.manifest.data_format)
    for oddity in oddities(account, journal):
        print(f"What runs differs from the recorded release: {oddity}.", file=sys.stderr)
    given = upload(wanted.folder, wanted.manifest, account.s3(), account.bucket())
    template = marked(given, wanted.parameters)
    question = f"Deploy this to {wanted.environment}?" if wanted.is_asked else None
    operator = _asking(operator, journal)
    code = deploy_template(wanted.target, template, wanted.parameters, operator, question)
    if code == 0:
        # The API before its console: a new page never asks for what is not there yet.
        print(_publish(wanted))
        release = _remember(wanted, journal, template, evidence, clock())
        protect(account, journal, release)
        _tell(wanted, release)
        _prune(account, journal)
    return code


def _asking(operator: Operator, journal: Journal) -> Operator:
    """Whoever answers may think about it while somebody else rolls back: looked at again then."""

    def answer(question: str) -> bool:
        said = operator.answer(question)
        refuse_held(journal)
        return said

    return replace(operator, answer=answer)


def _remember(
    wanted: Wanted, journal: Journal, template: str, evidence: tuple[Evidence, ...], at: int
) -> Release:
    account, environment = wanted.target.account, wanted.environment
    deployed = Deployed.of(wanted.manifest, environment, wanted.target.stack, template, at)
    release = record(account, journal, deployed, Kind.DEPLOY, evidence=evidence)
    account.records().keep_deployed(environment, Mark.of(wanted.manifest, at))
    return release


def _tell(wanted: Wanted, release: Release) -> None:
    gates = len(release.evidence)
    told = f" with evidence of {gates} gates" if gates else ""
    name = f"{wanted.manifest.name} is deployed in {wanted.environment}{told}"
    print(f"{name}: release {release.id}")


def _prune(account: Account, journal: Journal) -> None:
    """Remove old versions. That it cannot be done makes no bad deployment of a good one."""
    try:
        print(versions.prune(account, journal))
    except (BotoCoreError, ClientError) as error:
        told = "Old versions were not removed; `versions` does it again"
        print(f"{told}: {error}", file=sys.stderr)


def _evidence(
    wanted: Wanted, options: argparse.Namespace, make: deployment.Make, clock: Clock
) -> tuple[Evidence, ...]:
    """Of the gates below, with which the environment admits the artefact."""
    environment = wanted.environment
    if environment not in BELOW:
        return ()
    below = account_of(wanted.folder, BELOW[environment], make).of_profile(options.below_profile)
    occasion = Occasion.of(options, wanted.target.account, clock())
    return admit(wanted.manifest, environment, below, occasion)


def _publish(wanted: Wanted) -> Published:
    """Publish the artefact's console to the stack."""
    account = wanted.target.account
    try:
        found = outputs(account.client("cloudformation"), wanted.target.stack, console.OUTPUTS)
    except KeyError as error:
        raise Refused(f"The console cannot be published: {error.args[0]}.") from error
    there = Deployment(found, account.make, account.where)
    return console.publish_to(there, wanted.environment, wanted.folder / frontend.NAME)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops deploy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, choices=NAMES)
    parser.add_argument(
        "--artefact", required=True, type=Path, metavar="PATH", help="its folder or its .zip"
    )
    parser.add_argument("--stack", help="its name, if not the one of the artefact's samconfig.toml")
    parser.add_argument("--region", help="if not the one of the artefact's samconfig.toml")
    parser.add_argument("--below-profile", metavar="PROFILE")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--role-arn", metavar="ARN", help="what CloudFormation works as")
    parser.add_argument(
        "--no-confirm-changeset", action="store_true", help="ask nobody (pipelines)"
    )
    admission.add_arguments(parser)
    return parser
