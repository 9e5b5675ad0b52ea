"""How long services may be away and how much may be lost: delivery/recovery.yaml, and a judgement
of what was measured.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from skafu.ops.generated import ROOT

FILE = ROOT / "delivery" / "recovery.yaml"
TABLE: Literal["table"] = "table"
Tier = Literal["critical", "important", "normal"]
Minutes = Annotated[int, Field(gt=0)]


class Part(BaseModel):
    """A part of the file: unknown names and values of another type are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Target(Part):
    """What a tier allows, in minutes."""

    rto_minutes: Minutes
    rpo_minutes: Minutes


class Service(Part):
    """Which tier a service is held to, and what has to be restored to have it back."""

    tier: Tier
    lives_in: Literal["table", "artefact"]


class Recovery(Part):
    """The whole file. Every tier is there."""

    tiers: Mapping[Tier, Target]
    services: Mapping[str, Service]

    @model_validator(mode="after")
    def _has_what_is_named(self) -> Self:
        missing = {each.tier for each in self.services.values()} - set(self.tiers)
        if missing:
            raise ValueError(f"no such tier: {', '.join(sorted(missing))}")
        return self

    def of(self, lives_in: str) -> dict[str, Target]:
        """The targets of all services that live in something, by service."""
        return {
            name: self.tiers[each.tier]
            for name, each in self.services.items()
            if each.lives_in == lives_in
        }


@dataclass(frozen=True)
class Measured:
    """Seconds: how long it took until the service was back, how much of what was acknowledged is
    not there.
    """

    rto_s: float
    rpo_s: float


@dataclass(frozen=True)
class Verdict:
    """One service's."""

    service: str
    target: Target
    measured: Measured

    @property
    def holds(self) -> bool:
        """Whether both are within their targets; what is just reached is."""
        return (
            self.measured.rto_s <= self.target.rto_minutes * 60
            and self.measured.rpo_s <= self.target.rpo_minutes * 60
        )

    def __str__(self) -> str:
        return (
            f"{self.service:<12}  RTO {self.measured.rto_s:7.1f} s of "
            f"{self.target.rto_minutes * 60:6} s  RPO {self.measured.rpo_s:7.1f} s of "
            f"{self.target.rpo_minutes * 60:6} s  {'within' if self.holds else 'NOT WITHIN'}"
        )


def load(path: Path = FILE) -> Recovery:
    """Read the file. Raises pydantic's ValidationError for what is not understood."""
    return Recovery.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def judged(recovery: Recovery, measured: Measured, lives_in: str = TABLE) -> Iterator[Verdict]:
    """What the measurement means for each service that lives there, the strictest first."""
    found = recovery.of(lives_in)
    for name in sorted(found, key=lambda each: (found[each].rto_minutes, each)):
        yield Verdict(name, found[name], measured)
