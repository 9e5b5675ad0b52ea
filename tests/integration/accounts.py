"""Accounts of their own on the embedded AWS, beside the running system's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skafu.ops.artefact.build import Architecture, Tools, build
from skafu.ops.artefact.sources import export

from local import stack
from local.home import ROOT
from local.rehearsal.places import Cloud, Place
from tests.support.repositories import commit, git


@dataclass(frozen=True)
class Account:
    """The account of a place, on the embedded AWS that is seen from there."""

    cloud: Cloud
    place: Place

    def client(self, service: str) -> Any:
        """A client of one service."""
        return self.cloud.client(service, self.place)

    @property
    def parameters(self) -> list[str]:
        """What a deployment has to be told where AWS is not reached under its own names."""
        return [word for each in self.cloud.parameters for word in ("--parameter", each)]

    def ops(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """An operator's command, with credentials for the account."""
        return subprocess.run(
            [sys.executable, "-m", "skafu.ops", command, *arguments],
            cwd=ROOT,
            env=self.cloud.variables(self.place),
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def founded(account: Account) -> Iterator[Account]:
    """An account that has nothing but the foundation, while tests deploy its place's stack."""
    client = account.client("cloudformation")
    account.cloud.found(account.place)
    try:
        yield account
    finally:
        client.delete_stack(StackName=account.place.stack)
        gone = client.get_waiter("stack_delete_complete")
        gone.wait(StackName=account.place.stack, WaiterConfig={"Delay": 1})


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
