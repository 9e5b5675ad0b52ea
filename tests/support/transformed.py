"""The repository's template as CloudFormation gets it (skafu.ops.transformed)."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from skafu.ops.generated import ROOT
from skafu.ops.transformed import (
    ACCOUNT,
    NO_VALUE,
    REGION,
    Resolver,
    of_type,
    read,
    section,
    transform,
)

__all__ = [
    "ACCOUNT",
    "NO_VALUE",
    "REGION",
    "ROOT",
    "Resolver",
    "of_type",
    "outputs",
    "resolved",
    "transform",
    "transformed",
    "written",
]

type Json = Any


def written(name: str = "template.yaml") -> dict[str, Json]:
    """A template of the repository as it is written."""
    return read(ROOT / name)


@cache
def _transformed(environment: str) -> str:
    return json.dumps(transform(written(), {"Environment": environment}))


def transformed(environment: str) -> dict[str, Json]:
    """The repository's template as SAM transforms it for an environment, its parameter's default
    set to it.
    """
    template: dict[str, Json] = json.loads(_transformed(environment))
    template["Parameters"]["Environment"]["Default"] = environment
    return template


def resolved(environment: str, **parameters: str) -> dict[str, Json]:
    """The resources of an environment, transformed and resolved; those whose condition does not
    hold are gone.
    """
    return _section("Resources", environment, parameters)


def outputs(environment: str, **parameters: str) -> dict[str, Json]:
    """The outputs of an environment's stack, resolved."""
    return _section("Outputs", environment, parameters)


def _section(name: str, environment: str, parameters: Mapping[str, str]) -> dict[str, Json]:
    return section(name, transformed(environment), environment, parameters)
