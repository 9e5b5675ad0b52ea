"""The accounts that artefacts are deployed to: what samconfig.toml says, and what is there."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session

from skafu.ops import deployment
from skafu.ops.artefact.records import Records
from skafu.ops.artefact.sources import Refused
from skafu.ops.bootstrap import outputs
from skafu.ops.release.journal import Journal

FOUNDATION = "skafu-foundation"
BUCKET = "ArtefactBucket"
UPLOAD_S = 60
VARIABLES = {
    "endpoint_url": "AWS_ENDPOINT_URL",
    "region_name": "AWS_DEFAULT_REGION",
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",  # nosec B105: a name
}


@dataclass(frozen=True)
class Settings:
    """What samconfig.toml, as it came with the artefact, says of one environment."""

    stack: str
    region: str
    overrides: str
    capabilities: str
    tags: str
    confirm: bool

    @classmethod
    def of(cls, folder: Path, environment: str) -> "Settings":
        """Raises KeyError when something is missing."""
        tables = tomllib.loads((folder / "samconfig.toml").read_text(encoding="utf-8"))
        common = tables[environment]["global"]["parameters"]
        deploying = tables[environment]["deploy"]["parameters"]
        return cls(
            common["stack_name"],
            common["region"],
            common["parameter_overrides"],
            deploying["capabilities"],
            deploying["tags"],
            deploying["confirm_changeset"],
        )


@dataclass(frozen=True)
class Account:
    """Where an environment lives: clients, and the bucket that its foundation made."""

    make: deployment.Make
    where: Mapping[str, str]

    def bucket(self) -> str:
        """The artefact bucket's name. Raises Refused when the account has none."""
        client = self.client("cloudformation")
        try:
            return outputs(client, FOUNDATION, [BUCKET])[BUCKET]
        except (KeyError, client.exceptions.ClientError) as error:
            raise Refused(
                f"The account has no artefact bucket ({error}): deploy "
                f"infrastructure/foundation.yaml as {FOUNDATION}."
            ) from error

    def client(self, service: str) -> Any:
        """A client of one service."""
        return self.make(service, **self.where)

    def s3(self) -> Any:
        """A client of s3 that has time for uploads."""
        return self.make("s3", **self.where, read_timeout_s=UPLOAD_S)

    def records(self) -> Records:
        """Its records."""
        return Records(self.s3(), self.bucket())

    def journal(self, stack: str) -> Journal:
        """The releases of a stack."""
        return Journal(self.s3(), self.client("ssm"), self.bucket(), stack)

    def variables(self) -> dict[str, str]:
        """Of a program that works in it."""
        found = {VARIABLES[name]: value for name, value in self.where.items()}
        return os.environ | found | {"SAM_CLI_TELEMETRY": "0"}

    def of_profile(self, profile: str | None) -> "Account":
        """With the credentials of an AWS profile; without one, with those that there are."""
        if profile is None:
            return self

        def make(service: str, **more: Any) -> Any:
            session = botocore.session.Session(profile=profile)
            return session.create_client(service, region_name=more["region_name"])

        return Account(make, self.where)


def account_of(
    folder: Path, environment: str, make: deployment.Make, region: str | None = None
) -> Account:
    """Where an artefact would be deployed: in the environment's own region, if not in another."""
    region = region or Settings.of(folder, environment).region
    found = deployment.connection(environment, os.environ)
    return Account(make, {"region_name": region} | found)
