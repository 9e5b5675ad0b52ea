"""Where an operator's command finds what is deployed: an environment's stack, and AWS itself."""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skafu.ops.bootstrap import outputs
from skafu.ops.environments import NAMES, load
from skafu.ops.generated import ROOT

type Make = Callable[..., Any]
"""Makes clients of AWS's services by their names."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which deployment a command is about."""
    parser.add_argument("--environment", required=True, choices=NAMES)
    parser.add_argument(
        "--stack", help="the stack's name, if not the one of the environment's file"
    )


@dataclass(frozen=True)
class Deployment:
    """A stack's outputs by name, and clients that reach it."""

    outputs: Mapping[str, str]
    make: Make
    where: Mapping[str, str]

    def client(self, service: str, **more: Any) -> Any:
        """A client of one service."""
        return self.make(service, **self.where, **more)


def find(options: argparse.Namespace, make: Make, needed: Sequence[str]) -> Deployment:
    """The deployment that the arguments name. Raises KeyError when it lacks an output."""
    where = connection(options.environment, os.environ)
    stack = options.stack or stack_name(options.environment)
    return Deployment(outputs(make("cloudformation", **where), stack, needed), make, where)


def stack_name(environment: str) -> str:
    """The stack that an environment's file names."""
    found = load(ROOT / "environments")
    return next(each.stack_name for each in found if each.name == environment)


def connection(environment: str, variables: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """Where the clients find AWS: as the variables say, or the embedded AWS of this checkout."""
    running = root / ".local" / "stack.json"
    if environment != "local" or "AWS_ENDPOINT_URL" in variables or not running.is_file():
        return {}
    stack = json.loads(running.read_text(encoding="utf-8"))
    return {
        "endpoint_url": stack["endpoint_url"],
        "region_name": stack["region"],
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",  # nosec B105: the embedded AWS's root key
    }
