"""Accounts of their own on the embedded AWS, beside the running system's: an access key of twelve
digits is one.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from skafu.ops.artefact.build import Architecture, Tools, build
from skafu.ops.artefact.sources import export

from local import stack
from local.home import REGION, ROOT, Home
from tests.support.repositories import commit, git

FOUNDATION = "skafu-foundation"


@dataclass(frozen=True)
class Account:
    """One account of the embedded AWS of a home."""

    home: Home
    number: str

    def client(self, service: str) -> Any:
        """A client of one service."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the name comes as an argument
            endpoint_url=self.home.endpoint,
            region_name=REGION,
            aws_access_key_id=self.number,
            aws_secret_access_key="test",
        )

    @property
    def variables(self) -> dict[str, str]:
        """Those that lead programs into it."""
        return self.home.aws_environment() | {"AWS_ACCESS_KEY_ID": self.number}

    @property
    def parameters(self) -> list[str]:
        """What a deployment has to be told where AWS is not reached under its own names."""
        told = (
            f"ApiBaseUrl={self.home.endpoint}/_aws/execute-api",
            f"ConsoleDomain=cloudfront.localhost:{self.home.port}",
            f"SignInUrl={self.home.endpoint}",
        )
        return [word for each in told for word in ("--parameter", each)]

    def ops(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """An operator's command, with credentials for the account."""
        return subprocess.run(
            [sys.executable, "-m", "skafu.ops", command, *arguments],
            cwd=ROOT,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def founded(account: Account, stack_name: str) -> Iterator[Account]:
    """An account that has nothing but the foundation, while tests deploy this stack to it."""
    client = account.client("cloudformation")
    template = (ROOT / "infrastructure" / "foundation.yaml").read_text(encoding="utf-8")
    client.create_stack(
        StackName=FOUNDATION, TemplateBody=template, Capabilities=["CAPABILITY_IAM"]
    )
    waiter = client.get_waiter("stack_create_complete")
    waiter.wait(StackName=FOUNDATION, WaiterConfig={"Delay": 1})
    try:
        yield account
    finally:
        client.delete_stack(StackName=stack_name)
        gone = client.get_waiter("stack_delete_complete")
        gone.wait(StackName=stack_name, WaiterConfig={"Delay": 1})


def repository(place: Path) -> Path:
    """The work tree's sources as a commit of a repository of their own."""
    export(ROOT, place, dirty=True)
    git(place, "init", "--quiet")
    commit(place)
    return place


def artefact_of(sources: Path, into: Path) -> Path:
    """An artefact of what is committed there, built for this machine: its folder."""
    ours: Architecture = "arm64" if stack.architecture() == "arm64" else "x86_64"
    return build(sources, into, ours, Tools.of(ROOT))
