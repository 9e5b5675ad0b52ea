"""Where the rehearsal plays: three accounts, and a second region of production."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.home import REGION, ROOT, Home

FOUNDATION = "skafu-foundation"


@dataclass(frozen=True)
class Place:
    """An environment's stack in an account and a region."""

    environment: str
    account: str
    region: str
    stack: str

    def __str__(self) -> str:
        return f"{self.environment} ({self.account}, {self.region})"


DEVELOPMENT = Place("development", "111111111111", REGION, "skafu-dev")
STAGING = Place("staging", "222222222222", REGION, "skafu-staging")
PRODUCTION = Place("production", "333333333333", REGION, "skafu-prod")
STANDBY = Place("production", "333333333333", "us-west-2", "skafu-prod")
PLACES = (DEVELOPMENT, STAGING, PRODUCTION, STANDBY)
BELOW = {"staging": DEVELOPMENT.environment, "production": STAGING.environment}
"""Whose records admit an artefact; AWS profiles are called like environments."""


@dataclass(frozen=True)
class Cloud:
    """The embedded AWS of a home, seen from one of the places."""

    home: Home

    def client(self, service: str, place: Place) -> Any:
        """A client of one service; a key of twelve digits is the root key of an account."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the name comes as an argument
            endpoint_url=self.home.endpoint,
            region_name=place.region,
            aws_access_key_id=place.account,
            aws_secret_access_key="test",  # nosec B106: the embedded AWS takes any
            config=Config(retries={"total_max_attempts": 3, "mode": "standard"}, read_timeout=70),
        )

    def variables(self, place: Place) -> dict[str, str]:
        """Of a program that works in a place. What lies below is read by AWS profiles."""
        return self.home.aws_environment() | {
            "AWS_ACCESS_KEY_ID": place.account,
            "AWS_DEFAULT_REGION": place.region,
            "AWS_REGION": place.region,
            "AWS_CONFIG_FILE": str(self._profiles),
        }

    def write_profiles(self) -> None:
        """A profile for each account, as people have them in ~/.aws/config."""
        lines = []
        for place in (DEVELOPMENT, STAGING, PRODUCTION):
            lines += [
                f"[profile {place.environment}]",
                f"region = {place.region}",
                f"aws_access_key_id = {place.account}",
                "aws_secret_access_key = test",
            ]
        self._profiles.parent.mkdir(parents=True, exist_ok=True)
        self._profiles.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def outputs(self, place: Place) -> dict[str, str]:
        """Of the stack there."""
        client = self.client("cloudformation", place)
        [found] = client.describe_stacks(StackName=place.stack)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}

    def found(self, place: Place) -> None:
        """Deploy what an account needs once in a region, as its administrator does."""
        client = self.client("cloudformation", place)
        template = (ROOT / "infrastructure" / "foundation.yaml").read_text(encoding="utf-8")
        client.create_stack(
            StackName=FOUNDATION, TemplateBody=template, Capabilities=["CAPABILITY_IAM"]
        )
        waiter = client.get_waiter("stack_create_complete")
        waiter.wait(StackName=FOUNDATION, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    @property
    def parameters(self) -> tuple[str, ...]:
        """What a deployment has to be told where AWS is not reached under its own names."""
        return (
            f"ApiBaseUrl={self.home.endpoint}/_aws/execute-api",
            f"ConsoleDomain=cloudfront.localhost:{self.home.port}",
            f"SignInUrl={self.home.endpoint}",
        )

    @property
    def _profiles(self) -> Path:
        return self.home.folder / "aws" / "config"


def scratch_variables() -> dict[str, str]:
    """Of a program that asks no AWS at all."""
    return {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
