"""infrastructure/stacks.yaml, typed: every stack that stands beside the application's own, in which
accounts and regions it is, what it needs, and where each of its parameters comes from.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT

PATH = "infrastructure/stacks.yaml"
APPLICATION = "application"
"""The application's own stack, where an output of it is meant."""

type Account = Literal["management", "security", "shared-services", "environment"]
OTHERS: tuple[Account, ...] = ("management", "security", "shared-services")
"""Accounts that are no environment's."""
type Region = Annotated[str, Field(pattern=r"^(home|replica|[a-z]{2}(-[a-z]+)+-\d)$")]


class Part(BaseModel):
    """A part of the file: unknown names and values of another type are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Source(Part):
    """Where a parameter's value comes from: one of the first five, `operator` being `--parameter`
    alone. What is given with `--parameter` counts most anyway.

    environment: a field of the environment's file. told: what the command itself knows (`place` is
    the environment's name, or the account's). output: STACK.Output, of the stack in `region` (by
    default the region that is asked for, else the stack's first) and in `account` (by default the
    same), and what stands after it (`suffix`). `only`: the one region whose stack is told. `when`:
    a field of the environment's file without which nothing is looked for; with `demanded` nothing
    is deployed while that field is set and the output is not there.
    """

    environment: str | None = None
    told: Literal["place", "above", "home", "replica", "region", "account"] | None = None
    output: Annotated[str, Field(pattern=r"^[a-z-]+\.[A-Za-z0-9]+$")] | None = None
    value: str | None = None
    operator: str | None = None
    region: Region | None = None
    account: Account | None = None
    suffix: str = ""
    only: Region | None = None
    when: str | None = None
    demanded: bool = False

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        given = [self.environment, self.told, self.output, self.value, self.operator]
        if sum(each is not None for each in given) != 1:
            raise ValueError("a parameter comes from one place: " + str(self))
        if self.output is None and (self.region or self.account or self.suffix):
            raise ValueError("region, account and suffix are an output's: " + str(self))
        if self.demanded and self.when is None:
            raise ValueError("what is demanded is demanded by a field (when): " + str(self))
        return self


class Stack(Part):
    """One stack: infrastructure/<key>.yaml, deployed as skafu-<key>.

    `regions`: home is the environment's own (of other accounts: the file's), replica the one that
    takes over. `needs` are deployed before, where they are in the same account. `emulated`: whether
    the embedded AWS takes it, or why it does not. `when`: a field of the environment's file without
    which the stack has no use there.
    """

    accounts: Annotated[list[Account], Field(min_length=1)]
    regions: Annotated[list[Region], Field(min_length=1)]
    needs: list[str] = []
    parameters: dict[str, Source] = {}
    emulated: Literal[True] | str
    when: str | None = None


class Application(Part):
    """The application's own stack: what it is told of others."""

    parameters: dict[str, Source] = {}


class Book(Part):
    """The whole file. `regions` are those of accounts that are no environment's."""

    regions: dict[Literal["home", "replica"], str]
    stacks: dict[str, Stack]
    application: Application

    @model_validator(mode="after")
    def _knows_what_it_names(self) -> Self:
        for name, stack in self.stacks.items():
            if unknown := set(stack.needs) - set(self.stacks):
                raise ValueError(f"{name} needs {', '.join(sorted(unknown))}, which is not there")
        for name, parameters in self._all_parameters():
            for key, source in parameters.items():
                of = source.output and source.output.split(".")[0]
                if of and of != APPLICATION and of not in self.stacks:
                    raise ValueError(f"{name}.{key} is an output of {of}, which is not there")
        self.ordered(self.stacks)
        return self

    def _all_parameters(self) -> Iterable[tuple[str, Mapping[str, Source]]]:
        yield APPLICATION, self.application.parameters
        for name, stack in self.stacks.items():
            yield name, stack.parameters

    def ordered(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Stacks in an order in which each comes after what it needs; as the file has them where
        that leaves a choice. Raises ValueError for a circle.
        """
        chosen, found = set(wanted), dict[str, None]()
        for name in self.stacks:
            self._visit(name, found, ())
        return tuple(name for name in found if name in chosen)

    def _visit(self, name: str, found: dict[str, None], way: tuple[str, ...]) -> None:
        if name in way:
            raise ValueError(f"{' needs '.join((*way, name))}")
        if name not in found:
            for need in self.stacks[name].needs:
                self._visit(need, found, (*way, name))
            found[name] = None

    def stack(self, name: str) -> Stack:
        """One of them. Raises Refused when there is none of this name."""
        if name not in self.stacks:
            raise Refused(f"There is no stack {name}; there are {', '.join(self.stacks)}.")
        return self.stacks[name]


def template_of(name: str) -> str:
    """Where a stack's template is, from the repository's root."""
    return f"infrastructure/{name}.yaml"


def stack_name_of(name: str) -> str:
    """How CloudFormation knows a stack."""
    return f"skafu-{name}"


def load(root: Path = ROOT) -> Book:
    """Raises pydantic.ValidationError for what is missing, unknown or circular."""
    return Book.model_validate(yaml.safe_load((root / PATH).read_text("utf-8")))
