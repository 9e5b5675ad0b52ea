"""The table of a stack, and how its commands reach it."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import Environment, load
from skafu.ops.generated import ROOT
from skafu.ops.recovery import switching

KEY, TABLE = "DataKey", "SkafuTable"
READ_TIMEOUT_S = 60
"""A page of a Scan is 1 MB, and a change set of all functions takes its time."""


@dataclass(frozen=True)
class Place:
    """A deployed stack. `where` are the arguments of clients."""

    environment: Environment
    stack: str
    make: deployment.Make
    where: Mapping[str, str]

    def client(self, service: str) -> Any:
        """A client of one service."""
        return self.make(service, **self.where, read_timeout_s=READ_TIMEOUT_S)

    def own_table(self) -> str:
        """The name of the table that the stack itself has made."""
        return self._physical(TABLE)

    def table(self) -> str:
        """The name of the table that the functions use."""
        used = switching.look(self.client("cloudformation"), self.stack).table
        return used or self.own_table()

    def key(self) -> str:
        """The ARN of the key that the functions' roles may use."""
        found = self.client("kms").describe_key(KeyId=self._physical(KEY))
        return str(found["KeyMetadata"]["Arn"])

    def tags(self) -> dict[str, str]:
        """The stack's own."""
        client = self.client("cloudformation")
        [found] = client.describe_stacks(StackName=self.stack)["Stacks"]
        return {each["Key"]: each["Value"] for each in found.get("Tags", ())}

    def _physical(self, logical: str) -> str:
        found = self.client("cloudformation").describe_stack_resource(
            StackName=self.stack, LogicalResourceId=logical
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


def place_of(options: argparse.Namespace, make: deployment.Make) -> Place:
    """As `--environment`, `--stack` and `--region` say."""
    [environment] = [x for x in load(ROOT / "environments") if x.name == options.environment]
    found = deployment.connection(environment.name, os.environ)
    where = {"region_name": environment.region} | found
    if options.region is not None:
        where["region_name"] = options.region
    return Place(environment, options.stack or environment.stack_name, make, where)


def moment(text: str) -> int:
    """A moment as people write it, 2026-11-23T02:30:00Z, in epoch milliseconds. Raises Refused for
    one that leaves open which clock it is of.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text} is no time: write 2026-11-23T02:30:00Z.") from error
    if found.tzinfo is None:
        raise Refused(f"{text} has no time zone: write {text}Z for UTC.")
    return int(found.timestamp() * 1000)


def shown(at: int) -> str:
    """A moment (epoch ms) as `moment` reads it."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
