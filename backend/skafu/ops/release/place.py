"""The stack that a command about releases is asked about, by its environment."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact.accounts import Account, Settings, account_of
from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT
from skafu.ops.release.journal import Journal
from skafu.ops.release.observed import Stack, stack_of


@dataclass(frozen=True)
class Place:
    """A stack in its account. `settings` are what samconfig.toml says of the environment."""

    account: Account
    settings: Settings
    name: str

    @property
    def journal(self) -> Journal:
        """Its releases."""
        return self.account.journal(self.name)

    def stack(self) -> Stack:
        """What CloudFormation tells of it. Raises Refused when it is not there."""
        found = stack_of(self.account, self.name)
        if found is None:
            raise Refused(f"There is no stack {self.name} in this account and region.")
        return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which stack a command is about, where an environment may have one in several regions."""
    deployment.add_arguments(parser)
    parser.add_argument("--region", help="if not the environment's own")


def place_of(options: argparse.Namespace, make: deployment.Make, folder: Path = ROOT) -> Place:
    """As `--environment` and `--stack` say; `folder` has the samconfig.toml that names the
    environment's own stack.
    """
    region = getattr(options, "region", None)
    account = account_of(folder, options.environment, make, region)
    settings = Settings.of(folder, options.environment)
    settings = replace(settings, region=account.where["region_name"])
    return Place(account, settings, options.stack or settings.stack)
