"""Deploy an artefact: upload its parts, have CloudFormation deploy its template, publish its
console. Nothing is built.

Staging and production take only what was tested in the environment below; where that one is in
another account, --below-profile names the AWS profile that may read its records. Once the
environment's own tests have passed, `python -m skafu.ops tested` says so.
"""

import argparse
import subprocess  # nosec B404: it runs the SAM CLI
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact import frontend
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account, Settings, account_of
from skafu.ops.artefact.build import TEMPLATE, Tools
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.records import BELOW, Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened, upload
from skafu.ops.bootstrap import outputs
from skafu.ops.console import command as console
from skafu.ops.console.publishing import Published
from skafu.ops.deployment import Deployment
from skafu.ops.environments import NAMES
from skafu.ops.generated import ROOT
from skafu.ops.promotion import admission
from skafu.ops.promotion.admission import Occasion, admit
from skafu.ops.release.record import Evidence
from skafu.shared import aws
from skafu.shared.clock import system_clock

type Run = Callable[[Sequence[str], Mapping[str, str]], int]
"""Runs a program with environment variables; its exit code."""
type Ask = Callable[[str], bool]
"""Asks whoever runs the command; whether they said yes."""


def run(line: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a program for people to see, who may have to answer."""
    done = subprocess.run(line, env=variables, check=False)  # nosec B603: a fixed command
    return done.returncode


def ask(question: str) -> bool:
    """Ask at the terminal; nobody there has not said yes."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


@dataclass(frozen=True)
class Operator:
    """Who runs a deployment: a terminal, or a test."""

    program: Run = run
    answer: Ask = ask

    def deploy(self, line: list[str], variables: Mapping[str, str], question: str | None) -> int:
        """Deploy; where there is a question, show the changes and ask before. The exit code."""
        # Asked here: where the SAM CLI asks, a no looks like a success.
        if question is not None:
            code = self.program([*line, "--no-execute-changeset"], variables)
            if code or not self.answer(question):
                return code or 1
        return self.program(line, variables)


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, operator: Operator | None = None
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = _parser("deploy", str(__doc__))
    parser.add_argument("--stack", help="its name, if not the one of the artefact's samconfig.toml")
    parser.add_argument("--below-profile", metavar="PROFILE")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--no-confirm-changeset", action="store_true", help="ask nobody (pipelines)"
    )
    admission.add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        with opened(options.artefact) as folder:
            return _deploy(folder, options, make, operator or Operator())
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _deploy(
    folder: Path, options: argparse.Namespace, make: deployment.Make, operator: Operator
) -> int:
    environment = options.environment
    manifest = manifests.read(folder)
    account = account_of(folder, environment, make)
    evidence = _evidence(manifest, account, folder, options, make)
    settings = Settings.of(folder, environment)
    is_asked = settings.confirm and not options.no_confirm_changeset
    with tempfile.TemporaryDirectory() as scratch:
        template = Path(scratch) / TEMPLATE
        template.write_text(upload(folder, manifest, account.s3(), account.bucket()), "utf-8")
        line = _line(template, account.bucket(), settings, manifest, options)
        question = f"Deploy this to {environment}?" if is_asked else None
        code = operator.deploy(line, account.variables(), question)
    if code == 0:
        # The API before its console: a new page never asks for what is not there yet.
        print(_publish(folder, environment, account, options.stack or settings.stack))
        account.records().keep_deployed(environment, Mark.of(manifest, system_clock()))
        told = f" with evidence of {len(evidence)} gates" if evidence else ""
        print(f"{manifest.name} is deployed in {environment}{told}")
    return code


def _evidence(
    manifest: Manifest,
    account: Account,
    folder: Path,
    options: argparse.Namespace,
    make: deployment.Make,
) -> tuple[Evidence, ...]:
    """Of the gates below, with which the environment admits the artefact."""
    if options.environment not in BELOW:
        return ()
    below = account_of(folder, BELOW[options.environment], make).of_profile(options.below_profile)
    occasion = Occasion.of(options, account, system_clock())
    return admit(manifest, options.environment, below, occasion)


def _publish(folder: Path, environment: str, account: Account, stack: str) -> Published:
    """Publish the artefact's console to the stack."""
    try:
        found = outputs(account.make("cloudformation", **account.where), stack, console.OUTPUTS)
    except KeyError as error:
        raise Refused(f"The console cannot be published: {error.args[0]}.") from error
    there = Deployment(found, account.make, account.where)
    return console.publish_to(there, environment, folder / frontend.NAME)


def _line(
    template: Path,
    bucket: str,
    settings: Settings,
    manifest: Manifest,
    options: argparse.Namespace,
) -> list[str]:
    """`sam deploy` of a template whose parts are in the bucket already."""
    parameters = [f"Architecture={manifest.architecture}", *options.parameter]
    return [
        *(Tools.of(ROOT).sam, "deploy", "--no-progressbar"),
        *("--no-fail-on-empty-changeset", "--no-confirm-changeset"),
        *("--template-file", str(template), "--stack-name", options.stack or settings.stack),
        *("--s3-bucket", bucket, "--s3-prefix", "templates", "--region", settings.region),
        *("--capabilities", *settings.capabilities.split(), "--tags", *settings.tags.split()),
        *("--parameter-overrides", *settings.overrides.split(), *parameters),
    ]


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m skafu.ops {command}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, choices=NAMES)
    parser.add_argument(
        "--artefact", required=True, type=Path, metavar="PATH", help="its folder or its .zip"
    )
    return parser
