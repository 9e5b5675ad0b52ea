"""Budgets (cost/budgets.yaml) from estimates."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field

from skafu.ops.cost.inputs import Part
from skafu.ops.cost.lines import Estimate
from skafu.ops.environments import Environment
from skafu.ops.generated import ROOT

PATH = ROOT / "cost" / "budgets.yaml"


class Budgets(Part):
    """How they are made. `services` are AWS's names by the names in the template, `estimated_as`
    those of estimates where they differ from the latter. An environment that `profiles` does not
    name has the profile of its stage.
    """

    factor: Annotated[float, Field(ge=1)]
    step: Annotated[int, Field(gt=0)]
    profiles: dict[str, str]
    services: dict[str, str]
    estimated_as: dict[str, str]

    def rounded(self, dollars: float) -> int:
        """What may be spent where so much is estimated."""
        return max(1, math.ceil(dollars * self.factor / self.step)) * self.step

    def profiles_of(self, environments: Iterable[Environment]) -> dict[str, str]:
        """The profile that each environment is meant for."""
        return {x.name: self.profiles.get(x.name, self.profiles[x.stage]) for x in environments}

    def of(self, found: Estimate) -> dict[str, int]:
        """An environment's budgets: its own, and each service's."""
        services = found.services()
        amounts = {
            name: self.rounded(services.get(self.estimated_as.get(name, name), 0))
            for name in self.services
        }
        return {"Environment": self.rounded(found.total), **amounts}


def read(path: Path = PATH) -> Budgets:
    """Raises pydantic.ValidationError for what is missing or unknown."""
    return Budgets.model_validate(yaml.safe_load(path.read_text("utf-8")))


def amounts(
    budgets: Budgets, environments: Iterable[Environment], found: Iterable[Estimate]
) -> dict[str, dict[str, int]]:
    """Budgets by environment, each under the profile that it is meant for.

    Raises KeyError where there is no estimate under it.
    """
    wanted = budgets.profiles_of(environments)
    chosen = {(each.environment, each.profile): each for each in found}
    return {name: budgets.of(chosen[name, profile]) for name, profile in wanted.items()}


def mapping(found: Mapping[str, Mapping[str, int]]) -> str:
    """The Mappings of infrastructure/cost.yaml, as YAML under `Mappings:`."""
    lines = ["  Budgets:\n"]
    for environment, each in found.items():
        told = ", ".join(f"{name}: {amount}" for name, amount in each.items())
        lines.append(f"    {environment}: {{ {told} }}\n")
    return "".join(lines)
